"""HCP008: a miscellaneous code without a word of what was given."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Good, NotChecked, Problem, Severity, rule

from lint837_rules.dates_of_service import undecided
from lint837_rules.sources import AMGEN_FLYER

_ON = "DTP*472*D8*20240601~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP008",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "CGS, billing not otherwise classified drugs (cope25420); Palmetto GBA, unlisted drug codes (AW8MMP6652)",
            "On a Medicare B claim SV101-7 under J3490, J3590 or J9999 holds the drug's name, NDC and dose; the claim "
            "is rejected without it. NTE02 only adds to it.",
        ),
        AMGEN_FLYER,
    ],
    good=[
        Good(f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~{_ON}{_NDC}"),
        Good(
            f"SV1*HC:J9999:::::SEE NDC*16000*UN*1***1~{_ON}{_NDC}",
            note="what the description says is the payer's to judge",
        ),
        Good(
            f"SV2*0636*HC:C9399:::::TARLATAMAB*16000*UN*1~{_ON}{_NDC}",
            guide="837I",
            statement="20240601-20240601",
        ),
        Good(
            f"SV2*0636*HC:C9399*16000*UN*1~{_ON}NTE*TPO*SEE NDC~{_NDC}",
            guide="837I",
            statement="20240601-20240601",
            note="837I: a note of the line",
        ),
        Good(
            f"SV2*0636*HC:C9399*16000*UN*1~{_ON}{_NDC}",
            guide="837I",
            statement="20240601-20240601",
            claim="NTE*ADD*TARLATAMAB 10 MG~",
            note="837I: a note of the claim",
        ),
        Good(
            f"SV1*HC:J9999*16000*UN*1***1~DTP*472*D8*20250101~{_NDC}",
            also=("HCP002",),
            note="the miscellaneous code itself is wrong from 2025-01-01",
        ),
        Good(
            f"SV1*HC:J9999*16000*UN*1***1~DTP*472*RD8*20241231-20250101~{_NDC}",
            also=("DOS004",),
            note="a range on both sides of the change decides nothing",
        ),
        Good(f"SV1*HC:J9999*16000*UN*1***1~{_NDC}", also=("DOS001",), note="no date of service"),
        Good(f"SV1*HC:J9271*16000*UN*10***1~{_ON}{_NDC}", also=("HCP004",), note="the code of another drug"),
        Good(f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20241115~{_NDC}", note="C9170 names the drug"),
        Good(f"SV1*HC:J9999*900*UN*1***1~{_ON}LIN**N4*50242013601~CTP****1*UN~", note="another drug"),
        Good(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}NTE*ADD*TARLATAMAB 10 MG~",
            note="the note names the drug, and no NDC does",
        ),
    ],
    bad=[
        Bad(f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}", at="SV101-7"),
        Bad(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}",
            at="SV101-7",
            filing_code="MC",
            severity=Severity.WARNING,
            note="Medicaid",
        ),
        Bad(
            f"SV1*HC:J9999*16000*UN*1***1~DTP*472*D8*20241231~{_NDC}",
            at="SV101-7",
            note="the last day of the miscellaneous code",
        ),
        Bad(
            f"SV1*HC:J3590:JW:::: *16000*UN*1***1~{_ON}NTE*ADD*TARLATAMAB 10 MG~{_NDC}",
            at="SV101-7",
            note="837P: blanks are no description, and a note does not replace it",
        ),
        Bad(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}",
            at="SV101-7",
            filing_code="CI",
            severity=Severity.WARNING,
            note="other payers may take the NDC alone",
        ),
        Bad(
            f"SV2*0636*HC:C9399*16000*UN*1~{_ON}{_NDC}",
            at="SV202-7",
            guide="837I",
            statement="20240601-20240601",
            severity=Severity.WARNING,
        ),
        Bad(
            f"SV2*0636*HC:C9399*16000*UN*1~{_NDC}",
            at="SV202-7",
            guide="837I",
            statement="20240601-20240630",
            filing_code="MA",
            claim="NTE*ADD~",
            severity=Severity.WARNING,
            note="an empty note says nothing",
        ),
        Bad(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}",
            at="SV101-7",
            dependent=True,
            filing_code="",
            severity=Severity.WARNING,
        ),
        Bad(f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}", at="SV101-7", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9999*16000*UN*1~{_ON}{_NDC}",
            at="SV202-7",
            guide="837I",
            facility="11",
            statement="20240531-20240603",
            severity=Severity.INFO,
        ),
    ],
)
def undescribed_miscellaneous_code(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A miscellaneous code is billed without a description of the drug.

    The code says nothing of what was given, so a payer wants it in words. Medicare B rejects a professional line
    without a description in SV101-7, whatever a note says; others may take the NDC alone, so there it is a warning. On
    an 837I a note of the line or the claim will do. Write the drug's name, its NDC and the dose. What a description
    says is not judged. Where a code of the drug's own is due instead, HCP002 says so.
    """
    code, period = line.code, line.period
    if line.how != "ndc" or code is None or code.is_product or line.description:
        return
    if period is None or line.boundary_inside:
        yield NotChecked(line, undecided(line))
        return
    if code.last and period.last > code.last:
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
        correction="write the drug's name, its NDC and the dose into {description}",
        values={"code": Code(code.code), "description": "SV101-7" if professional else "SV202-7"},
        severity=Severity.ERROR if rejected else Severity.WARNING,
    )
