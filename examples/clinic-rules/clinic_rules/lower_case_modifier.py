"""CLN002: a modifier in lower case."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Edit, Fix, Good, NotChecked, Problem, Severity, rule

_LINE = "SV1*HC:{}*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "CLN002",
    severity=Severity.WARNING,
    cites=["clearinghouse"],
    good=[Good(_LINE.format("J9026:JZ")), Good(_LINE.format("j9026:jz"), also=("HCP010",), note="the code, too")],
    bad=[Bad(_LINE.format("J9026:jz"), at="SV101-3")],
    yields_to=[("HCP010", "line")],
)
def lower_case_modifier(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A modifier is in lower case.

    The clearinghouse rejects the line. Write the modifier in capital letters. Where the procedure code is malformed as
    well, HCP010 is the finding.
    """
    if not line.modifiers:
        yield NotChecked(line, "it has no modifier")
    for modifier, place in line.places_of_modifiers:
        written = place.segment.exact(place.number, place.component)
        if written != written.upper():
            yield Problem(
                where=place,
                found=Code(written),
                expected=Code(modifier),
                message="The modifier {found} is in lower case.",
                correction="change it to {expected}",
                fixes=[Fix((Edit(place, modifier),), safe=True)],
            )
