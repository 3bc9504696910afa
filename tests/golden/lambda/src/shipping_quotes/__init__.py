"""The shipping-quotes service."""
