"""NDC008: two NDCs on one service line."""

from collections.abc import Iterator

from lint837 import Bad, Citation, DrugLine, Good, Problem, Related, Severity, rule

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_SV2 = "SV2*0636*HC:J9026:JZ*16000*UN*10~DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_TWO = "LIN**N4*55513007701~CTP****.5*UN~LIN**N4*55513005901~CTP****5*UN~"


@rule(
    "NDC008",
    severity=Severity.ERROR,
    cites=[
        "loop-2410",
        Citation(
            "Palmetto GBA, Reporting the National Drug Code; HealthChoice Oklahoma, claims with NDC",
            "Payers differ for a drug of two NDCs: one line with the second NDC in NTE02, or a line for each NDC with "
            "modifiers; never two in loop 2410.",
        ),
    ],
    good=[
        Good(_SV1 + _NDC),
        Good(_SV1, note="none"),
        Good(
            "SV1*HC:J9026:JZ*14400*UN*9***1~DTP*472*D8*20250110~LIN**N4*55513005901~CTP****9*UN~"
            "SV1*HC:J9026:JZ:KP*1600*UN*1***1~DTP*472*D8*20250110~LIN**N4*55513005901~CTP****1*UN~",
            note="each on a line of its own",
        ),
        Good("SV1*HC:J2941*5332*UN*84***1~DTP*472*D8*20250110~" + _NDC.replace("55513007701", "00013264681") * 2),
    ],
    bad=[
        Bad(_SV1 + _TWO, at="", note="two packages"),
        Bad(_SV1 + _NDC + _NDC, at="", note="the same one twice"),
        Bad(_SV1 + _NDC * 3, at="", note="one finding a line"),
        Bad(f"{_SV1}{_NDC}LIN**N4*00338004938~CTP****50*ML~", at="", note="the second is another product"),
        Bad(f"{_SV1}{_NDC}LIN**N4*55513-077-01~CTP****1*UN~", at="", note="the same one twice, written otherwise"),
        Bad(
            "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*50242013601~CTP****1*UN~"
            "LIN**N4*00338004938~CTP****50*ML~",
            at="",
            note="two other products",
        ),
        Bad(f"{_SV1}LIN**UP*055513077016~CTP****1*UN~{_NDC}", at="", note="also with different qualifiers"),
        Bad(
            "SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20241110~" + _TWO,
            at="",
            note="under a miscellaneous code",
        ),
        Bad(_SV2 + _TWO, at="", guide="837I", statement="20250110-20250110"),
        Bad(_SV1 + _TWO, at="", dependent=True, filing_code=""),
        Bad(_SV1 + _TWO, at="", frequency="8", severity=Severity.INFO),
        Bad(
            _SV2 + _TWO,
            at="",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def repeated_drug_identification(line: DrugLine) -> Iterator[Problem]:
    """A service line has more than one LIN.

    Loop 2410 occurs once a service line: a payer reads the first or the last NDC, or rejects the claim. How a drug from
    two packages is billed differs by payer: on two lines (often with KP and KQ), or on one with the second NDC in a
    note. One finding a line, at the second LIN. The units are compared with the sum of the quantities.
    """
    items = line.drug_identifications
    if len(items) < 2:
        return
    first, second = items[:2]
    ndcs = [line.package_of(item) or item.ndc for item in items]
    if len(set(ndcs)) == 1:
        correction = "keep one LIN, with the whole quantity of the NDC in its CTP"
    else:
        correction = "bill each NDC on a line of its own, or as the payer asks for a drug from two packages"
    yield Problem(
        where=second.at_lin,
        found=len(items),
        expected=1,
        message="The line has {found} LIN, but it can hold only {expected} NDC.",
        correction=correction,
        related=[Related(item.at_ndc, "NDC") for item in (first, *items[2:])],
    )
