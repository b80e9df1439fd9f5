"""MOD002: modifiers that contradict or repeat each other."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Good, Place, Problem, Related, Severity, rule

_REST = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "MOD002",
    severity=Severity.ERROR,
    cites=["discard-policy"],
    good=[
        Good(
            f"SV1*HC:J9026*11200*UN*7***1~{_REST}SV1*HC:J9026:JW*4800*UN*3***1~{_REST}",
            note="JW on a separate line",
        )
    ],
    bad=[
        Bad(f"SV1*HC:J9026:JW:JZ*16000*UN*10***1~{_REST}", at="SV101-4"),
        Bad(f"SV1*HC:J9026:JZ:KX:JW*16000*UN*10***1~{_REST}", at="SV101-5", note="in any order and place"),
        Bad(f"SV1*HC:J9026:JZ:JZ*16000*UN*10***1~{_REST}", at="SV101-4", note="one modifier twice"),
    ],
)
def conflicting_modifiers(line: DrugLine) -> Iterator[Problem]:
    """A line has JW and JZ, or one modifier twice.

    JW says that the line is the discarded amount, JZ that nothing was discarded: both cannot be true. A payer also
    rejects a repeated modifier. Keep the modifier that is true; bill the discarded amount on a separate line with JW.
    JW with JZ is one finding, at the later of the two. Any other repeated modifier is one finding, at its second place.
    """
    if len(line.modifiers) < 2:
        return
    first: dict[str, Place] = {}
    again: dict[str, Place] = {}
    for modifier, place in line.places_of_modifiers:
        if modifier in first:
            again.setdefault(modifier, place)
        first.setdefault(modifier, place)
    if {"JW", "JZ"} <= first.keys():
        earlier, later = sorted((first["JW"], first["JZ"]), key=lambda place: place.start)
        yield Problem(
            where=later,
            found="JW and JZ",
            expected="JW or JZ",
            message="The line has both JW (discarded amount) and JZ (nothing discarded); only one can be true.",
            correction="if nothing was discarded, remove JW; if a part was discarded, remove JZ and bill only that "
            "part with JW",
            related=[Related(earlier, "the other modifier")],
            cause="JW with JZ",
        )
        again = {modifier: place for modifier, place in again.items() if modifier not in ("JW", "JZ")}
    for modifier, place in again.items():
        yield Problem(
            where=place,
            found=Code(modifier),
            expected="each modifier once",
            message="The line has the modifier {found} more than once.",
            correction="remove the second {found}, or write the modifier that was meant",
            related=[Related(first[modifier], "the same modifier")],
        )
