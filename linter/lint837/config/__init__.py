"""Configuration: found, read, checked, and applied to a rulebook.

It knows lint837.toml, pyproject.toml and their keys. It never reads a claim file.
"""
