"""The formats in which a report can be written. Each is a module of this folder with `document(results)`, a text or
bytes; it is imported when it is asked for, since start-up time is a feature.
"""

import importlib
from collections.abc import Mapping
from typing import NamedTuple

from lint837.report.model import Results


class Format(NamedTuple):
    """`public`: made for a place where many read, such as a CI service, and so redacted unless said otherwise;
    `tells_all`: also says that nothing was found, or that no claim was.
    """

    public: bool
    tells_all: bool


FORMATS: Mapping[str, Format] = {
    "text": Format(public=False, tells_all=True),
    "concise": Format(public=False, tells_all=False),
    "json": Format(public=False, tells_all=True),
    "jsonl": Format(public=False, tells_all=True),
    "html": Format(public=False, tells_all=True),
    "csv": Format(public=False, tells_all=False),
    "sarif": Format(public=True, tells_all=True),
    "junit": Format(public=True, tells_all=True),
    "github": Format(public=True, tells_all=False),
    "gitlab": Format(public=True, tells_all=False),
}


_MODULES = {"html": "html.page"}


def render(name: str, results: Results) -> str | bytes:
    """The results in a format, as text or, where the format says which bytes it is of, as bytes."""
    document: str | bytes = importlib.import_module(f"lint837.report.{_MODULES.get(name, name)}").document(results)
    return document
