"""QTY006: a miscellaneous code with a unit count other than 1."""

from collections.abc import Iterator
from decimal import Decimal

from lint837 import Bad, Citation, Code, DrugLine, Fix, Good, Problem, Severity, plain_decimal, rule

from lint837_rules.boxes import box
from lint837_rules.dates_of_service import undecided
from lint837_rules.packages import is_spread, unit_edits

_ON = "DTP*472*D8*20240815~"
_OFFICE = "SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*{}***1~" + _ON
_HOSPITAL = "SV2*0636*HC:C9399:::::TARLATAMAB 10 MG*16000*UN*{}~" + _ON


@rule(
    "QTY006",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Palmetto GBA JM Part A, FAQ 8BFR455541 (reason code 32512)",
            "Bill C9399 with a unit count of 1, and the drug and its dose in the remarks; another count is returned.",
        ),
        Citation(
            "WPS, billing tips for J3490; NGS, not otherwise classified drugs",
            "Bill an unclassified drug with 1 unit, with its name and the dose that was given in the narrative.",
        ),
    ],
    good=[
        Good(_OFFICE.format(1)),
    ],
    bad=[
        Bad(_HOSPITAL.format(10), at="SV205", guide="837I", filing_code="MA", note="milligrams billed as units"),
        Bad(_OFFICE.format(10), at="SV104", severity=Severity.WARNING),
    ],
    yields_to=[("HCP002", "line"), ("HCP007", "line"), ("QTY003", "line")],
    payer_dependent=True,
    study=Severity.INFO,
    unless="is_well_coded",
)
def miscellaneous_unit_count(line: DrugLine) -> Iterator[Problem]:
    """A miscellaneous code is billed to Medicare with a unit count other than 1.

    A miscellaneous code has no amount, so its unit is the whole dose: bill 1 unit, and write the name and the dose of
    the drug in the description. Medicare returns C9399 of a hospital outpatient claim with another count; for the J
    codes of a professional claim its contractors ask for it. Other payers differ, and some Medicaid programs count
    milligrams.
    """
    code, units, severity = line.code, plain_decimal(line.units_as_written), _severity(line)
    if code is None or code.is_product or severity is None or units == 1 or is_spread(line) or undecided(line):
        return
    yield Problem(
        where=line.at_service_unit_count,
        found="no plain number" if units is None else units,
        expected=1,
        message="The unit count of {code} is {found}, but the unit of a miscellaneous code is the whole dose.",
        correction="bill 1 unit ({box}), with the name and the dose of the drug in the description ({description_box})",
        values={"code": Code(code.code), "box": box(line, "units"), "description_box": box(line, "description")},
        severity=severity,
        fixes=[Fix(unit_edits(line, Decimal(1)), safe=False)],
    )


def _severity(line: DrugLine) -> Severity | None:
    """How sure it is that the payer wants 1 unit; None where it is not known to."""
    if line.guide == "837I":
        hospital = line.is_outpatient and line.setting.is_medicare and line.procedure_code == "C9399"
        return Severity.ERROR if hospital else None
    office = line.claim.claim_filing_code == "MB" and line.procedure_code.startswith("J")
    return Severity.WARNING if office else None
