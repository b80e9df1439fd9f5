"""What a payer needs on a drug line, by the line's code and setting."""

from lint837 import DrugCode, ServiceLine

# SBR09 of the payers that ask for an NDC: Medicaid, commercial insurers, Blue plans, HMOs.
_NDC = frozenset({"MC", "CI", "BL", "HM"})


def needs_discard_modifier(line: ServiceLine) -> bool:
    """True if the payer needs JW or JZ on a line of a drug's own code."""
    claim, required = line.claim, line.claim.payer_profile.discard_modifier_required
    if line.guide == "837P":
        return claim.claim_filing_code == "MB" if required is None else required
    if not line.setting.bills_discarded:
        return False
    return line.setting.is_medicare if required is None else required


def needs_ndc(line: ServiceLine) -> bool:
    """True if the payer needs the NDC on a line of a drug's own code."""
    required = line.claim.payer_profile.ndc_required
    return not line.is_inpatient and (line.claim.claim_filing_code in _NDC if required is None else required)


def needs_one_unit(line: ServiceLine, code: DrugCode) -> bool:
    """True if the payer needs 1 unit under a miscellaneous code, whatever the dose."""
    if line.guide == "837P":
        return not code.code.startswith("C") and line.claim.claim_filing_code == "MB"
    return code.code.startswith("C") and line.is_outpatient and line.setting.is_medicare
