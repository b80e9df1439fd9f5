"""CLM001: a drug on a claim without the diagnosis that it is approved for."""

from collections.abc import Iterator, Mapping

from lint837 import FACTS, Bad, Citation, Claim, Good, Problem, Severity, rule

_TEN = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_SV1 = f"SV1*HC:J9026:JZ*16000*UN*10***1~{_TEN}"
_SV2 = f"SV2*0636*HC:J9026:JZ*16000*UN*10~{_TEN}"
# The beginning of the ICD-10-CM codes of what a drug is approved for; the drug facts do not hold them.
_INDICATIONS: Mapping[str, str] = {"tarlatamab": "C34"}


@rule(
    "CLM001",
    severity=Severity.INFO,
    default=False,
    cites=[
        Citation(
            "Amgen, IMDELLTRA permanent J-code flyer",
            "Tarlatamab is indicated for extensive stage small cell lung cancer that progressed on or after "
            "platinum-based chemotherapy.",
        )
    ],
    good=[
        Good(_SV1),
        Good(_SV1, diagnoses="ABK:C7951*ABF:c34.11", note="also as a further one, with a point"),
        Good(_SV1, diagnoses="ABK:Z5112", claim="HI*ABF:C3490~", note="in another HI"),
        Good("SV1*HC:J1550*53*UN*1***1~DTP*472*D8*20250110~", diagnoses="ABK:D801", note="no line of the drug"),
    ],
    bad=[
        Bad(_SV1, at="", line="", diagnoses="ABK:C7951"),
        Bad(_SV1, at="", line="", diagnoses="ABK:C7951", claim="NTE*ADD*X~", note="at the first HI, behind a note"),
        Bad(_SV1 + _SV1, at="", line="", diagnoses="ABK:C7951", note="once a claim"),
        Bad(_SV1, at="", line="", diagnoses="", note="no diagnosis at all: at the claim"),
        Bad(_SV1, at="", line="", diagnoses="ABK:C7951", claim="HI*BG:C3490~", note="not as a diagnosis"),
        Bad(_SV2, at="", line="", diagnoses="ABK:C7951", guide="837I", statement="20250110-20250110"),
        Bad(_SV1, at="", line="", diagnoses="ABK:C7951", dependent=True, filing_code=""),
        Bad(_SV1, at="", line="", diagnoses="ABK:C7951", frequency="8", severity=Severity.INFO),
        Bad(
            _SV2,
            at="",
            line="",
            diagnoses="ABK:C7951",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
    prefilter=FACTS,
)
def unexpected_diagnosis(claim: Claim) -> Iterator[Problem]:
    """No diagnosis of the claim is one that the drug is approved for.

    A payer may ask for the reason, or deny the drug. Tarlatamab is approved for small cell lung cancer (C34). Check the
    diagnoses; other uses are not wrong, so that this rule is off by default and only informs.

    All diagnoses of the claim count, not only those that the line points to; one finding a claim and drug, at its first
    HI, or at the claim where there is none. Of a drug whose indication is not known here nothing is said.
    """
    for name in dict.fromkeys(line.drug.name for line in claim.drug_lines):
        expected = _INDICATIONS.get(name)
        if expected is None or any(code.startswith(expected) for code in claim.diagnosis_codes):
            continue
        segment = next((segment for segment in claim.segments if segment.id == "HI"), claim.clm)
        yield Problem(
            where=segment.at(),
            found="other diagnoses" if claim.diagnosis_codes else "no diagnosis",
            expected=f"a diagnosis {expected}",
            message="The claim bills {drug}, and none of its diagnoses begins with {beginning}.",
            correction="check the diagnoses of the claim",
            values={"drug": name, "beginning": expected},
        )
