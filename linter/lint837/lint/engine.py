"""The engine: one input to findings and a summary.

lint = Lint(blocks, "claims.837", rulebook)
for finding in lint: ...
lint.summary
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.header import Headers
from lint837.claims.mentions import unjudged
from lint837.claims.segment import Place
from lint837.facts.payers import UNKNOWN_PAYER
from lint837.files.inputs import Blocks
from lint837.lint.finding import Finding, InputSummary, of_failure, of_fault, of_problem
from lint837.lint.misplaced import MISPLACED_NDC, unknown_drug
from lint837.lint.precedence import Found, Yielded, resolve
from lint837.rules.envelope import code_of
from lint837.rules.house import HOUSE_RULES, RuleFailure, UnjudgedMention
from lint837.rules.rule import NotChecked, Problem, Rule, Severity
from lint837.rules.rulebook import Rulebook, failure
from lint837.x12.faults import Cause, Fault, Scope
from lint837.x12.prefilter import Prefilter
from lint837.x12.reader import SCAN_FROM, Reader
from lint837.x12.slices import WHOLE, Limits, Share, Slice

if TYPE_CHECKING:  # what only a configuration brings; start-up time is a feature
    from lint837.lint.suppress import Ledger

_HELD = 1024  # faults between two claims that are put in the order of their places

_UNJUDGED = HOUSE_RULES["INT002"]


class Lint:
    """The findings of one input, as they come; `summary` is there when the iteration has ended.

    Their order: claim by claim, in a claim by offset, rule and element; a finding on the file after the claim that
    precedes it. What is wrong with the form of segments is known, and comes, when their transaction set has ended.
    """

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
        scan_from: int = SCAN_FROM,
    ) -> None:
        """Without `prefilter` every claim is read and judged, also where no rule can find anything. Of a `share` only
        its claims are judged, and only the first reports the envelope. `scan_from`: as the reader's.
        """
        self._blocks = blocks
        self._path = path
        self.rulebook = rulebook
        self._here = rulebook.for_file(path)
        self._limits = limits
        self._prefilter = self._here.prefilter if prefilter else None
        self._share = share
        self._scan_from = scan_from
        # The place of the last finding among those of all shares: after so many claims; 0 in a claim, 1 after it.
        self.order: tuple[float, int] = (0, 0)

    def __iter__(self) -> Iterator[Finding]:
        reader = Reader(self._blocks, self._limits, self._prefilter, share=self._share, scan_from=self._scan_from)
        judge = Judge(self._here, self._path, self._prefilter)
        drug_lines = 0
        complete = True
        faults: list[Fault] = []
        misplaced: Fault | None = None  # a drug before the lines of the claim that follows
        for event in reader:
            if isinstance(event, Fault):
                if event.cause is Cause.DRUG_BEFORE_LINES:
                    misplaced = event
                elif self._is_news(event, reader.counts.bytes):
                    complete &= not event.incomplete
                    faults.append(event)
                    if len(faults) >= _HELD:
                        yield from self._told(faults)
                continue
            if event.kind != "claim":
                continue
            unread, misplaced = misplaced and judge.unread(misplaced, event), None
            if unread:
                complete = False
                faults.append(unread)
            if not event.damaged and self._share.has(event.claim):
                lines, findings = judge(event)
                drug_lines += lines
                if findings:
                    yield from self._told(faults)
                    self.order = (event.claim, 0)
                    complete &= not any(finding.incomplete for finding in findings)
                    yield from findings
        yield from self._told(faults)
        counts = reader.counts
        if self._error:
            complete = False
            self.order = (math.inf, 0)
            yield of_fault(_unreadable(self._error, counts.bytes), self._path)
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

    def _is_news(self, fault: Fault, read: int) -> bool:
        """Where reading failed, it is no news that the input ends too early, or holds nothing."""
        early = fault.cause is Cause.NO_INTERCHANGE or (fault.cause is Cause.CUT_OFF and fault.offset == read)
        return not (early and self._error)

    def _told(self, faults: list[Fault]) -> Iterator[Finding]:
        """The findings of the faults that are held, which are then forgotten."""
        chosen, severities = self._here.reported, self._here.severities
        for fault in sorted(faults, key=lambda one: (one.after, one.offset, code_of(one), one.element)):
            self.order = (fault.after, 1)
            code = code_of(fault)
            if not self._share.part and (fault.incomplete or code in chosen):
                yield of_fault(fault, self._path, severities.get(code))
        faults.clear()

    @property
    def _error(self) -> str | None:
        return self._blocks.error if isinstance(self._blocks, Blocks) else None


def _unreadable(error: str, offset: int) -> Fault:
    return Fault(
        cause=Cause.UNREADABLE_INPUT,
        values={"reason": error, "begun": offset > 0},
        offset=offset,
        line=1,
        column=1,
        segment=0,
        element="",
        scope=Scope.FILE,
        ordinals=(0, 0, 0),
        control_numbers=("", "", ""),
        claim=0,
        claim_name="",
        after=0,
    )


# ---------------------------------------------------------------- a claim


class Judge:
    """Judges the claims of one input, one after another. Nothing is remembered of one claim for the next but the
    headers above both.
    """

    def __init__(self, rulebook: Rulebook, path: str, prefilter: Prefilter | None = None) -> None:
        """`prefilter`: of the claims in which there may be something to find; None: of any."""
        self._rulebook = rulebook
        self._rules = {payer.name: rulebook.rules_for(payer) for payer in (UNKNOWN_PAYER, *rulebook.profiles.all)}
        self.ledger = _ledger(rulebook, path)
        self._prefilter = prefilter
        self._path = path
        self._headers = Headers()

    def unread(self, fault: Fault, piece: Slice) -> Fault | None:
        """The fault of a drug before a claim's first service line as it is reported; None where a rule that runs on the
        claim speaks of it.
        """
        if piece.context is None or piece.data is None:
            return fault
        header = self._headers.of(piece.context)
        claim = Claim(piece, self._rulebook.formulary, header, self._rulebook.profiles)
        running = {rule.code for rule in self._rules[claim.payer_profile.name]}
        if MISPLACED_NDC in running | (self._rulebook.hidden & self._rulebook.chosen):
            return unknown_drug(fault, piece, self._rulebook.formulary)
        return fault

    def __call__(self, piece: Slice) -> tuple[int, Sequence[Finding]]:
        """How many drug lines a claim slice has, and its findings by offset, rule and element. A ValueError says that
        it is no whole claim.
        """
        if piece.context is None or piece.data is None:
            raise ValueError("not a whole claim")
        if self._prefilter:
            text = piece.context.delimiters.unwrapped(piece.data)
            if not self._prefilter.found_in(text, 0, len(text)):
                return 0, ()
        claim = Claim(piece, self._rulebook.formulary, self._headers.of(piece.context), self._rulebook.profiles)
        lines = len(claim.drug_lines)
        rules = self._rules[claim.payer_profile.name]
        judgment = judge(claim, rules)
        if not (judgment.found or judgment.failures):
            if self.ledger:
                self.ledger.left(claim, (), rules)
            return lines, ()
        findings = findings_of(judgment, claim, self._path, self._rulebook.hidden)
        return lines, self.ledger.left(claim, findings, rules) if self.ledger else findings


def _ledger(rulebook: Rulebook, path: str) -> "Ledger | None":
    if not rulebook.suppressions:
        return None
    from lint837.lint.suppress import Ledger

    return Ledger(rulebook.suppressions, path, rulebook.running)


class Judgment(NamedTuple):
    """What the rules say of a claim: the problems that are reported, those that yield to them, what was not checked,
    and the rules that failed.
    """

    found: list[Found]
    yielded: list[Yielded]
    not_checked: list[tuple[Rule, NotChecked]]
    failures: list[RuleFailure]


def judge(claim: Claim, rules: Iterable[Rule]) -> Judgment:
    """Run the rules on one claim. Where a rule raises an exception, the others go on."""
    targets: dict[type, Sequence[Claim | ServiceLine]] = {Claim: [claim]}
    found: list[Found] = []
    not_checked: list[tuple[Rule, NotChecked]] = []
    failures: list[RuleFailure] = []
    for rule in rules:
        problems: list[Found] = []
        try:
            if rule.scope not in targets:
                targets[rule.scope] = _lines(rule.scope, claim)
            # Most rules find nothing: the loops over what they do not find are left to the library.
            for said in chain.from_iterable(map(rule.check, targets[rule.scope])):
                if isinstance(said, NotChecked):
                    not_checked.append((rule, said))
                else:
                    problems.append(Found(rule, said))
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the others go on
            failures.append(RuleFailure(rule.code, failure(error)))
        found += problems
    found += (Found(_UNJUDGED, problem) for place in unjudged(claim) for problem in _problems(place))
    return Judgment(*resolve(claim, found), not_checked, failures)


def _problems(place: Place) -> Iterator[Problem]:
    return (one for one in _UNJUDGED.check(UnjudgedMention(place)) if isinstance(one, Problem))


def _lines(scope: type, claim: Claim) -> Sequence[ServiceLine]:
    return claim.drug_lines if scope is DrugLine else [line for line in claim.service_lines if line.service]


def findings_of(judgment: Judgment, claim: Claim, path: str, hidden: frozenset[str] = frozenset()) -> list[Finding]:
    """The findings of a claim by offset, rule and element. `hidden`: rules that are ignored for the file: they still
    silence those that yield to them.
    """
    findings: list[Finding] = []
    for rule, problem in judgment.found:
        if rule.code in hidden:
            continue
        try:
            severity, note = _severity(rule, problem, claim)
            findings.append(of_problem(rule, problem, severity, claim, path, note))
        except Exception as error:  # noqa: BLE001 - a template may name a value that is not there
            judgment.failures.append(RuleFailure(rule.code, failure(error)))
    findings += (of_failure(one, claim, path) for one in judgment.failures)
    return in_order(findings)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of one claim by place, then by rule."""
    return sorted(findings, key=lambda one: (one.location.offset, one.rule, one.location.element))


def _severity(rule: Rule, problem: Problem, claim: Claim) -> tuple[Severity, str]:
    """The rule's severity, as configured, lowered by the problem, for a void claim or an inpatient one, or for a weak
    identification; and a sentence that says why, where the claim's kind lowered it.
    """
    if rule.incomplete:
        return rule.severity, ""
    severity = rule.configured or rule.severity
    if problem.severity and problem.severity < rule.severity:
        severity = min(severity, problem.severity)
    if severity > Severity.INFO and claim.is_void:
        return Severity.INFO, "This claim voids an earlier claim (frequency 8), whose lines it must mirror."
    if severity > Severity.INFO and claim.is_inpatient:
        return Severity.INFO, "On an inpatient claim the code and units are seldom what is paid."
    line = claim.line(problem.where.line) if problem.where else None
    weak = isinstance(line, DrugLine) and line.weak
    return (min(severity, Severity.WARNING) if weak else severity), ""
