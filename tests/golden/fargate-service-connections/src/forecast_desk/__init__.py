"""The forecast-desk worker."""
