"""HCP007: a miscellaneous code although the drug had a temporary code."""

from collections.abc import Iterator

from lint837 import Bad, Choice, Code, DrugLine, Fix, Good, NotChecked, Problem, Severity, rule

from lint837_rules.codes.change_of_code import change_to
from lint837_rules.codes.procedure_codes import says_otherwise
from lint837_rules.dates_of_service import undecided

_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_SV2 = "SV2*0636*HC:C9399:::::TARLATAMAB 10 MG*16000*UN*1~"
_HOSPITAL, _SURGERY_CENTER = "hospital outpatient", "surgery center"


@rule(
    "HCP007",
    severity=Severity.WARNING,
    cites=["specific-code"],
    good=[
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241115~{_NDC}",
            note="in an office a miscellaneous code is usual",
        ),
    ],
    bad=[
        Bad(f"{_SV2}DTP*472*D8*20241001~{_NDC}", at="SV202-2", guide="837I", statement="20241001-20241001"),
        Bad(
            f"{_SV2}DTP*472*D8*20241001~{_NDC}",
            at="SV202-2",
            guide="837I",
            filing_code="CI",
            statement="20241001-20241001",
            severity=Severity.INFO,
            note="not Medicare",
        ),
    ],
    unless="is_well_coded",
)
def temporary_code_available(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A miscellaneous code is billed although the drug had a temporary code.

    A hospital outpatient department or ambulatory surgery center could bill a code that names the drug and has a price;
    a payer prices a miscellaneous (unlisted) code by hand. Medicare returns an 837I with it to the provider. To other
    payers, and from a surgery center, it is info, because not every payer accepted the temporary code. An 837I is a
    hospital's where its type of bill is 12x, 13x, 14x, 83x or 85x; clinics, hospices and nursing facilities are not.
    """
    code, period = line.code, line.period
    if code is None or code.is_product or line.setting.where not in (_HOSPITAL, _SURGERY_CENTER):
        return
    if period is None:
        yield NotChecked(line, undecided(line))
        return
    own = line.drug.product_code_on(period.first)
    if own is None or own.kind != "temporary":
        return
    if not all(known.valid_on(day) for known in (own, code) for day in period):
        return
    returned = line.guide == "837I" and line.setting.is_medicare
    change, certain = change_to(line, line.drug, own), returned and not says_otherwise(line)
    condition = "{drug} was given, which the text does not name" if returned else "the payer accepts {expected}"
    yield Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=Code(own.code),
        message="{found} is a miscellaneous code; for {date} {drug} had the temporary code {expected}.",
        correction="{change}" if certain else "",
        choices=() if certain else [Choice(condition, "{change}", change.edits)],
        values={"date": period, "drug": line.drug.name, "change": change.do},
        fixes=[Fix(change.edits, safe=False)] if certain and change.edits else (),
        severity=Severity.WARNING if returned else Severity.INFO,
        sources=line.drug.cited(code, own),
    )
