"""The programs that make generated files; run as `python -m scripts.<name>`."""
