"""DTM001: a date that is no date, or a range that ends before it begins."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lint837 import Bad, Citation, Code, Good, Problem, Row, Severity, Value, WholeClaim, day_of, rule

from lint837_rules.boxes import box
from lint837_rules.services.claim_dates import NAMES, name_of

_LINE = "SV1*HC:99213*100*UN*1***1~DTP*472*{}~"
_TIME = "(?:[01][0-9]|2[0-3])[0-5][0-9]"
_FORMS = {
    "D8": ("[0-9]{8}", "CCYYMMDD"),
    "RD8": ("[0-9]{8}-[0-9]{8}", "CCYYMMDD-CCYYMMDD"),
    "DT": (f"[0-9]{{8}}{_TIME}", "CCYYMMDDHHMM"),
    "TM": (_TIME, "HHMM"),
}


@rule(
    "DTM001",
    severity=Severity.ERROR,
    cites=[
        "date-format",
        Citation("CGS, CEDI, top-15 front-end edits; UnitedHealthcare, edit H20067", "An invalid date is A7:187."),
    ],
    good=[
        Good(_LINE.format("RD8*20260105-20260105"), note="a range of one day"),
        Good(_LINE.format("D8*20260105"), claim="DTP*435*DT*202601042359~"),
    ],
    bad=[
        Bad(_LINE.format("D8*20260229"), at="DTP03"),
        Bad(_LINE.format("RD8*20260106-20260105"), at="DTP03", note="it ends before it begins"),
        Bad(_LINE.format("D8*20260105-20260106"), at="DTP03", note="a range under D8"),
        Bad(_LINE.format("D8*20260105"), claim="DTP*435*DT*202601042400~", at="DTP03", line="", note="hour 24"),
    ],
    yields_to=[("DOS002", "line")],
    alike="dates",
)
def service_date_invalid(claim: WholeClaim) -> Iterator[Problem]:
    """A date is not in the calendar, is written in another form than it says, or ends before it begins.

    DTP02 says how DTP03 is written: D8 is CCYYMMDD, RD8 a range of two such days, DT a day and a time, TM a time. Front
    ends reject a date that is not so, and a range whose last day is before its first. Write the date as CCYYMMDD, the
    first day first. The dates of service, statement, admission, discharge, accident, onset, first treatment and last
    visit are checked. A statement period of one day that is written once is left to the guide check.
    """
    for row in claim.dates:
        if row.period is None and row.element(1) in NAMES:
            wrong = _wrong(row.element(2), row.element(3))
            if wrong and not _is_one_day_stay(row):
                yield _problem(claim, row, wrong, in_line=row.line > 0)


def _is_one_day_stay(row: Row) -> bool:
    """Whether it is a statement period of one day written once: payers take it, and published samples have it."""
    return row.element(1) == "434" and row.element(2) == "RD8" and not _wrong("D8", row.element(3))


@lru_cache(4096)
def _wrong(form: str, text: str) -> str:
    """What is wrong with a date; "" where it is right."""
    if form not in _FORMS:
        return "form"
    if not re.fullmatch(_FORMS[form][0], text, re.ASCII):
        return "written"
    days = [] if form == "TM" else [day_of(part[:8]) for part in text.split("-")]
    known = [day for day in days if day]
    if len(known) < len(days):
        return "calendar"
    return "reversed" if known and known[0] > known[-1] else ""


# The parts of the forms that hold the dates of a claim.
_PARTS = {
    "837P": {
        "435": "admission",
        "096": "discharge hour",
        "431": "onset",
        **dict.fromkeys(("439", "454", "304"), "other date"),
    },
    "837I": {"434": "statement period", "435": "admission", "096": "discharge hour"},
}
_MESSAGES = {
    "form": "DTP02 of the {name} is {found}, not a form of a date.",
    "written": "The {name} is not written as {expected} ({form}).",
    "calendar": "The {name} is not in the calendar.",
    "reversed": "The {name} ends before it begins.",
}


def _problem(claim: WholeClaim, row: Row, wrong: str, *, in_line: bool) -> Problem:
    form, part = row.element(2), _box(claim, row.element(1), in_line=in_line)
    where = row.at(2 if wrong == "form" else 3)
    in_box = f"in {where.element}" + (f" ({box(claim, part)})" if part else "")
    if wrong == "form":
        found: Value = Code(form) if form else "nothing"
        expected, correction = _forms(claim, row), f"write {{expected}} {in_box}, as the date is written in DTP03"
    else:
        found, expected = "no such date" if row.element(3) else "nothing", _FORMS[form][1]
        correction = f"enter the {'time' if form == 'TM' else 'date'} as {{expected}} {in_box}"
    return Problem(
        where=where,
        found=found,
        expected=expected,
        message=_MESSAGES[wrong],
        correction=f"write the first day first {in_box}" if wrong == "reversed" else correction,
        values={"name": name_of(claim, row), "form": form if form in _FORMS else ""},
    )


def _forms(claim: WholeClaim, row: Row) -> str:
    """The forms of a date, of DTP02."""
    if row.element(1) == "096" and claim.institutional:
        return "TM"
    return {"472": "D8 or RD8", "434": "RD8", "435": "D8 or DT"}.get(row.element(1), "D8")


def _box(claim: WholeClaim, qualifier: str, *, in_line: bool) -> str:
    """The part of the form that holds a date; "" for none: a line of a form has no other date than that of service."""
    if qualifier == "472" or in_line:
        return "date" if qualifier == "472" else ""
    return _PARTS["837I" if claim.institutional else "837P"].get(qualifier, "")
