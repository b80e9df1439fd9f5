"""NDC008: two NDCs on one service line."""

from collections.abc import Iterator

from lint837 import Bad, Citation, DrugLine, Good, Problem, Related, Severity, rule

_SV1 = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_HALVES = "LIN**N4*55513007701~CTP****.5*UN~LIN**N4*55513005901~CTP****5*UN~"
_ONE = "LIN**N4*55513005901~CTP****{}*UN~"


@rule(
    "NDC008",
    severity=Severity.ERROR,
    cites=[
        "loop-2410",
        Citation(
            "Palmetto GBA, Reporting the National Drug Code; HealthChoice Oklahoma, claims with NDC",
            "For a drug from two NDCs some payers want one line with the second NDC in NTE02, others a line for each "
            "NDC with modifiers; none wants two in loop 2410.",
        ),
    ],
    good=[
        Good(
            f"SV1*HC:J9026:JZ*14400*UN*9***1~DTP*472*D8*20250110~{_ONE.format(9)}"
            f"SV1*HC:J9026:JZ:KP*1600*UN*1***1~DTP*472*D8*20250110~{_ONE.format(1)}",
            note="each on its own line",
        ),
    ],
    bad=[
        Bad(_SV1 + _HALVES, at="", note="two packages"),
        Bad(_SV1 + _NDC + _NDC, at="", note="the same NDC twice"),
        Bad(f"{_SV1}{_NDC}LIN**N4*00338004938~CTP****50*ML~", at="", note="the second is another product"),
    ],
)
def repeated_drug_identification(line: DrugLine) -> Iterator[Problem]:
    """A service line has more than one LIN.

    Loop 2410 occurs once per service line: a payer reads the first or the last NDC, or rejects the claim. Payers differ
    on how to bill a drug from two packages: on two lines, often with KP and KQ, or on one line with the second NDC in a
    note. There is one finding a line, at the second LIN.
    """
    items = line.drug_identifications
    if len(items) < 2:
        return
    first, second = items[:2]
    ndcs = [line.package_of(item) or item.ndc for item in items]
    if len(set(ndcs)) == 1:
        correction = "keep one LIN, with the whole quantity of the NDC in its CTP"
    else:
        correction = "bill each NDC on a separate line, or as the payer asks for a drug from two packages"
    yield Problem(
        where=second.at_lin,
        found=len(items),
        expected=1,
        message="The line has {found} LIN segments, but it can report only {expected} NDC.",
        correction=correction,
        related=[Related(item.at_ndc, "NDC") for item in (first, *items[2:])],
    )
