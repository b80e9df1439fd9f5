"""Verdicts: each claim of a file accepted or rejected, or the file refused with the reason.

for piece, verdict in judged(source, path, rulebook, Severity.ERROR): ...
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from lint837.claims.claim import Claim
from lint837.facts.formulary import Formulary
from lint837.files.rereadable import RefusedError, Source
from lint837.lint.engine import Judge, Running
from lint837.lint.finding import Finding, of_fault, sentence
from lint837.lint.structure import headers_above
from lint837.rules.envelope import code_of, problem_of
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.x12.faults import Cause, Fault, Scope
from lint837.x12.prefilter import Prefilter
from lint837.x12.reader import SCAN_FROM, Reader
from lint837.x12.slices import Run, Slice

# A file with one of these faults is refused: it is not certain which claims it holds.
_REFUSING = frozenset({"ENV001", "ENV002", "ENV003", "ENV004", "ENV005", "ENV008", "ENV010", "ENV011", "ENV013"})
_DAMAGED = "ENV007"  # the rule that says why a claim is damaged, when its transaction set ends
_LARGEST = 2 * 1024 * 1024  # bytes of a claim that could not be read from which an acknowledgement takes its numbers


class Verdict(NamedTuple):
    """The findings in a claim, worst first, and whether it is rejected. `unread`: the claim could not be checked;
    `data`: its bytes then.
    """

    piece: Slice
    formulary: Formulary
    findings: tuple[Finding, ...]
    rejected: bool
    unread: bool = False
    data: bytes = b""

    def claim(self) -> Claim:
        """The claim, made again: only a 277CA needs it."""
        return Claim(self.piece._replace(data=self.piece.data or self.data), self.formulary)

    def rules_from(self, reject_on: Severity) -> set[str]:
        """The rules for which it is rejected: their findings are of severity `reject_on` or above, or incomplete."""
        found = {one.rule for one in self.findings if one.incomplete or one.severity >= reject_on}
        return found or ({_DAMAGED} if self.unread else set())


def slices(
    blocks: Iterable[bytes],
    note: Callable[[Fault], None] | None = None,
    prefilter: Prefilter | None = None,
    *,
    scan_from: int = SCAN_FROM,
) -> Iterator[tuple[Slice | Run, list[Fault]]]:
    """The slices of a file, each claim with the faults for which it, and no other, could not be checked; `note` gets
    the other faults. With a `prefilter` claims that it does not want may come as runs. Raises RefusedError at the first
    fault for which the file is refused.
    """
    damaged = 0
    faults: list[Fault] = []
    for event in Reader(blocks, prefilter=prefilter, scan_from=scan_from).runs():
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


def judged(
    source: Source, path: str, rulebook: Rulebook, reject_on: Severity, *, scan_from: int = SCAN_FROM
) -> Iterator[tuple[Slice | Run, Verdict | None]]:
    """The slices of a file, each claim with its verdict: rejected where a rule finds something of severity `reject_on`
    or above, and where it could not be checked. All claims of a run are accepted, and nothing is found in them. `path`:
    the configuration may ignore rules or suppress findings by it. Raises RefusedError.
    """
    running = Running(rulebook.for_file(path))
    here, judge = running.rulebook, Judge(running, path, running.judged)
    for piece, faults in slices(source.blocks(), judge.note, running.prefilter, scan_from=scan_from):
        if isinstance(piece, Run) or piece.context is None or piece.kind != "claim":
            yield piece, None
            continue
        told = (judge.unread(fault, piece) if fault.cause is Cause.DRUG_BEFORE_LINES else fault for fault in faults)
        unread = [of_fault(fault, path) for fault in told if fault]
        if piece.data is None:
            data = source.read(piece.start, min(piece.end, piece.start + _LARGEST))
            yield piece, Verdict(piece, here.formulary, tuple(unread), rejected=True, unread=True, data=data)
            continue
        above = [finding for header in headers_above(piece.context) for finding in judge.of_header(header)]
        findings = sorted(
            [*above, *unread, *judge(piece).findings], key=lambda f: (-f.severity, f.location.offset, f.rule)
        )
        incomplete = any(finding.incomplete for finding in findings)
        rejected = incomplete or any(finding.severity >= reject_on for finding in findings)
        yield piece, Verdict(piece, here.formulary, tuple(findings), rejected, incomplete)


def _described(fault: Fault) -> str:
    rule, problem = problem_of(fault)
    values = {"found": problem.found, "expected": problem.expected, **problem.values}
    return f"{rule.code} at {fault.line}:{fault.column}: {sentence(problem.message, values)}"
