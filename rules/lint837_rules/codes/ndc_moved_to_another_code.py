"""HCP015: an NDC that CMS moved from the line's code to another one."""

from collections.abc import Iterator

from lint837 import Bad, Choice, Code, DrugLine, Good, Identifier, Problem, Related, Severity, rule, show

from lint837_rules.boxes import box
from lint837_rules.listed_codes import CROSSWALKS, moved_to

_LINE = "SV1*HC:{}*90*UN*10***1~DTP*472*D8*{}~LIN**N4*54288010310~CTP****1*UN~"
_LISTED = (
    "J0171 54288-0103-10 1 10 10 2025Q1-2025Q2 Adrenalin 0.1 MG",
    "J0165 54288-0103-10 1 10 10 2025Q3-2025Q4 Adrenalin 0.1 MG",
    "J0171 99999-0103-10 1 10 10 2025Q1-2025Q4 Epinephrine 0.1 MG",
)


@rule(
    "HCP015",
    severity=Severity.WARNING,
    cites=["asp-crosswalk"],
    good=[
        Good(_LINE.format("J0171", "20250630"), listed=_LISTED, note="the last day of the quarter before"),
        Good(_LINE.format("J0165", "20250701"), listed=_LISTED, note="the new code"),
    ],
    bad=[Bad(_LINE.format("J0171", "20250702"), at="SV101-2", listed=_LISTED)],
    yields_to=[("HCP001", "line")],
    unless="is_well_coded",
)
def ndc_moved_to_another_code(line: DrugLine) -> Iterator[Problem]:
    """CMS moved the NDC of the line to another code before the date of service.

    CMS listed the NDC under the line's code in an earlier quarter. In the quarter of the date of service, and since, it
    lists it under other codes alone; a payer that compares code and NDC rejects the line. Bill the new code and its
    units. An NDC that is listed under no code in that quarter, or under this one again later, is not reported, nor is a
    date in two quarters.
    """
    code = line.code
    if code is None or not line.drug.lacks:
        return
    for item in line.drug_identifications:
        moved = moved_to(line, item)
        if moved is None:
            continue
        since, codes = moved
        where = f"{line.at_procedure_code.element} ({box(line, 'code')})"
        yield Problem(
            where=line.at_procedure_code,
            found=Code(code.code),
            expected=" or ".join(codes),
            message="CMS lists {ndc} under {codes} from {since}, and no longer under {found}.",
            choices=[
                Choice(
                    "the NDC is that of the package that was used",
                    f"bill {{codes}} in {where}, and the units that it counts ({box(line, 'units')})",
                ),
                Choice("it is not", f"correct the NDC ({box(line, 'NDC')})"),
            ],
            values={"ndc": Identifier(item.ndc), "codes": " or ".join(codes), "since": show(since.first)},
            related=[Related(item.at_ndc, "NDC")],
            sources=(CROSSWALKS,),
        )
