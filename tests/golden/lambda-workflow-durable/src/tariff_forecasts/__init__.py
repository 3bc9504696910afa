"""The tariff-forecasts service."""
