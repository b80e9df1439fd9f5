"""CLN001: a drug is billed, but not its infusion."""

from collections.abc import Iterator

from lint837 import FACTS, Bad, Claim, Code, Good, Problem, Severity, rule

_DRUG = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_INFUSION = "SV1*HC:96413*400*UN*1***1~DTP*472*D8*20250110~"


@rule(
    "CLN001",
    severity=Severity.INFO,
    cites=["charge-policy"],
    good=[Good(_DRUG + _INFUSION)],
    bad=[Bad(_DRUG, at="SV101-2")],
    prefilter=FACTS,
)
def drug_without_administration(claim: Claim) -> Iterator[Problem]:
    """A drug is billed without its infusion.

    The infusion (96413) is missing, or on another claim. Add it if it was given here.
    """
    if claim.drug_lines and all(line.procedure_code != "96413" for line in claim.service_lines):
        line = claim.drug_lines[0]
        yield Problem(
            where=line.at_procedure_code,
            found="no infusion",
            expected=Code("96413"),
            message="{drug} is billed, but its infusion ({expected}) is not.",
            correction="add a line with {expected}, if the infusion was given here",
            values={"drug": line.drug.name},
        )
