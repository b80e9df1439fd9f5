"""HCP007: a miscellaneous code where a temporary code of the drug existed."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Good, NotChecked, Problem, Severity, rule

from lint837_rules.dates_of_service import undecided
from lint837_rules.sources import AMGEN_FLYER, TEXAS_NOTICE

_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_SV1 = "SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***24~"
_SV2 = "SV2*0636*HC:C9399:::::TARLATAMAB 10 MG*16000*UN*1~"
# Types of bill of a hospital for outpatients: 12x, 13x, 14x, its surgery center 83x, a critical access hospital 85x.
_HOSPITAL = frozenset({"12", "13", "14", "83", "85"})
_SURGERY_CENTER = "24"  # place of service


def _on(day: str) -> str:
    return f"DTP*472*D8*{day}~{_NDC}"


@rule(
    "HCP007",
    severity=Severity.INFO,
    cites=[TEXAS_NOTICE, AMGEN_FLYER],
    good=[
        Good(
            _SV2 + _on("20240930"),
            guide="837I",
            statement="20240930-20240930",
            note="the last day without C9170",
        ),
        Good(
            _SV2 + _on("20250101"),
            guide="837I",
            statement="20250101-20250101",
            also=("HCP002",),
            note="from 2025-01-01 the permanent code is required",
        ),
        Good(
            f"SV2*0636*HC:C9170:JZ*16000*UN*10~{_on('20241001')}",
            guide="837I",
            statement="20241001-20241001",
            note="C9170 itself",
        ),
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~{_on('20241115')}",
            note="in an office miscellaneous codes are usual",
        ),
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~{_on('20241115')}",
            facility="49",
            note="and in an independent clinic",
        ),
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1*11**1~{_on('20241115')}",
            facility="24",
            note="the line's own place of service is an office",
        ),
        Good(
            _SV2 + _on("20241115"),
            guide="837I",
            facility="11",
            statement="20241114-20241117",
            note="inpatient: the code is not what is paid",
        ),
        Good(
            _SV2 + _on("20241115"),
            guide="837I",
            facility="71",
            statement="20241115-20241115",
            note="a rural health clinic is no hospital",
        ),
        Good(
            f"{_SV2}DTP*472*RD8*20240930-20241001~{_NDC}",
            guide="837I",
            statement="20240930-20241001",
            note="a range that begins before the temporary code decides nothing",
        ),
        Good(
            _SV2 + _NDC,
            guide="837I",
            statement="20241201-20250101",
            also=("DOS001", "DOS004"),
            note="a statement period that ends after the temporary code decides nothing",
        ),
        Good(_SV1 + _NDC, facility="24", also=("DOS001",), note="without a date of service nothing is decided"),
        Good(f"SV1*HC:J9999*900*UN*1***24~{_on('20241115').replace('5551300770', '5024201360')}", facility="24"),
    ],
    bad=[
        Bad(
            _SV2 + _on("20241001"),
            at="SV202-2",
            guide="837I",
            statement="20241001-20241001",
            note="the first day",
        ),
        Bad(
            _SV2 + _on("20241231"),
            at="SV202-2",
            guide="837I",
            statement="20241231-20241231",
            note="the last day",
        ),
        Bad(
            f"SV2*0636*HC:J9999:::::IMDELLTRA*16000*UN*1~{_NDC}",
            at="SV202-2",
            guide="837I",
            facility="85",
            statement="20241201-20241231",
            note="no line date, but C9170 was valid on the whole statement period",
        ),
        Bad(_SV1 + _on("20241115"), at="SV101-2", facility="24", note="a surgery center"),
        Bad(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1*24**1~{_on('20241115')}",
            at="SV101-2",
            note="the line's own place of service is a surgery center",
        ),
        Bad(_SV1 + _on("20241115"), at="SV101-2", facility="24", dependent=True, filing_code=""),
        Bad(_SV1 + _on("20241115"), at="SV101-2", facility="24", frequency="8", severity=Severity.INFO),
    ],
)
def temporary_code_available(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A miscellaneous code is billed where the drug had a temporary code.

    A hospital for its outpatients, or an ambulatory surgery center, could bill a code that names the drug and has a
    price, while a miscellaneous code is looked at by hand; tarlatamab had C9170 from 2024-10-01 to 2024-12-31. It is
    only worth knowing: not every payer took the temporary code. An 837I is a hospital's where its type of bill is 12x,
    13x, 14x, 83x or 85x, not a clinic's, a hospice's or a nursing facility's. Where a permanent code is due, HCP002
    says so instead.
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
        correction="if the payer takes it, bill {expected} and its units (1 unit = {amount})",
        values={"date": period, "drug": line.drug.name, "amount": line.drug.measured(own.amount)},
    )


def _in_setting(line: DrugLine) -> bool:
    if line.claim.guide == "837I":
        return line.claim.facility_type in _HOSPITAL
    return line.place_of_service == _SURGERY_CENTER
