"""The gate: a claim file read again and again as it is, each claim judged; or the file refused, with the reason.

for piece, verdict in judged(source, path, rulebook, Severity.ERROR): ...
"""

import contextlib
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lint837.claims.claim import Claim
from lint837.facts.drugs import Formulary
from lint837.lint.engine import Judge
from lint837.lint.finding import Finding
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.x12.reader import Reader
from lint837.x12.faults import Fault
from lint837.x12.slices import Slice

_BLOCK = 1024 * 1024
# A file in which one of these stands is not taken: it cannot be known which claims it holds.
_REFUSING = frozenset({"ENV001", "ENV002", "ENV003", "ENV004", "ENV005", "ENV008", "ENV010", "ENV011"})


class RefusedError(Exception):
    """A file that the gate does not take; the text says why, and holds nothing of a claim's content."""


@contextlib.contextmanager
def opened(path: str) -> Iterator["Source"]:
    """A claim file, to be read. Raises RefusedError where it cannot be opened, or is no file: a pipe cannot be read
    again.
    """
    try:
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise RefusedError("ENV011: it is not a file that can be read more than once")
        descriptor = os.open(path, os.O_RDONLY)
    except NotADirectoryError:
        raise RefusedError("ENV011: it is no file; a member of an archive must be unpacked first") from None
    except OSError as error:
        raise RefusedError(f"ENV011: {_reason(error)}") from None
    except ValueError:  # a path with a NUL byte
        raise RefusedError("ENV011: it cannot be opened") from None
    try:
        yield Source(descriptor)
    finally:
        os.close(descriptor)


class Source:
    """An open file that is read more than once: the same bytes at every reading, else RefusedError."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._digest = b""

    def blocks(self) -> Iterator[bytes]:
        """All bytes, in blocks."""
        digest = hashlib.blake2b()
        offset = 0
        while block := self.read(offset, offset + _BLOCK):
            digest.update(block)
            offset += len(block)
            yield block
        self._digest = self._digest or digest.digest()
        if digest.digest() != self._digest:
            raise RefusedError("ENV011: the file changed while it was read")

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` to `end`, fewer at the end of the file."""
        try:
            return os.pread(self._descriptor, max(0, end - start), start)
        except OSError as error:
            raise RefusedError(f"ENV011: {_reason(error)}") from None

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes from `start` to `end` in blocks."""
        while start < end:
            block = self.read(start, min(end, start + _BLOCK))
            if not block:
                raise RefusedError("ENV011: the file changed while it was read")
            yield block
            start += len(block)


class Verdict(NamedTuple):
    """What was found in a claim, worst first, and whether it is rejected."""

    piece: Slice
    formulary: Formulary
    findings: tuple[Finding, ...]
    rejected: bool

    def claim(self) -> Claim:
        """The claim, made anew: only who tells of it needs it."""
        return Claim(self.piece, self.formulary)


def slices(source: Source) -> Iterator[Slice]:
    """The slices of a file; RefusedError at the first fault with which the gate does not take it."""
    damaged = 0
    for event in Reader(source.blocks()):
        if isinstance(event, Fault):
            if event.incomplete or event.code in _REFUSING:
                raise RefusedError(_told(event))
        elif event.damaged or damaged:
            damaged = damaged or event.line  # the fault that says why may come behind it
        else:
            yield event
    if damaged:
        raise RefusedError(f"line {damaged}: what begins here could not be checked")


def judged(
    source: Source, path: str, rulebook: Rulebook, reject_on: Severity
) -> Iterator[tuple[Slice, Verdict | None]]:
    """The slices of a file, each claim with its verdict: it is rejected where a chosen rule finds something of severity
    `reject_on` or above. `path`: by it the configuration may ignore rules or suppress findings. RefusedError too where
    a claim could not be judged by a rule.
    """
    here = rulebook.for_file(path)
    judge, prefilter = Judge(here, path), here.prefilter
    for piece in slices(source):
        if piece.context is None or piece.data is None or piece.kind != "claim":
            yield piece, None
            continue
        data = piece.context.delimiters.unwrapped(piece.data)
        may_find = prefilter is None or prefilter.found_in(data, 0, len(data))
        findings = sorted(judge(piece)[1] if may_find else (), key=lambda f: (-f.severity, f.offset, f.rule))
        for finding in findings:
            if finding.incomplete:
                raise RefusedError(f"{finding.rule} at {finding.line}:{finding.column}: {finding.message}")
        yield (
            piece,
            Verdict(piece, rulebook.formulary, tuple(findings), bool(findings) and findings[0].severity >= reject_on),
        )


def _told(fault: Fault) -> str:
    return f"{fault.code} at {fault.line}:{fault.column}: {fault.saying.message}"


def _reason(error: OSError) -> str:
    return (os.strerror(error.errno) if error.errno else "it cannot be read").lower()
