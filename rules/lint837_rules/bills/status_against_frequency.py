"""UBC001: a discharge status that contradicts the frequency of the bill."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Place, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_STAY = "SV2*0120**500*DA*5~"
_STILL_PATIENT = "30"
_WHOLE, _GOES_ON = ("1", "4"), ("2", "3")  # CLM05-3: the whole stay or its last bill; a bill of a stay that goes on


@rule(
    "UBC001",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2026", "The patient status and the frequency of a bill say the same of the stay."
        ),
        Citation(
            "CMS, Claims Processing Manual, chapter 25, FL 4 and FL 17", "Status 30 is a patient who is still there."
        ),
    ],
    good=[
        Good(_STAY, guide="837I", facility="11", statement="20260105-20260110"),
        Good(
            _STAY,
            guide="837I",
            facility="11",
            statement="20260105-20260110",
            frequency="2",
            instead=(("CL1*3*1*01", "CL1*3*1*30"),),
        ),
    ],
    bad=[
        Bad(
            _STAY,
            guide="837I",
            facility="11",
            statement="20260105-20260110",
            at="CL103",
            line="",
            instead=(("CL1*3*1*01", "CL1*3*1*30"),),
            note="still a patient, but the whole stay",
        ),
        Bad(_STAY, guide="837I", facility="11", statement="20260105-20260110", frequency="3", at="CL103", line=""),
    ],
    only="837I",
)
def status_against_frequency(claim: WholeClaim) -> Iterator[Problem]:
    """The discharge status and the frequency of an inpatient bill contradict each other.

    Frequency 1 and 4 bill a stay that has ended, so the patient status (CL103) is not 30, still a patient. Frequency 2
    and 3 bill one that goes on: the status is 30, and there is no discharge hour (DTP*096). Payers reject a bill that
    says both. Make them say the same. Only inpatient bills are checked, and no replacement or void.
    """
    if not claim.is_inpatient or claim.frequency not in (*_WHOLE, *_GOES_ON):
        return
    row, discharged = claim.loop.one("CL1"), claim.loop.one("DTP", "096")
    status, goes_on = row.element(3) if row else "", claim.frequency in _GOES_ON
    if row and status and (status == _STILL_PATIENT) != goes_on:
        yield _problem(claim, row.at(3), status, "the patient status is {found}")
    elif discharged and goes_on:
        yield _problem(claim, discharged.at(1), "", "there is a discharge hour (DTP*096)")


def _problem(claim: WholeClaim, where: Place, status: str, what: str) -> Problem:
    goes_on = claim.frequency in _GOES_ON
    return Problem(
        where=where,
        found=Code(status) if status else "a discharge hour",
        expected="status 30, still a patient" if goes_on else "the status at discharge",
        message=f"Frequency {{frequency}} bills a stay that {'goes on' if goes_on else 'has ended'}, but {what}.",
        correction="make the discharge status ({box}) and the frequency of the bill ({frequency_box}) say the same: "
        "still a patient, or not",
        values={
            "frequency": claim.frequency,
            "box": box(claim, "status"),
            "frequency_box": box(claim, "frequency"),
        },
    )
