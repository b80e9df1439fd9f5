"""NDC009: a drug's NDC in another element than LIN03, or before the first service line."""

from collections.abc import Iterator

from lint837 import (
    FACTS,
    Bad,
    Claim,
    DrugIdentification,
    DrugLine,
    Edit,
    Fix,
    Good,
    Identifier,
    Problem,
    Severity,
    rule,
)

from lint837_rules.boxes import box

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_CTP = "CTP****1*UN~"


@rule(
    "NDC009",
    severity=Severity.ERROR,
    cites=["rfi-2151", "loop-2410"],
    good=[
        Good(f"{_SV1}LIN**N4*55513007701~{_CTP}"),
    ],
    bad=[
        Bad(f"{_SV1}LIN***N4*55513007701~{_CTP}", at="LIN04", note="an element doubled"),
        Bad(f"{_SV1}LIN*N4*55513007701~{_CTP}", at="LIN02", note="an element lost"),
    ],
    prefilter=FACTS,
    unless="is_right",
)
def misplaced_drug_identification(claim: Claim) -> Iterator[Problem]:
    """A drug's NDC is in another element than LIN03, or before the first service line.

    A payer reads only LIN02 and LIN03 of loop 2410, which belongs to one service line: it finds no NDC, or rejects the
    file. Write N4 in LIN02 and the NDC in LIN03, after the SV1 or SV2 of its line. There is one finding a LIN; before
    the first line, one a claim.
    """
    stray = [item for item in claim.stray_identifications if item.known]
    yield from (_before_the_lines(claim, item) for item in stray[:1])
    for line in claim.drug_lines:
        for item in line.drug_identifications:
            package = line.package_of(item)
            if item.is_misplaced and package:
                yield _out_of_place(line, item, package.digits)


def _before_the_lines(claim: Claim, item: DrugIdentification) -> Problem:
    return Problem(
        where=item.at_ndc,
        found="an NDC before the first service line",
        expected="the NDC in the loop of its service line",
        message="The NDC {ndc} is before the first service line (LX), so it belongs to no line.",
        correction="move the LIN and its CTP to just after the SV1 or SV2 of the line that bills the drug ({box})",
        values={"ndc": Identifier(item.ndc), "box": box(claim, "NDC")},
        cause="before the first line",
    )


def _out_of_place(line: DrugLine, item: DrugIdentification, right: str) -> Problem:
    separator = item.lin.delimiters.element.decode("latin-1")
    others = {text.strip() for text in item.lin.texts[1:]} - {"", "N4", item.ndc}
    return Problem(
        where=item.at_ndc,
        found=f"LIN{item.ndc_element:02}",
        expected="LIN03",
        message="The NDC {ndc} is in {found}, not in {expected}.",
        correction="write N4 in LIN02 and {right} in {expected}, and nothing else in the LIN ({box})",
        values={"ndc": Identifier(item.ndc), "right": Identifier(right), "box": box(line, "NDC")},
        fixes=[Fix((Edit(item.at_lin, separator.join(("LIN", "", "N4", right))),), safe=not others)],
    )
