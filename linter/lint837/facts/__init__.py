"""Facts: drugs with their codes, packages and names, and payers, as data with sources.

It knows what a facts file may hold and how a drug is found by code, NDC or text. It never knows a claim or a rule.
"""
