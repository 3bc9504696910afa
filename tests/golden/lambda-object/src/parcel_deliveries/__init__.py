"""The parcel-deliveries service."""
