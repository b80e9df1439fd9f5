"""MOD003: a discarded amount without the administered one."""

from collections.abc import Iterator

from lint837 import FACTS, Bad, Claim, CodeLines, DrugLine, Good, NotChecked, Problem, Severity, rule

_TEN = "LIN**N4*55513007701~CTP****1*UN~"
_ON = f"DTP*472*D8*20250110~{_TEN}"
_OVER = f"DTP*472*RD8*20250110-20250111~{_TEN}"
_WASTE = f"SV1*HC:J9026:JW*4800*UN*3***1~{_ON}"
_WASTE_2 = f"SV2*0636*HC:J9026:JW*4800*UN*3~{_ON}"


@rule(
    "MOD003",
    severity=Severity.WARNING,
    cites=["discard-policy"],
    good=[
        Good(f"SV1*HC:J9026*11200*UN*7***1~{_ON}{_WASTE}"),
        Good(f"{_WASTE}SV1*HC:J9026*11200*UN*7***1~{_ON}", note="in any order"),
        Good(f"SV1*HC:J9026*11200*UN*7***1~{_OVER.replace('11~', '10~')}{_WASTE}", note="a range of one day"),
        Good(
            f"SV1*HC:J9026*16000*UN*10***1~{_OVER}SV1*HC:J9026:JW*16000*UN*10***1~{_ON}",
            note="the administered line may be of that day",
        ),
        Good(f"SV1*HC:J9026:JW*16000*UN*10***1~{_OVER}", note="the day of the JW line is not known"),
        Good(
            "SV1*HC:J9026:JW:JZ*11200*UN*7***1~DTP*472*D8*20250110~LIN**N4*55513005901~CTP****7*UN~"
            "SV1*HC:J9026:JW*4800*UN*3***1~DTP*472*D8*20250110~LIN**N4*55513005901~CTP****3*UN~",
            also=("MOD002",),
            note="JW with JZ beside it: that is the mistake, and MOD002 tells it",
        ),
        Good(
            _WASTE_2,
            guide="837I",
            frequency="5",
            statement="20250110-20250110",
            note="late charges: the administered part was billed before",
        ),
        Good("SV1*HC:J1550:JW*53*UN*1***1~DTP*472*D8*20250110~", note="another drug"),
    ],
    bad=[
        Bad(_WASTE, at="SV101-3"),
        Bad(_WASTE.replace(":JW", ":59:KX:JW"), at="SV101-5", note="at the modifier, in any place"),
        Bad(
            f"SV1*HC:J9026*11200*UN*7***1~DTP*472*D8*20250117~{_TEN}{_WASTE}",
            at="SV101-3",
            line="2",
            note="what was given is of another day",
        ),
        Bad(
            f"SV1*HC:J9026*11200*UN*7***1~DTP*472*RD8*20250111-20250112~{_TEN}{_WASTE}",
            at="SV101-3",
            line="2",
            note="a range that does not hold the day",
        ),
        Bad(
            f"SV1*HC:J9026*11200*UN*7***1~{_ON}{_WASTE}{_WASTE.replace('20250110', '20250117')}",
            at="SV101-3",
            line="3",
            note="behind a JW line that is right",
        ),
        Bad(f"{_WASTE}{_WASTE}", at="SV101-3", line="1 2", note="two JW lines do not make an administered one"),
        Bad(
            f"SV1*HC:J1550*53*UN*1***1~DTP*472*D8*20250110~{_WASTE}",
            at="SV101-3",
            line="2",
            note="what was given is another drug",
        ),
        Bad(
            "SV1*HC:J3490:JW::::PREMED FOR IMDELLTRA*20*UN*1***1~DTP*472*D8*20241110~",
            at="SV101-3",
            note="weakly identified",
        ),
        Bad(_WASTE_2, at="SV202-3", guide="837I", statement="20250110-20250110"),
        Bad(_WASTE, at="SV101-3", dependent=True, filing_code=""),
        Bad(_WASTE, at="SV101-3", frequency="7", note="a replacement is a whole claim"),
        Bad(_WASTE, at="SV101-3", frequency="8", severity=Severity.INFO),
        Bad(
            _WASTE_2,
            at="SV202-3",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
    prefilter=FACTS,
)
def waste_without_administration(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A discarded amount is billed without an administered one.

    Payers pay for what was discarded only beside what was given of the same container on the same day, and reject a JW
    line that stands alone. Bill the administered amount on a line of its own, or take JW away if the line is what was
    given. Administered is every other line of the drug without JW, whatever its code. Nothing is said where
    the day of the JW line, or of an administered line that may belong to it, is not known, of late charges and interim
    bills, and of JW with JZ on one line (MOD002).
    """
    if claim.is_partial:
        yield from (
            NotChecked(line, "the claim bills a remainder (frequency 0, 2, 3, 4 or 5)") for line in claim.drug_lines
        )
        return
    discarded: list[DrugLine] = []
    administered: dict[str, list[DrugLine]] = {}
    for line in claim.drug_lines:
        others = administered.setdefault(line.drug.name, [])
        (discarded if line.is_discarded else others).append(line)
    if not discarded:
        return
    by_day = {name: CodeLines(lines) for name, lines in administered.items()}
    for line in discarded:
        others_of_drug = by_day[line.drug.name]
        if line.day is None or others_of_drug.is_unclear(line):
            yield NotChecked(line, "the day of the line, or of one that may go with it, is not known")
            continue
        if others_of_drug.on(line.day):
            continue
        yield Problem(
            where=next(place for modifier, place in line.places_of_modifiers if modifier == "JW"),
            found="JW alone",
            expected="an administered amount on the same day",
            message="The line bills a discarded amount (JW), but no line of the claim bills {drug} given on {date}.",
            correction="bill the administered amount on a line of its own; if this is what was given, remove JW",
            values={"drug": line.drug.name, "date": line.day},
        )
