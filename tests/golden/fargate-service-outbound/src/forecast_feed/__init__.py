"""The forecast-feed worker."""
