"""The queued-forecast job."""
