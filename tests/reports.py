"""A whole run as the reports get it: written in a format, redacted, changed by a test, or made up by hypothesis."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st
from lint837 import Report, Severity
from lint837.claims.segment import Period
from lint837.lint.finding import InputSummary, Location, SuppressionUse, TextEdit, TextFix
from lint837.report.entry import AsBilled, Entry, EntryChoice, Related, SegmentExcerpt, Template, entry_of
from lint837.report.formats import FORMATS, Ending, writer
from lint837.report.model import About, RuleText, Tally, Totals, about, rule_texts
from lint837.report.read import Document
from lint837.report.redact import FileNames, Redaction
from lint837.report.redact import redacted as redacted_entry
from lint837.rules.rule import Citation
from lint837.rules.values import Code, Identifier, Value, show


@dataclass(frozen=True)
class Whole:
    """All that a report is made of."""

    about: About
    rules: tuple[RuleText, ...]
    findings: tuple[Entry, ...]
    inputs: tuple[InputSummary, ...]
    passed_over: tuple[str, ...]
    exit_status: int

    @property
    def totals(self) -> Totals:
        """The counts of all inputs and findings."""
        tally = Tally()
        for entry in self.findings:
            tally.finding(entry)
        for item in self.inputs:
            tally.input(item)
        return tally.totals(self.passed_over)

    @property
    def in_turn(self) -> Iterator[Entry | InputSummary]:
        """As a writer gets them: the findings of each input, then the input; at last the findings on no input."""
        found: dict[str, list[Entry]] = {item.path: [] for item in self.inputs}
        others: list[Entry] = []
        for entry in self.findings:
            found.get(entry.location.path, others).append(entry)
        for item in self.inputs:
            yield from found.pop(item.path, ())
            yield item
        yield from others


def whole_of(report: Report, version: str = "0", fail_on: Severity | None = None, exit_status: int = 0) -> Whole:
    """A report as the formats get it."""
    entries = tuple(map(entry_of, report.findings))
    rules = rule_texts(report.rulebook, {entry.rule for entry in entries})
    return Whole(
        about(report.rulebook, version, fail_on),
        tuple(rules),
        entries,
        report.inputs,
        report.passed_over,
        exit_status,
    )


def whole_in(document: Document) -> Whole:
    """What a JSON report holds, as the formats get it."""
    return Whole(
        document.about,
        document.rules,
        document.findings,
        document.inputs,
        document.summary.passed_over,
        document.exit_status,
    )


def render(name: str, whole: Whole) -> bytes:
    """A run in a format, whole; the text is coloured."""
    parts: list[str | bytes] = []
    made = writer(name, parts.append)
    made.begin(whole.about)
    for one in whole.in_turn:
        if isinstance(one, Entry):
            made.finding(one)
        else:
            made.input(one)
    made.end(Ending(whole.inputs, whole.rules, whole.totals, whole.exit_status))
    return b"".join(part if isinstance(part, bytes) else part.encode("utf-8", "backslashreplace") for part in parts)


def text_of(name: str, whole: Whole) -> str:
    """The same as text."""
    return render(name, whole).decode()


def in_formats(whole: Whole, names: Sequence[str] = tuple(FORMATS)) -> str:
    """A run in several formats, one after another."""
    return "\n".join(text_of(name, whole) for name in names)


def redacted(whole: Whole, redaction: Redaction) -> Whole:
    """A run as a redacted report of it says it."""
    whole = replace(
        whole,
        findings=tuple(redacted_entry(entry, redaction.key) for entry in whole.findings),
        about=whole.about._replace(redacted=True),
    )
    if not redaction.paths:
        return whole
    names = FileNames()
    named = [names.of_entry(one) if isinstance(one, Entry) else names.of_input(one) for one in whole.in_turn]
    return replace(
        whole,
        findings=tuple(one for one in named if isinstance(one, Entry)),
        inputs=tuple(one for one in named if isinstance(one, InputSummary)),
        passed_over=tuple(map(names.of, whole.passed_over)),
    )


# ---------------------------------------------------------------- whatever can be found


DAYS = st.dates(date(1900, 1, 1))
PERIODS = st.builds(lambda one, other: Period(min(one, other), max(one, other)), DAYS, DAYS)
# What means something to a terminal, a shell, a CI service, a spreadsheet, a page, XML or a template; or any text. Most
# texts are drawn from a list, which takes a tenth of the time.
_TOLD = [
    "",
    "a",
    " ",
    "J9026",
    "0",
    "\n",
    "\r\n",
    "\t",
    "\x00",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",
    "\ufeff",
    "\uffff",
]
_TOLD += [
    "=1+1",
    "-1",
    "@x",
    "::error::x",
    "%0A",
    "##vso[",
    "]]>",
    "<b>x</b>",
    "&amp;",
    "\"'`",
    "{found}",
    "{{",
    "\\",
    "|",
    "é",
    "\U0001f600",
]
_SOME = st.sampled_from(_TOLD)
TEXT = st.one_of(*[_SOME] * 5, st.builds(str.__add__, _SOME, _SOME), st.text())
VALUES: st.SearchStrategy[Value] = st.one_of(
    TEXT,
    st.integers(),
    st.integers(-(10**9), 10**9).map(lambda number: Decimal(show(Decimal(number) / 1000))),
    DAYS,
    PERIODS,
    st.sampled_from(["J9026", "JZ", "99213"]).map(Code),
    st.sampled_from(["55513007701", "55513-077-01", "5551307701"]).map(Identifier),
)
PLAIN = TEXT.map(lambda text: text.replace("{", "{{").replace("}", "}}"))  # of a template


_NAMED = {"found": VALUES, "expected": VALUES}
_CHANGES = st.lists(DAYS, max_size=3)


def _templates(named: dict[str, st.SearchStrategy[Value]]) -> st.SearchStrategy[Template]:
    sentences = st.lists(PLAIN | st.sampled_from([f"{{{name}}}" for name in named]), max_size=4).map("".join)
    choices = st.lists(st.tuples(sentences, sentences), max_size=2).map(tuple)
    return st.builds(Template, sentences, sentences, choices, TEXT, st.fixed_dictionaries(named), _CHANGES.map(tuple))


TEMPLATES = _templates(_NAMED) | _templates(_NAMED | {"more": VALUES})  # each with the values that its sentences name
st.register_type_strategy(Template, TEMPLATES)


def _made(kind: type[Any], **given: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Objects of a type, whose texts are drawn as any here, and whose tuples are short."""
    drawn: dict[str, st.SearchStrategy[Any]] = {}
    for name, hint in get_type_hints(kind).items():
        if hint is str:
            drawn[name] = TEXT
        elif get_origin(hint) is tuple and get_args(hint)[-1:] == (Ellipsis,):
            one = get_args(hint)[0]
            drawn[name] = st.lists(TEXT if one is str else st.from_type(one), max_size=2).map(tuple)
    return st.builds(kind, **(drawn | given))


st.register_type_strategy(AsBilled, _made(AsBilled, date=PERIODS.map(show) | st.just("")))
for _kind in (
    About,
    SegmentExcerpt,
    Related,
    EntryChoice,
    TextEdit,
    TextFix,
    Location,
    Entry,
    Citation,
    RuleText,
    SuppressionUse,
    InputSummary,
):
    st.register_type_strategy(_kind, _made(_kind))


_WHOLES = _made(
    Whole,
    **{
        name: st.lists(st.from_type(kind), max_size=3).map(tuple)
        for name, kind in (("findings", Entry), ("inputs", InputSummary))
    },
)


@st.composite
def wholes(draw: st.DrawFn) -> Whole:
    """A run of whatever can be found, in the order in which a writer gets it."""
    whole: Whole = draw(_WHOLES)
    redacts = whole.about.redacted
    entries = [
        entry._replace(template=None if redacts else entry.template or draw(TEMPLATES)) for entry in whole.findings
    ]
    paths = [item.path for item in whole.inputs]
    entries = [
        entry._replace(location=entry.location._replace(path=draw(st.sampled_from(paths)))) if paths else entry
        for entry in entries
    ]
    whole = replace(whole, findings=tuple(entries))
    return replace(whole, findings=tuple(one for one in whole.in_turn if isinstance(one, Entry)))
