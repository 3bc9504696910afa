"""The forecast-beacon worker."""
