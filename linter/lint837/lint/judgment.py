"""One claim judged: what the rules say of it, and the findings that come of that."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.mentions import unjudged
from lint837.claims.segment import Place
from lint837.claims.whole_claim import WholeClaim
from lint837.facts.drugs import Fact
from lint837.lint.asked import Quiet, Rules, Targets, read_by
from lint837.lint.finding import Finding, of_failure, of_problem, once_of
from lint837.lint.precedence import Found, Yielded, resolve
from lint837.rules.house import HOUSE_RULES, RuleFailure, UnjudgedMention
from lint837.rules.rule import INPATIENT, PARTIAL, NotChecked, Problem, Rule, Severity
from lint837.rules.rulebook import failure

UNJUDGED = HOUSE_RULES["INT002"]
_REASONS = {
    PARTIAL: "an interim or late-charge claim bills only a part (CLM05-3)",
    INPATIENT: "the claim is inpatient",
}
# Why a finding is less severe than its rule.
VOID = "Do nothing: a void repeats the claim that it cancels."
_OF_INPATIENT = "Inpatient claims are seldom paid by line."
_OF_STUDY = "The claim is marked as a study or a free drug; payers have other rules for these."
_OF_ENCOUNTER = "This is an encounter, and the payer may not require this."


class OfWhole(NamedTuple):
    """What the rules about every claim say of one: their problems, the rules that failed, and what `Finding.once` is of
    the problems that were told before.
    """

    found: Sequence[Found] = ()
    failures: Sequence[RuleFailure] = ()
    again: Sequence[int] = ()


NOTHING = OfWhole()
_TOLD = 65_536  # what is told once and remembered, of a file


def judge_whole(whole: WholeClaim, quiet: Quiet, told: set[int] | None = None) -> OfWhole:
    """Run the rules about every claim on one. Where a rule raises an exception, the others go on. `told`: what
    `Finding.once` was of earlier problems; that of this claim's is added.
    """
    found: list[Found] = []
    failures: list[RuleFailure] = []
    again: list[int] = []
    for part in quiet.parts(whole):
        keys = whole.keys(part.name)
        if keys is not None and part.right.issuperset(map(hash, keys)):
            continue
        before = len(found), len(failures), len(again)
        _run(whole, part.rules, told, found, failures, again)
        if keys is not None and before == (len(found), len(failures), len(again)):
            part.note(keys)
    _run(whole, quiet.others(whole), told, found, failures, again)
    return OfWhole(found, failures, again) if found or failures or again else NOTHING


def _run(
    whole: WholeClaim,
    rules: Iterable[Rule],
    told: set[int] | None,
    found: list[Found],
    failures: list[RuleFailure],
    again: list[int],
) -> None:
    for rule in rules:
        try:
            # Most rules find nothing on most claims.
            for problem in rule.check(whole):
                if isinstance(problem, Problem):
                    if told is not None and problem.once and not rule.yields_to:
                        severity = Severity.INFO if _cancels(rule, whole) else _own_severity(rule, problem)
                        once = once_of(rule, problem, severity)
                        if once in told:
                            again.append(once)
                            continue
                        if len(told) < _TOLD:
                            told.add(once)
                    loop = problem.loop or (whole.loop_at(problem.where) if problem.where else "")
                    found.append(Found(rule, problem._replace(loop=loop)))
        except Exception as error:  # noqa: BLE001 - whatever a rule raises, the others go on
            failures.append(RuleFailure(rule.code, failure(error)))


class Judgment(NamedTuple):
    """What the rules say of a claim: the problems that are reported, those that yield to them, what was not checked,
    and the rules that failed.
    """

    found: list[Found]
    yielded: list[Yielded]
    not_checked: list[tuple[Rule, NotChecked]]
    failures: list[RuleFailure]


def judge(
    claim: Claim,
    rules: Rules,
    *,
    mentions: bool = True,
    whole: OfWhole | None = None,
    more: Callable[[Claim, Sequence[Found]], Iterable[Found]] | None = None,
) -> Judgment:
    """Run the rules on one claim, and look for `mentions` of a drug that none of them judges. Where a rule raises an
    exception, the others go on. `whole`: what the rules about every claim say of it, where they ran already. `more`:
    what else there is to say of it, beside what the rules found.
    """
    if whole is None:
        every = WholeClaim(claim.slice, claim.header, claim.payer_profile) if rules.every else None
        whole = judge_whole(every, rules.quiet) if every else NOTHING
    found: list[Found] = []
    not_checked: list[tuple[Rule, NotChecked]] = []
    failures = [*whole.failures]
    is_partial, is_inpatient = claim.is_partial, claim.is_inpatient
    lacking = [line for line in claim.drug_lines if line.drug.lacks] if rules.drugs else []
    targets: Targets = {}
    asked: Sequence[Rule] = rules.judging
    with suppress(Exception):  # each rule then says so itself
        targets = rules.read(claim)
        asked = rules.judging if is_partial else rules.that_read(targets)
    for rule in asked:
        if is_partial and PARTIAL in rule.not_on:
            not_checked += ((rule, NotChecked(line, _REASONS[PARTIAL])) for line in claim.drug_lines)
            continue
        problems: list[Found] = []
        try:
            target = rule.scope, rule.unless
            here = targets[target] if target in targets else read_by(claim, *target)
            if not here:
                continue
            if rule.needs and lacking:
                here, said_of = _knowing(rule, claim, lacking)
                not_checked += said_of
            # Most rules find nothing: the loops over what they do not find are left to the library.
            for said in chain.from_iterable(map(rule.check, here)):
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
    if mentions:
        found += (Found(UNJUDGED, problem) for place in unjudged(claim) for problem in _problems(place))
    found += whole.found
    kept, yielded = resolve(claim, found)
    if more:
        kept += more(claim, found)
    return Judgment(kept, yielded, not_checked, failures)


def _knowing(
    rule: Rule, claim: Claim, lacking: Sequence[DrugLine]
) -> tuple[Sequence[Claim | ServiceLine], list[tuple[Rule, NotChecked]]]:
    """What a rule reads of a claim without the lines of drugs of which it must know more; and that they were not
    checked.
    """
    said = [(rule, NotChecked(line, why)) for line in lacking if (why := _unknown(rule.needs, line.drug.lacks))]
    left_out = {one.line.ordinal for _, one in said}
    kept = [line for line in claim.drug_lines if line.ordinal not in left_out]
    return [claim.with_only(kept)] if rule.scope is Claim else kept, said


@lru_cache
def _unknown(needs: frozenset[Fact], lacks: frozenset[Fact]) -> str:
    """Why a rule does not run on a drug, "" where it does."""
    kinds = [kind for kind in Fact if kind in needs & lacks]
    return f"CMS's files do not say {' and '.join(kinds)}" if kinds else ""


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
    return (one for one in UNJUDGED.check(UnjudgedMention(place)) if isinstance(one, Problem))


def findings_of(judgment: Judgment, claim: Claim, path: str, hidden: frozenset[str] = frozenset()) -> list[Finding]:
    """The findings of a claim by offset, rule and element. `hidden`: rules that are ignored for the file: they still
    silence those that yield to them.
    """
    findings: list[Finding] = []
    for rule, problem in judgment.found:
        if rule.code in hidden:
            continue
        try:
            findings.append(finding_of(rule, problem, claim, path))
        except Exception as error:  # noqa: BLE001 - a template may name a value that is not there
            judgment.failures.append(RuleFailure(rule.code, failure(error)))
    findings += (of_failure(one, claim, path) for one in judgment.failures)
    return in_order(findings)


def finding_of(rule: Rule, problem: Problem, claim: Claim, path: str) -> Finding:
    """The finding of a problem in a claim."""
    severity, note = _severity(rule, problem, claim)
    said = problem._replace(correction="", choices=(), fixes=()) if _cancels(rule, claim) else problem
    return of_problem(rule, said, severity, claim, path, note)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings of one claim by place, then by rule."""
    return sorted(findings, key=place_of)


def place_of(finding: Finding) -> tuple[int, str, str]:
    """By what the findings of a claim are ordered."""
    return finding.location.offset, finding.rule, finding.location.element


def _own_severity(rule: Rule, problem: Problem) -> Severity:
    """The rule's severity, as configured, lowered by the problem."""
    severity = rule.configured or rule.severity
    return min(severity, problem.severity) if problem.severity and problem.severity < rule.severity else severity


def _cancels(rule: Rule, claim: Claim | WholeClaim) -> bool:
    """Whether nothing is to be done about a rule's finding because the claim voids another."""
    return claim.is_void and rule.lowered and not rule.incomplete


def _severity(rule: Rule, problem: Problem, claim: Claim) -> tuple[Severity, str]:
    """The rule's severity, as configured, lowered by the problem, and by the kind of the claim and line; and a sentence
    that says why, where the kind lowered it.
    """
    if rule.incomplete:
        return rule.severity, ""
    if _cancels(rule, claim):
        return Severity.INFO, VOID
    severity = _own_severity(rule, problem)
    if rule.group:
        return severity, ""
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
