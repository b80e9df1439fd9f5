"""Facts: drugs with their codes, packages and names, and payers, as data with sources.

It knows the keys of a facts file, and finds a drug by code, NDC or text. It never knows a claim or a rule.
"""
