"""HCP011: a C code to Medicare from an office."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Fact, Fix, Good, NotChecked, Problem, Related, Severity, rule

from lint837_rules.codes.change_of_code import choices_of
from lint837_rules.codes.procedure_codes import codes_for
from lint837_rules.dates_of_service import undecided

_REST = "DTP*472*D8*20241115~LIN**N4*55513007701~CTP****1*UN~"
_C9170 = "SV1*HC:C9170:JZ*16000*UN*10*{}**1~" + _REST
_SURGERY_CENTER = "24"


@rule(
    "HCP011",
    severity=Severity.ERROR,
    cites=["c-codes"],
    good=[
        Good(_C9170.format("24"), note="an ambulatory surgery center"),
        Good(_C9170.format("11"), filing_code="MC", note="some Medicaid plans took the code from an office"),
        Good(f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~{_REST}", note="the code of an office"),
    ],
    bad=[
        Bad(_C9170.format("11"), at="SV101-2"),
        Bad(f"SV1*HC:C9399:::::TARLATAMAB 10 MG*16000*UN*1*22**1~{_REST}", at="SV101-2", note="a miscellaneous C code"),
        Bad(_C9170.format("11").replace("16000", "0"), at="SV101-2", severity=Severity.INFO, note="free of charge"),
    ],
    yields_to=[("HCP001", "line"), ("HCP002", "line"), ("HCP003", "line")],
    payer_dependent=True,
    study=Severity.INFO,
    needs=[Fact.EVERY_CODE],
)
def code_not_for_setting(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A C code is billed to Medicare Part B on a professional claim that is not a surgery center's.

    C codes are for hospital outpatient departments and ambulatory surgery centers (place of service 24). A Medicare
    contractor rejects them from any other place on an 837P. Bill the miscellaneous code that an office uses, or the
    drug's own code where it has a permanent one. Other payers may take a C code from an office, so only Medicare Part B
    is checked.
    """
    code = line.code
    if code is None or not code.code.startswith("C") or line.guide != "837P" or line.claim.claim_filing_code != "MB":
        return
    place = line.place_of_service
    if place in ("", _SURGERY_CENTER):
        return
    if line.period is None or line.boundary_inside:
        yield NotChecked(line, undecided(line))
        return
    codes = [one for one in codes_for(line.drug, line) if one is not code][:1]
    choices, values = choices_of(line, line.drug, codes, "")
    yield Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=codes[0].code if codes else "a code that an office can bill",
        message="{found} is for hospital outpatient departments and surgery centers; place of service {place} is "
        "neither.",
        correction="check what this line bills; an office bills the drug's own code, or {expected} if {drug} was given"
        if line.weak and codes
        else choices[0].do
        if choices
        else "check the date of service and the place of service",
        values={"place": Code(place), "drug": line.drug.name, **values},
        fixes=[Fix(choices[0].edits, safe=False)] if choices and choices[0].edits and not line.weak else (),
        related=[Related(line.at_place_of_service, "place of service")],
        sources=line.drug.cited(code, *codes),
    )
