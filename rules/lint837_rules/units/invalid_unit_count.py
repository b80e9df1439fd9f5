"""QTY003: a unit count that is missing, not a number above 0, or not whole."""

from collections.abc import Iterator

from lint837 import (
    Bad,
    Choice,
    Citation,
    Code,
    DrugLine,
    Edit,
    Fix,
    Good,
    Problem,
    Severity,
    Value,
    counted,
    plain_decimal,
    rule,
)

from lint837_rules.boxes import box
from lint837_rules.packages import is_spread, unit_edits

_REST = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "QTY003",
    severity=Severity.ERROR,
    cites=[
        "service-units",
        "specific-code",
        "jw-policy",
        Citation("Stedi, claim edit: Negative service unit counts", "A unit count below 0 is rejected."),
    ],
    good=[
        Good(f"SV1*HC:J9026:JZ*16000*UN*10.0***1~{_REST}", note="10.0 is a whole number"),
    ],
    bad=[
        Bad(f"SV1*HC:J9026:JZ*16000*UN****1~{_REST}", at="SV104", note="missing"),
        Bad(f"SV1*HC:J9026:JZ*16000*UN*1,0***1~{_REST}", at="SV104", note="a comma"),
    ],
    unless="is_plain",
)
def invalid_unit_count(line: DrugLine) -> Iterator[Problem]:
    """The billed units are missing, not a number above 0, or not whole.

    The payer cannot price the line and rejects it. Bill a drug's own code in whole units; under any other code the
    units must be a number above 0. A plain number has digits with at most one point, and at most 15 of them.
    """
    if is_spread(line):
        return  # its elements are not where they belong
    written, code = line.units_as_written, line.code
    units, spaced = plain_decimal(written), plain_decimal(written.strip())
    found: Value = "nothing"
    if not written:
        message = "The line has no unit count."
    elif units is None:
        found = "not a plain number"
        message = "The unit count is not a plain number: digits with at most one point, no sign or comma."
        if spaced is not None:
            message = "The unit count has a space before or after it."
    elif units == 0:
        found = units
        message = "The unit count is 0."
    elif code and code.is_product and units != units.to_integral_value():
        found = units
        message = "The line bills {found} units, but {code} is billed in whole units."
    else:
        return
    own = code if code and code.is_product else None
    correction = "bill whole units (1 unit = {amount}; {box})" if own else "write the number of units, above 0 ({box})"
    values: dict[str, Value] = {
        "code": Code(own.code) if own else "",
        "amount": line.drug.unit_of(own) if own else "",
        "box": box(line, "units"),
    }
    choices: list[Choice] = []
    fixes: list[Fix] = []
    whole = line.ndc_amount
    by_ndc = whole / own.amount if own and whole and line.discarded == [] else None
    if units is None and spaced and (own is None or spaced == spaced.to_integral_value()):
        correction = "remove the space ({box})"
        fixes = [Fix((Edit(line.at_service_unit_count, written.strip()),), safe=True)]
    elif whole and by_ndc and by_ndc == by_ndc.to_integral_value():
        choices = [
            Choice("the whole {whole} was given", "bill {units} (1 unit = {amount}; {box})", unit_edits(line, by_ndc)),
            Choice("a part was discarded", "bill what was given, and the rest on a separate line with JW ({jw_box})"),
        ]
        values["units"] = counted(by_ndc, "unit")
        values["whole"] = f"{line.drug.measured(whole)} of the NDC quantity"
        values["jw_box"] = box(line, "modifiers")
    yield Problem(
        where=line.at_service_unit_count,
        found=found,
        expected="a whole number above 0" if own else "a number above 0",
        message=message,
        correction="" if choices else correction,
        choices=choices,
        values=values,
        fixes=fixes,
        cause="neither count nor measure" if not written and not line.unit_basis else "",
    )
