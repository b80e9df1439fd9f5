"""lint837: finds the drug lines of X12 837 claim files that a payer would reject, before the payer does.

>>> from lint837 import lint_bytes, lint_file
>>> report = lint_file("claims.837")
>>> [finding.rule for finding in report.findings]
"""

from lint837.engine import Report, lint_bytes, lint_file
from lint837.finding import AsBilled, Finding, InputSummary
from lint837.rule import Severity
from lint837.rulebook import Rulebook, load_rulebook

__all__ = [
    "AsBilled",
    "Finding",
    "InputSummary",
    "Report",
    "Rulebook",
    "Severity",
    "lint_bytes",
    "lint_file",
    "load_rulebook",
]
__version__ = "0.1.0"
