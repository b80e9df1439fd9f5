"""NDC002: a drug's own code with an NDC that is not the drug's."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugIdentification, DrugLine, Good, Identifier, Problem, Severity, rule

from lint837_rules.package_words import ndcs_of
from lint837_rules.sources import AMGEN_FLYER, ASP_CROSSWALK

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
_OTHER = "LIN**N4*50242013601~CTP****2*UN~"


@rule(
    "NDC002",
    severity=Severity.ERROR,
    cites=[
        AMGEN_FLYER,
        ASP_CROSSWALK,
        Citation(
            "Anthem, National Drug Codes are required for outpatient claims (2025)",
            "The NDC must be that of the package from which the drug was taken; a wrong one delays the payment.",
        ),
        Citation(
            "FDA, structured product label 1e7b6163-5d83-42ea-82c9-cf7620cdc782, version 5",
            "A package of IMDELLTRA is a kit: a vial of powder and a stabilizer, which may have NDCs of their own.",
        ),
    ],
    good=[
        Good(f"{_SV1}LIN**N4*55513007701~CTP****1*UN~"),
        Good("SV1*HC:J9026:JZ*1600*UN*1***1~DTP*472*D8*20250110~LIN**N4*55513005901~CTP****1*UN~"),
        Good(
            f"{_SV1}LIN**N4*55513-077-01~CTP****1*UN~",
            also=("NDC001",),
            note="the product's NDC, only written otherwise",
        ),
        Good(f"{_SV1}LIN**N4*5024201360~CTP****1*UN~", also=("NDC001",), note="ten digits may be any package"),
        Good(f"{_SV1}LIN**UP*055513077016~CTP****1*UN~", note="a UPC is no NDC"),
        Good(f"{_SV1}LIN**EN*50242013601~CTP****1*UN~", note="an EAN is none either"),
        Good(f"{_SV1}LIN**ND*50242013601~CTP****1*UN~", note="what stands behind another qualifier is not judged"),
        Good(
            f"SV1*HC:J3262*2000*UN*400***1~DTP*472*D8*20250110~{_OTHER}",
            note="the code of another drug, with its NDC",
        ),
        Good(
            "SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241110~LIN**N4*55513007701~CTP****1*UN~",
            note="a miscellaneous code, whose NDC says which drug it is",
        ),
    ],
    bad=[
        Bad(f"{_SV1}{_OTHER}", at="LIN03", note="another drug of the same visit"),
        Bad(f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20241110~{_OTHER}", at="LIN03"),
        Bad(f"{_SV1}LIN**N4*55513007801~CTP****1*UN~", at="LIN03", severity=Severity.WARNING, note="one digit"),
        Bad(f"{_SV1}LIN**N4*55531007701~CTP****1*UN~", at="LIN03", note="two digits changed places"),
        Bad(f"{_SV1}LIN**N4*55512007701~CTP****1*UN~", at="LIN03", note="one digit, in the labeler's part"),
        Bad(
            f"{_SV1}LIN**N4*55513005701~CTP****1*UN~",
            at="LIN03",
            severity=Severity.WARNING,
            note="one digit away from both packages",
        ),
        Bad(
            f"{_SV1}LIN**N4*55513069001~CTP****1*UN~",
            at="LIN03",
            severity=Severity.WARNING,
            note="of the same labeler: perhaps a part of the kit, or a package that is new",
        ),
        Bad(
            f"{_SV1}LIN**N4*55513007701~CTP****1*UN~{_OTHER}",
            at="LIN03",
            note="a second NDC on the line",
        ),
        Bad(f"{_SV2}{_OTHER}", at="LIN03", guide="837I", statement="20250110-20250110"),
        Bad(f"{_SV1}{_OTHER}", at="LIN03", dependent=True, filing_code=""),
        Bad(f"{_SV1}{_OTHER}", at="LIN03", frequency="8", severity=Severity.INFO),
        Bad(
            f"{_SV2}{_OTHER}",
            at="LIN03",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def ndc_of_another_product(line: DrugLine) -> Iterator[Problem]:
    """A drug's own code is billed with an NDC that is not the drug's.

    The payer compares code and NDC with a crosswalk and rejects the line. Either the NDC is wrong, or the code. An NDC
    of the same labeler that is not known may be a new package or a part of the kit: that is a warning, as the outer
    package's NDC is the one that is billed. Only 11 digits behind N4 are judged; what is not well formed is a matter
    of malformed-ndc. The unit of measure of another product's quantity is not judged.
    """
    code = line.code
    if code is None or not code.is_product:
        return
    for item in line.drug_identifications:
        if not _is_foreign(line, item):
            continue
        written = item.ndc
        near = [package.digits for package in line.drug.packages if _slip(written, package.digits)]
        of_labeler = any(package.digits[:5] == written[:5] for package in line.drug.packages)
        message = "The line bills {code}, but the NDC {found} is not one of {drug}."
        correction = (
            "if {drug} was given, write the NDC of the package that was used ({ndcs}); if not, bill the code of the "
            "drug that was given"
        )
        if near:
            message = "The line bills {code}, but the NDC {found} is not one of {drug}; {near} differs {slip}."
            correction = (
                "if that package was used, change it to {near}"
                if len(near) == 1
                else "change it to the NDC of the package that was used: {near}"
            )
        elif of_labeler:
            message = "The NDC {found} has the labeler of {drug}, but is none of its known packages."
            part = ", not that of a part of the kit" if any("kit" in p.form for p in line.drug.packages) else ""
            correction = (
                f"if {{drug}} was given, write the NDC of its package{part} ({{ndcs}}); if not, bill the code of the "
                "drug that was given"
            )
        yield Problem(
            where=item.at_ndc,
            found=Identifier(written),
            expected=Identifier(near[0]) if len(near) == 1 else ndcs_of(line.drug),
            message=message,
            correction=correction,
            values={
                "code": Code(code.code),
                "drug": line.drug.name,
                "ndcs": ndcs_of(line.drug),
                "near": " or ".join(near),
                "slip": _slip(written, near[0]) if near else "",
            },
            severity=Severity.WARNING if of_labeler else None,
        )


def _is_foreign(line: DrugLine, item: DrugIdentification) -> bool:
    """Whether a LIN holds a well-formed NDC that is none of the drug's."""
    well_formed = item.lin.element(2) == "N4" and re.fullmatch(r"[0-9]{11}", item.lin.exact(3))
    return bool(well_formed) and line.package_of(item) is None


def _slip(written: str, right: str) -> str:
    """How an NDC that is not the right one differs from it by a slip: one digit is another, two neighbors changed
    places; else "".
    """
    wrong = [n for n in range(len(right)) if written[n] != right[n]]
    if len(wrong) == 1:
        return "in one digit"
    first = wrong[0]
    exchanged = written[:first] + written[first : first + 2][::-1] + written[first + 2 :]
    return "by two exchanged digits" if exchanged == right else ""
