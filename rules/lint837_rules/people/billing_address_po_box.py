"""ADR002: a billing provider whose address is a post office box."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_RIGHT = "NM1*85*2*CLINIC*****XX*1234567893~N3*1 MAIN ST"
_BOX = (
    r"\bP[. ]*O[. ]*BOX\b|\bP[. ]*O[. ]*B\b[. ]*[#0-9]|\bPOST *OFFICE *BOX\b|\bLOCK *(?:BOX|BIN)\b"
    r"|\bP[. ]*M[. ]*B\b[. ]*[#0-9]|\bPRIVATE *MAIL *BOX\b"
)


@rule(
    "ADR002",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, December 2025", "The billing provider's address may be no post office or lock box."
        ),
        Citation("CMS, 5010 edits, X222.2010AA.N302.060", "A box in the billing provider's address is rejected."),
    ],
    good=[
        Good(_VISIT, instead=((_RIGHT, _RIGHT.replace("1 MAIN ST", "12 BOXWOOD LN*SUITE 4")),)),
        Good(
            _VISIT,
            instead=((f"{_RIGHT}~N4*AUSTIN*TX*787010000", f"{_RIGHT}~N4*AUSTIN*TX*787010000~NM1*87*2~N3*PO BOX 1"),),
            note="the pay-to address may be one",
        ),
    ],
    bad=[
        Bad(_VISIT, instead=((_RIGHT, _RIGHT.replace("1 MAIN ST", "P.O. BOX 12")),), at="N301", line=""),
        Bad(_VISIT, instead=((_RIGHT, _RIGHT + "*LOCKBOX 12"),), at="N302", line=""),
    ],
    alike="billing",
)
def billing_address_po_box(claim: WholeClaim) -> Iterator[Problem]:
    """The billing provider's address is a post office box or a lock box.

    The address in loop 2010AA must be a street address: payers and clearinghouses reject a box there. Put the street
    address into 2010AA, and the box where payments go into the pay-to address (2010AB). Each address is reported once a
    file, and its text is never shown.
    """
    loop = claim.billing.entity("85")
    row = loop.one("N3") if loop else None
    if loop is None or row is None:
        return
    for element in (1, 2):
        if re.search(_BOX, row.element(element), re.IGNORECASE | re.ASCII):
            yield Problem(
                where=row.at(element),
                found="a post office box or lock box",
                expected="a street address",
                message="The billing provider's address is a post office box or a lock box.",
                correction="put the street address here ({box}), and the box into the pay-to address (loop 2010AB)",
                values={"box": box(claim, "billing address")},
                once=f"{row.texts} {loop.first.element(9)}",
            )
            return
