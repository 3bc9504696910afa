"""The forecast-orders worker."""
