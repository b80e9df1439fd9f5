"""COB001: payers whose order cannot be right."""

from collections import Counter
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Row, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_OTHER = "SBR*{}*18*******CI~OI***Y***Y~NM1*IL*1*DOE*JANE****MI*A1~NM1*PR*2*OTHER*****PI*99999~"
_SECOND = ("SBR*P*18*", "SBR*S*18*")
_ORDER = "PSTABCDEFGH"  # SBR01: first, second, third, and so on
_UNKNOWN = "U"


@rule(
    "COB001",
    severity=Severity.ERROR,
    cites=[
        Citation("Stedi, claim edits, 2025-12-08 and 2026", "One payer is primary, and no two have the same place."),
    ],
    good=[
        Good(_VISIT),
        Good(_VISIT, claim=_OTHER.format("S")),
        Good(_VISIT, instead=(("SBR*P*18*", "SBR*U*18*"),), claim=_OTHER.format("S"), note="U: not known"),
    ],
    bad=[
        Bad(_VISIT, claim=_OTHER.format("P"), at="SBR01", line="", note="two primary payers"),
        Bad(_VISIT, instead=(_SECOND,), at="SBR01", line="", note="no primary payer"),
        Bad(_VISIT, claim=_OTHER.format("T"), at="SBR01", line="", severity=Severity.WARNING, note="no second payer"),
    ],
    alike="bill",
)
def payer_order_broken(claim: WholeClaim) -> Iterator[Problem]:
    """The payers of the claim are not first, second, third.

    SBR01 gives each payer its place: P, S, T, then A to H. Where two have the same place, or none is P, no payer can
    tell what the others owe, and the claim is rejected. Give each payer its own place. A place that is left out, such
    as T without S, is a warning; it is not reported where two payers have one place. U (not known) takes part in
    nothing; where the payer of the claim is U, nothing is checked.
    """
    own = claim.sbr
    if own is None or (own.element(1) == "P" and not claim.others):
        return
    if own.element(1) not in _ORDER or not own.element(1):
        return
    rows = [own, *(other.first for other in claim.others)]
    places = Counter(row.element(1) for row in rows)
    told: set[str] = set()
    for row in rows:
        place = row.element(1)
        if place in told and place in _ORDER and place:
            yield _problem(claim, row, "more than one payer of the claim has {found}")
        told.add(place)
    repeated = any(number > 1 and place in _ORDER for place, number in places.items() if place)
    if _UNKNOWN in places or repeated:
        return
    if "P" not in places:
        yield _problem(claim, own, "no payer of the claim is P")
        return
    last = max(_ORDER.find(place) for place in places if place)
    gaps = [place for place in _ORDER[:last] if place not in places]
    if gaps:
        row = next(row for row in rows if row.element(1) == _ORDER[last])
        yield _problem(claim, row, "no payer of the claim is {missing}", gaps[0], Severity.WARNING)


def _problem(claim: WholeClaim, row: Row, what: str, missing: str = "", severity: Severity | None = None) -> Problem:
    return Problem(
        where=row.at(1),
        found=Code(row.element(1)),
        expected="P, then S, then T, each once",
        message=f"The payer's place in SBR01 is {{found}}, but {what}.",
        correction="give each payer its own place in SBR01: P, then S, then T ({box})",
        values={"missing": missing, "box": box(claim, "payer order")},
        severity=severity,
    )
