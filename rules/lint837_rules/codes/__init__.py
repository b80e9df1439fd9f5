"""HCP: the procedure code against the date of service."""
