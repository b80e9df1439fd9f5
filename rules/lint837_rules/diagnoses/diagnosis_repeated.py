"""DIA004: one diagnosis twice on a claim."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, HiCode, Problem, Related, Severity, WholeClaim, rule

from lint837_rules.boxes import box
from lint837_rules.diagnoses.codes import normal, own_codes

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"


@rule(
    "DIA004",
    severity=Severity.WARNING,
    cites=[Citation("Stedi, claim edits, 2026-03-25", "A diagnosis may be on a claim once.")],
    good=[
        Good(_VISIT, diagnoses="ABK:C3490*ABF:C3491"),
        Good(_VISIT, diagnoses="ABK:C3490~HI*ABJ:C3490", note="an admitting diagnosis may repeat it"),
    ],
    bad=[
        Bad(_VISIT, diagnoses="ABK:C3490*ABF:E119*ABF:E119", at="HI03-2", line=""),
        Bad(_VISIT, diagnoses="ABK:C3490*ABF:C34.90", at="HI02-2", line="", note="with a point"),
    ],
    alike="bill",
)
def diagnosis_repeated(claim: WholeClaim) -> Iterator[Problem]:
    """A diagnosis is on the claim twice.

    Some payers reject a claim that repeats a diagnosis among its principal and other ones. Remove the second, and count
    the diagnosis pointers of the lines again. An admitting diagnosis, a reason for visit and a cause of injury may
    repeat another.

    It is a warning; a configuration can make it an error for the payers that reject it.
    """
    own = own_codes(claim)
    if len(own) < 2:
        return
    first: dict[str, HiCode] = {}
    for one in own:
        code = normal(one.code)
        earlier = first.setdefault(code, one)
        if earlier is not one:
            yield Problem(
                where=one.at,
                found=Code(code),
                expected="each diagnosis once",
                message="The diagnosis {found} is on the claim twice.",
                correction="remove the second {found} ({box}), and count the diagnosis pointers of the lines again",
                values={"box": box(claim, "diagnoses")},
                related=[Related(earlier.at, "the first")],
            )
