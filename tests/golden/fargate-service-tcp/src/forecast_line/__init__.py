"""The forecast-line worker."""
