"""Serve: a page on the user's own machine, on which claim files are checked and corrected.

It keeps files in memory only and answers one browser. It decides nothing: findings, cards and proofs come from below.
"""
