"""lint837: finds the drug lines of X12 837 claim files that a payer would reject, before the payer does.

>>> from lint837 import lint_bytes, lint_file
>>> report = lint_file("claims.837")
>>> [finding.rule for finding in report.findings]
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_ELSEWHERE = {"AsBilled": "finding", "Finding": "finding", "InputSummary": "finding", "Severity": "rule"}
_ELSEWHERE |= {"Rulebook": "rulebook", "load_rulebook": "rulebook"}


def __getattr__(name: str) -> object:
    """A name of the package, imported when it is asked for: pytest imports the package also where it lints nothing."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(importlib.import_module(f"lint837.{_ELSEWHERE.get(name, 'engine')}"), name)
    globals()[name] = value
    return value
