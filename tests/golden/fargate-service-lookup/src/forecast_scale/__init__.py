"""The forecast-scale worker."""
