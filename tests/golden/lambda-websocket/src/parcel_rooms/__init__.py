"""The parcel-rooms service."""
