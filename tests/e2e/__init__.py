"""A rendered service on the local AWS emulator."""
