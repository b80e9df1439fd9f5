"""NDC002: a drug's own code with an NDC that is not the drug's."""

from collections.abc import Iterator

from lint837 import (
    Bad,
    Choice,
    Citation,
    Code,
    DrugIdentification,
    DrugLine,
    Edit,
    Good,
    Identifier,
    NotChecked,
    Problem,
    Severity,
    rule,
)

from lint837_rules.boxes import box
from lint837_rules.listed_codes import CROSSWALKS, is_related, is_single_source, product_of
from lint837_rules.ndc.other_ndcs import is_other_ndc, packages_meant, slip
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
    ],
    bad=[
        Bad(_LINE.format("N4*50242013601", 2), at="LIN03", note="another drug of the same visit"),
        Bad(_LINE.format("N4*55531007701", 1), at="LIN03", note="two digits swapped"),
    ],
    yields_to=[("NDC009", "segment")],
    unless="is_well_coded",
)
def ndc_of_another_product(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A drug's own code is billed with an NDC that is not the drug's.

    The payer compares code and NDC with a crosswalk and rejects the line. Either the NDC or the code is wrong, also
    where the NDC is one digit away: the product that was given decides. An NDC of the same labeler that no list knows
    may be a new package or a part of a kit, so it is a warning; bill the NDC of the outer package. Only an NDC of 11
    digits with the qualifier N4 is checked here.

    Of a drug that only CMS lists, not all packages are known. So an NDC is reported only where CMS lists it under other
    codes and never under this one: an error where all packages of the code are of one other labeler, else a warning.
    """
    code = line.code
    if code is None or not code.is_product:
        return
    for item in line.drug_identifications:
        if not is_other_ndc(line, item):
            continue
        if not line.drug.lacks:
            yield _problem(line, item, code.code)
        elif not line.drug.packages:
            yield NotChecked(line, "no crosswalk that was imported lists a package of the code")
        else:
            said = _of_listed(line, item, code.code)
            yield said or NotChecked(line, "no crosswalk that was imported lists the NDC under another code")


def _of_listed(line: DrugLine, item: DrugIdentification, code: str) -> Problem | None:
    """The problem of an NDC that CMS lists under other codes alone; None for one that is not known so."""
    written, where = item.lin.element(3), line.at(item.lin, 3)
    product = product_of(line, written)
    if product is None or is_related(line, product.codes):
        return None
    sure = is_single_source(line) and written[:5] != line.drug.packages[0].digits[:5]
    meant = packages_meant(line, item)
    return Problem(
        where=where,
        found=Identifier(written),
        expected=Identifier(meant[0]) if meant else ndcs_of(line.drug),
        message="The line bills {code}, but CMS lists {found} as {product}, which is billed with {product_codes}, and "
        "never under {code}." + (" {near} differs {slip}." if meant else ""),
        choices=[
            Choice("{drug} was given", "write the NDC of the package that was used ({box})"),
            Choice("{product} was given", "bill {product_codes} and its units ({code_box}, {units_box})"),
        ],
        values={
            "code": Code(code),
            "drug": line.drug.name,
            "near": meant[0] if meant else "",
            "slip": slip(written, meant[0]) if meant else "",
            "product": product.name,
            "product_codes": " or ".join(product.codes),
            "box": box(line, "NDC"),
            "code_box": box(line, "code"),
            "units_box": box(line, "units"),
        },
        severity=None if sure else Severity.WARNING,
        sources=(CROSSWALKS,),
    )


def _problem(line: DrugLine, item: DrugIdentification, code: str) -> Problem:
    drug, written, where = line.drug, item.lin.element(3), line.at(item.lin, 3)
    known = drug.other_product(written)
    product = known or product_of(line, written)
    near = [package.digits for package in drug.packages if slip(written, package.digits)]
    unknown = product is None and any(package.digits[:5] == written[:5] for package in drug.packages)
    message = "The line bills {code}, but {found} is not an NDC of {drug}"
    if product:
        message = "The line bills {code}, but {found} is the NDC of {product}, which is billed with {product_codes}"
    elif unknown:
        message = "The NDC {found} has the labeler of {drug}, but is not one of its known packages"
    message += "; {near} differs {slip}." if near else "."
    part = ", not that of a part of the kit" if unknown and any("kit" in p.form for p in drug.packages) else ""
    meant = packages_meant(line, item)
    return Problem(
        where=where,
        found=Identifier(written),
        expected=Identifier(meant[0]) if len(meant) == 1 else ndcs_of(drug),
        message=message,
        choices=[
            Choice(
                "{drug} was given",
                f"write the NDC of the package that was used{part} ({{ndcs}}; {{box}})",
                (Edit(where, meant[0]),) if len(meant) == 1 else (),
            ),
            Choice("{product} was given", "bill {product_codes} and its units ({code_box}, {units_box})")
            if product
            else Choice("another drug was given", "bill the code of that drug and its units ({code_box}, {units_box})"),
        ],
        values={
            "code": Code(code),
            "drug": drug.name,
            "ndcs": " or ".join(meant) or ndcs_of(drug),
            "near": " or ".join(near),
            "slip": slip(written, near[0]) if near else "",
            "product": product.name if product else "",
            "product_codes": " or ".join(product.codes) if product else "",
            "box": box(line, "NDC"),
            "code_box": box(line, "code"),
            "units_box": box(line, "units"),
        },
        severity=Severity.WARNING if unknown else None,
        sources=(*drug.cited(line.code, *drug.packages, known), *([] if known or not product else [CROSSWALKS])),
    )
