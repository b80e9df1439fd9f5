"""Reports: findings to text, JSON, HTML and the other formats.

It knows sentences, excerpts, redaction and fingerprints. It never judges a claim.
"""
