"""The quote-desk worker."""
