"""DOS004: dates of service on both sides of a change of codes."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Good, Problem, Severity, rule, show

from lint837_rules.dates_of_service import one_code_a_line

_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_SV2 = f"SV2*0636*HC:C9170:JZ*16000*UN*10~{_NDC}"


def _line(code: str, first: str, last: str) -> str:
    return f"SV1*HC:{code}:JZ*16000*UN*10***1~DTP*472*RD8*{first}-{last}~{_NDC}"


@rule(
    "DOS004",
    severity=Severity.WARNING,
    cites=["hcpcs-dates"],
    good=[
        Good(
            _line("C9170", "20241001", "20241231"), filing_code="MC", note="from the first day of the code to the last"
        ),
    ],
    bad=[
        Bad(_line("J9026", "20241231", "20250101"), at="DTP03", note="the day before the first day of the code"),
        Bad(_line("C9170", "20240901", "20250131"), at="DTP03", note="both changes"),
    ],
    yields_to=[("DOS006", "line")],
    unless="is_plain",
)
def service_range_spans_code_change(line: DrugLine) -> Iterator[Problem]:
    """The dates of service of a line span a change of codes.

    The date of the dose decides which code is valid, and the code is not valid for all of these dates, so a payer may
    reject the line. Write the date of service, or bill the dates before and after the change on separate lines, each
    with its own code. The change is the first day of the line's own code, or the day after its last. Where the
    statement period of an 837I is used instead of a line's date, each such line has a finding, at the statement period.
    """
    code, period = line.code, line.period
    if code is None or period is None or not line.boundary_inside:
        return
    advice = one_code_a_line(line)
    changes = [day for day in code.boundaries if period.first < day <= period.last]
    yield Problem(
        where=line.at_period,
        found=period,
        expected="dates on one side of " + " and ".join(show(day) for day in changes),
        message="The dates of service, {found}, span {changes}, when the codes of {drug} change; {code} is valid for "
        "only some of them."
        if line.date_segment
        else "The line has no date of service, and the statement period, {found}, spans {changes}, when the codes of "
        "{drug} change; {code} is valid for only a part of it.",
        correction=advice.correction,
        choices=advice.choices,
        values={
            "changes": " and ".join(show(day) for day in changes),
            "drug": line.drug.name,
            "code": Code(code.code),
        },
    )
