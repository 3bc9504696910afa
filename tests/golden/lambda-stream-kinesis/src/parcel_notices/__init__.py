"""The parcel-notices service."""
