"""NDC002: a drug's own code with an NDC that is not the drug's."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugIdentification, DrugLine, Good, Identifier, Problem, Severity, rule

from lint837_rules.packages import ndcs_of

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**{}~CTP****{}*UN~"


@rule(
    "NDC002",
    severity=Severity.ERROR,
    cites=[
        "asp-crosswalk",
        Citation(
            "Anthem, National Drug Codes are required for outpatient claims (2025)",
            "The NDC must be that of the package from which the drug was taken; a wrong one delays the payment.",
        ),
    ],
    good=[
        Good(_LINE.format("N4*55513-077-01", 1), also=("NDC001",), note="the drug's NDC, written differently"),
        Good(_LINE.format("UP*055513077016", 1), note="a UPC is not an NDC"),
    ],
    bad=[
        Bad(_LINE.format("N4*50242013601", 2), at="LIN03", note="another drug of the same visit"),
        Bad(_LINE.format("N4*55531007701", 1), at="LIN03", note="two digits swapped"),
        Bad(
            _LINE.format("N4*55513069001", 1),
            at="LIN03",
            severity=Severity.WARNING,
            note="of the same labeler: it may be part of the kit, or a new package",
        ),
    ],
)
def ndc_of_another_product(line: DrugLine) -> Iterator[Problem]:
    """A drug's own code is billed with an NDC that is not the drug's.

    The payer compares code and NDC with a crosswalk and rejects the line. Either the NDC or the code is wrong. An
    unknown NDC of the same labeler may be a new package or a part of a kit, so it is a warning; bill the NDC of the
    outer package. Only an NDC of 11 digits with the qualifier N4 is checked here.
    """
    code, drug = line.code, line.drug
    if code is None or not code.is_product:
        return
    for item in line.drug_identifications:
        if not _is_foreign(line, item):
            continue
        written = item.ndc
        near = [package.digits for package in drug.packages if _slip(written, package.digits)]
        of_labeler = any(package.digits[:5] == written[:5] for package in drug.packages)
        message = "The line bills {code}, but {found} is not an NDC of {drug}."
        otherwise = "if not, bill the code of the drug that was given"
        correction = f"if {{drug}} was given, write the NDC of the package that was used ({{ndcs}}); {otherwise}"
        if near:
            message = "The line bills {code}, but {found} is not an NDC of {drug}; {near} differs {slip}."
            correction = (
                "if that package was used, change it to {near}"
                if len(near) == 1
                else "change it to the NDC of the package that was used: {near}"
            )
        elif of_labeler:
            message = "The NDC {found} has the labeler of {drug}, but is not one of its known packages."
            part = ", not that of a part of the kit" if any("kit" in p.form for p in drug.packages) else ""
            correction = f"if {{drug}} was given, write the NDC of its package{part} ({{ndcs}}); {otherwise}"
        yield Problem(
            where=item.at_ndc,
            found=Identifier(written),
            expected=Identifier(near[0]) if len(near) == 1 else ndcs_of(drug),
            message=message,
            correction=correction,
            values={
                "code": Code(code.code),
                "drug": drug.name,
                "ndcs": ndcs_of(drug),
                "near": " or ".join(near),
                "slip": _slip(written, near[0]) if near else "",
            },
            severity=Severity.WARNING if of_labeler else None,
            sources=drug.cited(code, *drug.packages),
        )


def _is_foreign(line: DrugLine, item: DrugIdentification) -> bool:
    """Whether a LIN has a well-formed NDC that is not one of the drug's."""
    well_formed = item.qualifier == "N4" and re.fullmatch(r"[0-9]{11}", item.lin.exact(3))
    return bool(well_formed) and line.package_of(item) is None


def _slip(written: str, right: str) -> str:
    """How an NDC differs from the right one by a typing error: one wrong digit, or two neighbors swapped; else ""."""
    wrong = [n for n in range(len(right)) if written[n] != right[n]]
    if len(wrong) == 1:
        return "in one digit"
    first = wrong[0]
    swapped = written[:first] + written[first : first + 2][::-1] + written[first + 2 :]
    return "by two swapped digits" if swapped == right else ""
