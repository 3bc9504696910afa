"""The parcel-surcharges service."""
