"""PAY003: a professional claim to Medicare Part B that replaces or voids another."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_REPLACES, _VOIDS = "7", "8"


@rule(
    "PAY003",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "CMS, Claims Processing Manual, chapter 34, section 10; Noridian, reopenings; TheraSoft, common rejections",
            "A Medicare Part B contractor corrects a professional claim by a reopening, and takes frequency 1 only.",
        ),
    ],
    good=[
        Good(_VISIT),
        Good(_VISIT, frequency="7", filing_code="16", claim="REF*F8*12345~", note="a Medicare Advantage plan"),
    ],
    bad=[
        Bad(_VISIT, frequency="7", claim="REF*F8*12345~", at="CLM05-3", line=""),
        Bad(_VISIT, frequency="8", claim="REF*F8*12345~", at="CLM05-3", line="", note="a void, too"),
    ],
    only="837P",
    lowered=False,
    alike="bill",
)
def medicare_part_b_replacement(claim: WholeClaim) -> Iterator[Problem]:
    """A professional claim to Medicare Part B replaces or voids another.

    Part B contractors take no replacement (frequency 7) and no void (8) of a professional claim, and reject it. An
    error in a claim that was paid or denied is corrected by a reopening, by phone or on the contractor's portal. One
    that was rejected before it was taken in is sent again as a first claim.
    """
    if claim.filing_code == "MB" and claim.frequency in (_REPLACES, _VOIDS):
        yield Problem(
            where=claim.clm.at(5, 3),
            found=Code(claim.frequency),
            expected="1",
            message="Frequency {found} {does} an earlier claim. Medicare Part B does not take that from a professional "
            "claim.",
            correction="ask the contractor for a reopening; if the earlier claim was rejected, send this one with "
            "frequency 1 ({box})",
            values={
                "does": "voids" if claim.is_void else "replaces",
                "box": box(claim, "frequency"),
            },
        )
