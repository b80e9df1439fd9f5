"""CLM001: a drug on a claim without a diagnosis for which it is approved."""

from collections.abc import Iterator

from lint837 import FACTS, Bad, Citation, Claim, DrugLine, Fact, Good, Problem, Severity, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "CLM001",
    severity=Severity.INFO,
    cites=[
        "label",
        Citation(
            "CMS, Medicare Benefit Policy Manual, chapter 15, section 50.4",
            "Medicare covers a drug for the uses on its label, and for others only where the contractor accepts them.",
        ),
    ],
    good=[
        Good(_LINE),
        Good(_LINE, diagnoses="ABK:C7951*ABF:c34.11", note="a further diagnosis, with a point"),
    ],
    bad=[
        Bad(_LINE, at="", line="", diagnoses="ABK:C7951"),
        Bad(_LINE, at="", line="", diagnoses="ABK:C7951", claim="HI*BG:C3490~", note="BG is not a diagnosis"),
    ],
    default=False,
    prefilter=FACTS,
    needs=[Fact.USES],
)
def unexpected_diagnosis(claim: Claim) -> Iterator[Problem]:
    """No diagnosis on the claim is one for which the drug is approved.

    A payer may ask for the reason, or deny the drug. Check the diagnoses. Other uses are not wrong, so this rule is
    info, and off by default.

    All diagnoses of the claim count, not only those to which the line points. There is one finding per claim and drug,
    at the first HI, or at the claim if it has none. A drug without indications in its facts is not checked.
    """
    first: dict[str, DrugLine] = {}
    for line in claim.drug_lines:
        first.setdefault(line.drug.name, line)
    for name, line in first.items():
        expected = line.drug.indications
        if not expected or any(code.startswith(expected) for code in claim.diagnosis_codes):
            continue
        yield Problem(
            where=claim.at_diagnoses,
            found="other diagnoses" if claim.diagnosis_codes else "no diagnosis",
            expected=f"a diagnosis {' or '.join(expected)}",
            message="The claim bills {drug}, but none of its diagnoses begins with {beginning}.",
            correction="check the diagnoses of the claim ({box})",
            values={"box": box(claim, "diagnoses"), "drug": name, "beginning": " or ".join(expected)},
            sources=line.drug.cited(line.code),
        )
