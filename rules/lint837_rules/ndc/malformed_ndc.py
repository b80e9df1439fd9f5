"""NDC001: an NDC on a drug's line that is not written as a claim must write it."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, DrugLine, Edit, Fix, Good, Identifier, Problem, Severity, rule

from lint837_rules.sources import ASP_CROSSWALK

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
_CTP = "CTP****1*UN~"


@rule(
    "NDC001",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edit: Invalid NDC format",
            "An NDC in loop 2410 LIN03 is 11 digits without blanks or hyphens, on 837P and 837I; others are rejected.",
        ),
        ASP_CROSSWALK,
    ],
    good=[
        Good(f"{_SV1}LIN**N4*55513007701~{_CTP}"),
        Good("SV1*HC:J9026:JZ*1600*UN*1***1~DTP*472*D8*20250110~LIN**N4*55513005901~CTP****1*UN~"),
        Good(f"{_SV1}LIN**N4*50242013601~{_CTP}", note="well formed, though of another product", also=("NDC002",)),
        Good(f"{_SV1}LIN**UP*055513077016~{_CTP}", note="a UPC is no NDC"),
        Good(f"{_SV1}LIN**EN*4006381333931~{_CTP}", note="an EAN is none either"),
        Good(
            "SV1*HC:J2941*5332*UN*84***1~DTP*472*D8*20250110~LIN**N4*0013-2646-81~CTP****7*UN~",
            note="another drug",
        ),
    ],
    bad=[
        Bad(f"{_SV1}LIN**N4*55513-077-01~{_CTP}", at="LIN03", note="as the FDA and the package write it"),
        Bad(f"{_SV1}LIN**N4*55513-0077-01~{_CTP}", at="LIN03"),
        Bad(f"{_SV1}LIN**N4*55513 077 01~{_CTP}", at="LIN03"),
        Bad(f"{_SV1}LIN**N4*55513-0077-1~{_CTP}", at="LIN03", note="5-4-1"),
        Bad(f"{_SV1}LIN**N4*0002-6063-51~{_CTP}", at="LIN03", note="4-4-2, of another drug"),
        Bad(f"{_SV1}LIN**N4*50242-136-01~{_CTP}", at="LIN03", note="5-3-2, of another drug"),
        Bad(f"{_SV1}LIN**N4*50242-0136-01~{_CTP}", at="LIN03", note="5-4-2 with hyphens, of another drug"),
        Bad(f"{_SV1}LIN**N4*5551-377-01~{_CTP}", at="LIN03", note="4-3-2, which no NDC is"),
        Bad(f"{_SV1}LIN**N4*5551307701~{_CTP}", at="LIN03", note="ten digits"),
        Bad(f"{_SV1}LIN**N4*555130077011~{_CTP}", at="LIN03", note="twelve digits"),
        Bad(f"{_SV1}LIN**N4*55513007701 1~{_CTP}", at="LIN03", note="eleven digits, and one behind them"),
        Bad(f"{_SV1}LIN**N4*5551-307701~{_CTP}", at="LIN03", note="a hyphen where no part ends"),
        Bad(f"{_SV1}LIN**N4*05551307701~{_CTP}", at="LIN03", note="eleven digits, the zero at the wrong place"),
        Bad(f"{_SV1}LIN**N4*55513007701 *~{_CTP}", at="LIN03", note="with a blank behind it"),
        Bad(
            f"{_SV1}LIN**N4*N455513007701~{_CTP}",
            at="LIN03",
            note="the qualifier is in LIN02, not in the NDC",
        ),
        Bad(f"{_SV1}LIN**N4*5024201360~{_CTP}", at="LIN03", note="ten digits of another drug"),
        Bad(f"{_SV1}LIN**N4~{_CTP}", at="LIN03", note="no NDC behind N4"),
        Bad(f"{_SV1}LIN~{_CTP}", at="LIN03", note="nothing at all"),
        Bad(f"{_SV1}LIN**N4*N4 55513-077-01~{_CTP}", at="LIN03", note="N4 and hyphens"),
        Bad(f"{_SV1}LIN**ND*55513-077-01~{_CTP}", at="LIN03", note="the product's NDC, whatever LIN02 says"),
        Bad(f"{_SV2}LIN**N4*55513-077-01~{_CTP}", at="LIN03", guide="837I", statement="20250110-20250110"),
        Bad(f"{_SV1}LIN**N4*55513-077-01~{_CTP}", at="LIN03", dependent=True, filing_code=""),
        Bad(f"{_SV1}LIN**N4*55513-077-01~{_CTP}", at="LIN03", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}LIN**N4*55513-077-01~{_CTP}",
            at="LIN03",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
        Bad(
            "SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*UN*1***1~DTP*472*D8*20241110~LIN**N4*1234567~CTP****1*UN~",
            at="LIN03",
            severity=Severity.WARNING,
            note="a line that is only perhaps the drug's",
        ),
    ],
)
def malformed_ndc(line: DrugLine) -> Iterator[Problem]:
    """An NDC is not written as 11 digits.

    A claim writes an NDC as 11 digits, labeler 5, product 4, package 2, without hyphens or blanks. Packages show fewer
    digits with hyphens: a zero goes in front of the part that is too short, not in front of the whole (55513-077-01
    becomes 55513007701). A clearinghouse rejects other forms before the payer sees them.
    """
    for item in line.drug_identifications:
        package = line.package_of(item)
        written = item.lin.exact(3)
        if package is None and item.lin.element(2) != "N4" and written.strip():
            continue
        if written == package.digits if package else re.fullmatch(r"[0-9]{11}", written):
            continue
        right = package.digits if package else _right_form(written)
        known = line.claim.formulary.by_ndc(right)
        right = known[1].digits if known else right
        if not written.strip():
            message = "LIN03 holds no NDC."
        elif written.strip() == right:
            message = 'The NDC "{found}" has a blank before or behind it.'
        elif written.startswith("N4"):
            message = 'The NDC "{found}" begins with N4, which stands in LIN02.'
        elif len(written) == 11 and written.isdecimal():
            message = 'The NDC "{found}" has 11 digits, but its zero stands at the wrong place.'
        elif len(written) == 10 and written.isdecimal():
            message = 'The NDC "{found}" has 10 digits; on a claim it has 11 (5-4-2).'
        else:
            message = 'The NDC "{found}" is not written as 11 digits (5-4-2).'
        where = item.at_ndc
        yield Problem(
            where=where,
            found=Identifier(written) if written else "nothing",
            expected=Identifier(right) if right else "11 digits: labeler 5, product 4, package 2",
            message=message,
            correction="change it to {expected}" if right else "write the NDC of the package as 11 digits",
            fixes=[Fix((Edit(where, right),), safe=True)] if right else (),
        )


def _right_form(written: str) -> str:
    """The 11 digits of an NDC whose parts are shown by hyphens or blanks, or that has N4 or blanks around it; else "",
    since where the zero is missing cannot be known.
    """
    bare = written.strip().removeprefix("N4").strip()
    parts = re.split(r"[- ]", bare)
    if not re.fullmatch(r"[0-9]+", "".join(parts)):
        return ""
    if tuple(map(len, parts)) in ((4, 4, 2), (5, 3, 2), (5, 4, 1), (5, 4, 2)):
        return "".join(part.zfill(width) for part, width in zip(parts, (5, 4, 2), strict=True))
    return bare if len(bare) == 11 and len(parts) == 1 else ""
