"""NDC007: a drug's NDC with a qualifier other than N4."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Fix, Good, Problem, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.packages import edits_of

_LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN*{}~CTP****1*UN~"


@rule(
    "NDC007",
    severity=Severity.ERROR,
    cites=["rfi-2151"],
    good=[
        Good(_LINE.format("*UP*055513077016"), note="a UPC with its own qualifier"),
        Good(_LINE.format("*ND*50242013601"), note="not an NDC of the drug"),
    ],
    bad=[
        Bad(_LINE.format("*ND*55513007701"), at="LIN02"),
        Bad(_LINE.format("**55513007701"), at="LIN02", note="no qualifier"),
        Bad(_LINE.format("*NDC*55513-077-01"), at="LIN02", note="the NDC is malformed, too"),
    ],
    yields_to=[("NDC009", "segment")],
    unless="is_plain",
)
def wrong_ndc_qualifier(line: DrugLine) -> Iterator[Problem]:
    """An NDC has a qualifier other than N4.

    The payer reads the NDC as another kind of number, or not at all, and rejects the line as one without an NDC. Change
    LIN02 to N4. Only an NDC of the drug is checked, in any written form.
    """
    for item in line.drug_identifications:
        if item.qualifier == "N4" or line.package_of(item) is None:
            continue
        yield Problem(
            where=item.at_qualifier,
            found=Code(item.qualifier) if item.qualifier else "nothing",
            expected=Code("N4"),
            message="The LIN has the NDC of {drug}, but its qualifier in LIN02 is {found}, not {expected}."
            if item.qualifier
            else "The LIN has the NDC of {drug}, but LIN02 has no qualifier.",
            correction="change LIN02 to {expected} ({box})" if item.qualifier else "write {expected} in LIN02 ({box})",
            values={"drug": line.drug.name, "box": box(line, "NDC")},
            fixes=[] if item.is_misplaced else [Fix(edits_of(line, item.lin, {2: "N4"}), safe=True)],
        )
