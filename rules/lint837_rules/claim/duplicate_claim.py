"""CLM005: two claims of one file that bill the same."""

from collections.abc import Iterator

from lint837 import Bad, Choice, Code, DrugLine, Good, Problem, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.claim.repeated_lines import billed

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_CORRECTS = frozenset({"7", "8"})  # frequencies of claims that replace or void one


def _bills(line: DrugLine) -> tuple[str, ...] | None:
    claim = line.claim
    return None if claim.is_partial or claim.frequency in _CORRECTS else billed(line)


@rule(
    "CLM005",
    severity=Severity.WARNING,
    cites=["duplicate-claim"],
    good=[
        Good(_LINE, note="the only claim"),
        Good(_LINE, earlier=_LINE.replace("0110", "0117"), note="an earlier claim for another day"),
        Good(_LINE.replace(":JZ", ":JZ:76"), earlier=_LINE, note="76: the service was repeated"),
        Good(_LINE, earlier=_LINE, frequency="7", note="it replaces the earlier claim"),
    ],
    bad=[
        Bad(_LINE, earlier=_LINE, at="SV101-2"),
        Bad(_LINE.replace(":JZ", ":JZ:Q0"), earlier=_LINE, at="SV101-2", severity=Severity.INFO, note="in a study"),
    ],
    study=Severity.INFO,
    repeats=_bills,
)
def duplicate_claim(line: DrugLine) -> Iterator[Problem]:
    """Two claims of one file bill the same drug for one patient and day.

    A payer pays the first and denies the other as a duplicate (OA-18). Remove the claim that is sent twice; or say what
    it is: a replacement, or a service that was repeated.

    They are the same where subscriber, dependent, payer, its order of payment (SBR01), day, code and NDC are. Lines
    with JW, KP, KQ, 59, 76, 77, XE, XS, XP or XU do not count, nor do claims that replace or void one (frequency 7, 8),
    interim and late-charge claims, and lines without a single date. Encounters and predeterminations are compared among
    themselves. A claim without a member id is not compared, nor one in an envelope that is sent twice. There is one
    finding on a claim, at its first such line. Only the first million drug lines of a file are compared.
    """
    yield Problem(
        where=line.at_procedure_code,
        found=Code(line.procedure_code) if line.procedure_code else "no code",
        expected="one claim for a service",
        message="An earlier claim of this file bills {found} for the same patient, payer and day ({date})"
        + (" with the same NDC." if any(item.ndc for item in line.drug_identifications) else "; neither has an NDC."),
        choices=[
            Choice("it is the same service", "remove this claim"),
            Choice(
                "it corrects the earlier claim",
                "ask the contractor to reopen that one"
                if line.claim.claim_filing_code == "MB" and line.guide == "837P"
                else "send it after that one with frequency 7 ({frequency}) and REF*F8 ({reference})",
            ),
            Choice("the drug was given again", "add the modifier that says so ({box}), such as 76"),
        ],
        values={
            "date": line.day or "the same day",
            "box": box(line, "modifiers"),
            "reference": box(line, "original reference"),
            "frequency": box(line, "frequency"),
        },
    )
