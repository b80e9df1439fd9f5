"""Acknowledgements: the 277CA that answers a claim file.

It knows claim status codes and the guide 005010X214. It never decides whether a claim is accepted.
"""
