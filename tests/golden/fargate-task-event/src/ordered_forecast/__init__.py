"""The ordered-forecast job."""
