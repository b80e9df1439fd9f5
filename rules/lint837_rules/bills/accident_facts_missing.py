"""ACC001: an accident without its date or state, or a date without the accident."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Place, Problem, Row, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_END = "**A*Y*Y~"
_CAR, _OTHER, _WORK = "AA", "OA", "EM"


@rule(
    "ACC001",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2026-08-13 and 2026",
            "An accident has its date, before the service, and a car's its state.",
        ),
        Citation("PM Help Center, rejections", "A claim with an accident and no date is rejected."),
    ],
    good=[
        Good(_VISIT, instead=((_END, "**A*Y*Y**AA:::TX~"),), claim="DTP*439*D8*20260105~"),
        Good(_VISIT, instead=((_END, "**A*Y*Y**EM~"),), note="employment, perhaps without an accident"),
    ],
    bad=[
        Bad(_VISIT, instead=((_END, "**A*Y*Y**OA~"),), at="CLM11-1", line="", note="no date"),
        Bad(_VISIT, instead=((_END, "**A*Y*Y**AA~"),), claim="DTP*439*D8*20260101~", at="CLM11-4", line=""),
        Bad(_VISIT, claim="DTP*439*D8*20260101~", at="DTP01", line="", severity=Severity.WARNING, note="no cause"),
        Bad(_VISIT, instead=((_END, "**A*Y*Y**OA~"),), claim="DTP*439*D8*20260106~", at="DTP03", line=""),
    ],
    only="837P",
    alike="bill",
)
def accident_facts_missing(claim: WholeClaim) -> Iterator[Problem]:
    """The claim says that an accident was the cause, and its date or state is missing; or has the date alone.

    CLM11 of an 837P says AA (a car) or OA (another accident): then DTP*439 is its date, and for a car CLM11-4 its
    state, unless it was in another country (CLM11-5). The date is not after the first service. Payers reject the claim
    otherwise, since they must know who else may owe. A date without a cause in CLM11 is a warning.
    """
    happened = next((row for row in claim.dates if row.element(1) == "439"), None)
    if not happened and not claim.clm.element(11):
        return
    causes = [part.strip() for part in claim.clm.components(11)]
    first = next((n for n, cause in enumerate(causes[:3], 1) if cause in (_CAR, _OTHER)), 0)
    if first and not happened:
        yield _problem(claim, claim.clm.at(11, first), "date")
    if _CAR in causes[:3] and not any(causes[3:5]):
        yield _problem(claim, claim.clm.at(11, 4), "state")
    if happened:
        yield from _dated(claim, happened, any(cause in (_CAR, _OTHER, _WORK) for cause in causes[:3]))


def _dated(claim: WholeClaim, happened: Row, known: object) -> Iterator[Problem]:
    if not known:
        yield _problem(claim, happened.at(1), "cause", Severity.WARNING)
    if happened.period and claim.services and happened.period.first > claim.services.first:
        yield _problem(claim, happened.at(3), "late")


_SAID = {
    "date": (
        "CLM11 says that an accident was the cause, but there is no date of it (DTP*439).",
        "enter the date of the accident in DTP*439 ({date_box})",
    ),
    "state": (
        "CLM11 says that a car accident was the cause, but not in which state.",
        "enter the state of the accident in CLM11-4 ({box})",
    ),
    "cause": (
        "There is a date of an accident (DTP*439), but CLM11 gives no cause.",
        "enter the cause in CLM11, AA for a car, OA for another accident, EM for employment ({box}), or remove it",
    ),
    "late": (
        "The date of the accident is after the first date of service.",
        "correct the date of the accident ({date_box}) or of the service",
    ),
}


def _problem(claim: WholeClaim, where: Place, cause: str, severity: Severity | None = None) -> Problem:
    message, correction = _SAID[cause]
    return Problem(
        where=where,
        found="a later date" if cause == "late" else "an accident's date" if cause == "cause" else "nothing",
        expected={"late": "a day through the first service", "cause": "AA, OA or EM in CLM11"}.get(
            cause, f"the {cause}"
        ),
        message=message,
        correction=correction,
        values={"box": box(claim, "accident"), "date_box": box(claim, "other date")},
        severity=severity,
        cause=cause,
    )
