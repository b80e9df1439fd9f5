"""`lint837 show`: each drug line of a file, how it was identified, the date that decided, and what every rule said."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.facts.drugs import plain
from lint837.lint.engine import judge
from lint837.lint.finding import Finding
from lint837.report.excerpt import seen_amount, seen_code, seen_ndc
from lint837.report.redact import without_claim
from lint837.report.relation import changes_of, told, without_days
from lint837.rules.rule import NotChecked, Rule
from lint837.rules.rulebook import Rulebook
from lint837.rules.values import show
from lint837.x12.reader import Reader
from lint837.x12.tiling import Slice


def drug_lines(blocks: Iterable[bytes], rulebook: Rulebook, *, redacted: bool = False) -> Iterator[str]:
    """The drug lines of an input, in its order, each as a few lines of text. What could not be read is not told here:
    `lint837 check` tells it. `redacted`: a date of service is told by the days on which the drug's codes change.
    """
    for event in Reader(blocks):
        if isinstance(event, Slice) and event.kind == "claim" and not event.damaged:
            claim = Claim(event, rulebook.formulary, profiles=rulebook.profiles)
            if claim.drug_lines:
                rules = rulebook.rules_for(claim.payer_profile)
                findings = list(judge(claim, rules, ""))
                if redacted:
                    findings = [without_claim(finding) for finding in findings]
                for line in claim.drug_lines:
                    for said in _line(claim, line, rules, findings, redacted=redacted):
                        yield without_days(said)[0] if redacted else said
                    yield ""


def _line(
    claim: Claim, line: DrugLine, rules: Sequence[Rule], findings: list[Finding], *, redacted: bool
) -> Iterator[str]:
    yield f"claim {claim.ordinal}, line {seen_amount(line.number) or line.ordinal} ({claim.guide})"
    yield f"  drug        {line.drug.name}, {_how(line)}"
    yield f"  as billed   {_billed(line)}"
    yield f"  date        {_date(line, redacted=redacted)}"
    yield f"  arithmetic  {_arithmetic(line)}"
    yield f"  group       {_group(line)}"
    if claim.payer_profile.name:
        yield f"  payer       {claim.payer_profile.told}"
    own = [f for f in findings if f.as_billed and f.segment == _segment_of(line, f)]
    for finding in own:
        yield f"  {finding.rule}      {finding.severity}: {finding.message}"
    silent = dict(_silences(claim, line, rules))
    passed = [r.code for r in rules if r.code not in silent and r.code not in {f.rule for f in own}]
    for code, reason in silent.items():
        yield f"  {code}      silent: {reason}"
    if passed:
        yield f"  passed      {' '.join(passed)}"


def _segment_of(line: DrugLine, finding: Finding) -> int:
    """The finding's segment, where it is one of the line's; else 0."""
    ordinals = {segment.ordinal for segment in line.segments} | ({line.lx.ordinal} if line.lx else set())
    return finding.segment if finding.segment in ordinals and finding.segment else 0


def _how(line: DrugLine) -> str:
    how = {"code": "by its procedure code", "ndc": "by its NDC", "text": "by its text"}[line.how]
    return how + (" (weakly: the text may be about something else)" if line.weak else "")


def _billed(line: ServiceLine) -> str:
    parts = [" ".join(seen_code(value) for value in (line.procedure_code, *line.modifiers)) or "no code"]
    units = seen_amount(line.units_as_written) or "no"
    parts.append(f"{units} {'unit' if units == '1' else 'units'}")
    for item in line.drug_identifications:
        quantity = seen_amount(item.ctp.element(4)) if item.ctp else ""
        parts.append(
            f"NDC {seen_ndc(item.ndc) or 'missing'}, {quantity or 'no quantity'} {seen_code(item.unit)}".rstrip()
        )
    return "; ".join(parts)


def _date(line: DrugLine, *, redacted: bool) -> str:
    if line.period is None:
        return "not known: DTP*472 is not valid" if line.date_segment else "not known: there is no DTP*472"
    source = "DTP*472" if line.date_segment else "the statement period, DTP*434"
    undecided = "; it lies on both sides of a change of the code, which decides nothing" if line.boundary_inside else ""
    day = told(line.period, changes_of([line.drug])) if redacted else show(line.period)
    return f"{day}, from {source}{undecided}"


def _arithmetic(line: DrugLine) -> str:
    measured = line.drug.measured
    units, amount, code = line.service_unit_count, line.ndc_amount, line.code
    billed = "units not comparable"
    if units and code and code.is_product:
        billed = f"{plain(units)} x {measured(code.amount)} = {measured(units * code.amount)} billed"
    return f"{billed}; {measured(amount)} by the NDC quantity" if amount else f"{billed}; NDC quantity not known"


def _group(line: DrugLine) -> str:
    if line.discarded is None:
        return "not known: a JW line may go with it, but a day is not known"
    if not line.discarded:
        return "alone"
    numbers = [seen_amount(other.number) or str(other.ordinal) for other in line.same_day]
    return f"lines {', '.join(numbers)} of one day, with JW"


def _silences(claim: Claim, line: DrugLine, rules: Iterable[Rule]) -> Iterator[tuple[str, str]]:
    """The rules that decided nothing on the line, and why."""
    for rule in rules:
        with contextlib.suppress(Exception):  # a rule that raises is INT001, which is among the findings
            for said in rule.check(claim if rule.scope is Claim else line):
                if isinstance(said, NotChecked) and said.line.ordinal == line.ordinal:
                    yield rule.code, said.reason
                    break
