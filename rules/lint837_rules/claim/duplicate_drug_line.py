"""CLM003: a drug billed twice for one day."""

from collections.abc import Iterator

from lint837 import FACTS, Bad, Choice, Claim, Code, DrugLine, Good, Problem, Related, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.claim.repeated_lines import billed

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_LINE = f"{_SV1}DTP*472*D8*20250110~{_NDC}"
_FIVE = "SV1*HC:J9026:JZ{}*8000*UN*5***1~DTP*472*D8*20250110~LIN**N4*55513005901~CTP****5*UN~"


@rule(
    "CLM003",
    severity=Severity.WARNING,
    cites=["one-line"],
    good=[
        Good(f"{_LINE}{_SV1}DTP*472*D8*20250117~{_NDC}", note="another day"),
        Good(_FIVE.format("") + _FIVE.format(":76"), note="76: the service was repeated"),
    ],
    bad=[
        Bad(_LINE + _LINE, at="SV101-2", line="2"),
        Bad(_LINE + _LINE + _LINE, at="SV101-2", line="2 3", note="each further line"),
        Bad(
            f"{_LINE}{_SV1}DTP*472*D8*20250110~LIN**N4*55513-077-01~CTP****1*UN~",
            at="SV101-2",
            line="2",
            note="the same NDC, written differently",
        ),
        Bad(2 * f"{_SV1}DTP*472*D8*20250110~", at="SV101-2", line="2", note="both without an NDC"),
    ],
    prefilter=FACTS,
    study=Severity.INFO,
    unless="is_right",
)
def duplicate_drug_line(claim: Claim) -> Iterator[Problem]:
    """One code with one NDC is billed twice for one day.

    A payer denies the second line as a duplicate. Bill the whole amount of a day on one line, or add the modifier that
    says why there are two. A line with JW, KP, KQ, 59, 76, 77, XE, XS, XP or XU does not count. The second and each
    further line is reported. Two lines without an NDC are the same; a line without one is not the same as a line with
    one. Lines without a single date are not compared.
    """
    for line, first in _repeated(claim):
        yield Problem(
            where=line.at_procedure_code,
            found=Code(line.procedure_code),
            expected="one line for a day",
            message="Another line already bills {found} for {date} with the same NDC."
            if any(item.ndc for item in line.drug_identifications)
            else "Another line already bills {found} for {date}, and neither has an NDC.",
            choices=[
                Choice("it is the same dose", "remove this line"),
                Choice("the dose was divided", "bill the sum on one line"),
                Choice("it was given again", "add the modifier that says so ({box}), such as 76"),
            ],
            values={"date": line.day or "the same day", "box": box(line, "modifiers")},
            related=[Related(first.at_procedure_code, "the first line")],
        )


def _repeated(claim: Claim) -> Iterator[tuple[DrugLine, DrugLine]]:
    """The lines that repeat an earlier one of their day, code and NDC, each with the first of them."""
    if len({line.day for line in claim.drug_lines}) == len(claim.drug_lines):
        return
    first: dict[tuple[str, ...], DrugLine] = {}
    for line in claim.drug_lines:
        what = billed(line) if line.is_product_line else None
        if what and first.setdefault(what, line) is not line:
            yield line, first[what]
