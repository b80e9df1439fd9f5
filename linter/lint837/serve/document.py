"""A claim file in memory: what is found in it, how a person corrects it, and what can be taken away."""

from collections.abc import Iterator, Mapping, Sequence

from lint837.claims.claim import Claim
from lint837.claims.segment import Segment, segments_of
from lint837.files.archive import BLOCK
from lint837.files.rereadable import Memory
from lint837.fix.edits import Change
from lint837.fix.log import log_of
from lint837.fix.write import corrected, refusal
from lint837.lint.engine import Judge, Lint, Running
from lint837.lint.finding import Finding
from lint837.lint.judgment import in_order
from lint837.report.formats import Ending, writer
from lint837.report.model import About, Tally, notes_on, rule_texts
from lint837.rules.rulebook import Rulebook
from lint837.serve.corrections import CorrectedClaim, Correction, Edit, NotCorrectedError
from lint837.serve.rows import (
    ABOVE,
    NO_VOID,
    RULES_OF_FAULTS,
    UNREAD,
    Checked,
    Row,
    cause_of,
    is_above,
    outcome,
    place_of,
    said_in,
)
from lint837.serve.typed import places_of, span_in, typed
from lint837.split.sets import breaks_a_segment
from lint837.x12.faults import Cause, Fault
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

_WRAPPED = "The file is hard-wrapped: a line ends inside a segment. Export it without line breaks to correct it here."


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
        lint = Lint(self._blocks(data, version), self.name, self.rulebook)
        rows: dict[int, Row] = {}
        entries = []
        for finding in lint:
            ordinal = finding.location.claim_ordinal or 0
            entries.append(rows.setdefault(ordinal, Row(ordinal)).add(finding))
            if version != self.version:
                return None
        if version != self.version:
            return None
        notes = [rows.setdefault(0, Row(0)).add(one) for one in notes_on(self.rulebook, [lint.summary])]
        return Checked(version, dict(sorted(rows.items())), entries, notes, lint.summary, moved)

    def _blocks(self, data: bytes, version: int) -> Iterator[bytes]:
        """The blocks of a file, as long as it is not corrected or forgotten."""
        for start in range(0, len(data), BLOCK):
            if version != self.version:
                return
            yield data[start : start + BLOCK]
            self.done = min(start + BLOCK, len(data))

    def take(self, checked: Checked) -> bool:
        """Show what a check found, unless the file was corrected meanwhile. Returns whether it is news."""
        if checked.version != self.version:
            return False
        news = self.checked is None or said_in(self.rows) != said_in(checked.rows)
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
        if Claim(claim.piece, self.running.rulebook.formulary).is_void:
            raise NotCorrectedError(NO_VOID)
        if breaks_a_segment(claim.old, claim.delimiters):
            raise NotCorrectedError(_WRAPPED)
        shift = claim.piece.start + (0 if row.alone else self._moved_before(ordinal))
        edits, safe = self._edits(claim, finding, way, shift)
        element = way.get("element", finding.location.element)
        # For the log; the segment of the finding may be another one.
        at = finding._replace(location=finding.location._replace(element=str(element)), raw=None)
        before = claim.corrected()
        claim.add(self._numbers + 1, at, edits, safe=safe)
        self._numbers += 1
        self.claims[ordinal] = claim
        return f"Corrected {place_of(finding)}. {self._judge(ordinal, before)}"

    def undo(self, ordinal: int, number: int) -> str:
        """Undo a correction. Returns what came of it, in words. Raises NotCorrectedError."""
        claim = self.claims.get(ordinal)
        kept = [one for one in claim.corrections if one.number != number] if claim else []
        if claim is None or len(kept) == len(claim.corrections):
            raise NotCorrectedError("This correction was undone already.")
        before, claim.corrections = claim.corrected(), kept
        return f"Undone. {self._judge(ordinal, before)}"

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
            segment = self._segment(claim, finding, (way.get("segment"), element))
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
        if not all(shift <= one.start <= one.end <= shift + len(claim.new) for one in found):
            raise NotCorrectedError(ABOVE)
        return [
            Edit(one.start - shift, one.end - shift, one.text.encode("latin-1")) for one in dict.fromkeys(found)
        ], safe

    def _segment(self, claim: CorrectedClaim, finding: Finding, place: tuple[object, str]) -> Segment:
        """The segment of an element that may be changed for a finding, as it is now."""
        piece = claim.corrected()
        padded = Claim(piece, self.running.rulebook.formulary).header.is_padded
        if place in [one[:2] for one in places_of(finding)]:
            for segment_id, raw, offset, ordinal in segments_of(claim.new, piece, claim.delimiters, padded=padded):
                if ordinal == place[0]:
                    return Segment(segment_id, raw, offset, ordinal, claim.delimiters)
        raise NotCorrectedError("This element cannot be changed here.")

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
                        raise NotCorrectedError(UNREAD)
                    return CorrectedClaim(event, faults)
                elif event.claim > ordinal:
                    break
        raise NotCorrectedError(UNREAD)

    def _judge(self, ordinal: int, was: Slice) -> str:
        """Judge a corrected claim by itself. What compares it with other claims, what the reader said of its form, and
        what is at a header is kept until the whole file is checked again; what is said once, of another claim, is no
        news.
        """
        self.version += 1
        claim = self.claims[ordinal]
        before = self.rows.get(ordinal, Row(ordinal))
        told = {cause_of(finding) for finding in before.findings}
        untold = {cause_of(finding) for finding in self._alone(claim, was)} - told
        of_file = RULES_OF_FAULTS | {rule.code for rule in self.rulebook.rules if rule.repeats}
        kept = [one for one in before.findings if one.rule in of_file or is_above(one)]
        own = [one for one in self._alone(claim, claim.corrected()) if not (is_above(one) or cause_of(one) in untold)]
        row = Row(ordinal, alone=True)
        for finding in in_order([*own, *kept]):
            row.add(finding)
        rows = {**self.rows, ordinal: row}
        if not row.findings:
            del rows[ordinal]
        self.rows = dict(sorted(rows.items()))
        return outcome(before.findings, row.findings)

    def _alone(self, claim: CorrectedClaim, piece: Slice) -> Sequence[Finding]:
        """What is found in a claim, in one of its states, without any other claim."""
        judge = Judge(self.running, self.name, self.running.judged, compare=False)
        for fault in claim.faults:
            told: Fault | None = fault
            if fault.cause is Cause.DRUG_BEFORE_LINES:
                told = judge.unread(fault, piece) if fault.claim == piece.claim else None
            if told:
                judge.note(told)
        return judge(piece).findings

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
        before, after = Memory(self.data).digest, Memory(self.bytes_now()).digest
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
            report.finding(entry._replace(location=entry.location._replace(path=self.name_now)))
        summary = checked.summary._replace(path=self.name_now)
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
