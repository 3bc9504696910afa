"""The delivery-sums job."""
