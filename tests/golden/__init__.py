"""Rendered repositories as they were reviewed."""
