"""PAT003: a patient level that contradicts who the patient is."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"


@rule(
    "PAT003",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2026-01-19",
            "SBR02 is 18 where the subscriber is the patient, and there is no dependent then; else there is one.",
        )
    ],
    good=[Good(_VISIT, filing_code="CI"), Good(_VISIT, filing_code="CI", dependent=True)],
    bad=[
        Bad(_VISIT, filing_code="CI", instead=(("SBR*P*18*", "SBR*P**"),), at="SBR02", line=""),
        Bad(
            _VISIT,
            filing_code="CI",
            dependent=True,
            instead=(("SBR*P**", "SBR*P*18*"),),
            at="SBR02",
            line="",
            note="18, and a dependent",
        ),
    ],
    alike="bill",
)
def dependent_mismatch(claim: WholeClaim) -> Iterator[Problem]:
    """SBR02 says that the subscriber is the patient, and a dependent follows; or it does not, and none follows.

    The payer cannot tell who was treated, and rejects the claim. If the patient is the subscriber, write 18 in SBR02
    and send no loop 2000C. If not, leave SBR02 empty and send the patient in loop 2000C. A subscriber is reported once,
    whatever the number of his claims.
    """
    sbr = claim.sbr
    if sbr is None:
        return
    relation = sbr.element(2)
    is_self, dependent = relation == "18", claim.dependent is not None
    if is_self != dependent:
        return
    yield Problem(
        where=sbr.at(2),
        found=Code(relation) if relation else "nothing",
        expected="nothing, since a dependent follows" if dependent else "18, since no dependent follows",
        message="SBR02 says that the subscriber is the patient (18), but a dependent (loop 2000C) follows."
        if dependent
        else "SBR02 does not say that the subscriber is the patient (18), but no dependent (loop 2000C) follows.",
        correction="if the patient is the subscriber, write 18 in SBR02 and drop loop 2000C ({box}); if not, leave "
        "SBR02 empty and send the patient in loop 2000C",
        values={"box": box(claim, "relationship")},
        once=str(claim.subscriber.piece.start if claim.subscriber.piece else ""),
    )
