"""SVC006: two lines of a claim with one control number."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

_LINE = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~REF*6R*{}~"


@rule(
    "SVC006",
    severity=Severity.ERROR,
    cites=[Citation("Stedi, claim edits, 2026-01-07", "Each line of a claim has a control number of its own, A7:584.")],
    good=[
        Good(_LINE.format("A1") + _LINE.format("A2")),
        Good(_LINE.format("") + _LINE.format(""), note="no number"),
    ],
    bad=[
        Bad(_LINE.format("A1") + _LINE.format("A1"), at="REF02", line="2"),
        Bad(_LINE.format("A1") + _LINE.format("A2") + _LINE.format("A1"), at="REF02", line="3"),
    ],
    alike="bill",
)
def line_control_repeated(claim: WholeClaim) -> Iterator[Problem]:
    """Two service lines of the claim have the same control number.

    REF*6R is the line's number in the billing system. The payer returns it in the remittance, so that the payment finds
    its line; with one number on two lines it cannot, and payers reject the claim. Give each line a number of its own.
    """
    told: set[str] = set()
    for line in claim.lines:
        row = line.control
        number = row.element(2) if row else ""
        if row and number and number in told:
            yield Problem(
                where=row.at(2),
                found="the number of an earlier line",
                expected="a number of its own",
                message="The line has the control number (REF*6R) of an earlier line of the claim.",
                correction="give each line a control number of its own in REF*6R, in the billing system",
            )
        told.add(number)
