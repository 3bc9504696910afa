"""The parcel-billing service."""
