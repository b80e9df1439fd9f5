"""UBC004: a revenue code that is not four digits."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Edit, Fix, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_LINE = "SV2*{}*HC:99213*100*UN*1~DTP*472*D8*20260105~"
_THREE = "[1-9][0-9]{2}"
_LONGEST = 5  # characters of what may be shown
_FORM = "[0-3][0-9]{3}"


@rule(
    "UBC004",
    severity=Severity.ERROR,
    cites=[Citation("Stedi, claim edits, 2025-12-09", "A revenue code is four digits, of which the first is 0 to 3.")],
    good=[
        Good(_LINE.format("0510"), guide="837I"),
        Good(_LINE.format("3101"), guide="837I", note="adult day care"),
    ],
    bad=[
        Bad(_LINE.format("510"), guide="837I", at="SV201", note="the leading 0 is missing"),
        Bad(_LINE.format("05100"), guide="837I", at="SV201"),
        Bad(_LINE.format("9510"), guide="837I", at="SV201"),
    ],
    alike="services",
)
def revenue_code_form(claim: WholeClaim) -> Iterator[Problem]:
    """A revenue code is not four digits.

    Each line of an 837I has a revenue code in SV201: four digits, of which the first is 0, 1, 2 or 3. Systems often
    drop the leading 0. Whether a code exists is not checked: the list needs a license.
    """
    for line in claim.lines:
        service = line.service
        written = service.element(1) if service and line.institutional else ""
        if not service or not written or re.fullmatch(_FORM, written):
            continue
        short, shown = bool(re.fullmatch(_THREE, written)), written.isalnum() and len(written) <= _LONGEST
        yield Problem(
            where=service.at(1),
            found=Code(written) if shown else "no code",
            expected=f"0{written}" if short else "four digits",
            message=f"The revenue code{' {found}' if shown else ''} is not four digits, of which the first is 0 to 3.",
            correction="change it to {expected} ({box})" if short else "enter the four digits of the code ({box})",
            values={"box": box(claim, "revenue code")},
            fixes=[Fix((Edit(service.at(1), f"0{written}"),), safe=True)] if short else (),
        )
