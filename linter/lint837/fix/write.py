"""Writes a corrected file and proves it: nothing but the changes differs, and a second lint finds what was corrected
gone, and nothing new.
"""

import hashlib
import io
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from typing import BinaryIO, NamedTuple

from lint837.files.inputs import Opened
from lint837.files.outputs import Staging
from lint837.files.rereadable import Memory, RefusedError, Source, opened
from lint837.fix.edits import Change, Changes, changes_of, complaint
from lint837.lint.verdicts import judged, slices
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.x12.prefilter import Prefilter
from lint837.x12.slices import Run

_NOTHING = Prefilter((), ("\x01\x01\x01",))  # wants no claim: a plain one has no control byte


class ProofError(Exception):
    """What was written is not what it should be: a defect of this program, of a rule or of the disk."""


class Fixed(NamedTuple):
    """What was done. before, after: SHA-256 of the input and of what was written."""

    changes: Changes
    claims: int
    before: str
    after: str


def planned(path: str, rulebook: Rulebook, rules: Collection[str], *, unsafe: bool) -> Fixed:
    """What would be done with a file. Raises RefusedError."""
    with opened(path) as source:
        changes, claims = changes_of(source, path, rulebook, rules, unsafe=unsafe)
        return Fixed(changes, claims, digest_of(source), "")


def fix_file(path: str, place: str, rulebook: Rulebook, rules: Collection[str], *, unsafe: bool) -> Fixed:
    """Write the corrected file to `place`, once it is proved. Raises RefusedError where the file cannot be corrected,
    OSError where the new one cannot be written, and ProofError.
    """
    with opened(path) as source, Staging() as staging:
        changes, claims = changes_of(source, path, rulebook, rules, unsafe=unsafe)
        file = staging.open(place)
        _write(source, changes.changes, file)
        output = Source(Opened(file.fileno()))
        _compare(source, output, changes.changes)
        _compare_slices(source, output, changes.changes)
        _lint_again(output, path, rulebook, changes)
        done = Fixed(changes, claims, digest_of(source), digest_of(output))
        staging.publish()
    return done


def corrected(data: bytes, changes: Sequence[Change]) -> bytes:
    """A claim file that is in memory, with changes that a person chose: what they leave is for that person to see, but
    nothing else may differ. Raises ProofError.
    """
    file = io.BytesIO()
    source = Memory(data)
    _write(source, changes, file)
    output = Memory(file.getvalue())
    _compare(source, output, changes)
    _compare_slices(source, output, changes)
    return file.getvalue()


def refusal(source: Source) -> str:
    """Why a file cannot be corrected, "" where it can: it is not certain which claims it holds."""
    try:
        for _ in slices(source.blocks(), prefilter=_NOTHING):
            pass
    except RefusedError as error:
        return str(error)
    return ""


def digest_of(source: Source) -> str:
    """The SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    for block in source.blocks():
        digest.update(block)
    return digest.hexdigest()


def _write(source: Source, changes: Sequence[Change], file: BinaryIO) -> None:
    at = 0
    for change in changes:
        source.copy(at, change.start, file)
        file.write(change.new)
        at = change.end
    source.copy(at, source.size, file)
    file.flush()


def _compare(source: Source, output: Source, changes: Sequence[Change]) -> None:
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


def _compare_slices(source: Source, output: Source, changes: Sequence[Change]) -> None:
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
        for piece, _ in slices(source.blocks(), prefilter=_NOTHING):
            if isinstance(piece, Run):
                kinds = ("claim" if level == 0 else f"hl{level}" for level in piece.levels)
                yield from zip(kinds, piece.offsets[1:], strict=True)
            else:
                yield piece.kind, piece.end
    except RefusedError as error:
        raise ProofError(f"what was written is wrong: {error}") from None


def _lint_again(output: Source, path: str, rulebook: Rulebook, changes: Changes) -> None:
    """Every finding that was corrected is gone, and there is no new error but at an element that was changed."""
    places = {complaint(change.finding)[1:] for change in changes.changes}
    try:
        for _, verdict in judged(output, path, rulebook, Severity.ERROR):
            for finding in verdict.findings if verdict else ():
                said = complaint(finding)
                if said in changes.applied:
                    raise ProofError(f"{said[0]} is still found in claim {said[1]}")
                is_new = finding.severity is Severity.ERROR and said not in changes.errors
                if is_new and said[1:] not in places:
                    raise ProofError(f"{said[0]} would be found in claim {said[1]}, and was not before")
    except RefusedError as error:
        raise ProofError(f"what was written is wrong: {error}") from None
