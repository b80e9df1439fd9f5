"""HCP009: a drug billed for one day under two codes."""

from collections.abc import Iterator
from datetime import date

from lint837 import FACTS, Bad, Claim, Code, DrugLine, Good, NotChecked, Problem, Related, Severity, rule

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
            note="each day under the code of its date",
        ),
        Good(f"{_C9170}SV1*HC:96413*410*UN*1***1~{_ON}{_NDC}", also=("HCP004",), note="an administration is no drug"),
    ],
    bad=[
        Bad(_C9170 + _J9999, at="SV101-2", line="2"),
        Bad(_PREMEDICATION + _C9170, at="SV101-2", line="2", severity=Severity.WARNING, note="it may not be the drug"),
        Bad(_PREMEDICATION + _C9170 + _J9999, at="SV101-2", line="3", note="two other lines do"),
    ],
    prefilter=FACTS,
)
def drug_billed_under_two_codes(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A drug is billed for one day under two codes.

    The drug of one day has one code; a payer pays one of the lines and denies the other as a duplicate, or denies both.
    Bill the whole day under the code that is valid on it. The drug's own codes and the miscellaneous codes count, on
    lines with a single date. There is one finding a day, at the first line whose code differs from the first line's. It
    is a warning where one of the two lines only mentions the drug in its text. Interim and late-charge claims bill only
    part of a day and are not checked.
    """
    if claim.is_partial:
        yield from (
            NotChecked(line, "an interim or late-charge claim bills only a part (CLM05-3)") for line in claim.drug_lines
        )
        return
    days: dict[tuple[str, date], list[DrugLine]] = {}
    for line in claim.drug_lines:
        if line.code and line.day:
            days.setdefault((line.drug.name, line.day), []).append(line)
        elif line.code:
            yield NotChecked(line, "the line has no single date of service")
    for (_, day), lines in days.items():
        pair = _two_codes([line for line in lines if not line.weak]) or _two_codes(lines)
        if pair:
            yield _problem(*pair, day)


def _two_codes(lines: list[DrugLine]) -> tuple[DrugLine, DrugLine] | None:
    """The first line, and the first with another code."""
    second = next((line for line in lines if line.code != lines[0].code), None)
    return (lines[0], second) if second else None


def _problem(first: DrugLine, second: DrugLine, day: date) -> Problem:
    weak = first.weak or second.weak
    own = second.drug.product_code_on(day)
    # Not every provider may bill a temporary code, so only a permanent one is known to be the one to keep.
    keep = own is not None and own.kind == "permanent"
    return Problem(
        where=second.at_procedure_code,
        found=Code(second.procedure_code),
        expected="one code for one day",
        message="{other} and {found} may both bill {drug} for {day}: one of the lines only mentions it in its text."
        if weak
        else "{other} and {found} both bill {drug} for {day}.",
        correction=("if both lines bill {drug}, " if weak else "")
        + (
            "bill what was given on {day} under {own} only"
            if keep
            else "bill what was given on {day} under only one of them"
        ),
        values={
            "drug": second.drug.name,
            "day": day,
            "other": Code(first.procedure_code),
            "own": Code(own.code) if own else "",
        },
        related=[Related(first.at_procedure_code, "the other code")],
        severity=Severity.WARNING if weak else None,
        sources=second.drug.cited(first.code, second.code, own),
    )
