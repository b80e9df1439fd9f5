"""Lint: inputs and a rulebook to findings and summaries, in one process or several.

It knows the order of findings, precedence, severities and suppressions. It never makes a sentence and never writes a
report.
"""
