"""MOD002: modifiers that contradict or repeat each other."""

from collections.abc import Iterator

from lint837 import FACTS, Bad, Choice, Claim, Code, DrugLine, Good, Place, Problem, Related, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.jw_groups import jw_groups
from lint837_rules.modifiers.modifier_edits import removing

_REST = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
_JW = f"SV1*HC:J9026:JW*4800*UN*3***1~{_REST}"


@rule(
    "MOD002",
    severity=Severity.ERROR,
    cites=["discard-policy"],
    good=[
        Good(f"SV1*HC:J9026*11200*UN*7***1~{_REST}{_JW}", note="JW on a separate line"),
    ],
    bad=[
        Bad(f"SV1*HC:J9026:JW:JZ*16000*UN*10***1~{_REST}", at="SV101-4"),
        Bad(f"SV1*HC:J9026:JZ:KX:JW*16000*UN*10***1~{_REST}", at="SV101-5", note="in any order and place"),
    ],
    prefilter=FACTS,
    unless="is_right",
)
def conflicting_modifiers(claim: Claim) -> Iterator[Problem]:
    """Modifiers contradict each other, or one is written twice.

    JW says that the line is the discarded amount, JZ that nothing was discarded. Both cannot be true of one line, and
    where a JW line bills what was discarded of a package, no line for the rest of it can have JZ. A payer also rejects
    a repeated modifier. Keep the modifier that is true; bill the discarded amount on a separate line with JW.

    JW with JZ on a line is one finding, at the later of the two. JZ beside a JW line is a finding on each line with JZ
    that has the day, the code and the NDC of the JW line; a line without an NDC goes with the only one there is. Any
    other repeated modifier is one finding, at its second place.
    """
    for line in claim.drug_lines:
        if len(line.modifiers) > 1:
            yield from _on_one_line(line)
    for group in jw_groups(claim):
        discarded = next(line for line in group if line.is_discarded)
        for line in group:
            if "JZ" in line.modifiers and "JW" not in line.modifiers:
                yield _beside(line, discarded)


def _on_one_line(line: DrugLine) -> Iterator[Problem]:
    places: dict[str, list[Place]] = {}
    for modifier, place in line.places_of_modifiers:
        places.setdefault(modifier, []).append(place)
    both = {"JW", "JZ"} <= places.keys()
    if both:
        yield _both(line, places["JW"], places["JZ"])
    for modifier, (first, *again) in places.items():
        if again and not (both and modifier in ("JW", "JZ")):
            yield Problem(
                where=again[0],
                found=Code(modifier),
                expected="each modifier once",
                message="The line has the modifier {found} more than once.",
                choices=[
                    Choice("no other modifier was meant", "write {found} once ({box})", removing(again, line)),
                    Choice("another one was meant", "write that in its place"),
                ],
                values={"box": box(line, "modifiers")},
                related=[Related(first, "the same modifier")],
            )


def _both(line: DrugLine, jw: list[Place], jz: list[Place]) -> Problem:
    earlier, later = sorted((jw[0], jz[0]), key=lambda place: place.start)
    return Problem(
        where=later,
        found="JW and JZ",
        expected="JW or JZ",
        message="The line has both JW (discarded amount) and JZ (nothing discarded); only one can be true.",
        choices=[
            Choice("nothing was discarded", "remove JW ({box})", removing([*jw, *jz[1:]], line)),
            Choice(
                "a part was discarded",
                "remove JZ, bill only that part on this line, and the administered amount on a line without JW or JZ",
            ),
        ],
        values={"box": box(line, "modifiers")},
        related=[Related(earlier, "the other modifier")],
        cause="JW with JZ",
    )


def _beside(line: DrugLine, discarded: DrugLine) -> Problem:
    return Problem(
        where=_places_of("JZ", line)[0],
        found="JZ",
        expected="no JZ beside a JW line",
        message="The line has JZ (nothing discarded), but another line of that day bills a discarded amount with JW.",
        choices=[
            Choice("a part was discarded", "remove JZ ({box})", removing(_places_of("JZ", line), line)),
            Choice("nothing was discarded", "remove the JW line, and bill what was given on this line"),
        ],
        values={"box": box(line, "modifiers")},
        related=[Related(_places_of("JW", discarded)[0], "the JW line")],
    )


def _places_of(modifier: str, line: DrugLine) -> list[Place]:
    return [place for other, place in line.places_of_modifiers if other == modifier]
