"""X12: bytes to segments, to slices that join to the input, to counts and typed faults.

It knows delimiters, envelopes, hierarchical levels and where a claim begins and ends. It never knows a drug, a rule or
a sentence.
"""
