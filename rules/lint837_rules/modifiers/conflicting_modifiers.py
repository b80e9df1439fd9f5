"""MOD002: modifiers that contradict each other, or that stand twice."""

from collections.abc import Iterator

from lint837 import Bad, Code, DrugLine, Good, Place, Problem, Related, Severity, rule

_TEN = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "MOD002",
    severity=Severity.ERROR,
    cites=["discard-policy"],
    good=[
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~{_TEN}"),
        Good(f"SV1*HC:J9026:JZ:KX:PO*16000*UN*10***1~{_TEN}", note="different modifiers"),
        Good(
            f"SV1*HC:J9026*11200*UN*7***1~{_TEN}SV1*HC:J9026:JW*4800*UN*3***1~{_TEN}",
            note="JW on a line of its own",
        ),
        Good(f"SV1*HC:J9026:JZ:::*16000*UN*10***1~{_TEN}", note="empty places are not modifiers"),
        Good("SV1*HC:96413:59:59*410*UN*1***1~DTP*472*D8*20250110~", note="not a line of the drug"),
    ],
    bad=[
        Bad(f"SV1*HC:J9026:JW:JZ*16000*UN*10***1~{_TEN}", at="SV101-4"),
        Bad(f"SV1*HC:J9026:JZ:KX:JW*16000*UN*10***1~{_TEN}", at="SV101-5", note="in any order and place"),
        Bad(f"SV1*HC:J9026:JZ:JZ*16000*UN*10***1~{_TEN}", at="SV101-4", note="one modifier twice"),
        Bad(f"SV1*HC:J9026:JZ:jz *16000*UN*10***1~{_TEN}", at="SV101-4", note="however it is written"),
        Bad(f"SV1*HC:J9026:JZ:JZ:JZ*16000*UN*10***1~{_TEN}", at="SV101-4", note="three times is one finding"),
        Bad(f"SV1*HC:J9026:JW:JZ:JW:JZ*16000*UN*10***1~{_TEN}", at="SV101-4", note="one cause"),
        Bad(
            "SV1*HC:J9999:JZ:JZ:::TARLATAMAB*16000*UN*1***1~DTP*472*D8*20241110~",
            at="SV101-4",
            note="under any code",
        ),
        Bad(
            "SV1*HC:J3490:JW:JZ:::PREMED FOR IMDELLTRA*20*UN*1***1~DTP*472*D8*20241110~",
            at="SV101-4",
            severity=Severity.WARNING,
            note="a line that is only perhaps the drug's",
        ),
        Bad(
            f"SV2*0636*HC:J9026:JW:JZ*16000*UN*10~{_TEN}",
            at="SV202-4",
            guide="837I",
            statement="20250110-20250110",
        ),
        Bad(f"SV1*HC:J9026:JW:JZ*16000*UN*10***1~{_TEN}", at="SV101-4", dependent=True, filing_code=""),
        Bad(f"SV1*HC:J9026:JW:JZ*16000*UN*10***1~{_TEN}", at="SV101-4", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9026:JW:JZ*16000*UN*10~{_TEN}",
            at="SV202-4",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def conflicting_modifiers(line: DrugLine) -> Iterator[Problem]:
    """A line has JW and JZ, or one modifier twice.

    JW says that the line is the discarded amount, JZ that nothing was discarded: a payer cannot believe both, and
    rejects a modifier that stands twice. Keep the one that is true; the discarded amount has a line of its own with JW.
    JW with JZ is one finding, at the later of the two, however often they stand there; any other modifier that stands
    more than once is one finding, at its second place.
    """
    if len(line.modifiers) < 2:
        return
    first: dict[str, Place] = {}
    again: dict[str, Place] = {}
    for modifier, place in line.places_of_modifiers:
        if modifier in first:
            again.setdefault(modifier, place)
        first.setdefault(modifier, place)
    if has_jw_and_jz(line):
        earlier, later = sorted((first["JW"], first["JZ"]), key=lambda place: place.start)
        yield Problem(
            where=later,
            found="JW and JZ",
            expected="JW or JZ",
            message="The line has JW, a discarded amount, and JZ, nothing discarded: only one of them can be true.",
            correction="if nothing was discarded, remove JW; if a part was, remove JZ and bill the discarded part "
            "alone with JW",
            related=[Related(earlier, "the other modifier")],
        )
        again = {modifier: place for modifier, place in again.items() if modifier not in ("JW", "JZ")}
    for modifier, place in again.items():
        yield Problem(
            where=place,
            found=Code(modifier),
            expected="each modifier once",
            message="The modifier {found} stands more than once on the line.",
            correction="remove the second {found}, or write the modifier that was meant",
            related=[Related(first[modifier], "the same modifier")],
        )


def has_jw_and_jz(line: DrugLine) -> bool:
    """Whether a line says both that it is a discarded amount and that nothing was discarded."""
    return {"JW", "JZ"} <= set(line.modifiers)
