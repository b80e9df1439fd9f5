"""The formats in which a report can be written. Each is a module with a Writer, imported when it is asked for, since
start-up time is a feature.
"""

import heapq
import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Generic, NamedTuple, TypeVar

from lint837.lint.finding import InputSummary
from lint837.report.entry import Entry
from lint837.report.model import About, RuleText, Totals

_T = TypeVar("_T")
Write = Callable[[str | bytes], object]  # where a writer puts its text (or bytes, where the format says which)


class Ending(NamedTuple):
    """What is known when all inputs have been read: every input, the texts of the rules that found something, the
    counts, the exit status.
    """

    inputs: Sequence[InputSummary]
    rules: Sequence[RuleText]
    totals: Totals
    exit_status: int


class Writer:
    """Writes a report in one format, as the findings come: those of an input, then the input; after the last input the
    findings on the configuration, then the ending. A format does what it has to at each; here nothing is done.
    """

    def __init__(self, write: Write) -> None:
        self._write = write

    def begin(self, about: About) -> None:
        """Before the first finding."""

    def finding(self, entry: Entry) -> None:
        """The next finding."""

    def input(self, item: InputSummary) -> None:
        """The input whose findings came last."""

    def end(self, ending: Ending) -> None:
        """After the last finding and input."""


class Worst(Generic[_T]):
    """Keeps at most `limit` items, those of the highest severity, of these the first. `count`: of how many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: list[tuple[int, int, _T]] = []  # a heap, the first to go at its top
        self.count = 0

    def add(self, severity: int, item: _T) -> None:
        """Take the next item."""
        self.count += 1
        entry = (severity, -self.count, item)  # no two have the same number, so items are not compared
        if len(self._kept) < self._limit:
            heapq.heappush(self._kept, entry)
        else:
            heapq.heappushpop(self._kept, entry)

    def in_order(self) -> list[_T]:
        """Those that are kept, in the order in which they came."""
        return [item for _, _, item in sorted(self._kept, key=lambda entry: -entry[1])]


class Format(NamedTuple):
    """`public`: made for a place where many read, such as a CI service, and so redacted unless said otherwise;
    `says_all`: it also says that nothing was found, or that no claim was.
    """

    public: bool
    says_all: bool
    module: str


STATISTICS = "statistics"
FORMATS: Mapping[str, Format] = {
    "text": Format(public=False, says_all=True, module="text"),
    "concise": Format(public=False, says_all=False, module="concise"),
    "json": Format(public=False, says_all=True, module="json"),
    "jsonl": Format(public=False, says_all=True, module="jsonl"),
    "html": Format(public=False, says_all=True, module="html.page"),
    "csv": Format(public=False, says_all=False, module="csv"),
    "sarif": Format(public=True, says_all=True, module="sarif"),
    "junit": Format(public=True, says_all=True, module="junit"),
    "github": Format(public=True, says_all=False, module="github"),
    "gitlab": Format(public=True, says_all=False, module="gitlab"),
    STATISTICS: Format(public=False, says_all=False, module="statistics"),
}


def writer(name: str, write: Write) -> Writer:
    """A writer of a format."""
    made: Writer = importlib.import_module(f"lint837.report.{FORMATS[name].module}").Writer(write)
    return made
