"""The depot-board worker."""
