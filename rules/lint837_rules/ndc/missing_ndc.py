"""NDC003: a drug's own code without an NDC, for a payer that requires one."""

from collections.abc import Iterator
from decimal import ROUND_CEILING

from lint837 import (
    Bad,
    Choice,
    Citation,
    Claim,
    Code,
    DrugLine,
    Fact,
    Good,
    NotChecked,
    Problem,
    Severity,
    Value,
    rule,
)

from lint837_rules.boxes import box
from lint837_rules.packages import PACKAGES, billed_amount, counted_packages, ndcs_of, were

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_MEDICAID = "MC"
_MEDICARE = frozenset({"MA", "MB"})
# SBR09 of the payers that ask for an NDC, and the words of a message.
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
            "A state's Medicaid needs the NDC of a physician-administered drug to claim the rebate.",
        ),
        "rfi-1664",
        Citation(
            "MedStar Family Choice (Maryland), National Drug Code",
            "Claims for drugs without a valid NDC, its quantity and unit of measure in loop 2410 are denied.",
        ),
        Citation(
            "UnitedHealthcare, NDC requirement from 2017; BCBSM, The Record, February 2015; Anthem Nevada, June 2025",
            "Claims for drugs need the NDC, its quantity and unit of measure; UnitedHealthcare only on 837P.",
        ),
    ],
    good=[
        Good(f"{_LINE}LIN**N4*55513007701~CTP****1*UN~", filing_code="MC"),
    ],
    bad=[
        Bad(_LINE, at="", filing_code="MC"),
        Bad(_LINE, at="", filing_code="MC", other_payer="MB", severity=Severity.WARNING, note="Medicare is primary"),
    ],
    yields_to=[
        ("NDC007", "line"),
        ("NDC004", "line", "CTP without LIN"),
        ("NDC009", "line"),
        ("NDC009", "claim", "before the first line"),
    ],
    payer_dependent=True,
    study=Severity.INFO,
    not_on=["inpatient"],
    needs=[Fact.EVERY_PACKAGE],
    unless="is_right",
)
def missing_ndc(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A drug's own code is billed without an NDC to a payer that requires one.

    Medicaid needs the NDC of a drug that a physician administers, and denies an 837P line without it. It is a warning
    on an 837I, where Medicare is another payer of the claim, and for commercial insurers, Blue plans and HMOs, which
    differ. Other payer types, unknown ones and inpatient claims are not checked. Add the NDC of the package, its
    quantity and the unit of measure. Each line needs its own, also the JW line.

    Where a payer profile says whether the payer requires the NDC, that decides, on 837P and 837I alike.
    """
    claim, code = line.claim, line.code
    if code is None or not code.is_product or not _is_missing(line):
        return
    payer = _payer(claim)
    if payer is None:
        yield NotChecked(line, "the payer is not known to require NDCs")
        return
    choices, values = _choices(line)
    yield Problem(
        where=line.at_service,
        found="no NDC",
        expected=ndcs_of(line.drug),
        message="{code} is billed without the NDC of the package; {payers} for it.",
        correction=""
        if choices
        else "add the NDC of the package that was used ({expected}), its quantity and its unit of measure ({box})",
        choices=choices,
        values={"code": Code(code.code), "payers": payer, "box": box(line, "NDC"), **values},
        severity=_severity(line, claim),
        sources=line.drug.cited(code, *line.drug.packages),
    )


def _choices(line: DrugLine) -> tuple[list[Choice], dict[str, Value]]:
    """The NDC and quantity to add, for each package of which the billed units may come; none for a discarded part."""
    choices: list[Choice] = []
    values: dict[str, Value] = {}
    amount = billed_amount(line)
    if amount is None or line.is_discarded:
        return choices, values
    for n, package in enumerate(line.drug.packages):
        number = (amount / package.amount).to_integral_value(ROUND_CEILING)
        if package.counted_in == PACKAGES:
            choices.append(
                Choice(
                    f"{{used{n}}} used", f"add the NDC {{ndc{n}}} with the quantity {{number{n}}} {PACKAGES} ({{box}})"
                )
            )
            used = f"{counted_packages(number, package, line.drug)} {were(number)}"
            values |= {f"used{n}": used, f"ndc{n}": package.digits, f"number{n}": number}
    return choices, values


def _is_missing(line: DrugLine) -> bool:
    """Whether the payer finds no NDC: there is no LIN, or its qualifier or place hides the drug's NDC."""
    return all(
        line.package_of(item) and (item.is_misplaced or item.qualifier != "N4") for item in line.drug_identifications
    )


def _payer(claim: Claim) -> str | None:
    """That the payer asks for NDCs, in words; None where it does not, or is not known to."""
    required = claim.payer_profile.ndc_required
    if required is None:
        return _PAYERS.get(claim.claim_filing_code)
    return f"{claim.payer_profile.label} asks" if required else None


def _severity(line: DrugLine, claim: Claim) -> Severity | None:
    medicare_pays = bool(_MEDICARE.intersection(claim.other_filing_codes))
    required = claim.payer_profile.ndc_required or (claim.claim_filing_code == _MEDICAID and line.guide == "837P")
    return None if required and not medicare_pays else Severity.WARNING
