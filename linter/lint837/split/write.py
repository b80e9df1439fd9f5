"""Splits a claim file into accepted and rejected claims, and verifies that nothing was lost or changed.

The file is read three times: to judge each claim and plan its side, to write both sides, and to verify them. Nothing
but the plan grows with the file. What is not changed is copied and compared in long runs.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import BinaryIO

from lint837.ack.segments import IN_MEMORY
from lint837.ack.x277ca import Acknowledgement, AckOptions, folder_of
from lint837.ack.x999 import Options999, answer_999
from lint837.files.outputs import Staging
from lint837.files.rereadable import CHANGED, RefusedError, Source, opened
from lint837.lint.verdicts import judged
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.split.plan import ACCEPTED, BOTH, REJECTED, SET, SIDES, Divided, SplitPlan, make_plan
from lint837.split.sets import LEVELS, TRAILERS, Piece, Sets
from lint837.split.verify import verify
from lint837.x12.delimiters import Delimiters, number
from lint837.x12.slices import Run, Slice


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
    structure: tuple[str, Options999] | None = None,
    tell: Callable[[str], None] | None = None,
    jobs: int = 1,
    advance: Callable[[int], None] | None = None,
    report: Callable[[Source], None] | None = None,
) -> Outcome:
    """Split a file into `places`, a path for each side, and write the 277CA and the 999 that are asked for. All files
    are published or none, or a PublishError says which. Raises RefusedError where the file cannot be split, OSError
    where a file cannot be written, and VerificationError.

    tell: as that of Staging. jobs: how many processes judge. advance: as that of Source.
    report: is given the file before anything is published.
    """
    rules: Counter[str] = Counter()

    def verdicts(answer: Acknowledgement | None) -> Iterator[tuple[Slice | Run, bool]]:
        for piece, verdict in judged(source, path, rulebook, reject_on, jobs=jobs):
            if answer:
                answer.take(piece, verdict)
            if verdict and verdict.rejected:
                rules.update(verdict.rules_from(reject_on))
            yield piece, verdict is not None and verdict.rejected

    with opened(path, folder_of(places[ACCEPTED]), advance) as source, Staging(tell) as staging, ExitStack() as stack:
        # Published in this order: whoever sees the accepted claims finds the other files in place.
        rejected = staging.open(places[REJECTED])
        answer = None
        if acknowledgement:
            place, options = acknowledgement
            answer = stack.enter_context(
                Acknowledgement(staging.open(place), options, folder_of(place), rulebook.formulary)
            )
        if structure:
            place, options_999 = structure
            with tempfile.SpooledTemporaryFile(IN_MEMORY, dir=folder_of(place)) as body:
                answer_999(source, staging.open(place), body, options_999)
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
        if report:
            report(source)
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
    segments: int = 0  # of the divided set under way
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

    def change(self, start: int, end: int, head: bytes, delimiters: Delimiters, values: Mapping[int, bytes]) -> None:
        """Write bytes of the input that begin with `head`, with elements of the first segment changed."""
        renewed = renew(head, delimiters, values) if values else head
        if renewed == head:
            self.copy(start, end)
        else:
            self.put(renewed)
            self.copy(start + len(head), end)

    def flush(self) -> None:
        """Write the run of the input that is still to be written."""
        if self.run[0] < self.run[1]:
            self.source.copy(*self.run, self.file)
        self.run = (0, 0)


def write(source: Source, plan: SplitPlan, files: Mapping[int, BinaryIO]) -> None:
    """Write the file of each side. Raises RefusedError where the input has changed, OSError where a file cannot be
    written.
    """
    outputs = [_Side(side, file, source) for side, file in files.items()]
    sets = Sets(source)
    for part in plan:
        sets.note(part.kind, part.start, part.end)
        here = [output for output in outputs if part.sides & output.side]
        if part.divided:
            _write_divided(sets.pieces(part.start, part.end), part.divided, here)
        for output in here:
            output.sets += part.kind in (SET, "other")  # a TA1 comes here too, outside groups, where nothing is counted
            if part.kind == "isa":
                output.groups = 0
            elif part.kind == "gs":
                output.sets, output.groups = 0, output.groups + 1
            if part.kind in TRAILERS and part.sides == BOTH:
                head = source.read(part.start, part.end)
                count = output.sets if part.kind == "ge" else output.groups
                output.change(part.start, part.end, head, sets.delimiters, {1: b"%d" % count})
            elif not part.divided:
                output.copy(part.start, part.end)
    for output in outputs:
        output.flush()
        output.file.flush()


def _write_divided(pieces: Iterator[Piece], divided: Divided, outputs: Sequence[_Side]) -> None:
    """Write a transaction set whose claims are on both sides, each side with its own levels and counts."""
    for output in outputs:
        output.segments = output.levels = 0
        output.numbers = {}
    for index, piece in enumerate(pieces):
        if index == len(divided):
            raise RefusedError(CHANGED)
        for output in outputs:
            if divided.sides(index) & output.side:
                values = _renewed(output, piece, divided, index)
                output.change(piece.start, piece.end, piece.head, piece.delimiters, values)


def _renewed(output: _Side, piece: Piece, divided: Divided, index: int) -> dict[int, bytes]:
    """Count a slice of a divided transaction set on its side, and return the elements of its first segment that
    change.
    """
    output.segments += piece.slice.segments
    if piece.kind == "se":
        return {1: b"%d" % output.segments}
    if piece.kind not in LEVELS:
        return {}
    output.levels += 1
    depth = LEVELS.index(piece.kind)
    output.numbers[piece.kind] = b"%d" % output.levels
    values = {1: output.numbers[piece.kind]}
    if depth:
        values[2] = output.numbers[LEVELS[depth - 1]]
    if divided.childless(index, output.side):
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
