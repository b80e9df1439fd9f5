"""HCP012: a miscellaneous code for which Medicare pays a hospital nothing."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Fix, Good, NotChecked, Problem, Severity, rule

from lint837_rules.codes.change_of_code import choices_of
from lint837_rules.codes.procedure_codes import codes_for
from lint837_rules.dates_of_service import undecided

_J9999 = "SV2*0636*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1~DTP*472*D8*{0}~LIN**N4*55513007701~CTP****1*UN~"
_C9399 = _J9999.replace("J9999", "C9399")
_TYPES_OF_BILL = frozenset({"12", "13", "14"})


@rule(
    "HCP012",
    severity=Severity.INFO,
    cites=[
        Citation(
            "CMS, OPPS Addendum B, October 2025 (taken to hold for 2024, too)",
            "J9999, J3490 and J3590 have status indicator N: packaged, without a payment of their own.",
        ),
        Citation(
            "Palmetto GBA, article A55913",
            "A hospital outpatient department bills a new drug without a code under C9399, which is priced by hand.",
        ),
    ],
    good=[
        Good(
            _C9399.format("20240815"), guide="837I", statement="20240815-20240815", note="the code that Medicare prices"
        ),
    ],
    bad=[
        Bad(_J9999.format("20240516"), at="SV202-2", guide="837I", statement="20240516-20240516"),
        Bad(
            _J9999.format("20240930"),
            at="SV202-2",
            guide="837I",
            filing_code="MA",
            facility="12",
            statement="20240930-20240930",
            note="the last day before the drug's own code",
        ),
    ],
    yields_to=[("HCP005", "line")],
    unless="is_well_coded",
)
def packaged_miscellaneous_code(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A hospital bills Medicare a miscellaneous code that is paid with other services.

    Under the outpatient payment system the J codes for unlisted drugs are packaged: the drug is not paid. The C code
    for a new drug was priced by hand. It matters only while the drug has no code of its own, on types of bill 12x, 13x
    and 14x.
    """
    code, setting = line.code, line.setting
    if code is None or code.is_product or code.code.startswith("C"):
        return
    if setting.guide != "837I" or setting.place not in _TYPES_OF_BILL or not setting.is_medicare:
        return
    if line.period is None:
        yield NotChecked(line, undecided(line))
        return
    if not code.valid_on(line.period.last) or line.drug.product_code_on(line.period.last):
        return
    codes = [one for one in codes_for(line.drug, line) if one.code.startswith("C")][:1]
    choices, values = choices_of(line, line.drug, codes, "")
    yield Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=codes[0].code if codes else "a code that is paid",
        message="Medicare pays a hospital nothing for {found}: it is packaged with other services.",
        correction=choices[0].do if choices else "check with the payer which code it prices",
        values=values,
        fixes=[Fix(choices[0].edits, safe=False)] if choices and choices[0].edits else (),
        sources=line.drug.cited(code, *codes),
    )
