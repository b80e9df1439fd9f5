"""HCP009: a drug billed for one day under two codes."""

from collections.abc import Iterator
from datetime import date

from lint837 import FACTS, Bad, Citation, Claim, Code, DrugLine, Good, NotChecked, Problem, Related, Severity, rule

from lint837_rules.sources import AMGEN_FLYER

_TEN = "LIN**N4*55513007701~CTP****1*UN~"


def _line(code: str, day: str = "20241115", modifier: str = "JZ", ndc: str = _TEN, text: str = "") -> str:
    units = "10" if modifier == "JZ" else "1"
    words = ":::::" + text if text else ""
    return f"SV1*HC:{code}{':' + modifier if modifier else ''}{words}*16000*UN*{units}***1~DTP*472*D8*{day}~{ndc}"


_C9170 = _line("C9170")
_J9999 = _line("J9999", modifier="", text="TARLATAMAB 10 MG")
_WEAK = _line("J3490", modifier="", ndc="", text="PREMED FOR TARLATAMAB")
_PERIOD = "DTP*472*RD8*20241104-20241118~"


@rule(
    "HCP009",
    severity=Severity.ERROR,
    cites=[
        AMGEN_FLYER,
        Citation(
            "Palmetto GBA, reporting the National Drug Code (3V5O4QNAAH)",
            "A drug of one day is billed on one line; several lines of the same drug are denied as duplicates.",
        ),
    ],
    good=[
        Good(_C9170),
        Good(
            f"SV1*HC:J9026*11200*UN*7***1~DTP*472*D8*20250110~{_TEN.replace('*1*', '*.7*')}"
            f"SV1*HC:J9026:JW*4800*UN*3***1~DTP*472*D8*20250110~{_TEN.replace('*1*', '*.3*')}",
            note="the administered and the discarded part under one code",
        ),
        Good(
            _line("C9170", "20241231") + _line("J9026", "20250101"),
            note="each day under the code of its date",
        ),
        Good(
            _C9170 + "SV1*HC:J9271*9000*UN*200***1~DTP*472*D8*20241115~",
            note="a second drug",
        ),
        Good(
            _C9170 + "SV1*HC:J9999*900*UN*1***1~DTP*472*D8*20241115~LIN**N4*50242013601~CTP****1*UN~",
            note="the miscellaneous code is another drug's",
        ),
        Good(_C9170 + _J9999, frequency="5", note="late charges bill only a remainder"),
        Good(
            (_C9170 + _J9999).replace("DTP*472*D8*20241115~", _PERIOD),
            note="ranges of days may hold different days",
        ),
        Good(_C9170 + _J9999.replace("DTP*472*D8*20241115~", _PERIOD), note="the range may be of other days"),
        Good(
            "SV2*0636*HC:C9170:JZ*16000*UN*10~" + _TEN + "SV2*0636*HC:C9399:::::TARLATAMAB*16000*UN*1~" + _TEN,
            guide="837I",
            statement="20241115-20241115",
            also=("DOS001", "HCP007"),
            note="a bare statement period never puts lines together",
        ),
        Good(
            _C9170 + "SV1*HC:96413*410*UN*1***1~DTP*472*D8*20241115~" + _TEN,
            also=("HCP004",),
            note="the NDC under an administration is no second drug",
        ),
    ],
    bad=[
        Bad(_C9170 + _J9999, at="SV101-2", line="2"),
        Bad(_J9999 + _C9170, at="SV101-2", line="2"),
        Bad(
            _line("J9999", "20241231", modifier="") + _line("C9170", "20241231"),
            at="SV101-2",
            line="2",
            note="the last day of both",
        ),
        Bad(
            _line("C9170", "20250101") + _line("J9026", "20250101"),
            at="SV101-2",
            line="2",
            note="and the first day of J9026",
        ),
        Bad(
            _line("J9026", "20250110")
            + _line("J9026", "20250110", modifier="JW")
            + _line("C9170", "20250110")
            + _line("J9999", "20250110", modifier=""),
            at="SV101-2",
            line="3",
            note="once a day, on the first line with another code",
        ),
        Bad(
            _line("C9170", "20241101") + _C9170 + _J9999 + _line("J9999", "20241101", modifier=""),
            at="SV101-2",
            line="3 4",
            note="two days",
        ),
        Bad(
            _J9999 + _line("J3590", modifier="", ndc="", text="IMDELLTRA"),
            at="SV101-2",
            line="2",
            note="two miscellaneous codes",
        ),
        Bad(
            _line("J9026", "20250110") + _WEAK.replace("20241115", "20250110"),
            at="SV101-2",
            line="2",
            severity=Severity.WARNING,
            note="the second line is only perhaps the drug's",
        ),
        Bad(_WEAK + _C9170, at="SV101-2", line="2", severity=Severity.WARNING, note="the first line is"),
        Bad(_WEAK + _C9170 + _J9999, at="SV101-2", line="3", note="two lines surely are the drug's"),
        Bad(_C9170 + _J9999, at="SV101-2", line="2", dependent=True, filing_code=""),
        Bad(_C9170 + _J9999, at="SV101-2", line="2", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:C9170:JZ*16000*UN*10~DTP*472*D8*20241115~{_TEN}"
            f"SV2*0636*HC:C9399:::::TARLATAMAB*16000*UN*1~DTP*472*D8*20241115~",
            at="SV202-2",
            line="2",
            guide="837I",
            statement="20241115-20241115",
        ),
        Bad(
            f"SV2*0636*HC:C9170*16000*UN*10~DTP*472*D8*20241115~{_TEN}"
            f"SV2*0636*HC:C9399:::::TARLATAMAB*16000*UN*1~DTP*472*D8*20241115~",
            at="SV202-2",
            line="2",
            guide="837I",
            facility="11",
            statement="20241114-20241117",
            severity=Severity.INFO,
        ),
    ],
    prefilter=FACTS,
)
def drug_billed_under_two_codes(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A drug is billed for one day under two codes.

    What was given on one day has one code; a payer pays one of the lines, denies the other as a duplicate, or both.
    Bill the whole day under the code that is valid on it. Only the drug's own and the miscellaneous codes count, and
    only lines with a single date of their own. It is told once a day, at the first line whose code is not that of the
    day's first line. Lines that are only perhaps the drug's are set aside where the others have two codes already, and
    else make it a warning. Late charges and interim bills are passed over: they bill a remainder.
    """
    if claim.is_partial:
        yield from (
            NotChecked(line, "the claim bills a remainder (frequency 0, 2, 3, 4 or 5)") for line in claim.drug_lines
        )
        return
    days: dict[tuple[str, date], list[DrugLine]] = {}
    for line in claim.drug_lines:
        if line.code and line.day:
            days.setdefault((line.drug.name, line.day), []).append(line)
        elif line.code:
            yield NotChecked(line, "no single day of service is known")
    for (_, day), lines in days.items():
        pair = _two_codes([line for line in lines if not line.weak]) or _two_codes(lines)
        if pair:
            yield _problem(*pair, day)


def _two_codes(lines: list[DrugLine]) -> tuple[DrugLine, DrugLine] | None:
    """The first line, and the first with another code."""
    second = next((line for line in lines if line.code != lines[0].code), None)
    return (lines[0], second) if second else None


def _problem(first: DrugLine, second: DrugLine, day: date) -> Problem:
    own = second.drug.product_code_on(day)
    # A temporary code is not every provider's, so only a permanent one is surely the one to keep.
    keep = own is not None and own.kind == "permanent"
    return Problem(
        where=second.at_procedure_code,
        found=Code(second.procedure_code),
        expected="one code for one day",
        message="{other} and {found} may both bill {drug} for {day}: the text of one of the lines only names it."
        if first.weak or second.weak
        else "{other} and {found} both bill {drug} for {day}.",
        correction=("if both lines are {drug} itself, " if first.weak or second.weak else "")
        + "bill what was given on {day} under "
        + ("{own} alone" if keep else "one of the two"),
        values={
            "drug": second.drug.name,
            "day": day,
            "other": Code(first.procedure_code),
            "own": Code(own.code) if own else "",
        },
        related=[Related(first.at_procedure_code, "the other code")],
        severity=Severity.WARNING if first.weak or second.weak else None,
    )
