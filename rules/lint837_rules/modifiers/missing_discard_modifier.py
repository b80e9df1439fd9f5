"""MOD001: a Medicare line without JW and without JZ."""

from collections.abc import Iterator
from datetime import date

from lint837 import FACTS, Bad, Claim, Code, DrugLine, Good, NotChecked, Problem, Severity, rule

_REST = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_LINE = f"SV1*HC:J9026*16000*UN*10***1~{_REST}"
_DISCARD = frozenset({"JW", "JZ"})
_EXEMPT = frozenset({"71", "77"})  # types of bill of rural health clinics and FQHCs
_SINCE = date(2023, 7, 1)  # the first date of service that needs JZ where nothing was discarded


@rule(
    "MOD001",
    severity=Severity.ERROR,
    cites=["discard-policy"],
    good=[
        Good(
            f"SV1*HC:J9026*11200*UN*7***1~{_REST}SV1*HC:J9026:JW*4800*UN*3***1~{_REST}",
            note="the discarded part has a JW line",
        ),
        Good(_LINE, filing_code="CI", note="not Medicare"),
        Good(
            f"SV2*0636*HC:J9026*16000*UN*10~{_REST}",
            guide="837I",
            filing_code="MA",
            facility="71",
            statement="20250110-20250110",
            note="a rural health clinic",
        ),
    ],
    bad=[
        Bad(_LINE, at=""),
        Bad(
            f"{_LINE}SV1*HC:J9026:JW*16000*UN*10***1~{_REST.replace('0110', '0117')}",
            at="",
            note="the JW line is for another day",
        ),
        Bad(
            f"SV2*0636*HC:J9026*16000*UN*10~{_REST}",
            at="",
            guide="837I",
            filing_code="MA",
            statement="20250110-20250110",
            severity=Severity.WARNING,
        ),
    ],
    prefilter=FACTS,
    yields_to=[("MOD002", "day", "JW with JZ")],
)
def missing_discard_modifier(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A Medicare drug line has neither JW nor JZ.

    For a drug from a single-dose container Medicare Part B returns a line as unprocessable that says neither that a
    part was discarded (a separate JW line) nor that nothing was (JZ). Add JZ, or bill the discarded amount with JW.

    A hospital outpatient claim gets a warning, because not every service is paid by the drug. Rural health clinics
    (71x), FQHCs (77x) and inpatients need no such modifier. A JW line of the same code and day is enough. Only the
    payer to which the claim is sent counts; where a payer profile says whether it requires the modifiers, that decides.
    """
    without = [line for line in claim.drug_lines if line.is_product_line and _DISCARD.isdisjoint(line.modifiers)]
    if not without:
        return
    severity = _severity(claim)
    if severity is None:
        yield from (NotChecked(line, "the payer does not require JW or JZ here") for line in without)
        return
    for line in without:
        if line.discarded or (line.period and line.period.last < _SINCE):
            continue
        if line.discarded is None:
            yield NotChecked(line, "a JW line may belong to it, but a date of service is unknown")
            continue
        yield _problem(line, severity)


def _severity(claim: Claim) -> Severity | None:
    """The severity for the claim's payer; None where the payer does not require the modifiers."""
    payer, required = claim.claim_filing_code, claim.payer_profile.discard_modifier_required
    if claim.guide == "837P" and (payer == "MB" if required is None else required):
        return Severity.WARNING if claim.is_encounter else Severity.ERROR
    if claim.is_outpatient and (payer in ("MA", "MB") if required is None else required):
        return Severity.WARNING if claim.facility_type not in _EXEMPT else None
    return None


def _problem(line: DrugLine, severity: Severity) -> Problem:
    payer = line.claim.payer_profile
    return Problem(
        where=line.at_service,
        found="neither JW nor JZ",
        expected="JZ, or a separate line with JW for what was discarded",
        message="The {code} line has no JZ, and no JW line goes with it; {payer} requires one of them for a drug from "
        "a single-dose container.",
        correction="if nothing was discarded, add JZ to {code}; if a part was discarded, bill that part on a separate "
        "line with JW",
        values={
            "code": Code(line.procedure_code),
            "payer": payer.label if payer.discard_modifier_required else "Medicare",
        },
        severity=Severity.INFO if line.is_study_or_free else severity,
    )
