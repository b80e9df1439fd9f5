"""PAT002: a member id that is missing, or holds what no member id holds."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Edit, Fix, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box
from lint837_rules.people.members import asks_for_mbi

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_ID = "*MI*1EG4TE5MK73"
_OLD = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20190105~"


@rule(
    "PAT002",
    severity=Severity.ERROR,
    cites=[
        Citation("TriZetto rejections as PracticeSuite lists them; PM Help Center", "An invalid member id is rejected.")
    ],
    good=[
        Good(_VISIT, filing_code="CI", instead=((_ID, "*MI*W22x3948817"),)),
        Good(
            _VISIT, filing_code="WC", instead=(("*IL*1*DOE*JANE****MI*1EG4TE5MK73", "*IL*2*ACME"),), note="an employer"
        ),
    ],
    bad=[
        Bad(_VISIT, filing_code="CI", instead=((_ID, ""),), at="NM109", line="", note="none"),
        Bad(_VISIT, filing_code="CI", instead=((_ID, "*MI*W22+394"),), at="NM109", line=""),
        Bad(
            _VISIT,
            filing_code="CI",
            instead=((_ID, "*MI*W22-394"),),
            at="NM109",
            line="",
            severity=Severity.WARNING,
            note="a few plans print hyphens",
        ),
        Bad(_OLD, instead=((_ID, "*MI*123-45-6789A"),), at="NM109", line="", note="no Medicare number had hyphens"),
    ],
    alike="bill",
)
def member_id_invalid(claim: WholeClaim) -> Iterator[Problem]:
    """The subscriber's member id is missing, or holds more than letters and digits.

    A payer that cannot find the member rejects the claim: the most frequent rejection in a clearinghouse's list. Enter
    the number from the card, without blanks and hyphens. A few plans print a hyphen, so blanks and hyphens are a
    warning; to Medicare they are wrong. A subscriber that is no person (NM102 is 2) needs no id.

    The form of a Medicare number is PAT001. The message says which character is wrong, never the number.
    """
    name = claim.member
    if name is None or name.element(2) == "2":
        return
    number = name.element(9)
    if number and ((number.isascii() and number.isalnum()) or asks_for_mbi(claim)):
        return
    to_medicare = claim.filing_code in ("MA", "MB")
    compact = re.sub("[ -]", "", number)
    only_hyphens = bool(number) and compact.isascii() and compact.isalnum()
    at = next((n for n, one in enumerate(number, 1) if not (one.isascii() and one.isalnum())), 0)
    yield Problem(
        where=name.at(9),
        found=f"a sign at character {at}" if number else "nothing",
        expected="letters and digits",
        message="The subscriber's member id has {what} at character {at}."
        if number
        else "The subscriber has no member id.",
        correction="enter the number from the card, without blanks and hyphens ({box})",
        values={"what": "a hyphen or blank" if only_hyphens else "a sign", "at": at, "box": box(claim, "member id")},
        fixes=[Fix((Edit(name.at(9), compact),), safe=True)] if only_hyphens and to_medicare else [],
        cause="" if number else "missing",
        severity=Severity.WARNING if only_hyphens and not to_medicare else None,
    )
