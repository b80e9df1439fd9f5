"""MOD001: a Medicare line without JW and without JZ."""

from collections.abc import Iterator

from lint837 import (
    FACTS,
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
    rule,
)

from lint837_rules.boxes import box
from lint837_rules.modifiers import JZ_REQUIRED
from lint837_rules.modifiers.modifier_edits import adding
from lint837_rules.payer_needs import needs_discard_modifier

_REST = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_LINE = f"SV1*HC:J9026*16000*UN*10***1~{_REST}"
_DISCARD = frozenset({"JW", "JZ"})
_MEDICARE = frozenset({"MA", "MB"})
_PAID_APART = frozenset({"12", "13", "14", "83", "85"})  # types of bill of hospitals and critical access hospitals


@rule(
    "MOD001",
    severity=Severity.ERROR,
    cites=[
        "discard-policy",
        Citation(
            "CMS, OPPS Addendum B, October 2025; First Coast, JW and JZ modifiers",
            "The drug has status indicator G: a hospital is always paid for it apart, and needs JW or JZ. So does a "
            "critical access hospital.",
        ),
    ],
    good=[
        Good(
            f"SV1*HC:J9026*11200*UN*7***1~{_REST}SV1*HC:J9026:JW*4800*UN*3***1~{_REST}",
            note="the discarded part has a JW line",
        ),
    ],
    bad=[
        Bad(_LINE, at=""),
        Bad(
            f"SV2*0636*HC:J9026*16000*UN*10~{_REST}",
            at="",
            guide="837I",
            filing_code="MA",
            statement="20250110-20250110",
            note="hospital outpatient",
        ),
    ],
    prefilter=FACTS,
    yields_to=[("MOD002", "day", "JW with JZ")],
    payer_dependent=True,
    study=Severity.INFO,
    not_on=["inpatient"],
    needs=[Fact.CONTAINERS],
    unless="is_right",
)
def missing_discard_modifier(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A Medicare drug line has neither JW nor JZ.

    For a drug from a single-dose container Medicare returns a line as unprocessable that says neither that a part was
    discarded (a separate JW line) nor that nothing was (JZ). Add JZ, or bill the discarded amount with JW.

    It is an error for Medicare B on an 837P, and for Medicare on types of bill 12x, 13x, 14x, 83x and 85x, where the
    drug is paid apart; a warning on other outpatient claims. Rural health clinics (71x), FQHCs (77x) and inpatients
    need no such modifier. A JW line of the same code and day is enough. Only the payer to which the claim is sent
    counts; where a payer profile says whether it requires the modifiers, that decides. Nothing is reported on a claim
    with a line that cannot be read, which may be the JW line.
    """
    for line in claim.drug_lines:
        if not line.is_product_line or not _DISCARD.isdisjoint(line.modifiers):
            continue
        if not needs_discard_modifier(line):
            yield NotChecked(line, "the payer does not require JW or JZ here")
        elif claim.has_unreadable_line:
            yield NotChecked(line, "a line of the claim cannot be read, and may be its JW line")
        elif line.discarded is None:
            yield NotChecked(line, "a JW line may belong to it, but a date of service is unknown")
        elif not line.discarded and not (line.period and line.period.last < JZ_REQUIRED):
            yield _problem(line)


def _severity(line: DrugLine) -> Severity:
    """How sure it is that a payer that asks for the modifiers returns the line without."""
    claim = line.claim
    if line.guide == "837P":
        return Severity.ERROR
    paid_apart = claim.claim_filing_code in _MEDICARE and claim.facility_type in _PAID_APART
    return Severity.ERROR if paid_apart else Severity.WARNING


def _problem(line: DrugLine) -> Problem:
    payer = line.claim.payer_profile
    return Problem(
        where=line.at_service,
        found="neither JW nor JZ",
        expected="JZ, or a separate line with JW for what was discarded",
        message="The {code} line has no JZ, and no JW line goes with it; {payer} requires one of them for a drug from "
        "a single-dose container.",
        choices=[
            Choice("nothing was discarded", "add JZ to {code} ({box})", adding("JZ", line)),
            Choice("a part was discarded", "bill that part on a separate line with JW"),
        ],
        values={
            "code": Code(line.procedure_code),
            "payer": payer.label if payer.discard_modifier_required else "Medicare",
            "box": box(line, "modifiers"),
        },
        severity=_severity(line),
    )
