"""Written by `make proto` from proto/: nothing here is edited by hand."""
