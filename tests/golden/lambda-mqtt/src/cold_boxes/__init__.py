"""The cold-boxes service."""
