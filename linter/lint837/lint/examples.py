"""A rule's examples as whole claim files, for the tests, `lint837 test-rules` and `lint837 explain`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from lint837.claims.whole_claim import amount_of
from lint837.facts.formulary import Formulary
from lint837.facts.payers import Profiles
from lint837.lint.engine import Lint
from lint837.lint.finding import Finding
from lint837.rules.rule import Bad, Good, NotChecked, Problem, Rule
from lint837.rules.rulebook import Rulebook
from lint837.rules.values import show

if TYPE_CHECKING:
    from lint837.facts.stored import StoredDrugs

_ISA = "ISA*00*          *00*          *ZZ*SUBMITTER      *ZZ*RECEIVER       *{short}*1200*^*00501*000000001*0*P*:~"
_PAYER_ID = "00952"
_GUIDES = {
    "837P": ("005010X222A1", "11", "B"),
    "837I": ("005010X223A2", "13", "A"),
}


def claim_file(example: Good | Bad) -> bytes:
    """The example as a claim file that is otherwise right: one claim, with its lines numbered, and perhaps an earlier
    one of the same patient.
    """
    version, facility, qualifier = _GUIDES[example.guide]
    version, facility = example.version or version, example.facility or facility
    created = example.created
    earlier = ""
    if example.earlier:
        earlier = f"CLM*CLAIM-0*{_charge(example.earlier)}***{facility}:{qualifier}:1**A*Y*Y~HI*ABK:C3490~" + _numbered(
            example.earlier
        )
    claim = f"CLM*CLAIM-1*{_charge(example.lines)}***{facility}:{qualifier}:{example.frequency}**A*Y*Y~"
    if example.statement:
        claim += f"DTP*434*RD8*{example.statement}~"
    if example.guide == "837I":
        claim += "CL1*3*1*01~"
    claim += example.claim
    if example.diagnoses:
        claim += f"HI*{example.diagnoses}~"
    if example.guide == "837I" and "NM1*71*" not in example.claim:
        claim += "NM1*71*1*ROE*ANN****XX*1982604476~"
    if example.other_payer:
        claim += f"SBR*S*18*******{example.other_payer}~OI***Y***Y~NM1*IL*1*DOE*JANE****MI*MEMBER2~"
        claim += "NM1*PR*2*OTHER PAYER*****PI*99999~"
    relation = "" if example.dependent else "18"
    body = (
        f"BHT*0019*00*1*{created}*1200*{example.purpose}~"
        "NM1*41*2*SUBMITTER*****46*SUB1~PER*IC*OFFICE*TE*5555550100~NM1*40*2*RECEIVER*****46*REC1~"
        "HL*1**20*1~NM1*85*2*CLINIC*****XX*1234567893~N3*1 MAIN ST~N4*AUSTIN*TX*787010000~REF*EI*741852963~"
        f"HL*2*1*22*{int(example.dependent)}~SBR*P*{relation}*******{example.filing_code}~"
        "NM1*IL*1*DOE*JANE****MI*1EG4TE5MK73~"
        + ("" if example.dependent else "N3*1 ELM ST~N4*AUSTIN*TX*787010000~DMG*D8*19500101*F~")
        + f"NM1*PR*2*PAYER*****PI*{_PAYER_ID}~"
        + (
            "HL*3*2*23*0~PAT*19~NM1*QC*1*DOE*JOHN~N3*1 ELM ST~N4*AUSTIN*TX*787010000~DMG*D8*19800101*M~"
            if example.dependent
            else ""
        )
        + earlier
        + claim
        + _numbered(example.lines)
    )
    segments = body.count("~") + 2 + sum(new.count("~") - old.count("~") for old, new in example.instead)
    head = _ISA.format(short=created[2:])
    text = (
        f"{head}GS*HC*SUBMITTER*RECEIVER*{created}*1200*1*X*{version}~"
        f"ST*837*0001*{version}~{body}SE*{segments}*0001~GE*1*1~IEA*1*000000001~"
    )
    for old, new in example.instead:
        if old not in text:
            raise ValueError(f"an example has no {old}")
        text = text.replace(old, new)
    return text.encode("latin-1")


def _charge(lines: str) -> str:
    """The sum of the charges of service lines."""
    services = [segment.split("*") for segment in lines.split("~") if segment.startswith(("SV1", "SV2"))]
    charges = [amount_of("".join(one[2 + (one[0] == "SV2") :][:1])) for one in services]
    return show(sum((charge for charge in charges if charge), Decimal(0)))


def _numbered(lines: str) -> str:
    """Service lines, each with its LX."""
    numbers = count(1)
    segments = lines.split("~")[:-1]
    return "".join((f"LX*{next(numbers)}~" if one.startswith(("SV1", "SV2")) else "") + f"{one}~" for one in segments)


def findings_in(example: Good | Bad, rulebook: Rulebook) -> list[Finding]:
    """The findings of an example under a rulebook, with what the example says of its payer."""
    if example.payer:
        payer = example.payer._replace(name=example.payer.name or "example", payer_ids=(_PAYER_ID,), filing_codes=())
        rulebook = rulebook._replace(profiles=Profiles([payer]))
    if example.listed or example.codes:
        rulebook = rulebook._replace(formulary=Formulary(rulebook.formulary.drugs, _stored(example)))
    return list(Lint([claim_file(example)], "example.837", rulebook))


def _stored(example: Good | Bad) -> "StoredDrugs":
    """The drugs of the rows that an example lists."""
    from lint837.facts.cms import ASP, HCPCS, CmsFile, CodeRow, PackageRow, Row
    from lint837.facts.store import Imported, Store, made_of, quarters_of
    from lint837.facts.stored import StoredDrugs

    files: dict[tuple[str, date], list[Row]] = {}
    for row in example.listed:
        code, ndc, size, containers, units, quarters, name, dosage = row.split(" ", 7)
        for quarter in quarters_of(quarters):
            files.setdefault((ASP, quarter.first), []).append(
                PackageRow(code, ndc, "", name, dosage, size, containers, units)
            )
    for row in example.codes:
        day, code, first, last, successors, text = row.split(" ", 5)
        made = CodeRow(
            code, text, first, last.strip("-"), successors.strip("-").replace("/", " "), is_drug=True, is_unlisted=False
        )
        files.setdefault((HCPCS, date.fromisoformat(day)), []).append(made)
    return StoredDrugs(
        Store.of(
            made_of(Imported(f"{kind} {day}", "", CmsFile(kind, day, rows)) for (kind, day), rows in files.items())
        )
    )


def findings_on(example: Good | Bad, rule: Rule, rulebook: Rulebook) -> list[Finding]:
    """The findings of one rule on an example; the rules to which it yields run with it."""
    return [finding for finding in findings_in(example, alone(rule, rulebook)) if finding.rule == rule.code]


def alone(rule: Rule, rulebook: Rulebook) -> Rulebook:
    """A rulebook of one rule and the rules to which it yields."""
    rules = [rule]
    for one in rules:  # which grows
        wanted = {entry.rule for entry in one.yields_to} - {known.code for known in rules}
        rules += (other for other in rulebook.rules if other.code in wanted)
    return Rulebook(tuple(rules), rulebook.formulary, frozenset(one.code for one in rules))


@dataclass(frozen=True, slots=True)
class Failure:
    """An example whose findings are not what it says. `error`: the exception that the rule raised, if it did."""

    rule: str
    example: str
    expected: str
    found: str
    error: BaseException | None = None

    def __str__(self) -> str:
        return f"{self.rule} {self.example}: expected {self.expected}, found {self.found}"


def failures(rule: Rule, rulebook: Rulebook, more: Sequence[Good | Bad] = ()) -> Iterator[Failure]:
    """What is wrong with a rule's examples, and with `more`: the rule must find nothing on a Good, and on a Bad one
    problem on each line that it names, at its element and with its severity. The rules to which it yields run with it.
    """
    for example in (*rule.good, *rule.bad, *more):
        error, found_on_it = _judged(example, rule, rulebook)
        seen = [] if error else [_outcome(finding) for finding in found_on_it]
        expected = []
        if isinstance(example, Bad):
            severity = example.severity or rule.severity
            expected = [f"{severity} at {example.at} on line {line}" for line in example.line.split() or ["none"]]
        if error or seen != expected:
            found = f"{type(error).__name__}: {error}" if error else "; ".join(seen) or "nothing"
            yield Failure(rule.code, example.note or example.lines, "; ".join(expected) or "nothing", found, error)


def _outcome(finding: Finding) -> str:
    at = finding.location
    return f"{finding.severity} at {at.element} on line {at.service_line or 'none'}"


def _judged(example: Good | Bad, rule: Rule, rulebook: Rulebook) -> tuple[BaseException | None, list[Finding]]:
    """The exception that the rule raises on an example, and its findings. The exception may be shown: examples are
    invented, no patient's claims.
    """
    errors: list[BaseException] = []

    def check(target: object) -> Iterator[Problem | NotChecked]:
        try:
            yield from rule.check(target)
        except Exception as error:
            errors.append(error)
            raise

    found = findings_on(example, rule._replace(check=check), rulebook)
    return errors[0] if errors else None, found
