"""Rules: what a rule is, what it yields, the ENV, INT and CFG rules, and the rulebook of all that are installed.

It knows codes, severities, sentences and sources. It never runs a rule over a file and never writes a report.
"""
