"""lint837: finds the drug lines of X12 837 claim files that a payer would reject, before the payer does.

>>> from lint837 import lint_bytes, lint_file
>>> report = lint_file("claims.837")
>>> [finding.rule for finding in report.findings]

api.py lists every name; each is imported when it is first asked for.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lint837.api import *  # noqa: F403
    from lint837.api import __all__ as __all__

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    if name.startswith("_") and name != "__all__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value: object = getattr(importlib.import_module("lint837.api"), name)
    except AttributeError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *importlib.import_module("lint837.api").__all__])
