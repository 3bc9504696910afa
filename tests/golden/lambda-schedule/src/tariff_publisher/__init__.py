"""The tariff-publisher service."""
