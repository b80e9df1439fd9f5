"""HCP009: a drug billed for one day under two codes."""

from collections.abc import Iterator
from datetime import date

from lint837 import FACTS, Bad, Claim, Code, DrugLine, Fact, Good, NotChecked, Problem, Related, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.codes.procedure_codes import codes_for

_ON = "DTP*472*D8*20241115~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_C9170 = f"SV1*HC:C9170:JZ*16000*UN*10***1~{_ON}{_NDC}"
_J9999 = f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~{_ON}{_NDC}"
_PREMEDICATION = f"SV1*HC:J3490:::::PREMED FOR TARLATAMAB*16000*UN*1***1~{_ON}"


@rule(
    "HCP009",
    severity=Severity.ERROR,
    cites=["one-line"],
    good=[
        Good(
            f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20241231~{_NDC}"
            f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250101~{_NDC}",
            filing_code="MC",
            note="each day under the code of its date",
        ),
    ],
    bad=[
        Bad(_C9170 + _J9999, at="SV101-2", line="2"),
        Bad(_PREMEDICATION + _C9170 + _J9999, at="SV101-2", line="3", note="two other lines"),
    ],
    prefilter=FACTS,
    not_on=["partial"],
    needs=[Fact.EVERY_CODE],
    unless="is_right",
)
def drug_billed_under_two_codes(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A drug is billed for one day under two codes.

    The drug of one day has one code; a payer pays one of the lines and denies the other as a duplicate, or denies both.
    Bill the whole day under the code that is valid on it. The drug's own codes and the miscellaneous codes count, on
    lines with a single date; a line that only mentions the drug in its text does not. There is one finding a day, at
    the first line whose code differs from the first line's. Interim and late-charge claims bill only part of a day and
    are not checked.
    """
    days: dict[tuple[str, date], list[DrugLine]] = {}
    for line in claim.drug_lines:
        if line.code and not line.weak and line.day:
            days.setdefault((line.drug.name, line.day), []).append(line)
        elif line.code and not line.weak:
            yield NotChecked(line, "the line has no single date of service")
    for (_, day), lines in days.items():
        second = next((line for line in lines if line.code != lines[0].code), None)
        if second:
            yield _problem(lines[0], second, day)


def _problem(first: DrugLine, second: DrugLine, day: date) -> Problem:
    own = next(iter(codes_for(second.drug, second)), None)
    # Not every payer takes a temporary or a miscellaneous code, so only a permanent one is known to be the one to keep.
    keep = own is not None and own.kind == "permanent"
    where = f"({box(second, 'code')})"
    return Problem(
        where=second.at_procedure_code,
        found=Code(second.procedure_code),
        expected="one code for one day",
        message="{other} and {found} both bill {drug} for {day}.",
        correction=f"bill what was given on {{day}} under {{own}} only {where}"
        if keep
        else f"bill what was given on {{day}} under one code only {where}; here that is most often {{own}}"
        if own
        else f"bill what was given on {{day}} under one code only {where}",
        values={
            "drug": second.drug.name,
            "day": day,
            "other": Code(first.procedure_code),
            "own": Code(own.code) if own else "",
        },
        related=[Related(first.at_procedure_code, "the other code")],
        sources=second.drug.cited(first.code, second.code, own),
    )
