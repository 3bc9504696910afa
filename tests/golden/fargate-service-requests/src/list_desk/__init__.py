"""The list-desk worker."""
