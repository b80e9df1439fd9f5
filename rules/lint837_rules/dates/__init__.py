"""DOS: the date of service."""
