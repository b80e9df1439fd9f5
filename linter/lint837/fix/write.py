"""Writes a corrected file and proves it: nothing but the changes differs, and a second lint finds what was corrected
gone, and nothing new.
"""

import io
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import zip_longest
from typing import BinaryIO, NamedTuple

from lint837.files.inputs import Opened
from lint837.files.outputs import Staging
from lint837.files.rereadable import Memory, RefusedError, Source, opened
from lint837.fix.control_numbers import NewNumber
from lint837.fix.edits import Change, Changes, Complaint, changes_of, complaint, where_wrong
from lint837.lint.finding import Finding
from lint837.lint.verdicts import judged, slices
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.x12.prefilter import NOTHING
from lint837.x12.slices import Run

_Written = Sequence[Change | NewNumber]


class ProofError(Exception):
    """What was written is not what it should be: a defect of this program, of a rule or of the disk."""


class Fixed(NamedTuple):
    """What was done. before, after: SHA-256 of the input and of what was written. revealed: the errors that are new, in
    claims that were corrected.
    """

    changes: Changes
    claims: int
    before: str
    after: str
    revealed: tuple[Finding, ...] = ()


def planned(
    path: str,
    rulebook: Rulebook,
    rules: Collection[str],
    *,
    unsafe: bool,
    first_number: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> Fixed:
    """What would be done with a file; the arguments as those of fix_file. Raises RefusedError."""
    with opened(path, None, advance) as source:
        changes, claims = changes_of(source, path, rulebook, rules, unsafe=unsafe, first_number=first_number)
        return Fixed(changes, claims, source.digest, "")


def fix_file(
    path: str,
    place: str,
    rulebook: Rulebook,
    rules: Collection[str],
    *,
    unsafe: bool,
    first_number: int | None = None,
    advance: Callable[[int], None] | None = None,
) -> Fixed:
    """Write the corrected file to `place`, once it is proved; with `first_number`, its interchanges and groups get
    control numbers from it on. `advance`: called with the number of bytes just read, of either file. Raises
    RefusedError where the file cannot be corrected, OSError where the new one cannot be written, and ProofError.
    """
    with opened(path, None, advance) as source, Staging() as staging:
        changes, claims = changes_of(source, path, rulebook, rules, unsafe=unsafe, first_number=first_number)
        file = staging.open(place)
        _write(source, changes.all, file)
        output = Source(Opened(file.fileno()), advance)
        _compare(source, output, changes.all)
        _compare_slices(source, output, changes.all)
        revealed = _lint_again(output, path, rulebook, changes)
        done = Fixed(changes, claims, source.digest, output.digest, tuple(revealed))
        staging.publish()
    return done


def corrected(data: bytes, changes: Sequence[Change]) -> bytes:
    """A claim file that is in memory, with changes that a person chose: what they leave is for that person to see, but
    nothing else may differ. Raises ProofError.
    """
    file = io.BytesIO()
    source = Memory(data)
    _write(source, changes, file)
    new = file.getvalue()
    output = Memory(new)
    _compare(source, output, changes)
    _compare_slices(source, output, changes)
    return new


def refusal(source: Source) -> str:
    """Why a file cannot be corrected, "" where it can: it is not certain which claims it holds."""
    try:
        for _ in slices(source.blocks(), prefilter=NOTHING):
            pass
    except RefusedError as error:
        return str(error)
    return ""


def _write(source: Source, changes: _Written, file: BinaryIO) -> None:
    at = 0
    for change in changes:
        source.copy(at, change.start, file)
        file.write(change.new)
        at = change.end
    source.copy(at, source.size, file)
    file.flush()


def _compare(source: Source, output: Source, changes: _Written) -> None:
    """Compare the new file with the old one, byte for byte but for the changes."""
    at = moved = 0
    for change in changes:
        _compare_run(source, output, at, change.start, moved)
        begin = change.start + moved
        if output.read(begin, begin + len(change.new)) != change.new:
            raise ProofError(f"the change at byte {change.start + 1:,} was not written")
        at, moved = change.end, moved + len(change.new) - (change.end - change.start)
    _compare_run(source, output, at, source.size, moved)
    if output.size != source.size + moved:
        raise ProofError("more was written than was read")


def _compare_run(source: Source, output: Source, start: int, end: int, moved: int) -> None:
    runs = zip_longest(source.pieces(start, end), output.pieces(start + moved, end + moved))
    if any(one != other for one, other in runs):
        raise ProofError(f"what was written differs from the input after byte {start + 1:,}")


def _compare_slices(source: Source, output: Source, changes: _Written) -> None:
    """The slices of both files side by side: the same kinds, and only the claims that were changed are longer or
    shorter.
    """
    moves = iter(changes)
    change = next(moves, None)
    moved = 0
    for old, new in zip_longest(_pieces(source), _pieces(output)):
        if old is None or new is None or old[0] != new[0]:
            raise ProofError("the new file has other segments than the input")
        while change and change.start < old[1]:
            moved += len(change.new) - (change.end - change.start)
            change = next(moves, None)
        if new[1] != old[1] + moved:
            raise ProofError(f"a segment before byte {old[1] + 1:,} of the input begins or ends elsewhere")


def _pieces(source: Source) -> Iterator[tuple[str, int]]:
    """The kind of each slice, and where it ends."""
    try:
        for piece, _ in slices(source.blocks(), prefilter=NOTHING):
            if isinstance(piece, Run):
                kinds = ("claim" if level == 0 else f"hl{level}" for level in piece.levels)
                yield from zip(kinds, piece.offsets[1:], strict=True)
            else:
                yield piece.kind, piece.end
    except RefusedError as error:
        raise ProofError(f"what was written is wrong: {error}") from None


def _lint_again(output: Source, path: str, rulebook: Rulebook, changes: Changes) -> list[Finding]:
    """Check that every finding that was corrected is gone, and that each new error is in a claim that was corrected,
    where a rule can now judge what it could not before, or no other rule explains it any more. Returns these.
    """
    revealed = []
    corrected = {complaint(change.finding)[1] for change in changes.changes} | {said[1] for said in changes.applied}
    comparing = {rule.code for rule in rulebook.rules if rule.repeats} if corrected else set()
    try:
        for _, verdict in judged(output, path, rulebook, Severity.ERROR):
            again: Counter[Complaint] = Counter()
            for finding in verdict.findings if verdict else ():
                said = complaint(finding)
                again[said] += 1
                if said in changes.applied and again[said] > changes.applied[said]:
                    raise ProofError(f"{said[0]} is still found in claim {said[1]}")
                if finding.severity is Severity.ERROR and where_wrong(finding) not in changes.errors:
                    if finding.incomplete or not (said[1] in corrected or said[0] in comparing):
                        raise ProofError(f"{said[0]} would be found in claim {said[1]}, and was not before")
                    revealed.append(finding)
    except RefusedError as error:
        raise ProofError(f"what was written is wrong: {error}") from None
    return revealed
