"""HCP007: a miscellaneous code although the drug had a temporary code."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Good, NotChecked, Problem, Severity, rule

from lint837_rules.dates_of_service import undecided

_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_SV2 = "SV2*0636*HC:C9399:::::TARLATAMAB 10 MG*16000*UN*1~"
# The types of bill of hospital outpatients (12x, 13x, 14x), hospital surgery centers (83x), critical access hospitals.
_HOSPITAL = frozenset({"12", "13", "14", "83", "85"})
_SURGERY_CENTER = "24"  # place of service


@rule(
    "HCP007",
    severity=Severity.INFO,
    cites=["specific-code"],
    good=[
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241115~{_NDC}",
            note="in an office a miscellaneous code is usual",
        ),
        Good(
            f"{_SV2}DTP*472*D8*20241115~{_NDC}",
            guide="837I",
            facility="71",
            statement="20241115-20241115",
            note="a rural health clinic is not a hospital",
        ),
    ],
    bad=[
        Bad(f"{_SV2}DTP*472*D8*20241001~{_NDC}", at="SV202-2", guide="837I", statement="20241001-20241001"),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***24~DTP*472*D8*20241115~{_NDC}",
            at="SV101-2",
            facility="24",
            note="an ambulatory surgery center",
        ),
    ],
)
def temporary_code_available(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A miscellaneous code is billed although the drug had a temporary code.

    A hospital outpatient department or ambulatory surgery center could bill a code that names the drug and has a price;
    a payer prices a miscellaneous (unlisted) code by hand. It is info, because not every payer accepted the temporary
    code. An 837I is a hospital's where its type of bill is 12x, 13x, 14x, 83x or 85x; clinics, hospices and nursing
    facilities are not.
    """
    code, period = line.code, line.period
    if code is None or code.is_product or not _in_setting(line):
        return
    if period is None:
        yield NotChecked(line, undecided(line))
        return
    own = line.drug.product_code_on(period.first)
    if own is None or own.kind != "temporary":
        return
    if not all(known.valid_on(day) for known in (own, code) for day in period):
        return
    yield Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=Code(own.code),
        message="{found} is a miscellaneous code; for {date} {drug} had the temporary code {expected}.",
        correction="if the payer accepts {expected}, bill it with its units (1 unit = {amount})",
        values={"date": period, "drug": line.drug.name, "amount": line.drug.measured(own.amount)},
        sources=line.drug.cited(code, own),
    )


def _in_setting(line: DrugLine) -> bool:
    if line.claim.guide == "837I":
        return line.claim.facility_type in _HOSPITAL
    return line.place_of_service == _SURGERY_CENTER
