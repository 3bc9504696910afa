"""The tariff-forecast job."""
