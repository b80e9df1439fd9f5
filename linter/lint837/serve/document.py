"""A claim file in memory: what is found in it, how a person corrects it, and what can be taken away."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from lint837.claims.claim import Claim
from lint837.claims.segment import Segment, plain_decimal
from lint837.files.archive import BLOCK
from lint837.files.rereadable import Memory
from lint837.fix.edits import Change
from lint837.fix.log import log_of
from lint837.fix.write import corrected, digest_of, refusal
from lint837.lint.engine import Judge, Lint, Running
from lint837.lint.finding import Finding, InputSummary
from lint837.lint.judgment import VOID, in_order
from lint837.report.entry import Entry, entry_of
from lint837.report.formats import Ending, writer
from lint837.report.model import About, Tally, notes_on, rule_texts
from lint837.report.phrases import claim_name, line_name
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.rules.values import counted
from lint837.serve.corrections import CorrectedClaim, Correction, Edit, NotCorrectedError, span_in, typed
from lint837.split.sets import breaks_a_segment
from lint837.x12.faults import Fault
from lint837.x12.reader import Reader

_VOID = "A void repeats the claim that it cancels, so it is not corrected."
_UNREAD = "This claim could not be checked, so it is not corrected."
_WRAPPED = "The file is hard-wrapped: a line ends inside a segment. Export it without line breaks to correct it here."


@dataclass
class Row:
    """A claim with findings, or (ordinal 0) the file itself.

    alone: the claim was judged by itself, after a correction, at the place that it has in the file as it came.
    """

    ordinal: int
    alone: bool = False
    findings: list[Finding] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def add(self, finding: Finding) -> Entry:
        """Take the next finding. Returns what a report shows of it."""
        entry = entry_of(finding)
        self.findings.append(finding)
        self.entries.append(entry)
        return entry

    @property
    def severity(self) -> Severity:
        """The worst."""
        return max(finding.severity for finding in self.findings)

    @property
    def charge(self) -> Decimal:
        """Of its lines with an error or a warning, in dollars."""
        charges = {
            one.location.service_line_ordinal: plain_decimal(one.as_billed.charge)
            for one in self.entries
            if one.as_billed and one.severity >= Severity.WARNING and one.location.service_line_ordinal
        }
        return sum((charge for charge in charges.values() if charge is not None), Decimal(0))

    @property
    def blocked(self) -> str:
        """Why the claim cannot be corrected, "" where it can."""
        if any(finding.incomplete for finding in self.findings):
            return _UNREAD
        return _VOID if any(finding.note == VOID for finding in self.findings) else ""


@dataclass
class Checked:
    """What a check of the whole file found.

    version: of the corrections. rows: by claim. entries: in their order; notes: on the configuration, after them.
    moved: how many bytes longer the corrected claims were.
    """

    version: int
    rows: dict[int, Row]
    entries: list[Entry]
    notes: list[Entry]
    summary: InputSummary
    moved: dict[int, int]


class Document:
    """One file. `data`: its bytes as they came. `about`: what its reports say of the program."""

    def __init__(self, name: str, data: bytes, rulebook: Rulebook, about: About) -> None:
        self.name = name
        self.data = data
        self.rulebook = rulebook
        self._about = about
        self.running = Running(rulebook.for_file(name))
        self.refused = refusal(Memory(data))
        self.done = 0  # bytes that were checked
        self.version = 0  # of the corrections
        self.checked: Checked | None = None
        self.rows: dict[int, Row] = {}
        self.ticked: set[int] = set()
        self.claims: dict[int, CorrectedClaim] = {}
        self._numbers = 0

    @property
    def is_checked(self) -> bool:
        """Whether all of it was checked as it is now."""
        return self.checked is not None and self.checked.version == self.version

    # ------------------------------------------------------------ the whole file

    def check(self) -> Checked | None:
        """Check the whole file as it is now; None where it was corrected meanwhile. It changes nothing but `done`."""
        version, data = self.version, self.bytes_now()
        moved = {ordinal: claim.moved for ordinal, claim in self.claims.items() if claim.corrections}
        self.done = 0
        lint = Lint(self._blocks(data), self.name, self.rulebook)
        rows: dict[int, Row] = {}
        entries = []
        for finding in lint:
            ordinal = finding.location.claim_ordinal or 0
            entries.append(rows.setdefault(ordinal, Row(ordinal)).add(finding))
            if version != self.version:
                return None
        notes = [rows.setdefault(0, Row(0)).add(one) for one in notes_on(self.rulebook, [lint.summary])]
        return Checked(version, dict(sorted(rows.items())), entries, notes, lint.summary, moved)

    def _blocks(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), BLOCK):
            yield data[start : start + BLOCK]
            self.done = min(start + BLOCK, len(data))

    def take(self, checked: Checked) -> bool:
        """Show what a check found, unless the file was corrected meanwhile. Returns whether it is news."""
        if checked.version != self.version:
            return False
        news = self.checked is None or _said_in(self.rows) != _said_in(checked.rows)
        self.checked, self.rows = checked, checked.rows
        return news

    def forget(self) -> None:
        """Drop all that it holds, also where a check is under way."""
        self.version += 1
        self.data, self.rows, self.claims, self.checked = b"", {}, {}, None

    # ------------------------------------------------------------ corrections

    def correct(self, ordinal: int, number: int, way: Mapping[str, object]) -> str:
        """Correct a finding of a claim in one of its ways, and judge the claim again. Returns what came of it, in
        words. Raises NotCorrectedError.

        way: {"fix": True}, {"choice": 0}, or {"segment": 38, "element": "SV104", "value": "10"}
        """
        row = self.rows.get(ordinal)
        if row is None or not 0 <= number < len(row.findings):
            raise NotCorrectedError("This finding is gone. Look at the claim again.")
        if self.refused or row.blocked:
            raise NotCorrectedError(row.blocked or "This file cannot be corrected.")
        finding = row.findings[number]
        claim = self.claims.get(ordinal) or self._claim(ordinal)
        if breaks_a_segment(claim.old, claim.delimiters):
            raise NotCorrectedError(_WRAPPED)
        shift = claim.piece.start + (0 if row.alone else self._moved_before(ordinal))
        edits, safe = self._edits(claim, finding, way, shift)
        claim.add(self._numbers + 1, finding, edits, safe=safe)
        self._numbers += 1
        self.claims[ordinal] = claim
        return f"Corrected {place_of(finding)}. {self._judge(ordinal)}"

    def undo(self, ordinal: int, number: int) -> str:
        """Undo a correction. Returns what came of it, in words. Raises NotCorrectedError."""
        claim = self.claims.get(ordinal)
        kept = [one for one in claim.corrections if one.number != number] if claim else []
        if claim is None or len(kept) == len(claim.corrections):
            raise NotCorrectedError("This correction was undone already.")
        claim.corrections = kept
        return f"Undone. {self._judge(ordinal)}"

    @property
    def corrections(self) -> list[tuple[CorrectedClaim, Correction]]:
        """All corrections, the last first."""
        found = [(claim, one) for claim in self.claims.values() for one in claim.corrections]
        return sorted(found, key=lambda item: -item[1].number)

    def _edits(
        self, claim: CorrectedClaim, finding: Finding, way: Mapping[str, object], shift: int
    ) -> tuple[list[Edit], bool]:
        """Edits of the claim's present bytes, and whether they change only the form."""
        choice, element = way.get("choice"), way.get("element")
        if isinstance(element, str):
            segment = self._segment(claim, finding, way.get("segment"))
            new = typed(str(way.get("value", "")), claim.delimiters)
            start, end = span_in(segment, element)
            base = claim.piece.start
            return [Edit(start - base, end - base, new)], False
        if isinstance(choice, int) and 0 <= choice < len(finding.choices):
            found, safe = finding.choices[choice].edits, False
        elif way.get("fix") is True:
            found = tuple(edit for fix in finding.fixes for edit in fix.edits)
            safe = all(fix.safe for fix in finding.fixes)
        else:
            found, safe = (), False
        if not found:
            raise NotCorrectedError("There is nothing that can be written into the claim for this.")
        return [
            Edit(one.start - shift, one.end - shift, one.text.encode("latin-1")) for one in dict.fromkeys(found)
        ], safe

    def _segment(self, claim: CorrectedClaim, finding: Finding, ordinal: object) -> Segment:
        """A segment of the finding's claim or line, by its ordinal from ST, as it is now."""
        whole = Claim(claim.corrected(), self.running.rulebook.formulary)
        line = whole.line(finding.location.service_line_ordinal or 0)
        segments: list[Segment] = [*whole.segments, *(line.segments if line else ())]
        for segment in segments:
            if segment.ordinal == ordinal:
                return segment
        raise NotCorrectedError("This segment cannot be changed here.")

    def _moved_before(self, ordinal: int) -> int:
        """How far the corrections that the last check saw had moved a claim."""
        moved = self.checked.moved if self.checked else {}
        return sum(bytes_ for other, bytes_ in moved.items() if other < ordinal)

    def _claim(self, ordinal: int) -> CorrectedClaim:
        """A claim of the file as it came."""
        for prefilter in (self.running.prefilter, None):
            faults: list[Fault] = []
            for event in Reader(Memory(self.data).blocks(), prefilter=prefilter):
                if isinstance(event, Fault):
                    faults.append(event)
                elif event.kind == "claim" and event.claim == ordinal:
                    if event.damaged or event.data is None:
                        raise NotCorrectedError(_UNREAD)
                    return CorrectedClaim(event, faults)
                elif event.claim > ordinal:
                    break
        raise NotCorrectedError(_UNREAD)

    def _judge(self, ordinal: int) -> str:
        """Judge a corrected claim by itself. What compares it with other claims, and what the reader said of its form,
        is kept until the whole file is checked again.
        """
        self.version += 1
        before = self.rows.get(ordinal, Row(ordinal))
        claim = self.claims[ordinal]
        judge = Judge(self.running, self.name, self.running.judged, compare=False)
        for fault in claim.faults:
            judge.note(fault)
        of_file = {rule.code for rule in self.rulebook.rules if rule.repeats or rule.scope is Fault}
        kept = [one for one in before.findings if one.rule in of_file]
        row = Row(ordinal, alone=True)
        for finding in in_order([*judge(claim.corrected()).findings, *kept]):
            row.add(finding)
        rows = {**self.rows, ordinal: row}
        if not row.findings:
            del rows[ordinal]
        self.rows = dict(sorted(rows.items()))
        return _outcome(before.findings, row.findings)

    # ------------------------------------------------------------ what can be taken away

    def changes(self) -> list[Change]:
        """What the corrections change in the file as it came."""
        found = [change for claim in self.claims.values() for change in claim.changes()]
        return sorted(found, key=lambda change: change.start)

    def bytes_now(self) -> bytes:
        """The file with all corrections; as it came, where there are none."""
        parts, at = [], 0
        for change in self.changes():
            parts += [self.data[at : change.start], change.new]
            at = change.end
        return b"".join([*parts, self.data[at:]]) if parts else self.data

    def corrected_file(self) -> bytes:
        """The same, proved. Raises ProofError."""
        return corrected(self.data, self.changes())

    @property
    def name_now(self) -> str:
        """The name of the corrected file; the first one, where nothing is corrected."""
        if not self.corrections:
            return self.name
        stem, dot, ending = self.name.rpartition(".")
        return f"{stem}-corrected{dot}{ending}" if stem else f"{self.name}-corrected"

    def log(self) -> bytes:
        """The log of corrections, as `lint837 fix --log` writes it."""
        before, after = digest_of(Memory(self.data)), digest_of(Memory(self.bytes_now()))
        return b"".join(log_of((self.name, before), (self.name_now, after), self.changes(), claims=True))

    def report(self, form: str) -> bytes:
        """A report of the whole file as the last check found it."""
        if self.checked is None:
            raise NotCorrectedError("The file is not checked yet.")
        checked, tally = self.checked, Tally()
        parts: list[bytes] = []
        report = writer(form, lambda text: parts.append(text if isinstance(text, bytes) else text.encode()))
        report.begin(self._about)
        for entry in checked.entries:
            tally.finding(entry)
            report.finding(replace(entry, location=replace(entry.location, path=self.name_now)))
        summary = replace(checked.summary, path=self.name_now)
        tally.input(summary)
        report.input(summary)
        for entry in checked.notes:
            tally.finding(entry)
            report.finding(entry)
        report.end(self._ending(tally))
        return b"".join(parts)

    def ending(self) -> Ending:
        """The texts of the rules that found something, and all counts, as they are shown now."""
        tally = Tally()
        for row in self.rows.values():
            for entry in row.entries:
                tally.finding(entry)
        if self.checked:
            tally.input(self.checked.summary)
        return self._ending(tally)

    def _ending(self, tally: Tally) -> Ending:
        totals = tally.totals()
        return Ending(
            tally.inputs, rule_texts(self.rulebook, tally.rules), totals, totals.exit_status(self._about.fail_on)
        )


def _said_in(rows: Mapping[int, Row]) -> list[tuple[int, str, str, str]]:
    entries = ((row.ordinal, entry) for row in rows.values() for entry in row.entries)
    return [(ordinal, entry.rule, entry.location.element, entry.message) for ordinal, entry in entries]


def place_of(finding: Finding) -> str:
    """The claim and the line of a finding, in words."""
    entry = entry_of(finding)
    return ", ".join(filter(None, (claim_name(entry), line_name(entry))))


def _outcome(before: Sequence[Finding], after: Sequence[Finding]) -> str:
    """What a correction did to the findings of a claim, in words."""
    old, new = (Counter(_cause(finding) for finding in findings) for findings in (before, after))
    gone, come = sorted({rule for rule, *_ in old - new}), sorted({rule for rule, *_ in new - old})
    said = []
    if gone:
        said.append(f"{' and '.join(gone)} {'is' if len(gone) == 1 else 'are'} gone.")
    if come:
        said.append(f"New: {', '.join(come)}.")
    if not gone and not come:
        said.append("The findings are the same.")
    left = counted(len(after), "finding") if after else "No finding"
    said.append(f"{left} {'is' if len(after) < 2 else 'are'} left on this claim.")
    return " ".join(said)


def _cause(finding: Finding) -> tuple[str, int, str]:
    return finding.rule, finding.location.service_line_ordinal or 0, finding.location.element
