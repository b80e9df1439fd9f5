"""NDC003: a drug's own code without an NDC, for a payer that asks for one."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Claim, Code, DrugLine, Good, NotChecked, PayerProfile, Problem, Severity, rule

from lint837_rules.package_words import ndcs_of

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_MEDICAID = "MC"
_MEDICARE = frozenset({"MA", "MB"})
# SBR09 of the payers that ask for an NDC, and how they are told.
_PAYERS = {
    _MEDICAID: "Medicaid asks",
    "CI": "commercial insurers often ask",
    "BL": "Blue Cross and Blue Shield plans often ask",
    "HM": "health maintenance organizations often ask",
}


@rule(
    "NDC003",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "42 CFR 447.520; Deficit Reduction Act of 2005, section 6002",
            "A state's Medicaid must have the NDC of a drug that is administered by a physician, to claim the rebate.",
        ),
        Citation(
            "X12, request for interpretation 1664",
            "An NDC is required in LIN03 where a government's regulation asks for it; else the submitter may send it.",
        ),
        Citation(
            "MedStar Family Choice (Maryland), National Drug Code",
            "Claims for drugs without a valid NDC, its quantity and unit of measure in loop 2410 are denied.",
        ),
        Citation(
            "UnitedHealthcare, NDC requirement from 2017; BCBSM, The Record, February 2015; Anthem Nevada, June 2025",
            "Claims for drugs need the NDC, its quantity and unit of measure; UnitedHealthcare asks on 837P only.",
        ),
    ],
    good=[
        Good(_SV1 + _NDC, filing_code="MC"),
        Good(_SV1, note="Medicare B does not ask for an NDC"),
        Good(_SV1, filing_code="ZZ", note="a payer of which nothing is known"),
        Good(_SV1, filing_code="", dependent=True, note="no payer type"),
        Good(f"{_SV1}{_NDC}", filing_code="MC", frequency="8"),
        Good(f"{_SV1}LIN**ND*55513007701~CTP****1*UN~", filing_code="MC", also=("NDC007",), note="one cause"),
        Good(f"{_SV1}LIN**N4~CTP****1*UN~", filing_code="MC", also=("NDC001",), note="one cause"),
        Good(f"{_SV1}CTP****1*UN~", filing_code="MC", also=("NDC004",), note="one cause: the LIN before it is missing"),
        Good(
            "SV2*0636*HC:J9026*16000*UN*10~DTP*472*D8*20250110~",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            filing_code="MC",
            note="inpatient: the drug is not paid by its line",
        ),
        Good("SV1*HC:96413*410*UN*1***1~DTP*472*D8*20250110~", filing_code="MC", note="no drug"),
        Good(
            "SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241110~",
            filing_code="MC",
            note="a miscellaneous code",
        ),
        Good(_SV1, filing_code="MC", payer=PayerProfile(ndc_required=False)),
        Good(
            _SV2,
            guide="837I",
            facility="11",
            statement="20250110-20250110",
            payer=PayerProfile(ndc_required=True),
            note="inpatient",
        ),
    ],
    bad=[
        Bad(_SV1, at="", filing_code="MC"),
        Bad(_SV1, at="", filing_code="MC", dependent=True),
        Bad(_SV1, at="", filing_code="MC", other_payer="CI", note="another insurer besides, not Medicare"),
        Bad(
            "SV1*HC:J9026*11200*UN*7***1~DTP*472*D8*20250110~"
            + _NDC
            + "SV1*HC:J9026:JW*4800*UN*3***1~DTP*472*D8*20250110~",
            at="",
            line="2",
            filing_code="MC",
            note="each line needs its own NDC, also the one for the discarded amount",
        ),
        Bad(
            _SV1,
            at="",
            filing_code="MC",
            other_payer="MB",
            severity=Severity.WARNING,
            note="Medicaid behind Medicare",
        ),
        Bad(_SV1, at="", filing_code="MC", purpose="RP", severity=Severity.WARNING, note="an encounter"),
        Bad(_SV2, at="", guide="837I", statement="20250110-20250110", filing_code="MC", severity=Severity.WARNING),
        Bad(_SV2, at="", guide="837I", statement="20250110-20250110", filing_code="BL", severity=Severity.WARNING),
        Bad(_SV1, at="", filing_code="CI", severity=Severity.WARNING),
        Bad(_SV1, at="", filing_code="BL", severity=Severity.WARNING),
        Bad(_SV1, at="", filing_code="HM", severity=Severity.WARNING),
        Bad(
            "SV1*HC:J9026:JZ:Q0*16000*UN*10***1~DTP*472*D8*20250110~",
            at="",
            filing_code="MC",
            severity=Severity.INFO,
            note="in a study",
        ),
        Bad(
            "SV1*HC:J9026:JZ*.01*UN*10***1~DTP*472*D8*20250110~",
            at="",
            filing_code="MC",
            severity=Severity.INFO,
            note="free of charge",
        ),
        Bad(_SV1, at="", filing_code="MC", frequency="8", severity=Severity.INFO),
        Bad(_SV1, at="", payer=PayerProfile(title="Example Health", ndc_required=True)),
        Bad(
            _SV2,
            at="",
            guide="837I",
            statement="20250110-20250110",
            filing_code="MC",
            payer=PayerProfile(title="Example Health", ndc_required=True),
        ),
        Bad(
            _SV1,
            at="",
            other_payer="MB",
            payer=PayerProfile(title="Example Health", ndc_required=True),
            severity=Severity.WARNING,
            note="behind Medicare",
        ),
    ],
)
def missing_ndc(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A drug's own code is billed without an NDC to a payer that asks for one.

    Medicaid needs the NDC of a drug that a physician administers, and denies an 837P line without it. Elsewhere it is a
    warning: on an 837I, where Medicare is another payer of the claim, and for commercial insurers, Blue plans and HMOs,
    which differ. For every other payer type, and for none, nothing is said, nor for inpatients. Add the NDC of the
    package, its quantity and the unit of measure. Each line needs its own, also the JW line. Any LIN counts: what it
    holds is judged by other rules; and a quantity without an NDC is missing-ndc-quantity alone.

    Where a payer profile says whether the payer asks for the NDC, that decides, on 837P and 837I alike.
    """
    claim, code = line.claim, line.code
    if code is None or not code.is_product or line.drug_identifications or line.has_stray_quantity:
        return
    payer = _payer(claim)
    if payer is None or claim.is_inpatient:
        yield NotChecked(
            line, "the claim is inpatient" if claim.is_inpatient else "the payer is not known to ask for NDCs"
        )
        return
    yield Problem(
        where=line.at_service,
        found="no NDC",
        expected=ndcs_of(line.drug),
        message="{code} is billed without the NDC of the package; {payers} for it.",
        correction="add the NDC of the package that was used ({expected}), its quantity and its unit of measure",
        values={"code": Code(code.code), "payers": payer},
        severity=_severity(line, claim),
    )


def _payer(claim: Claim) -> str | None:
    """That the payer asks for NDCs, in words; None where it does not, or is not known to."""
    required = claim.payer_profile.ndc_required
    if required is None:
        return _PAYERS.get(claim.claim_filing_code)
    return f"{claim.payer_profile.label} asks" if required else None


def _severity(line: DrugLine, claim: Claim) -> Severity | None:
    if line.is_study_or_free:
        return Severity.INFO
    behind_medicare = bool(_MEDICARE.intersection(claim.other_filing_codes))
    required = claim.payer_profile.ndc_required or (claim.claim_filing_code == _MEDICAID and claim.guide == "837P")
    return None if required and not behind_medicare and not claim.is_encounter else Severity.WARNING
