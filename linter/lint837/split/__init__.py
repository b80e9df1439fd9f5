"""Split: a claim file divided into accepted and rejected claims, written, verified and published.

It knows which counts and numbers must change. It never changes anything else, and never decides what is accepted.
"""
