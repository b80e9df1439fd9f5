"""The engine: one input to findings and a summary.

lint = Lint(blocks, "claims.837", rulebook)
for finding in lint: ...
lint.summary
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
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
from lint837.lint.repeats import Billed, Comparison, Hasher, Repeat, problems
from lint837.rules.envelope import code_of
from lint837.rules.house import HOUSE_RULES, RuleFailure, UnjudgedMention
from lint837.rules.rule import INPATIENT, PARTIAL, NotChecked, Problem, Rule, Severity
from lint837.rules.rulebook import Rulebook, failure
from lint837.x12.faults import Cause, Fault, Scope
from lint837.x12.prefilter import Prefilter
from lint837.x12.reader import SCAN_FROM, Reader
from lint837.x12.slices import WHOLE, Limits, Share, Slice

if TYPE_CHECKING:  # what only a configuration brings; start-up time is a feature
    from lint837.lint.suppress import Ledger

_HELD = 1024  # faults between two claims that are put in the order of their places

_UNJUDGED = HOUSE_RULES["INT002"]
_AGAIN = "ENV009"  # explains why the claims of a repeated envelope repeat others

_REASONS = {
    PARTIAL: "an interim or late-charge claim bills only a part (CLM05-3)",
    INPATIENT: "the claim is inpatient",
}
# Why a finding is less severe than its rule.
_VOID = "Do nothing: a void repeats the claim that it cancels."
_OF_INPATIENT = "Inpatient claims are seldom paid by line."
_OF_STUDY = "The claim is marked as a study or a free drug; payers have other rules for these."
_OF_ENCOUNTER = "This is an encounter, and the payer may not require this."


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
        return (event for event in self.events() if isinstance(event, Finding))

    def events(self) -> Iterator[Finding | Billed]:
        """The findings; of a share also, before those of each claim, what the claim bills, for who compares claims."""
        reader = Reader(self._blocks, self._limits, self._prefilter, share=self._share, scan_from=self._scan_from)
        judge = Judge(self._here, self._path, self._prefilter, compare=self._share.parts == 1)
        drug_lines = 0
        complete = True
        faults: list[Fault] = []
        misplaced: Fault | None = None  # a drug before the lines of the claim that follows
        for event in reader:
            if isinstance(event, Fault):
                if event.cause is Cause.DRUG_BEFORE_LINES:
                    misplaced = event
                    continue
                judge.note(event)
                if self._is_news(event, reader.counts.bytes):
                    complete &= not event.incomplete
                    faults.append(event)
                    if len(faults) >= _HELD:
                        yield from self._told(faults)
                continue
            if event.kind != "claim":
                continue
            unread, misplaced = misplaced and judge.unread(misplaced, event), None
            if unread:
                judge.note(unread)
                complete = False
                faults.append(unread)
            if not event.damaged and self._share.has(event.claim):
                judged = judge(event)
                drug_lines += judged.drug_lines
                if judged.findings or judged.billed:
                    yield from self._told(faults)
                    self.order = (event.claim, 0)
                    complete &= not any(finding.incomplete for finding in judged.findings)
                    if judged.billed:
                        yield judged.billed
                    yield from judged.findings
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
            not_read=tuple(counts.not_read),
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


class Judged(NamedTuple):
    """What came of a claim.

    drug_lines: how many it has. findings: by offset, rule and element.
    billed: what it bills, where somebody else compares the claims of the file.
    """

    drug_lines: int
    findings: Sequence[Finding]
    billed: Billed | None = None


class Judge:
    """Judges the claims of one input, one after another. Nothing is remembered of one claim for the next but the
    headers above both, and hashes of what it bills.
    """

    def __init__(
        self, rulebook: Rulebook, path: str, prefilter: Prefilter | None = None, *, compare: bool = True
    ) -> None:
        """`prefilter`: of the claims in which there may be something to find; None: of any. `compare`: claims with
        those before them; else what they bill is handed out.
        """
        self._rulebook = rulebook
        self._rules = {payer.name: rulebook.rules_for(payer) for payer in (UNKNOWN_PAYER, *rulebook.profiles.all)}
        self.ledger = _ledger(rulebook, path)
        self._prefilter = prefilter
        self._path = path
        self._headers = Headers()
        self._hasher = Hasher()
        self._comparison = Comparison() if compare else None
        self._again: list[tuple[int, ...]] = []  # the ordinals of the last envelopes that repeat others

    def note(self, fault: Fault) -> None:
        """Note what a fault says of the claim that it is in, or of those that follow."""
        if fault.cause is Cause.CONTROL_NUMBER_AGAIN and _AGAIN in self._rulebook.chosen:
            again = tuple(ordinal for ordinal in fault.ordinals if ordinal)
            self._again = [one for one in self._again if one == again[: len(one)]] + [again]

    def unread(self, fault: Fault, piece: Slice) -> Fault | None:
        """The fault of a drug before a claim's first service line as it is reported; None where a rule that runs on the
        claim speaks of it.
        """
        if piece.context is None or piece.data is None:
            return fault
        claim = self._claim(piece)
        running = {rule.code for rule in self._rules[claim.payer_profile.name]}
        if MISPLACED_NDC in running | (self._rulebook.hidden & self._rulebook.chosen):
            unknown = unknown_drug(fault, piece, self._rulebook.formulary)
            if unknown is None:
                return None
            fault = unknown
        return fault

    def __call__(self, piece: Slice) -> Judged:
        """What comes of a claim slice. A ValueError says that it is no whole claim."""
        if piece.context is None or piece.data is None:
            raise ValueError("not a whole claim")
        if self._prefilter:
            text = piece.context.delimiters.unwrapped(piece.data)
            if not self._prefilter.found_in(text, 0, len(text)):
                return Judged(0, ())
        claim = self._claim(piece)
        lines = len(claim.drug_lines)
        rules = self._rules[claim.payer_profile.name]
        judgment = judge(claim, rules)
        billed = self._billed(claim, rules, judgment)
        repeats = self._comparison.repeats(billed) if self._comparison and billed else []
        if not (judgment.found or judgment.failures or repeats):
            if self.ledger:
                self.ledger.left(claim, (), rules)
            return Judged(lines, (), None if self._comparison else billed)
        findings = findings_of(judgment, claim, self._path, self._rulebook.hidden)
        if self.ledger:
            findings = self.ledger.left(claim, findings, rules)
        if repeats:
            findings = in_order([*findings, *self._repeated(claim, rules, repeats)])
        return Judged(lines, findings, None if self._comparison else billed)

    def repeated(self, piece: Slice, repeats: Sequence[Repeat]) -> Sequence[Finding]:
        """The findings of a claim that was judged elsewhere, on what it repeats."""
        claim = self._claim(piece)
        return self._repeated(claim, self._rules[claim.payer_profile.name], repeats)

    def _claim(self, piece: Slice) -> Claim:
        return Claim(piece, self._rulebook.formulary, self._headers.of(piece.context), self._rulebook.profiles)

    def _billed(self, claim: Claim, rules: Sequence[Rule], judgment: "Judgment") -> Billed | None:
        """What a claim with drug lines bills, where a rule compares claims."""
        comparing = [rule for rule in rules if rule.repeats] if claim.drug_lines else []
        if not comparing:
            return None
        ordinals = claim.context.ordinals
        again = any(ordinals[: len(one)] == one for one in self._again)
        try:
            return self._hasher.of(claim, comparing, counts=not again)
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the others go on
            judgment.failures.append(RuleFailure(comparing[0].code, failure(error)))
            return None

    def _repeated(self, claim: Claim, rules: Sequence[Rule], repeats: Sequence[Repeat]) -> Sequence[Finding]:
        by_code = {rule.code: rule for rule in rules}
        judgment = Judgment([], [], [], [])
        for repeat in repeats:
            rule, line = by_code[repeat.rule], claim.drug_lines[repeat.line]
            try:
                judgment.found.extend(Found(rule, problem) for problem in problems(rule, repeat, line))
            except Exception as error:  # noqa: BLE001 - as above
                judgment.failures.append(RuleFailure(rule.code, failure(error)))
        findings = findings_of(judgment, claim, self._path, self._rulebook.hidden)
        return self.ledger.left(claim, findings, rules) if self.ledger else findings


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
    is_partial, is_inpatient = claim.is_partial, claim.is_inpatient
    for rule in rules:
        if rule.repeats:
            continue  # its check reads lines that repeat those of other claims
        if is_partial and PARTIAL in rule.not_on:
            not_checked += ((rule, NotChecked(line, _REASONS[PARTIAL])) for line in claim.drug_lines)
            continue
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
        if problems and is_inpatient and INPATIENT in rule.not_on:
            problems, dropped = _outside_inpatient(problems, claim)
            not_checked += dropped
        found += problems
    found += (Found(_UNJUDGED, problem) for place in unjudged(claim) for problem in _problems(place))
    return Judgment(*resolve(claim, found), not_checked, failures)


def _outside_inpatient(problems: Iterable[Found], claim: Claim) -> tuple[list[Found], list[tuple[Rule, NotChecked]]]:
    """The problems on lines that are not inpatient ones; and in place of the others, that they were not checked."""
    kept: list[Found] = []
    dropped: list[tuple[Rule, NotChecked]] = []
    for one in problems:
        line = _line_of(one.problem, claim)
        if line and not line.is_inpatient:
            kept.append(one)
        elif line:
            dropped.append((one.rule, NotChecked(line, _REASONS[INPATIENT])))
    return kept, dropped


def _line_of(problem: Problem, claim: Claim) -> ServiceLine | None:
    return claim.line(problem.where.line) if problem.where else None


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
            said = replace(problem, correction="", choices=(), fixes=()) if _cancels(rule, claim) else problem
            findings.append(of_problem(rule, said, severity, claim, path, note))
        except Exception as error:  # noqa: BLE001 - a template may name a value that is not there
            judgment.failures.append(RuleFailure(rule.code, failure(error)))
    findings += (of_failure(one, claim, path) for one in judgment.failures)
    return in_order(findings)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of one claim by place, then by rule."""
    return sorted(findings, key=place_of)


def place_of(finding: Finding) -> tuple[int, str, str]:
    """By what the findings of a claim are ordered."""
    return finding.location.offset, finding.rule, finding.location.element


def _cancels(rule: Rule, claim: Claim) -> bool:
    """Whether nothing is to be done about a rule's finding because the claim voids another."""
    return claim.is_void and rule.lowered and not rule.incomplete


def _severity(rule: Rule, problem: Problem, claim: Claim) -> tuple[Severity, str]:
    """The rule's severity, as configured, lowered by the problem, and by the kind of the claim and line; and a sentence
    that says why, where the kind lowered it.
    """
    if rule.incomplete:
        return rule.severity, ""
    severity = rule.configured or rule.severity
    if problem.severity and problem.severity < rule.severity:
        severity = min(severity, problem.severity)
    if _cancels(rule, claim):
        return Severity.INFO, _VOID
    line = _line_of(problem, claim)
    if rule.lowered and severity > Severity.INFO and (line.is_inpatient if line else claim.is_inpatient):
        return Severity.INFO, _OF_INPATIENT
    if rule.study and severity > rule.study and (line.is_study_or_free if line else claim.is_study):
        return rule.study, _OF_STUDY
    if isinstance(line, DrugLine) and line.weak:
        severity = min(severity, Severity.WARNING)
    if rule.payer_dependent and severity > Severity.WARNING and claim.is_encounter:
        return Severity.WARNING, _OF_ENCOUNTER
    return severity, ""
