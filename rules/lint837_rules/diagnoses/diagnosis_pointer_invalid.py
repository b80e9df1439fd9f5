"""DIA002: a line that points to no diagnosis of the claim."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from lint837 import Bad, Citation, Code, Good, LineLoop, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***{}~DTP*472*D8*20260105~"
_MOST = 12  # diagnoses of an 837P


@rule(
    "DIA002",
    severity=Severity.ERROR,
    cites=[
        Citation("Stedi, claim edits, 2026-01-08", "A diagnosis pointer must name a diagnosis that the claim has."),
        "ma-encounters",
    ],
    good=[
        Good(_VISIT.format("1:2"), diagnoses="ABK:C3490*ABF:E119"),
        Good(_VISIT.format("12"), diagnoses="ABK:C3490" + "".join(f"*ABF:E11{n:02}" for n in range(11))),
        Good(_VISIT.format("1"), diagnoses="", note="the claim has no diagnosis at all"),
    ],
    bad=[
        Bad(_VISIT.format("1:2"), at="SV107-2"),
        Bad(_VISIT.format("A"), at="SV107-1", note="a letter, as on the paper form"),
        Bad(_VISIT.format(""), at="SV107"),
    ],
    yields_to=[("CLM006", "line")],
    alike="services",
)
def diagnosis_pointer_invalid(claim: WholeClaim) -> Iterator[Problem]:
    """A service line points to no diagnosis of the claim.

    SV107 of an 837P has one to four numbers, each of a diagnosis in HI: 1 for the first (ABK), up to 12. A line without
    one, or with a number that the claim does not have, is rejected. Point to the diagnosis that the service was for. A
    claim without any diagnosis is not checked here.
    """
    if claim.institutional:
        return
    known = min(claim.pointable, _MOST)
    for line in claim.lines if known else ():
        service = line.service
        if service and not line.institutional:
            wrong = _wrong(service.element(7), service.separator, known)
            if wrong:
                yield from _problems(claim, line, wrong, known)


@lru_cache(4096)
def _wrong(text: str, separator: str, known: int) -> tuple[tuple[int, str], ...]:
    """The pointers of SV107 that name no diagnosis, each with its number; the whole as 0 where there is none."""
    pointers = [one.strip() for one in text.split(separator)]
    wrong = [
        (at, one)
        for at, one in enumerate(pointers, 1)
        if one and not (one.isascii() and one.isdigit() and len(one) <= 2 and 1 <= int(one) <= known)
    ]
    return tuple(wrong) if any(pointers) else ((0, ""),)


def _problems(claim: WholeClaim, line: LineLoop, wrong: Sequence[tuple[int, str]], known: int) -> Iterator[Problem]:
    for at, one in wrong:
        yield Problem(
            where=line.at_service(7, at),
            found=Code(one) if one else "nothing",
            expected="1" if known == 1 else f"a number from 1 to {known}",
            message="The diagnosis pointer is {found}, and the claim has {count}."
            if one
            else "The line has no diagnosis pointer, and the claim has {count}.",
            correction="point to the claim's one diagnosis, 1 ({box})"
            if known == 1
            else "point to one of the claim's diagnoses, 1 to {known} ({box})",
            values={
                "count": f"{known} diagnos{'is' if known == 1 else 'es'}",
                "known": known,
                "box": box(claim, "diagnosis pointer"),
            },
        )
