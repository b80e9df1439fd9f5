"""Split: a batch divided into accepted and rejected claims, written, verified and published.

It knows which segments must be renumbered. It never alters anything else of a claim.
"""
