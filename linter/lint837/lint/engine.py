"""The engine: claims judged, findings made.

rulebook = load_rulebook()
lint = Lint(blocks, "claims.837", rulebook)
for finding in lint: ...
lint.summary
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from lint837.claims.claim import Claim, DrugLine, ServiceLine, content_of
from lint837.claims.header import Standings
from lint837.facts.payers import UNKNOWN_PAYER
from lint837.files.inputs import Blocks, Input
from lint837.lint.finding import (
    Finding,
    InputSummary,
    from_fault,
    from_problem,
    rule_failed,
    unreadable,
)
from lint837.rules.rule import NotChecked, Problem, Rule, Severity
from lint837.rules.rulebook import Rulebook, failure, load_rulebook
from lint837.x12.prefilter import Literals
from lint837.x12.reader import SURVEY_FROM, Reader
from lint837.x12.tiling import WHOLE, Limits, Share, Slice

if TYPE_CHECKING:  # what only a configuration brings; start-up time is a feature
    from lint837.lint.suppress import Ledger

_QUIET_BYTES = 4 * 1024 * 1024  # of claims that are remembered, none of which is longer than a hundredth of it
_QUIET_ENTRY = 512  # bytes that one takes besides


class Lint:
    """The findings of one input, as they come; `summary` is there when the iteration has ended."""

    summary: InputSummary

    def __init__(
        self,
        blocks: Iterable[bytes],
        path: str,
        rulebook: Rulebook,
        limits: Limits | None = None,
        *,
        prefilter: bool = True,
        share: Share = WHOLE,
        survey_from: int = SURVEY_FROM,
    ) -> None:
        """Without `prefilter` every claim is read and judged, also where no rule can find anything. Of a `share` only
        its claims are judged, and only the first tells of the envelope. `survey_from`: as the reader's.
        """
        self._blocks = blocks
        self._path = path
        self.rulebook = rulebook
        self._here = rulebook.for_file(path)
        self._limits = limits
        self._prefilter = prefilter
        self._literals = self._here.literals if prefilter else None
        self._share = share
        self._survey_from = survey_from
        # Where the last finding stands among those of all shares: behind so many claims, 0 in one and 1 behind it.
        self.order: tuple[float, int] = (0, 0)

    def __iter__(self) -> Iterator[Finding]:
        reader = Reader(self._blocks, self._limits, self._literals, share=self._share, survey_from=self._survey_from)
        judge = Judge(self._here, self._path, self._literals, remember=self._prefilter)
        drug_lines = 0
        complete = True
        for event in reader:
            if not isinstance(event, Slice):
                # Where reading failed, that the input ends too early is no news.
                if event.offset == reader.counts.bytes and event.code == "ENV002" and self._error:
                    continue
                if event.code == "ENV001" and self._error:
                    continue
                complete &= not event.incomplete
                self.order = (event.after, 1)
                if not self._share.part and (event.incomplete or event.code in self._here.chosen):
                    yield from_fault(event, self._path, self._here.severities.get(event.code))
            elif event.kind == "claim" and not event.damaged and self._share.has(event.claim):
                self.order = (event.claim, 0)
                lines, findings = judge(event)
                drug_lines += lines
                for finding in findings:
                    complete &= not finding.incomplete
                    yield finding
        counts = reader.counts
        if self._error:
            complete = False
            self.order = (math.inf, 0)
            yield unreadable(self._path, self._error, counts.bytes)
        self.summary = InputSummary(
            path=self._path,
            complete=complete,
            bytes=counts.bytes,
            segments=counts.segments,
            unchecked=counts.unchecked,
            interchanges=counts.interchanges,
            transaction_sets=counts.transaction_sets,
            claims=counts.claims,
            drug_lines=drug_lines,
            suppressions=judge.ledger.uses if judge.ledger else (),
        )

    @property
    def _error(self) -> str | None:
        return self._blocks.error if isinstance(self._blocks, Blocks) else None


class Judge:
    """Judges the claims of one input, one after another. The claims of a batch are much alike: where nothing was found
    in one, nothing is in another that a rule cannot tell from it.
    """

    def __init__(
        self, rulebook: Rulebook, path: str, literals: Literals | None = None, *, remember: bool = True
    ) -> None:
        """`literals`: what a claim holds one of in which there is something to find; None: any may be such a claim."""
        self._rulebook = rulebook
        self._rules = {payer.name: rulebook.rules_for(payer) for payer in (UNKNOWN_PAYER, *rulebook.profiles.all)}
        self.ledger = _ledger(rulebook, path)
        self._literals = literals
        self._remember = remember
        self._path = path
        self._standings = Standings()
        # How many drug lines there are in a claim without findings, by all that a rule may know of it; who pays and who
        # bills is left out as far as no rule asked. Of bounded size.
        self._quiet: dict[tuple[object, ...], int] = {}
        self._quiet_bytes = 0

    def __call__(self, piece: Slice) -> tuple[int, Sequence[Finding]]:
        """How many drug lines a claim slice has, and its findings. A ValueError says that it is no whole claim."""
        if piece.context is None or piece.data is None:
            raise ValueError("not a whole claim")
        if self._literals:
            text = piece.context.delimiters.unwrapped(piece.data)
            if not self._literals.found_in(text, 0, len(text)):
                return 0, ()
        alike = (content_of(piece), *self._standings.file_of(piece.context))
        if alike in self._quiet:
            return self._quiet[alike], ()
        standing = self._standings.of(piece.context)
        for_payer = (*alike, standing.claim_filing_code)
        keys = (alike, for_payer, (*for_payer, standing.payer_id, standing.billing_npi))
        for key in keys[1:]:
            if key in self._quiet:
                return self._quiet[key], ()
        claim = Claim(piece, self._rulebook.formulary, standing, self._rulebook.profiles)
        lines = len(claim.drug_lines)
        rules = self._rules[claim.payer_profile.name]
        findings = list(judge(claim, rules, self._path))
        left = self.ledger.left(claim, findings, rules) if self.ledger else findings
        if self._remember and not findings:
            self._keep(keys[claim.asked_of_parties], lines, len(piece.data))
        return lines, left

    def _keep(self, key: tuple[object, ...], lines: int, size: int) -> None:
        if size > _QUIET_BYTES // 100:
            return
        if self._quiet_bytes + size + _QUIET_ENTRY > _QUIET_BYTES:
            self._quiet.clear()
            self._quiet_bytes = 0
        self._quiet_bytes += size + _QUIET_ENTRY
        self._quiet[key] = lines


def _ledger(rulebook: Rulebook, path: str) -> "Ledger | None":
    if not rulebook.suppressions:
        return None
    from lint837.lint.suppress import Ledger

    return Ledger(rulebook.suppressions, path, rulebook.running)


def judge(claim: Claim, rules: Iterable[Rule], path: str) -> Iterator[Finding]:
    """Run the rules on one claim. A rule that raises becomes INT001, and the others go on."""
    targets: dict[type, Sequence[Claim | ServiceLine]] = {Claim: [claim]}
    for rule in rules:
        findings: list[Finding] = []
        try:
            if rule.scope not in targets:
                targets[rule.scope] = _lines(rule.scope, claim)
            # Of most rules nothing comes: the loops over what they do not find are left to the library.
            for problem in chain.from_iterable(map(rule.check, targets[rule.scope])):
                if isinstance(problem, NotChecked):
                    continue
                severity, why = _severity(rule, problem, claim)
                findings.append(from_problem(rule.code, rule.name, severity, problem, claim, path, why))
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the others go on
            findings.append(rule_failed(rule.code, failure(error), claim, path))
        yield from findings


def _lines(scope: type, claim: Claim) -> Sequence[ServiceLine]:
    return claim.drug_lines if scope is DrugLine else [line for line in claim.service_lines if line.service]


def _severity(rule: Rule, problem: Problem, claim: Claim) -> tuple[Severity, str]:
    """The rule's severity, as configured, lowered by the problem, for a void claim or an inpatient one, or for a weak
    identification; and a sentence that says why, where the claim's kind lowered it.
    """
    severity = rule.configured or rule.severity
    if problem.severity and problem.severity < rule.severity:
        severity = min(severity, problem.severity)
    if severity > Severity.INFO and claim.is_void:
        return Severity.INFO, "This claim voids an earlier one (frequency 8), whose lines it must mirror."
    if severity > Severity.INFO and claim.is_inpatient:
        return Severity.INFO, "On an inpatient claim the code and units are seldom what is paid."
    line = problem.where.line
    weak = isinstance(line, DrugLine) and line.weak
    return (min(severity, Severity.WARNING) if weak else severity), ""


# ---------------------------------------------------------------- for programs


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found: the findings in the order of the inputs and their bytes, what each input held, the files of
    directories that were passed over, and the rulebook.
    """

    findings: tuple[Finding, ...]
    inputs: tuple[InputSummary, ...]
    passed_over: tuple[str, ...]
    rulebook: Rulebook

    @property
    def complete(self) -> bool:
        """Whether everything in every input could be checked."""
        return all(item.complete for item in self.inputs)

    def exit_status(self, fail_on: Severity | None = Severity.ERROR, *, allow_empty: bool = False) -> int:
        """3 where something could not be checked, or no claim was found; 1 where a finding is at or above `fail_on`
        (None: never); else 0.
        """
        worst = max((finding.severity for finding in self.findings), default=None)
        return exit_status(self.inputs, worst, fail_on, allow_empty=allow_empty)


def notes_on(rulebook: Rulebook, inputs: Sequence[InputSummary]) -> tuple[Finding, ...]:
    """The findings on the suppressions of a rulebook, when all inputs have been read."""
    if not rulebook.suppressions:
        return ()
    from lint837.lint.suppress import added, notes

    complete = all(item.complete for item in inputs)
    found = notes(
        rulebook.suppressions, added(item.suppressions for item in inputs), rulebook.severities, complete=complete
    )
    return tuple(finding for finding in found if finding.rule in rulebook.chosen)


def exit_status(
    inputs: Sequence[InputSummary], worst: Severity | None, fail_on: Severity | None, *, allow_empty: bool
) -> int:
    """The exit status of a run, `worst` being the worst severity that was found."""
    if not all(item.complete for item in inputs) or (not allow_empty and not any(item.claims for item in inputs)):
        return 3
    return int(fail_on is not None and worst is not None and worst >= fail_on)


def lint_bytes(data: bytes, path: str = "<bytes>", *, rulebook: Rulebook | None = None) -> Report:
    """Lint claim files that are in memory; `path` is what the findings say. Raises RuleError or FactsError where an
    installed rule package cannot be used, and nothing for whatever `data` holds.
    """
    return _report(Lint(iter([data]), path, rulebook or load_rulebook()))


def lint_file(path: str | Path, *, rulebook: Rulebook | None = None) -> Report:
    """Lint one claim file. A file that cannot be read is a finding, ENV011. Raises as `lint_bytes` does."""
    return _report(Lint(Blocks(Input(str(path))), str(path), rulebook or load_rulebook()))


def _report(lint: Lint) -> Report:
    findings = in_order(lint)
    findings += notes_on(lint.rulebook, [lint.summary])
    return Report(findings, (lint.summary,), (), lint.rulebook)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings of one input by place, then by rule."""
    return tuple(sorted(findings, key=lambda finding: (finding.offset, finding.rule, finding.element)))
