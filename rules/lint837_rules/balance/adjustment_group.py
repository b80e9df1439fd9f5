"""COB011: a group of adjustments that does not exist, or that comes twice."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.balance.other_payers import DATE, DECIDED, OTHER, SECOND, VISIT
from lint837_rules.boxes import box

_GROUPS = ("CO", "CR", "OA", "PI", "PR")
_SHOWN = ", ".join(_GROUPS)


def _line(*adjustments: str) -> str:
    return f"{VISIT}SVD*99999*60*HC:99213**1~" + "".join(f"CAS*{one}~" for one in adjustments) + DATE


@rule(
    "COB011",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "X12 005010X222A1 and 005010X223A2, loops 2320 and 2430, CAS, as CMS edits them (5010 edit references)",
            "CAS01 is CO, CR, OA, PI or PR, and each group comes once in a loop, with up to six adjustments.",
        ),
    ],
    good=[
        Good(_line("CO*45*20**97*10", "PR*1*10"), claim=OTHER.format("AMT*D*60~", ""), instead=SECOND),
        Good(DECIDED + DATE, claim=OTHER.format("AMT*D*60~", ""), instead=SECOND),
    ],
    bad=[
        Bad(_line("XX*45*40"), claim=OTHER.format("AMT*D*60~", ""), instead=SECOND, at="CAS01"),
        Bad(
            DECIDED + DATE,
            claim=OTHER.format("CAS*PR*1*10~CAS*PR*2*10~AMT*D*60~", ""),
            instead=SECOND,
            at="CAS01",
            line="",
            note="twice at the claim",
        ),
    ],
    only="other payers",
)
def adjustment_group(claim: WholeClaim) -> Iterator[Problem]:
    """A group of adjustments of another payer does not exist, or comes twice.

    Each CAS has the adjustments of one group: CO, CR, OA, PI or PR. A loop has one CAS a group, with up to six reasons
    and amounts, and the payer that reads two of them counts one.
    """
    for loop in (*claim.others, *(one for line in claim.lines for one in line.adjudications)):
        told: set[str] = set()
        for row in loop.all("CAS"):
            group = row.element(1)
            if group and (group not in _GROUPS or group in told):
                again = group in _GROUPS
                yield Problem(
                    where=row.at(1),
                    found=f"{group} again" if again else Code(group),
                    expected="one CAS for each group" if again else _SHOWN,
                    message="The group {group} of adjustments comes twice for one payer."
                    if again
                    else "{found} is no group of adjustments.",
                    correction="put all adjustments of the group into one CAS ({box})"
                    if again
                    else "enter the group as the remittance has it: {groups} ({box})",
                    values={"group": group if again else "", "groups": _SHOWN, "box": box(claim, "paid by others")},
                )
            told.add(group)
