"""DIA005: a principal diagnosis that can only be another one."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box
from lint837_rules.diagnoses.codes import PRINCIPAL, normal

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_EXTERNAL_CAUSES = "VWXY"  # ICD-10-CM, chapter 20
_WHOLE, _SEQUELA = 7, "S"


@rule(
    "DIA005",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "ICD-10-CM, official guidelines, I.B.10 and I.C.20",
            "An external cause (V00 to Y99) is never the first diagnosis. A sequela code (seventh character S) follows "
            "the code of the condition itself.",
        ),
        Citation("Stedi, claim edits, 2026-01-21 and 2026; UnitedHealthcare, Smart Edit IPDDN", "Payers reject both."),
    ],
    good=[
        Good(_VISIT, diagnoses="ABK:S52501A*ABF:W010XXA"),
        Good(_VISIT, diagnoses="ABK:Z5111", note="a code of chapter 21"),
    ],
    bad=[
        Bad(_VISIT, diagnoses="ABK:W010XXA*ABF:S52501A", at="HI01-2", line="", note="an external cause"),
        Bad(_VISIT, diagnoses="ABK:S52501S", at="HI01-2", line="", note="a sequela"),
    ],
    alike="codes",
)
def principal_not_principal(claim: WholeClaim) -> Iterator[Problem]:
    """The first diagnosis is an external cause or a sequela, which only follows another one.

    A code that begins with V, W, X or Y says how an injury came about, and one whose seventh character is S says that a
    condition is the late effect of an injury. Neither can be the principal diagnosis, so payers reject the claim. Put
    the injury or condition first. The E codes of ICD-9 are external causes, too.
    """
    for one in claim.codes:
        if one.qualifier in PRINCIPAL:
            code = normal(one.code)
            external = code[:1] == "E" if one.qualifier == "BK" else bool(code) and code[0] in _EXTERNAL_CAUSES
            sequela = one.qualifier == "ABK" and len(code) == _WHOLE and code.endswith(_SEQUELA)
            if external or sequela:
                yield Problem(
                    where=one.at,
                    found=Code(one.code),
                    expected="the injury or condition",
                    message="The first diagnosis, {found}, is {what}, which can only follow another one.",
                    correction="put the injury or condition first, and {found} after it ({box})",
                    values={
                        "what": "an external cause" if external else "a sequela",
                        "box": box(claim, "diagnoses"),
                    },
                )
