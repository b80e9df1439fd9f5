"""MOD001: a Medicare line that says neither that a part was discarded nor that nothing was."""

from collections.abc import Iterator
from datetime import date

from lint837 import FACTS, Bad, Claim, Code, DrugLine, Good, NotChecked, PayerProfile, Problem, Severity, rule

from lint837_rules.modifiers.conflicting_modifiers import has_jw_and_jz

_ONE = "LIN**N4*55513005901~CTP****{}*UN~"  # packages of 1 mg
_TEN = "LIN**N4*55513007701~CTP****1*UN~"  # the package of 10 mg
_ON = f"DTP*472*D8*20250110~{_TEN}"
_OVER = f"DTP*472*RD8*20250110-20250111~{_TEN}"
_SV1 = "SV1*HC:J9026*16000*UN*10***1~"
_SV2 = f"SV2*0636*HC:J9026*16000*UN*10~{_ON}"
_DAY = "20250110-20250110"
# Rural health clinics and FQHCs, by the first two digits of the type of bill.
_EXEMPT = frozenset({"71", "77"})

_TELLS = frozenset({"JW", "JZ"})
_SINCE = date(2023, 7, 1)  # the first date of service that needs JZ where nothing was discarded [CMS]


@rule(
    "MOD001",
    severity=Severity.ERROR,
    cites=["discard-policy"],
    good=[
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}"),
        Good(f"SV1*HC:J9026:KX:jz*16000*UN*10***1~{_ON}", note="in any place and letter case"),
        Good(
            f"SV1*HC:J9026*11200*UN*7***1~{_ON}SV1*HC:J9026:JW*4800*UN*3***1~{_ON}",
            note="the discarded part has a JW line",
        ),
        Good(
            f"{_SV1}{_ON}SV1*HC:J9026:JW*16000*UN*10***1~{_OVER}",
            note="the JW line, of which no single day is known, may belong to it",
        ),
        Good(
            f"{_SV1}{_OVER}SV1*HC:J9026:JW*16000*UN*10***1~{_ON}",
            note="the JW line may belong to it: its own day is not known",
        ),
        Good(
            f"SV1*HC:J9026*11200*UN*7***1~DTP*472*D8*20250110~{_ONE.format(7)}"
            f"SV1*HC:J9026:JW:JZ*4800*UN*3***1~DTP*472*D8*20250110~{_ONE.format(3)}",
            also=("MOD002",),
            note="JW with JZ beside it: that is the mistake, and MOD002 tells it",
        ),
        Good(f"SV1*HC:J9999:::::TARLATAMAB*16000*UN*1***1~DTP*472*D8*20241110~{_TEN}", note="no product code"),
        Good(f"{_SV1}{_ON}", filing_code="CI", note="not Medicare"),
        Good(f"{_SV1}{_ON}", filing_code="MC", note="Medicaid"),
        Good(f"{_SV1}{_ON}", filing_code="16", note="Medicare Advantage: the plan's own rules"),
        Good(f"{_SV1}{_ON}", filing_code="", dependent=True, note="an unknown payer"),
        Good(f"{_SV1}{_ON}", filing_code="MA", note="part A pays no professional claim"),
        Good(f"{_SV1}{_ON}", filing_code="CI", other_payer="MB", note="Medicare B is another payer of the claim"),
        Good(_SV2, guide="837I", filing_code="MA", facility="71", statement=_DAY, note="a rural health clinic"),
        Good(_SV2, guide="837I", filing_code="MA", facility="77", statement=_DAY, note="an FQHC"),
        Good(_SV2, guide="837I", filing_code="MA", facility="11", statement=_DAY, note="an inpatient"),
        Good(f"{_SV1}{_ON}", payer=PayerProfile(discard_modifier_required=False)),
        Good(
            _SV2,
            guide="837I",
            filing_code="MC",
            facility="77",
            statement=_DAY,
            payer=PayerProfile(discard_modifier_required=True),
            note="an FQHC",
        ),
    ],
    bad=[
        Bad(f"{_SV1}{_ON}", at=""),
        Bad(f"SV1*HC:J9026:KX*16000*UN*10***1~{_ON}", at="", note="another modifier"),
        Bad(f"SV1*HC:C9170*16000*UN*10***1~DTP*472*D8*20241110~{_TEN}", at=""),
        Bad(f"{_SV1}{_TEN}", at="", note="whatever the date of service"),
        Bad(
            f"{_SV1}{_ON}SV1*HC:J9026:JW*16000*UN*10***1~DTP*472*D8*20250117~{_TEN}",
            at="",
            note="the JW line is of another day",
        ),
        Bad(f"{_SV1}{_ON}SV1*HC:C9170:JW*16000*UN*10***1~{_ON}", at="", note="the JW line has another code"),
        Bad(
            f"{_SV1}{_ON}SV1*HC:J9026:JW:JZ*16000*UN*10***1~DTP*472*D8*20250117~{_TEN}",
            at="",
            note="JW with JZ on another day",
        ),
        Bad(f"{_SV1}{_ON}{_SV1}DTP*472*D8*20250117~{_TEN}", at="", line="1 2"),
        Bad(
            f"{_SV1}{_ON}SV1*HC:J9026:JW*4800*UN*3***1~{_ON}{_SV1}DTP*472*D8*20250117~{_TEN}",
            at="",
            line="3",
            note="the JW line goes with the first alone",
        ),
        Bad(f"{_SV1}{_ON}", at="", dependent=True, note="a dependent; an unknown payer is never asked for it"),
        Bad(_SV2, at="", guide="837I", filing_code="MA", statement=_DAY, severity=Severity.WARNING),
        Bad(_SV2, at="", guide="837I", statement=_DAY, severity=Severity.WARNING),
        Bad(
            _SV2,
            at="",
            guide="837I",
            facility="12",
            filing_code="MA",
            statement=_DAY,
            severity=Severity.WARNING,
            note="type of bill 12x is outpatient here",
        ),
        Bad(f"{_SV1}{_ON}", at="", purpose="RP", severity=Severity.WARNING, note="an encounter"),
        Bad(f"SV1*HC:J9026:Q0*16000*UN*10***1~{_ON}", at="", severity=Severity.INFO, note="in a study"),
        Bad(f"SV1*HC:J9026*.01*UN*10***1~{_ON}", at="", severity=Severity.INFO, note="free of charge"),
        Bad(f"{_SV1}{_ON}", at="", frequency="8", severity=Severity.INFO, note="a void mirrors the original"),
        Bad(
            f"{_SV1}{_ON}",
            at="",
            filing_code="MC",
            payer=PayerProfile(title="Example Health", discard_modifier_required=True),
        ),
        Bad(
            _SV2,
            at="",
            guide="837I",
            filing_code="MC",
            statement=_DAY,
            payer=PayerProfile(title="Example Health", discard_modifier_required=True),
            severity=Severity.WARNING,
        ),
    ],
    prefilter=FACTS,
)
def missing_discard_modifier(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A Medicare drug line has neither JW nor JZ.

    Medicare part B returns as unprocessable a line of a drug from a single-dose container that says neither that a part
    was discarded (JW, on a line of its own) nor that nothing was (JZ). Add JZ, or bill the discarded amount with JW.

    The payer is the one that the claim is sent to. A hospital's claim gets a warning, since not every outpatient
    service is paid by the drug; rural health clinics (71x), FQHCs (77x) and inpatients need no such modifier. A JW line
    of the same code and day is enough; where one may be of that day, or where a line of that day has both JW and JZ,
    nothing is said.

    Where a payer profile says whether the payer asks for the modifiers, that decides.
    """
    without = [line for line in claim.drug_lines if line.is_product_line and _TELLS.isdisjoint(line.modifiers)]
    if not without:
        return
    severity = _severity(claim)
    if severity is None:
        yield from (NotChecked(line, "the payer does not ask for JW or JZ here") for line in without)
        return
    contradictory: dict[str, set[date | None]] = {}
    for line in claim.drug_lines:
        if has_jw_and_jz(line):
            contradictory.setdefault(line.procedure_code, set()).add(line.day)
    for line in without:
        if line.discarded:
            continue
        if line.period and line.period.last < _SINCE:
            continue
        if line.discarded is None:
            yield NotChecked(line, "a JW line may go with it, but a day is not known")
            continue
        days = contradictory.get(line.procedure_code)
        if days and (line.day is None or not days.isdisjoint((line.day, None))):
            continue
        yield _problem(line, severity)


def _severity(claim: Claim) -> Severity | None:
    """How grave it is for the claim's payer; None where the payer does not ask for the modifiers."""
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
        expected="JZ, or a line of its own with JW for what was discarded",
        message="The line of {code} has neither JZ nor a line with JW beside it; {payer} wants to know whether a part "
        "of the single-dose container was discarded.",
        correction="if nothing was discarded, add JZ to {code}; if a part was, bill that part on a line of its own "
        "with JW",
        values={
            "code": Code(line.procedure_code),
            "payer": payer.label if payer.discard_modifier_required else "Medicare",
        },
        severity=Severity.INFO if line.is_study_or_free else severity,
    )
