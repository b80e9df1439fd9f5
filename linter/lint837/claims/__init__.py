"""Claims: the slice of a claim to a Claim with its service lines and drug lines.

It knows loops 2300, 2400 and 2410 of the 837P and the 837I. It never knows a rule or a report.
"""
