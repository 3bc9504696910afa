"""The price-lists service."""
