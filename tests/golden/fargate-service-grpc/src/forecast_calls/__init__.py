"""The forecast-calls worker."""
