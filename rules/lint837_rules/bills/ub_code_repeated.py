"""UBC002: a condition, occurrence or value code twice on a bill."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, HiCode, Problem, Related, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_LINE = "SV2*0510*HC:99213*100*UN*1~DTP*472*D8*20260105~"
# By the qualifier in HI: what it is, and whether a second one can be right with other dates.
_KINDS = {
    "BG": ("condition", False),
    "BH": ("occurrence", True),
    "BI": ("occurrence span", True),
    "BE": ("value", False),
}


@rule(
    "UBC002",
    severity=Severity.ERROR,
    cites=[
        Citation("Noridian, Returned to Provider help, 13599", "A condition code that is twice on a bill returns it."),
        Citation("Stedi, claim edits, 2026", "Condition, occurrence, span and value codes are each on a bill once."),
    ],
    good=[
        Good(_LINE, guide="837I", claim="HI*BG:09*BG:10~HI*BE:09:::100~", note="one number, two kinds of codes"),
        Good("SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~", claim="HI*BG:09*BG:09~", note="an 837P"),
    ],
    bad=[
        Bad(_LINE, guide="837I", claim="HI*BG:09*BG:09~", at="HI02-2", line=""),
        Bad(
            _LINE,
            guide="837I",
            claim="HI*BH:11:D8:20260101~HI*BH:11:D8:20260102~",
            at="HI01-2",
            line="",
            severity=Severity.WARNING,
            note="with another date",
        ),
    ],
    only="837I",
)
def ub_code_repeated(claim: WholeClaim) -> Iterator[Problem]:
    """A condition, occurrence or value code is on the bill twice.

    Medicare returns an 837I on which a condition code (BG) or a value code (BE) is repeated. Keep one of the two. An
    occurrence code (BH) or span (BI) that is repeated with another date is a warning: some payers reject it.
    """
    first: dict[tuple[str, str], HiCode] = {}
    for one in claim.codes:
        if one.qualifier in _KINDS and one.code.strip():
            kind, dated = _KINDS[one.qualifier]
            earlier = first.setdefault((one.qualifier, one.code.strip()), one)
            if earlier is not one:
                yield Problem(
                    where=one.at,
                    found=Code(one.code.strip()),
                    expected="each code once",
                    message=f"The {kind} code {{found}} is on the bill twice.",
                    correction="keep one of the two ({box})",
                    values={"box": box(claim, kind)},
                    related=[Related(earlier.at, "the first")],
                    severity=Severity.WARNING if dated else None,
                    cause=one.qualifier,
                )
