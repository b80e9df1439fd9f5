"""`lint837 show`: each drug line of a file, how it was identified, the date that decided, and what every rule said."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import ceil

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.header import Headers
from lint837.facts.drugs import plain
from lint837.lint.asked import Rules
from lint837.lint.judgment import Judgment, findings_of, judge
from lint837.report.entry import Entry, entry_of
from lint837.report.redact import redacted
from lint837.report.relation import described, without_days
from lint837.rules.rule import Rule
from lint837.rules.rulebook import Rulebook
from lint837.rules.values import AMOUNT_SHAPE, CODE_SHAPE, NDC_SHAPE, counted, seen, show
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice


def drug_lines(blocks: Iterable[bytes], rulebook: Rulebook, *, redacts: bool = False) -> Iterator[str]:
    """The drug lines of an input, in their order, each as a few lines of text. What could not be read is not said here:
    `lint837 check` says it. `redacts`: a date of service is described by the days on which the drug's codes change.
    """
    headers = Headers()
    for event in Reader(blocks, prefilter=rulebook.prefilter):
        if isinstance(event, Slice) and event.kind == "claim" and not event.damaged:
            header = headers.of(event.context)
            profile = rulebook.profiles.of(header.payer_id, header.claim_filing_code)
            claim = Claim(event, rulebook.formulary, header, profile)
            if claim.drug_lines:
                rules = rulebook.rules_for(claim.payer_profile)
                judgment = judge(claim, Rules(rules))
                entries = [entry_of(finding) for finding in findings_of(judgment, claim, "", rulebook.hidden)]
                if redacts:
                    entries = [redacted(entry) for entry in entries]
                for line in claim.drug_lines:
                    for said in _line(claim, line, rules, judgment, entries, redacts=redacts):
                        yield without_days(said)[0] if redacts else said
                    yield ""


def _line(
    claim: Claim,
    line: DrugLine,
    rules: Sequence[Rule],
    judgment: Judgment,
    entries: Sequence[Entry],
    *,
    redacts: bool,
) -> Iterator[str]:
    yield f"claim {claim.ordinal}, line {seen(line.number, AMOUNT_SHAPE) or line.ordinal} ({claim.guide})"
    yield f"  drug        {line.drug.name}, {_how(line)}"
    yield f"  as billed   {_billed(line)}"
    yield f"  date        {_date(line, redacts=redacts)}"
    yield f"  arithmetic  {_arithmetic(line)}"
    yield f"  group       {_group(line)}"
    if claim.payer_profile.name:
        yield f"  payer       {claim.payer_profile.label}"
    own = [entry for entry in entries if entry.location.service_line_ordinal == line.ordinal]
    for entry in own:
        yield f"  {entry.rule}      {entry.severity}: {entry.message}"
    said = {entry.rule for entry in own}
    for code, reason in _not_checked(line, judgment).items():
        if code not in said:
            yield f"  {code}      {reason}"
            said.add(code)
    passed = [rule.code for rule in rules if rule.code not in said]
    if passed:
        yield f"  passed      {' '.join(passed)}"


def _not_checked(line: DrugLine, judgment: Judgment) -> dict[str, str]:
    """Why rules reported nothing on the line though it did not pass, by their codes."""
    reasons: dict[str, str] = {}
    for one, to in judgment.yielded:
        if one.problem.where and one.problem.where.line == line.ordinal:
            reasons.setdefault(one.rule.code, f"not reported: {to.rule} explains it")
    for rule, said in judgment.not_checked:
        if said.line.ordinal == line.ordinal:
            reasons.setdefault(rule.code, f"not checked: {said.reason}")
    return reasons


def _how(line: DrugLine) -> str:
    how = {"code": "by its procedure code", "ndc": "by its NDC", "text": "by its text"}[line.how]
    return how + (" (weakly: the text may be about something else)" if line.weak else "")


def _billed(line: ServiceLine) -> str:
    parts = [" ".join(seen(value, CODE_SHAPE) for value in (line.procedure_code, *line.modifiers)) or "no code"]
    units = seen(line.units_as_written, AMOUNT_SHAPE) or "no"
    parts.append(f"{units} {'unit' if units == '1' else 'units'}")
    for item in line.drug_identifications:
        quantity = seen(item.ctp.exact(4), AMOUNT_SHAPE) if item.ctp else ""
        ndc, unit = seen(item.ndc, NDC_SHAPE) or "missing", seen(item.unit, CODE_SHAPE)
        parts.append(f"NDC {ndc}, {quantity or 'no quantity'} {unit}".rstrip())
    return "; ".join(parts)


def _date(line: DrugLine, *, redacts: bool) -> str:
    if line.period is None:
        return "not known: DTP*472 is not valid" if line.date_segment else "not known: there is no DTP*472"
    source = "DTP*472" if line.date_segment else "the statement period, DTP*434"
    undecided = "; it spans a change of codes, so it does not decide" if line.boundary_inside else ""
    day = described(line.period, line.drug.code_changes) if redacts else show(line.period)
    return f"{day}, from {source}{undecided}"


def _arithmetic(line: DrugLine) -> str:
    if line.drug.lacks:
        return _listed(line)
    measured = line.drug.measured
    units, amount, code = line.service_unit_count, line.ndc_amount, line.code
    billed = "units not comparable"
    if units and code and code.is_product:
        billed = f"{plain(units)} x {measured(code.amount)} = {measured(units * code.amount)} billed"
    return f"{billed}; {measured(amount)} by the NDC quantity" if amount else f"{billed}; NDC quantity not known"


def _listed(line: DrugLine) -> str:
    """The arithmetic of a drug of which only CMS's list of packages is known."""
    units = line.service_unit_count
    parts = [f"{counted(units, 'unit')} billed" if units else "units not comparable"]
    for item in line.drug_identifications:
        package = line.package_of(item)
        each = package.amount_in(item.unit.strip().upper()) if package else None
        if each is None or item.quantity is None:
            parts.append("NDC quantity not known")
        else:
            right = Fraction(item.quantity) * each
            exact = f", rounded up from {float(right):g}" if right.denominator > 1 else ""
            parts.append(f"{counted(ceil(right), 'unit')} by the NDC quantity and CMS's list{exact}")
    return "; ".join(parts)


def _group(line: DrugLine) -> str:
    if line.discarded is None:
        return "not known: a JW line may go with it, but a day is not known"
    if not line.discarded:
        return "alone"
    numbers = [seen(other.number, AMOUNT_SHAPE) or str(other.ordinal) for other in line.same_day]
    return f"lines {', '.join(numbers)} of one day, with JW"
