"""Splits a claim file into accepted and rejected claims, and verifies that nothing was lost or changed.

The file is read three times: to judge each claim and plan its side (a byte a slice), to write both sides, and to verify
them. Nothing but the plan grows with the file.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import BinaryIO

from lint837.ack.x277ca import Acknowledgement, AckOptions, folder_of
from lint837.files.outputs import Staging
from lint837.files.rereadable import RefusedError, Source, opened
from lint837.lint.verdicts import judged
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.split.plan import ACCEPTED, BOTH, LEVELS, REJECTED, SIDES, SplitPlan, make_plan, pieces
from lint837.split.verify import verify
from lint837.x12.delimiters import Delimiters, number
from lint837.x12.slices import Slice


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a split.

    accepted, rejected: how many claims.
    rules: how many claims each rule rejected, by its code.
    written: for each side True if its file was written; a file without claims is not.
    """

    accepted: int
    rejected: int
    rules: Mapping[str, int]
    written: Mapping[int, bool]


def split_file(
    path: str,
    places: Mapping[int, str],
    rulebook: Rulebook,
    reject_on: Severity,
    acknowledgement: tuple[str, AckOptions] | None = None,
) -> Outcome:
    """Split a file into `places`, a path for each side, and write the 277CA that is asked for. All files are published,
    or none. Raises RefusedError where the file cannot be split, OSError where a file cannot be written, and
    VerificationError.
    """
    rules: Counter[str] = Counter()

    def verdicts(answer: Acknowledgement | None) -> Iterator[tuple[Slice, bool]]:
        for piece, verdict in judged(source, path, rulebook, reject_on):
            if answer:
                answer.take(piece, verdict)
            if verdict and verdict.rejected:
                rules.update(verdict.rules_from(reject_on))
            yield piece, verdict is not None and verdict.rejected

    with opened(path, folder_of(places[ACCEPTED])) as source, Staging() as staging, ExitStack() as stack:
        # Published in this order: whoever sees the accepted claims finds the other files in place.
        rejected = staging.open(places[REJECTED])
        answer = None
        if acknowledgement:
            place, options = acknowledgement
            answer = stack.enter_context(Acknowledgement(staging.open(place), options, folder_of(place)))
        files = {REJECTED: rejected, ACCEPTED: staging.open(places[ACCEPTED])}
        plan = make_plan(source, verdicts(answer))
        if not any(plan.claims.values()):
            raise RefusedError("no 837P or 837I claim was found")
        used = {side: file for side, file in files.items() if plan.used(side)}
        write(source, plan, used)
        verify(source, plan, used)
        for side, file in files.items():
            if side not in used:
                staging.discard(file)
        staging.publish()
    written = {side: side in used for side in SIDES}
    return Outcome(plan.claims[ACCEPTED], plan.claims[REJECTED], dict(sorted(rules.items())), written)


@dataclass
class _Side:
    """One side as it is written: runs of the input, with changed segments between them."""

    side: int
    file: BinaryIO
    source: Source
    run: tuple[int, int] = (0, 0)  # the bytes of the input to write next
    groups: int = 0
    sets: int = 0
    segments: int = 0
    shared: bool = False  # the open transaction set has claims on both sides
    levels: int = 0
    numbers: dict[str, bytes] = field(default_factory=dict)  # HL01 of the open levels, as written

    def copy(self, start: int, end: int) -> None:
        """Write bytes of the input."""
        if self.run[1] != start:
            self.flush()
            self.run = (start, start)
        self.run = (self.run[0], end)

    def put(self, data: bytes) -> None:
        """Write other bytes."""
        self.flush()
        self.file.write(data)

    def flush(self) -> None:
        """Write the run of the input that is still to be written."""
        for block in self.source.pieces(*self.run):
            self.file.write(block)
        self.run = (0, 0)


def write(source: Source, plan: SplitPlan, files: Mapping[int, BinaryIO]) -> None:
    """Write the file of each side. Raises RefusedError where the input has changed, OSError where a file cannot be
    written.
    """
    outputs = [_Side(side, file, source) for side, file in files.items()]
    for index, (piece, head, delimiters) in enumerate(pieces(source)):
        if index == len(plan):
            raise RefusedError("ENV011: the file changed while it was read")
        for output in outputs:
            if plan.sides(index) & output.side:
                values = _renewed(output, piece, plan, index)
                renewed = renew(head, delimiters, values) if values else head
                if renewed == head:
                    output.copy(piece.start, piece.end)
                else:
                    output.put(renewed)
                    output.copy(piece.start + len(head), piece.end)
    for output in outputs:
        output.flush()
        output.file.flush()


def _renewed(output: _Side, piece: Slice, plan: SplitPlan, index: int) -> dict[int, bytes]:
    """Count a slice on its side, and return the elements of its first segment that change. A transaction set, group or
    interchange whose claims are all on one side is written as it was.
    """
    kind, shared = piece.kind, plan.sides(index) == BOTH
    if kind == "isa":
        output.groups = 0
    elif kind == "gs":
        output.sets = 0
        output.groups += 1
    elif kind == "st" or kind == "other":
        output.sets += 1  # a TA1 or a byte order mark comes here too, outside groups, where nothing is counted
        output.segments, output.shared = 0, shared
        output.levels = 0
        output.numbers = {}
    output.segments += piece.segments
    if kind == "se":
        return {1: b"%d" % output.segments} if output.shared else {}
    if kind in ("ge", "iea"):
        return {1: b"%d" % (output.sets if kind == "ge" else output.groups)} if shared else {}
    if kind not in LEVELS or not output.shared:
        return {}
    output.levels += 1
    depth = LEVELS.index(kind)
    output.numbers[kind] = b"%d" % output.levels
    values = {1: output.numbers[kind]}
    if depth:
        values[2] = output.numbers[LEVELS[depth - 1]]
    if plan.childless(index) & output.side:
        values[4] = b"0"
    return values


def renew(head: bytes, delimiters: Delimiters, values: Mapping[int, bytes]) -> bytes:
    """Bytes with elements of their first segment changed. Blanks around an element stay, and so does a count that is
    already right, such as 01.
    """
    segment, terminator, rest = head.partition(delimiters.terminator)
    parts = segment.split(delimiters.element)
    for place, value in values.items():
        old = parts[place].strip(delimiters.blanks) if place < len(parts) else b""
        if old and (number(old) != number(value) or segment.startswith(b"HL")):
            parts[place] = parts[place].replace(old, value, 1)
    return delimiters.element.join(parts) + terminator + rest
