"""The nightly-forecast job."""
