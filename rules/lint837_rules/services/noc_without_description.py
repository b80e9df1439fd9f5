"""SVC003: a miscellaneous code without a description."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, LineLoop, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box
from lint837_rules.services.not_classified import NOT_CLASSIFIED

_LINE = "SV1*HC:E1399{}*100*UN*1***1~DTP*472*D8*20260105~"
_VISIT = "SV2*0270*HC:A4649*100*UN*1~DTP*472*D8*20260105~"


@rule(
    "SVC003",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "CGS, information required on claims for miscellaneous HCPCS codes (cope362, 2016-08-31)",
            "An electronic claim to the DME contractor with a code whose text says miscellaneous, not otherwise "
            "classified, unlisted or non-specified needs a description in SV101-7; the front end rejects it without.",
        ),
        Citation(
            "CGS, billing not otherwise classified codes (cope173832, 2025-03-18)",
            "Part B takes the description in the note of the line or the claim (NTE), and denies a line without one.",
        ),
        "hcpcs-2019",
    ],
    good=[
        Good(_LINE.format(":::::SHOWER CHAIR")),
        Good(_LINE.format("") + "NTE*ADD*SHOWER CHAIR~", note="a note of the line"),
        Good(_LINE.format("").replace("E1399", "E0601"), note="a code that says what it is"),
    ],
    bad=[
        Bad(_LINE.format(""), at="SV101-7"),
        Bad(_LINE.format(""), filing_code="CI", at="SV101-7", severity=Severity.WARNING, note="another payer"),
        Bad(
            _VISIT,
            guide="837I",
            filing_code="MA",
            statement="20260105-20260105",
            at="SV202-7",
            severity=Severity.WARNING,
        ),
    ],
    yields_to=[("HCP008", "line"), ("HCP002", "line")],
    alike="services",
)
def noc_without_description(claim: WholeClaim) -> Iterator[Problem]:
    """A miscellaneous code is billed, and nothing says what was given.

    A code such as E1399 or J3490 stands for anything without a code of its own. Medicare's front ends reject a
    professional line without a description in SV101-7, or deny it where there is no note either. Write what was given:
    its name, maker and model, or the drug and dose. To other payers, and on an 837I, it is a warning.

    A note (NTE) of the line or the claim counts, and to payers other than Medicare an NDC. The unlisted codes of CPT
    are not known here: the list needs a license.
    """
    for line in claim.lines:
        if line.code in NOT_CLASSIFIED and not _is_described(claim, line):
            to_part_b = claim.filing_code == "MB" and not line.institutional
            yield Problem(
                where=line.at_service(1, 7),
                found=Code(line.code),
                expected="what was given, in words",
                message="{found} does not say what was given: {element} is empty, and there is no note (NTE).",
                correction="write what was given in {element} ({box})",
                values={"element": line.at_service(1, 7).element, "box": box(claim, "description")},
                severity=None if to_part_b else Severity.WARNING,
            )


def _is_described(claim: WholeClaim, line: LineLoop) -> bool:
    if any(line.procedure[6:]) or any(loop.one("NTE") for loop in (line, claim.loop)):
        return True
    return claim.filing_code not in ("MA", "MB") and line.one("LIN") is not None
