"""The text report: for a person at a terminal, grouped by file and claim."""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import click

from lint837.lint.finding import InputSummary
from lint837.report import formats
from lint837.report.entry import Entry
from lint837.report.formats import Ending, Write
from lint837.report.model import About, Totals
from lint837.report.phrases import claim_in_file, dollars, inert, inert_characters, line_name, payer, span
from lint837.rules.rule import Severity
from lint837.rules.values import counted

_COLORS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "cyan"}
NARROWEST, WIDEST = 80, 120
_NAMED = 5  # files that are named, of several
# Transaction sets that people take for an 837P or 837I of 5010, by what InputSummary.not_read calls them.
_OTHER_GUIDES = {
    "837 004010X096": "version 4010 of the 837I",
    "837 004010X097": "version 4010 of the 837D, dental claims",
    "837 004010X098": "version 4010 of the 837P",
    "837 005010X224": "837D, dental claims",
    "837 005010X298": "PACDR, post-adjudicated professional claims",
    "837 005010X299": "PACDR, post-adjudicated institutional claims",
    "837 005010X300": "PACDR, post-adjudicated dental claims",
}


class Writer(formats.Writer):
    """Writes each claim's findings when the claim is whole, and the summary at the end, colored."""

    def __init__(self, write: Write, width: int = NARROWEST, *, quiet: bool = False) -> None:
        """`width` in columns. `quiet`: the findings only."""
        super().__init__(write)
        self._width = width
        self._quiet = quiet
        self._about: About | None = None
        self._path: str | None = None  # whose findings are under way
        self._claim: list[Entry] = []  # the findings of one claim, or one on the file

    def begin(self, about: About) -> None:
        """Keep what the summary says."""
        self._about = about

    def finding(self, entry: Entry) -> None:
        """Keep a finding until its claim is whole."""
        at = entry.location
        last = self._claim[0].location if self._claim else None
        if last and (last.path, last.claim_ordinal) != (at.path, at.claim_ordinal):
            self._flush()
        self._claim.append(entry)

    def input(self, _: InputSummary) -> None:
        """End a file."""
        self._close()

    def end(self, ending: Ending) -> None:
        """The summary."""
        self._close()
        if self._about and not self._quiet:
            self._lines(summary(self._about, ending))

    def _flush(self) -> None:
        """Write the findings of a claim."""
        if not self._claim:
            return
        path = self._claim[0].location.path
        begun = path == self._path
        if not begun:
            self._close_file()
            self._path = path
            self._lines([click.style(inert(path), bold=True)])
        self._lines(_claim_lines(self._claim, self._width, first=not begun))
        self._claim = []

    def _close(self) -> None:
        self._flush()
        self._close_file()

    def _close_file(self) -> None:
        if self._path is not None:
            self._lines([""])
        self._path = None

    def _lines(self, lines: Iterable[str]) -> None:
        self._write("".join(line + "\n" for line in lines))


def lines(entries: Iterable[Entry], width: int) -> Iterator[str]:
    """The lines of some findings of one file, by claim, colored."""
    for number, (_, group) in enumerate(groupby(entries, key=lambda entry: entry.location.claim_ordinal)):
        yield from _claim_lines(list(group), width, first=not number)


def _claim_lines(entries: list[Entry], width: int, *, first: bool) -> Iterator[str]:
    if entries[0].location.claim_ordinal is not None:
        if not first:
            yield ""
        yield from _claim(entries, width)
    for entry in entries:
        yield ""
        yield from _finding(entry, width)


def _claim(entries: list[Entry], width: int) -> Iterator[str]:
    entry = next((entry for entry in entries if entry.as_billed), entries[0])
    billed = entry.as_billed
    name, among = claim_in_file(entry)
    parts = [name + among]
    if billed:
        parts.append(payer(billed.claim_filing_code, billed.payer_id))
        dates = {other.as_billed.date for other in entries if other.as_billed}
        parts.append(inert(dates.pop()) if len(dates) == 1 else "")
        parts.append(dollars(billed.claim_charge))
    head, rest = parts[0], "   ".join(filter(None, parts[1:]))
    styled = "  " + head.replace(name, click.style(name, bold=True), 1)
    if len(head) + len(rest) + 5 <= width:
        yield f"{styled}   {rest}".rstrip()
    else:
        yield styled
        yield f"    {rest}"


def _finding(entry: Entry, width: int) -> Iterator[str]:
    color = _COLORS[entry.severity]
    label = inert(f"{entry.severity} {entry.rule} {entry.name}")
    if entry.incomplete:
        label += " (incomplete)"
    place = _place(entry)
    gap = width - 2 - len(label) - len(place)
    severity, _, rest = label.partition(" ")
    styled = f"  {click.style(severity, fg=color, bold=True)} {click.style(rest, bold=True)}"
    if gap >= 2:
        yield styled + " " * gap + place
    else:
        yield styled
        yield " " * max(4, width - len(place)) + place
    if (entry.as_billed and entry.location.service_line is not None) or entry.location.element.startswith(
        ("NTE", "K3")
    ):
        yield from _excerpts(entry, color)
    indent = " " * 4
    yield from textwrap.wrap(inert(entry.message), width, initial_indent=indent, subsequent_indent=indent)
    if entry.correction:
        wrapped = textwrap.wrap(
            "fix: " + inert(entry.correction), width, initial_indent=indent, subsequent_indent=" " * 9
        )
        yield wrapped[0].replace("fix:", click.style("fix:", fg="green", bold=True), 1)
        yield from wrapped[1:]


def _place(entry: Entry) -> str:
    where = ", ".join(filter(None, [line_name(entry), inert(entry.location.element)]))
    segment = f"segment {entry.location.segment}, " if entry.location.segment else ""
    return "   ".join(filter(None, [where, f"{segment}{entry.location.line}:{entry.location.column}"]))


def _excerpts(entry: Entry, color: str) -> Iterator[str]:
    if entry.as_billed is None:
        return
    text = entry.as_billed.excerpt
    characters = inert_characters(text)
    start, end = span(text, entry.as_billed.highlight)
    before, marked = "".join(characters[:start]), "".join(characters[start:end])
    yield "    " + "".join(characters)
    if marked or entry.location.element:
        yield " " * (4 + len(before)) + click.style("^" * max(1, len(marked)), fg=color, bold=True)
    shown = {text}
    for related in entry.related:
        if related.excerpt not in shown:
            shown.add(related.excerpt)
            yield "    " + inert(related.excerpt)


def summary(about: About, ending: Ending) -> Iterator[str]:
    """The last lines: what was read, what was found, what could not be checked, through when the facts are verified,
    and last by whose configuration.
    """
    inputs, totals = ending.inputs, ending.totals
    segments, claims = totals.segments, totals.claims
    yield (
        f"{counted(totals.files, 'file')}, {counted(claims, 'claim')}, "
        f"{counted(totals.drug_lines, _drug_line(about.facts))}; "
        f"{segments - totals.unchecked_segments:,} of {segments:,} {'segment' if segments == 1 else 'segments'} read; "
        f"{_findings(totals)}"
    )
    if totals.passed_over:
        files = counted(len(totals.passed_over), "file")
        yield f"passed over, no claim file by name or content: {files}{_some(totals.passed_over)}"
    without = [item.path for item in inputs if item.complete and not item.claims]
    if not claims:
        yield click.style(f"no 837P or 837I claim was found{_others(inputs)}", bold=True)
    elif without:
        yield f"no 837P or 837I claim in {counted(len(without), 'file')}{_some(without)}"
    if totals.safe_fixes or totals.unsafe_fixes:
        yield _fixable(totals.safe_fixes, totals.unsafe_fixes)
    if totals.suppressed:
        yield f"{counted(totals.suppressed, 'finding')} suppressed by the configuration"
    if not totals.complete:
        yield click.style("not everything could be checked: see the findings marked (incomplete)", bold=True)
    if about.redacted:
        yield "redacted: claims are shown by their place in the file, dates by the days on which a code changes"
    if about.not_run:
        yield f"not run, since the files were linted in parts: {inert(', '.join(about.not_run))}"
    if not about.every_claim:
        yield "not run: the rules about every claim, such as its total, NPIs and diagnoses (--claims)"
    if about.verified_through:
        yield f"facts verified through {inert(about.verified_through)}"
    if about.configuration:
        yield f"configuration: {inert(about.configuration)}"


def _fixable(safe: int, unsafe: int) -> str:
    """How many findings a command corrects."""
    if not safe:
        return f"lint837 fix --unsafe can correct {counted(unsafe, 'finding')}"
    more = f", and {unsafe:,} more with --unsafe" if unsafe else ""
    return f"lint837 fix can correct {counted(safe, 'finding')}{more}"


def _others(inputs: Sequence[InputSummary]) -> str:
    """What the transaction sets of inputs are that are not read, each once."""
    kinds = dict.fromkeys(kind for item in inputs for kind in item.not_read)
    named = [f"{kind} ({_OTHER_GUIDES[kind]})" if kind in _OTHER_GUIDES else kind for kind in kinds]
    return f"; not read: {', '.join(map(inert, named))}" if named else ""


def _some(paths: Sequence[str]) -> str:
    """The first paths of several, in parentheses."""
    return f" ({', '.join(map(inert, paths[:_NAMED]))}{', ...' if len(paths) > _NAMED else ''})"


def _findings(totals: Totals) -> str:
    parts = []
    counts = {Severity.ERROR: totals.errors, Severity.WARNING: totals.warnings, Severity.INFO: totals.infos}
    for severity, count in counts.items():
        if count:
            parts.append(click.style(counted(count, str(severity)), fg=_COLORS[severity], bold=True))
    return ", ".join(parts) or click.style("no findings", fg="green", bold=True)


def _drug_line(drugs: Sequence[str]) -> str:
    return f"{inert(drugs[0])} line" if len(drugs) == 1 else "drug line"
