"""DIA001: a diagnosis that is not written as an ICD-10-CM code."""

import re
from collections.abc import Iterator
from functools import lru_cache

from lint837 import Bad, Citation, Code, Edit, Fix, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box
from lint837_rules.diagnoses.codes import ICD_10_CM, normal

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_FORM = "[A-Z][0-9][0-9A-Z]{1,5}"


@rule(
    "DIA001",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "CGS, CEDI, top front-end edits", "A diagnosis that is not valid is A7:255, the principal one A7:254."
        ),
        Citation(
            "CDC/NCHS and CMS, ICD-10-CM conventions", "A code is a letter, a digit, and one to five more characters."
        ),
    ],
    good=[
        Good(_VISIT, diagnoses="ABK:M1A9XX0*ABF:Z3A01"),
        Good(_VISIT.replace("20260105", "20140105"), diagnoses="BK:486*BF:E8490", note="ICD-9 has its own form"),
    ],
    bad=[
        Bad(_VISIT, diagnoses="ABK:C34.90", at="HI01-2", line="", note="a point"),
        Bad(_VISIT, diagnoses="ABK:c3490", at="HI01-2", line="", note="lower case"),
        Bad(_VISIT, diagnoses="ABK:C3490*ABF:78901", at="HI02-2", line="", note="a code of ICD-9"),
    ],
    alike="codes",
)
def diagnosis_form(claim: WholeClaim) -> Iterator[Problem]:
    """A diagnosis is not written as an ICD-10-CM code.

    Under ABK, ABF, ABJ, APR and ABN a code is a capital letter, a digit, and one to five capitals or digits, without a
    point. Payers reject other forms as invalid codes. Write the code without its point. If it is one of ICD-9, replace
    it with the ICD-10-CM code of the diagnosis. That a code exists is not checked.
    """
    for one in claim.codes:
        if one.qualifier in ICD_10_CM and not _is_usual(one.code) and one.code.strip():
            right = normal(one.code)
            usual = _is_usual(right)
            yield Problem(
                where=one.at,
                found=Code(one.code),
                expected=Code(right) if usual else "a letter, a digit, and one to five more characters",
                message="The diagnosis {found} is not written as an ICD-10-CM code.",
                correction="write {right} ({box})"
                if usual
                else "enter the ICD-10-CM code of the diagnosis, without a point ({box})",
                values={"right": Code(right), "box": box(claim, "diagnoses")},
                cause="principal" if one.qualifier == "ABK" else "",
                fixes=[Fix((Edit(one.at, right),), safe=True)] if usual else [],
            )


@lru_cache(4096)
def _is_usual(code: str) -> bool:
    return bool(re.fullmatch(_FORM, code))
