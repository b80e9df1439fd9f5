"""HCP008: a miscellaneous code without a description of the drug."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Good, NotChecked, Problem, Severity, rule

from lint837_rules.dates_of_service import undecided

_ON = "DTP*472*D8*20240601~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP008",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "CGS, billing not otherwise classified drugs (cope25420); Palmetto GBA, unlisted drug codes (AW8MMP6652)",
            "On a Medicare B claim SV101-7 under J3490, J3590 or J9999 gives the drug's name, NDC and dose; without it "
            "the claim is rejected. NTE02 does not replace it.",
        ),
    ],
    good=[
        Good(f"SV1*HC:J9999:::::SEE NDC*16000*UN*1***1~{_ON}{_NDC}", note="the payer judges what the description says"),
        Good(
            f"SV2*0636*HC:C9399*16000*UN*1~{_ON}{_NDC}",
            guide="837I",
            statement="20240601-20240601",
            claim="NTE*ADD*TARLATAMAB 10 MG~",
            note="837I: a note of the claim is enough",
        ),
    ],
    bad=[
        Bad(f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}", at="SV101-7"),
        Bad(
            f"SV1*HC:J3590:JW:::: *16000*UN*1***1~{_ON}NTE*ADD*TARLATAMAB 10 MG~{_NDC}",
            at="SV101-7",
            note="837P: a note does not replace the description",
        ),
        Bad(
            f"SV2*0636*HC:C9399*16000*UN*1~{_NDC}",
            at="SV202-7",
            guide="837I",
            filing_code="MA",
            statement="20240601-20240630",
            claim="NTE*ADD~",
            severity=Severity.WARNING,
            note="an empty note",
        ),
    ],
    yields_to=[("HCP002", "line")],
)
def undescribed_miscellaneous_code(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A miscellaneous code is billed without a description of the drug.

    A miscellaneous (unlisted) code does not say what was given, so a payer needs it in words. Medicare B rejects a
    professional line without a description in SV101-7, whatever a note says. Other payers may accept the NDC alone, so
    for them it is a warning. On an 837I a note of the line or the claim is enough. Write the drug's name, its NDC and
    the dose.
    """
    code, period = line.code, line.period
    if line.how != "ndc" or code is None or code.is_product or line.description:
        return
    if period is None or line.boundary_inside:
        yield NotChecked(line, undecided(line))
        return
    professional = line.claim.guide == "837P"
    if not professional and any(note.element(2) for note in (*line.notes, *line.claim.notes)):
        return
    rejected = professional and line.claim.claim_filing_code == "MB"
    yield Problem(
        where=line.at_description,
        found="nothing",
        expected="the drug's name, its NDC and the dose",
        message="{code} does not say which drug was given, and {description} is empty."
        if professional
        else "{code} does not say which drug was given: {description} is empty, and there is no note (NTE).",
        correction="write the drug's name, its NDC and the dose in {description}",
        values={"code": Code(code.code), "description": "SV101-7" if professional else "SV202-7"},
        severity=Severity.ERROR if rejected else Severity.WARNING,
    )
