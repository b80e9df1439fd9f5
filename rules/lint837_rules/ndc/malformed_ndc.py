"""NDC001: a malformed NDC on a drug's line."""

import re
from collections.abc import Iterator

from lint837 import Bad, Choice, Citation, DrugLine, Fix, Good, Identifier, Problem, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.ndc.written_forms import right_form, what_is_wrong
from lint837_rules.packages import edits_of, ndcs_of

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**{}~CTP****1*UN~"


@rule(
    "NDC001",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edit: Invalid NDC format",
            "An NDC in loop 2410 LIN03 is 11 digits without spaces or hyphens, on 837P and 837I; others are rejected.",
        ),
        "rfi-2151",
    ],
    good=[
        Good(_LINE.format("N4*50242013601"), also=("NDC002",), note="well formed, but of another product"),
    ],
    bad=[
        Bad(_LINE.format("N4*55513-077-01"), at="LIN03", note="as on the package"),
        Bad(_LINE.format("N4*05551307701"), at="LIN03", note="11 digits, the zero in the wrong place"),
    ],
    yields_to=[("NDC009", "segment")],
    unless="is_well_coded",
)
def malformed_ndc(line: DrugLine) -> Iterator[Problem]:
    """An NDC is not written as 11 digits.

    A claim writes an NDC as 11 digits (labeler 5, product 4, package 2) without hyphens or spaces. Packages show 10
    digits with hyphens: add a zero to the part that is too short, not in front of the whole (12345-678-90 becomes
    12345067890). Nothing else belongs in LIN03. A clearinghouse rejects other forms before the payer sees them.
    """
    for item in line.drug_identifications:
        written = item.lin.exact(3)
        known = line.by_ndc(written)
        own = known is not None and known[0] is line.drug
        if not own and item.qualifier != "N4" and written.strip():
            continue
        if written == known[1].digits if known and own else re.fullmatch(r"[0-9]{11}", written):
            continue
        right, only_form = right_form(written, line)
        correction, choices = "write the NDC of the package that was used as 11 digits ({ndcs}; {box})", []
        fixes = [Fix(edits_of(line, item.lin, {3: right}), safe=only_form)] if right else []
        right_of = line.by_ndc(right)
        if right and line.is_product_line and (right_of is None or right_of[0] is not line.drug):
            given = Choice("{drug} was given", "write the NDC of the package that was used ({ndcs}; {box})")
            other = Choice("another drug was given", "write {expected} ({box}), and bill the code of that drug")
            correction, choices, fixes = "", [given, other], []
        elif right:
            correction = "change it to {expected} ({box})"
        elif _is_of_another_labeler(written, line):
            given = Choice("{drug} was given", "write the NDC of the package that was used ({ndcs}; {box})")
            other = Choice(
                "another drug was given", "write its NDC as 11 digits ({box}), and bill the code of that drug"
            )
            correction, choices = "", [given, other]
        yield Problem(
            where=line.at(item.lin, 3),
            found=Identifier(written) if written else "nothing",
            expected=Identifier(right) if right else "11 digits: labeler 5, product 4, package 2",
            message=what_is_wrong(written, right, only_form=only_form),
            correction=correction,
            choices=choices,
            values={"box": box(line, "NDC"), "drug": line.drug.name, "ndcs": ndcs_of(line.drug)},
            fixes=fixes,
        )


def _is_of_another_labeler(written: str, line: DrugLine) -> bool:
    """Whether ten digits or more begin like no NDC of the drug, also where a zero of the labeler was left out."""
    digits = re.sub(r"[^0-9]", "", written)
    labelers = {package.digits[:5] for package in line.drug.packages}
    return len(digits) >= 10 and not digits.startswith(tuple(labelers)) and f"0{digits}"[:5] not in labelers
