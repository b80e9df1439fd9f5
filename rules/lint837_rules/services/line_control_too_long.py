"""SVC008: the control number of a line is longer than HIPAA allows."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

_LINE = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~REF*6R*{}~"
_MOST = 30


@rule(
    "SVC008",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "X12 005010X222A1 and 005010X223A2, loop 2400, REF*6R; Stedi, claim edits, 2025-12-23",
            "The line control number has at most 30 characters under HIPAA, where X12 has room for 50.",
        ),
    ],
    good=[
        Good(_LINE.format("A" * _MOST)),
        Good(_LINE.format("A1")),
    ],
    bad=[
        Bad(_LINE.format("A" * (_MOST + 1)), at="REF02"),
        Bad(_LINE.format("A1") + _LINE.format("A" * 50), at="REF02", line="2"),
    ],
    alike="bill",
)
def line_control_too_long(claim: WholeClaim) -> Iterator[Problem]:
    """The control number of a service line has more than 30 characters.

    REF*6R is the line's number in the billing system, which comes back with the payment. HIPAA limits it to 30
    characters. A payer rejects a longer one, or cuts it, and the payment does not find its line.
    """
    for line in claim.lines:
        row = line.control
        length = len(row.element(2)) if row else 0
        if row and length > _MOST:
            yield Problem(
                where=row.at(2),
                found=f"{length} characters",
                expected=f"at most {_MOST}",
                message="The control number of the line (REF*6R) has {found}; it may have {expected}.",
                correction="let the billing system give each line a control number of at most {most} characters",
                values={"most": _MOST},
            )
