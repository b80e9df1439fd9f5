"""Verdicts: each claim of a file accepted or rejected, or the file refused with the reason.

for piece, verdict in judged(source, path, rulebook, Severity.ERROR): ...
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from lint837.claims.claim import Claim
from lint837.facts.drugs import Formulary
from lint837.files.rereadable import RefusedError, Source
from lint837.lint.engine import Judge
from lint837.lint.finding import Finding, sentence
from lint837.rules.envelope import code_of, problem_of
from lint837.rules.rule import Severity
from lint837.rules.rulebook import Rulebook
from lint837.x12.faults import Fault
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

# A file with one of these faults is refused: it is not certain which claims it holds.
_REFUSING = frozenset({"ENV001", "ENV002", "ENV003", "ENV004", "ENV005", "ENV008", "ENV010", "ENV011"})


class Verdict(NamedTuple):
    """The findings in a claim, worst first, and whether it is rejected."""

    piece: Slice
    formulary: Formulary
    findings: tuple[Finding, ...]
    rejected: bool

    def claim(self) -> Claim:
        """The claim, made again: only a 277CA needs it."""
        return Claim(self.piece, self.formulary)


def slices(source: Source, note: Callable[[Fault], None] | None = None) -> Iterator[Slice]:
    """The slices of a file; `note` gets its other faults. Raises RefusedError at the first fault for which the file is
    refused.
    """
    damaged = 0
    for event in Reader(source.blocks()):
        if isinstance(event, Fault):
            if event.incomplete or code_of(event) in _REFUSING:
                raise RefusedError(_described(event))
            if note:
                note(event)
        elif event.damaged or damaged:
            damaged = damaged or event.line  # a fault that says why may follow
        else:
            yield event
    if damaged:
        raise RefusedError(f"line {damaged}: the part that begins here could not be checked")


def judged(
    source: Source, path: str, rulebook: Rulebook, reject_on: Severity
) -> Iterator[tuple[Slice, Verdict | None]]:
    """The slices of a file, each claim with its verdict: rejected where a rule finds something of severity `reject_on`
    or above. `path`: the configuration may ignore rules or suppress findings by it. Raises RefusedError, also where a
    rule failed on a claim.
    """
    here = rulebook.for_file(path)
    judge, prefilter = Judge(here, path), here.prefilter
    for piece in slices(source, judge.note):
        if piece.context is None or piece.data is None or piece.kind != "claim":
            yield piece, None
            continue
        data = piece.context.delimiters.unwrapped(piece.data)
        may_find = prefilter is None or prefilter.found_in(data, 0, len(data))
        findings = sorted(
            judge(piece).findings if may_find else (), key=lambda f: (-f.severity, f.location.offset, f.rule)
        )
        for finding in findings:
            if finding.incomplete:
                raise RefusedError(
                    f"{finding.rule} at {finding.location.line}:{finding.location.column}: {finding.message}"
                )
        yield (
            piece,
            Verdict(piece, rulebook.formulary, tuple(findings), bool(findings) and findings[0].severity >= reject_on),
        )


def _described(fault: Fault) -> str:
    rule, problem = problem_of(fault)
    values = {"found": problem.found, "expected": problem.expected, **problem.values}
    return f"{rule.code} at {fault.line}:{fault.column}: {sentence(problem.message, values)}"
