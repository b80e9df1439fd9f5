"""CLM004: a replacement or void that does not name the claim it is for."""

from collections.abc import Iterator

from lint837 import FACTS, Bad, Choice, Citation, Claim, Code, Edit, Good, Problem, Severity, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_REPLACES, _VOIDS = "7", "8"


@rule(
    "CLM004",
    severity=Severity.ERROR,
    cites=[
        "rfi-1538",
        Citation(
            "CMS, Claims Processing Manual, chapter 34, section 10; Noridian, reopenings",
            "A Medicare Part B contractor corrects a professional claim by a reopening, and takes frequency 1 only.",
        ),
    ],
    good=[
        Good(_LINE, frequency="7", filing_code="CI", claim="REF*F8*12345~"),
        Good(_LINE, frequency="7", note="Medicare B: contractors correct claims by reopening them"),
        Good(_LINE, frequency="1", filing_code="CI", note="a first claim"),
    ],
    bad=[
        Bad(_LINE, at="CLM05-3", line="", frequency="7", filing_code="CI"),
        Bad(_LINE, at="CLM05-3", line="", frequency="8", filing_code="MC", note="a void, too"),
        Bad(_LINE, at="CLM05-3", line="", frequency="7", filing_code="CI", claim="REF*F8~", note="no number"),
    ],
    prefilter=FACTS,
    lowered=False,
    unless="is_right",
)
def missing_original_reference(claim: Claim) -> Iterator[Problem]:
    """A replacement or void does not name the claim that it replaces or voids.

    Without the payer's number of that claim (REF*F8) the payer cannot find it, and rejects the claim or denies it as a
    duplicate. The number is on the remittance advice (payer claim control number, CLP07). A claim that the payer never
    took in is sent again as a first claim, with frequency 1.

    A professional claim to Medicare B is not checked: its contractors correct claims by reopening them. Only claims
    with a line of a drug are checked.
    """
    voids = claim.frequency == _VOIDS
    if not (voids or claim.frequency == _REPLACES) or claim.has_original_reference or not claim.drug_lines:
        return
    if claim.claim_filing_code == "MB" and all(line.guide == "837P" for line in claim.drug_lines):
        return
    add = "add REF*F8 with the payer's number of that claim ({box})"
    yield Problem(
        where=claim.at_frequency,
        found=Code(claim.frequency),
        expected="REF*F8 with the payer's number of the earlier claim",
        message="Frequency {found} {does} an earlier claim, but no REF*F8 gives the payer's number of that claim.",
        correction=add if voids else "",
        choices=[]
        if voids
        else [
            Choice("it replaces a claim that the payer has", add),
            Choice(
                "the payer has no earlier claim",
                "change {found} to 1 ({frequency_box})",
                (Edit(claim.at_frequency, "1"),),
            ),
        ],
        values={
            "does": "voids" if voids else "replaces",
            "box": box(claim, "original reference"),
            "frequency_box": box(claim, "frequency"),
        },
    )
