"""DIA003: diagnoses of a code set that the date of service does not have."""

from collections.abc import Iterator
from datetime import date

from lint837 import Bad, Citation, Good, HiCode, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box
from lint837_rules.diagnoses.codes import ICD_9, ICD_10

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*{}~"
_CHANGE = date(2015, 10, 1)  # the first date of service, or last day of a statement, of ICD-10
_FOREVER_ICD_9 = frozenset({"WC", "AM", "LM"})  # SBR09 of payers that HIPAA does not bind


@rule(
    "DIA003",
    severity=Severity.ERROR,
    cites=[
        Citation("Stedi, claim edits, 2026", "ICD-9 is for services before 2015-10-01, ICD-10 from that day."),
        Citation(
            "45 CFR 162.1002; CMS, MLN SE1408", "The day of service decides; for an inpatient stay the discharge."
        ),
    ],
    good=[
        Good(_VISIT.format("20150930"), diagnoses="BK:486"),
        Good(_VISIT.format("20151001"), diagnoses="ABK:J189"),
    ],
    bad=[
        Bad(_VISIT.format("20151001"), diagnoses="BK:486", at="HI01-2", line=""),
        Bad(_VISIT.format("20150930"), diagnoses="ABK:J189", at="HI01-2", line=""),
        Bad(_VISIT.format("20260105"), diagnoses="ABK:J189*BF:486", at="HI02-2", line="", note="both sets"),
        Bad(
            _VISIT.format("20160105"),
            diagnoses="BK:486",
            filing_code="WC",
            at="HI01-2",
            line="",
            severity=Severity.WARNING,
            note="workers' compensation may still use ICD-9",
        ),
    ],
    alike="bill",
)
def code_set_against_date(claim: WholeClaim) -> Iterator[Problem]:
    """Diagnoses are of ICD-9 for services from 2015-10-01, or of ICD-10 for earlier ones, or of both.

    The date of service decides: ICD-9 through 2015-09-30, ICD-10 from 2015-10-01. On an 837I it is the last day of the
    statement, the discharge. Payers reject codes of the other set, and claims with both. Property and casualty payers
    (SBR09 WC, AM, LM) need not have changed, so for them it is a warning.
    """
    services = claim.services
    qualifiers = {one.qualifier for one in claim.codes}
    if ICD_9.isdisjoint(qualifiers) and (services is None or services.last >= _CHANGE):
        return
    old = [one for one in claim.codes if one.qualifier in ICD_9 and one.code.strip()]
    new = [one for one in claim.codes if one.qualifier in ICD_10 and one.code.strip()]
    if old and new:
        yield _problem(claim, old[0], "both", "The claim has diagnoses of ICD-9 and of ICD-10.")
    elif old and services and (services.last if claim.institutional else services.first) >= _CHANGE:
        yield _problem(claim, old[0], "ICD-9", "The diagnoses are of ICD-9, and the services are from 2015-10-01 on.")
    elif new and services and services.last < _CHANGE:
        yield _problem(claim, new[0], "ICD-10", "The diagnoses are of ICD-10, and the services are before 2015-10-01.")


def _problem(claim: WholeClaim, one: HiCode, cause: str, message: str) -> Problem:
    return Problem(
        where=one.at,
        found="codes of ICD-9 and ICD-10" if cause == "both" else f"codes of {cause}",
        expected="the code set of the date of service",
        message=message,
        correction="use the code set of the date of service, ICD-10 from 2015-10-01 ({box}), and correct the date if "
        "that is wrong",
        values={"box": box(claim, "diagnoses")},
        severity=Severity.WARNING if claim.filing_code in _FOREVER_ICD_9 else None,
        cause=cause,
    )
