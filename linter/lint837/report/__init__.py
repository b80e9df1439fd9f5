"""The reports: findings -> text, one module a format."""
