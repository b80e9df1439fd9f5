"""QTY004: a drug billed in a measure other than units."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Fix, Good, Problem, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.packages import billed_amount, edits_of, is_spread

_LINE = "SV1*HC:J9026:JZ*16000*{}*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_UNITS = "UN"


@rule(
    "QTY004",
    severity=Severity.ERROR,
    cites=["service-units", "specific-code"],
    good=[Good(_LINE.format("UN")), Good("SV1*HC:00100*900*MJ*60***1~DTP*472*D8*20250110~", note="anesthesia")],
    bad=[
        Bad(_LINE.format("ME"), at="SV103", note="milligrams belong in CTP"),
        Bad(_LINE.format("un"), at="SV103", note="lower case"),
        Bad(_LINE.format(""), at="SV103", note="no measure, but a count"),
    ],
    yields_to=[("QTY003", "line", "neither count nor measure")],
    unless="is_plain",
)
def wrong_unit_basis(line: DrugLine) -> Iterator[Problem]:
    """A drug is billed in a measure other than units.

    A drug is billed in units (UN), which its code defines; minutes and days belong to other services, and the units of
    measure of an NDC belong in CTP. The payer rejects the line or misreads the count. Change the measure to UN, and
    check the count. The drug's own codes and the miscellaneous codes are checked.
    """
    basis = line.unit_basis
    if line.code is None or basis == _UNITS or is_spread(line):
        return
    form_only = basis.strip().upper() == _UNITS
    amount = billed_amount(line)
    # The NDC quantity may confirm that the count is one of units.
    certain = not basis or form_only or (amount is not None and amount == line.ndc_amount)
    message = "The unit count has the measure {found}, but a drug is billed in units ({expected})."
    if not basis:
        message = "The unit count has no measure; a drug is billed in units ({expected})."
    elif basis.strip() == _UNITS:
        message = 'The measure of the unit count, "{found}", has a space before or after it.'
    correction = "change {found} to {expected}, and check the unit count ({box})"
    if certain:
        correction = "write {expected} ({box})"
    number = 4 if line.guide == "837I" else 3
    yield Problem(
        where=line.at_unit_basis,
        found=Code(basis) if basis else "nothing",
        expected=Code(_UNITS),
        message=message,
        correction=correction,
        values={"box": box(line, "units")},
        fixes=[Fix(edits_of(line, line.service, {number: _UNITS}), safe=form_only)] if certain and line.service else (),
    )
