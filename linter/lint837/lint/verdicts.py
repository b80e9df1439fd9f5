"""Verdicts: each claim of a file accepted or rejected, or the file refused with the reason.

for piece, verdict in judged(source, path, rulebook, Severity.ERROR): ...
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import NamedTuple, Self

from lint837.claims.claim import Claim
from lint837.claims.header import Headers
from lint837.facts.formulary import Formulary
from lint837.files.rereadable import CHANGED, RefusedError, Source
from lint837.lint.engine import Judge, Running
from lint837.lint.finding import Finding, of_fault, sentence
from lint837.lint.parallel import SHARED_FROM, can_fork
from lint837.lint.repeats import Billed, Comparison
from lint837.lint.structure import headers_above
from lint837.rules.envelope import code_of, problem_of
from lint837.rules.rule import Severity
from lint837.rules.rulebook import OFF, Rulebook
from lint837.x12.faults import Cause, Fault, Scope
from lint837.x12.prefilter import Prefilter
from lint837.x12.reader import SCAN_FROM, Reader
from lint837.x12.slices import SHARED_CLAIMS, WHOLE, Run, Share, Slice

# A file with one of these faults is refused: it is not certain which claims it holds.
_REFUSING = frozenset({"ENV001", "ENV002", "ENV003", "ENV004", "ENV005", "ENV008", "ENV010", "ENV011", "ENV013"})
_DAMAGED = "ENV007"  # the rule that says why a claim is damaged, when its transaction set ends
_LARGEST = 2 * 1024 * 1024  # bytes of a claim that could not be read from which an acknowledgement takes its numbers


class Verdict(NamedTuple):
    """The findings in a claim, worst first, and whether it is rejected. `unread`: the claim could not be checked;
    `data`: its bytes then. `made`: the claim, where this process made it.
    """

    piece: Slice
    formulary: Formulary
    findings: tuple[Finding, ...]
    rejected: bool
    unread: bool = False
    data: bytes = b""
    made: Claim | None = None

    def claim(self, headers: Headers) -> Claim:
        """The claim; made again where it was not made to be judged, since only a 277CA needs it."""
        if self.made:
            return self.made
        piece = self.piece._replace(data=self.piece.data or self.data)
        return Claim(piece, self.formulary, headers.of(piece.context))

    def rules_from(self, reject_on: Severity) -> set[str]:
        """The rules for which it is rejected: their findings are of severity `reject_on` or above, or incomplete."""
        found = {one.rule for one in self.findings if one.incomplete or one.severity >= reject_on}
        return found or ({_DAMAGED} if self.unread else set())


def slices(
    blocks: Iterable[bytes],
    note: Callable[[Fault], None] | None = None,
    prefilter: Prefilter | None = None,
    *,
    share: Share = WHOLE,
    scan_from: int = SCAN_FROM,
) -> Iterator[tuple[Slice | Run, list[Fault]]]:
    """The slices of a file, each claim with the faults for which it, and no other, could not be checked; `note` gets
    the other faults. Claims that a `prefilter` does not want may come as runs, and those that are not in the `share`.
    Raises RefusedError at the first fault for which the file is refused.
    """
    damaged = 0
    faults: list[Fault] = []
    for event in Reader(blocks, prefilter=prefilter, share=share, scan_from=scan_from).runs():
        if isinstance(event, Run):
            if not damaged:
                yield event, []
            continue
        if isinstance(event, Fault):
            if event.scope is Scope.CLAIM and code_of(event) not in _REFUSING:
                faults.append(event)
            elif event.incomplete or code_of(event) in _REFUSING:
                raise RefusedError(_described(event))
            elif note:
                note(event)
            continue
        if event.damaged and event.kind != "claim":
            damaged = damaged or event.line  # a fault that says why may follow
        if not damaged:
            yield event, [fault for fault in faults if fault.claim and fault.claim == event.claim]
        faults = [fault for fault in faults if fault.claim > event.claim > 0]
    if damaged:
        raise RefusedError(f"line {damaged}: the part that begins here could not be checked")


class _Found(NamedTuple):
    """What is found in a claim.

    claim, start: its ordinal and its offset.
    unread: it could not be read, so that the findings say no more than why.
    billed: what it bills, to be compared with the claims before it.
    made: the claim, where this process made it.
    """

    claim: int
    start: int
    findings: tuple[Finding, ...]
    unread: bool
    billed: Billed | None
    made: Claim | None = None


def judged(
    source: Source,
    path: str,
    rulebook: Rulebook,
    reject_on: Severity,
    *,
    jobs: int = 1,
    shared_from: int = SHARED_FROM,
    scan_from: int = SCAN_FROM,
) -> Iterator[tuple[Slice | Run, Verdict | None]]:
    """The slices of a file, each claim with its verdict: rejected where a rule finds something of severity `reject_on`
    or above, and where it could not be checked. All claims of a run are accepted, and nothing is found in them. `path`:
    the configuration may ignore rules or suppress findings by it. Raises RefusedError.

    `jobs`: processes that judge the claims of a file of `shared_from` bytes or more, which this one reads too. A
    RuntimeError says that one ended before its work was done.
    """
    running = Running(rulebook.for_file(path))
    judge, comparison = Judge(running, path, running.judged, compare=False), Comparison()
    with ExitStack() as stack:
        judges = None
        if jobs > 1 and can_fork() and source.size >= shared_from and rulebook.guide == OFF:
            judges = stack.enter_context(_Judges(source, path, running, jobs, scan_from))
        for piece, faults in slices(source.blocks(), judge.note, running.prefilter, scan_from=scan_from):
            if isinstance(piece, Run) or piece.context is None or piece.kind != "claim":
                yield piece, None
                continue
            # Whatever none of them has judged is judged here.
            found = (judges.found(piece) if judges else None) or _found(piece, faults, judge, path)
            yield piece, _verdict(piece, found, judge, comparison, source, running.rulebook, reject_on)
        if judges:
            judges.finish()


def _found(piece: Slice, faults: Iterable[Fault], judge: Judge, path: str) -> _Found:
    told = (judge.unread(fault, piece) if fault.cause is Cause.DRUG_BEFORE_LINES else fault for fault in faults)
    unread = tuple(of_fault(fault, path) for fault in told if fault)
    if piece.data is None or piece.context is None:
        return _Found(piece.claim, piece.start, unread, unread=True, billed=None)
    headers = headers_above(piece.context) if judge.structure else ()
    above = [finding for header in headers for finding in judge.of_header(header)]
    said = judge(piece)
    return _Found(
        piece.claim, piece.start, (*above, *unread, *said.findings), unread=False, billed=said.billed, made=said.claim
    )


def _verdict(
    piece: Slice,
    found: _Found,
    judge: Judge,
    comparison: Comparison,
    source: Source,
    rulebook: Rulebook,
    reject_on: Severity,
) -> Verdict:
    findings = found.findings
    if found.unread:
        data = source.read(piece.start, min(piece.end, piece.start + _LARGEST))
        return Verdict(piece, rulebook.formulary, findings, rejected=True, unread=True, data=data)
    repeats = comparison.repeats(found.billed) if found.billed else ()
    if repeats:
        findings = (*findings, *judge.repeated(piece, repeats))
    if not findings:
        return Verdict(piece, rulebook.formulary, (), rejected=False, made=found.made)
    findings = tuple(sorted(findings, key=lambda f: (-f.severity, f.location.offset, f.rule)))
    incomplete = any(finding.incomplete for finding in findings)
    rejected = incomplete or any(finding.severity >= reject_on for finding in findings)
    return Verdict(piece, rulebook.formulary, findings, rejected, incomplete, made=found.made)


class _Judges:
    """Processes that judge the claims of a file, a share each, while this one reads it too. Use it as a context."""

    def __init__(self, source: Source, path: str, running: Running, jobs: int, scan_from: int) -> None:
        from lint837.lint.workers import Workers

        def work(_: None, number: int) -> Iterator[_Found]:
            share = Share(number, jobs)
            judge = Judge(running, path, running.judged, compare=False)
            pieces = source.pieces(0, source.size)
            try:
                for piece, faults in slices(pieces, judge.note, running.prefilter, share=share, scan_from=scan_from):
                    if isinstance(piece, Slice) and piece.kind == "claim" and share.has(piece.claim):
                        yield _found(piece, faults, judge, path)._replace(made=None)
            except RefusedError:
                return  # the first process comes there too, and says so

        self._jobs = jobs
        self._workers = Workers[None](jobs, work)
        self._next: list[_Found | None] = [None] * jobs

    def __enter__(self) -> Self:
        self._workers.__enter__()
        _, self._results = next(self._workers.run([(None, self._jobs)]))
        return self

    def __exit__(self, *_: object) -> None:
        self._workers.__exit__()

    def found(self, piece: Slice) -> _Found | None:
        """What one of them found in a claim; None if it did not judge it. Raises RefusedError where it read something
        else than this process.
        """
        number = piece.claim // SHARED_CLAIMS % self._jobs
        found = self._next[number] or next(self._results[number], None)
        self._next[number] = found if found and found.claim > piece.claim else None
        if found and (found.claim < piece.claim or (found.claim == piece.claim and found.start != piece.start)):
            raise RefusedError(CHANGED)
        return found if found and found.claim == piece.claim else None

    def finish(self) -> None:
        """Make sure that each of them has done its work."""
        if any(self._next) or any(True for one in self._results for _ in one):
            raise RefusedError(CHANGED)


def _described(fault: Fault) -> str:
    rule, problem = problem_of(fault)
    values = {"found": problem.found, "expected": problem.expected, **problem.values}
    return f"{rule.code} at {fault.line}:{fault.column}: {sentence(problem.message, values)}"
