"""BAL003: a line's charge below 0."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:99213*{}*UN*1***1~DTP*472*D8*20260105~"


@rule(
    "BAL003",
    severity=Severity.ERROR,
    cites=[Citation("Stedi, claim edits, 2026", "A line's charge is not below 0.")],
    good=[
        Good(_LINE.format("100")),
        Good(_LINE.format("100") + _LINE.format("0"), note="a line that costs nothing"),
    ],
    bad=[
        Bad(_LINE.format("100") + _LINE.format("-20"), at="SV102", line="2"),
        Bad(
            "SV2*0510*HC:99213*100*UN*1~DTP*472*D8*20260105~SV2*0510*HC:99214*-20*UN*1~DTP*472*D8*20260105~",
            guide="837I",
            at="SV203",
            line="2",
            severity=Severity.WARNING,
            note="a credit: some payers take it on an 837I",
        ),
    ],
    alike="bill",
)
def line_charge_negative(claim: WholeClaim) -> Iterator[Problem]:
    """The charge of a service line is below 0.

    A claim bills what was done; it takes nothing back. To correct an earlier claim, replace it (frequency 7). Enter the
    charge of the service. On an 837I it is a warning, since some Medicaid programs take lines that are credits.
    """
    for line in claim.lines:
        if line.charge is not None and line.charge < 0:
            yield Problem(
                where=line.at_service(2),
                found="a charge below 0",
                expected="the charge of the service",
                message="The charge of the line is below 0.",
                correction="enter the charge of the service ({box}); to correct an earlier claim, replace it",
                values={"box": box(claim, "charge")},
                severity=Severity.WARNING if line.institutional else None,
            )
