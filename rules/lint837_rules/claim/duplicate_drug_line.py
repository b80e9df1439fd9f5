"""CLM003: one drug billed twice for one day."""

from collections.abc import Iterator
from datetime import date

from lint837 import FACTS, Bad, Citation, Claim, Code, DrugLine, Good, Problem, Related, Severity, rule

_ONE = "LIN**N4*55513005901~CTP****{}*UN~"  # packages of 1 mg
_TEN = "LIN**N4*55513007701~CTP****1*UN~"  # the package of 10 mg
_ON = "DTP*472*D8*20250110~"
_LINE = f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}{_TEN}"
_HALF = f"SV1*HC:J9026:JZ*8000*UN*5***1~{_ON}{_ONE.format(5)}"
_OVER = f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*RD8*20250101-20250131~{_TEN}"
_LINE_2 = f"SV2*0636*HC:J9026:JZ*16000*UN*10~{_ON}{_TEN}"
# With one of these a line says itself why there is another one.
_TELLS_APART = frozenset({"JW", "KP", "KQ", "59", "76", "77", "XE", "XS", "XP", "XU"})


@rule(
    "CLM003",
    severity=Severity.WARNING,
    cites=[
        Citation(
            "Palmetto GBA, reporting the National Drug Code",
            "One drug is one line; several lines of the same drug are denied as duplicates.",
        )
    ],
    good=[
        Good(
            f"SV1*HC:J9026:JZ*8000*UN*5***1~{_ON}SV1*HC:J9026:JZ*8000*UN*5***1~{_ON}",
            note="neither has an NDC: they may be different packages",
        ),
        Good(_LINE),
        Good(_LINE + _LINE.replace("20250110", "20250117"), note="another day"),
        Good(
            f"SV1*HC:J9026*11200*UN*7***1~{_ON}{_TEN}SV1*HC:J9026:JW*4800*UN*3***1~{_ON}{_TEN}",
            note="the discarded part",
        ),
        *(
            Good(_HALF + _HALF.replace(":JZ", f":JZ:{modifier}"), note=f"{modifier} tells them apart")
            for modifier in ("59", "76", "77", "XE", "XS", "XP", "XU")
        ),
        Good(
            _HALF.replace(":JZ", ":KP:JZ") + _HALF.replace(":JZ", ":KQ:JZ"),
            note="KP and KQ: the first and second drug of a combination",
        ),
        Good(
            _LINE_2 + f"SV2*0636*HC:J9026:JZ*1600*UN*1~{_ON}{_ONE.format(1)}",
            guide="837I",
            frequency="3",
            statement="20250101-20250131",
            note="packages of two strengths",
        ),
        Good(_HALF + f"SV1*HC:J9026:JZ*8000*UN*5***1~{_ON}", note="of which package the other is, is not known"),
        Good(_OVER + _OVER, note="a month on each line: the days are not known"),
        Good(
            f"SV1*HC:J1550*53*UN*1***1~{_ON}SV1*HC:J1550*53*UN*1***1~{_ON}",
            note="not the drug's",
        ),
    ],
    bad=[
        Bad(_LINE + _LINE, at="SV101-2", line="2"),
        Bad(_LINE + _LINE + _LINE, at="SV101-2", line="2 3", note="each further line"),
        Bad(_LINE + f"SV1*HC:96413*410*UN*1***1~{_ON}" + _LINE, at="SV101-2", line="3", note="not side by side"),
        Bad(_HALF + _HALF.replace("*5***", "*4***"), at="SV101-2", line="2", note="whatever the units"),
        Bad(_LINE + _LINE.replace("55513007701", "55513-077-01"), at="SV101-2", line="2", note="the same NDC"),
        Bad(
            _LINE + _LINE.replace("D8*20250110", "RD8*20250110-20250110"),
            at="SV101-2",
            line="2",
            note="a range of one day",
        ),
        Bad(
            _LINE.replace(":JZ", ":JZ:76") + _LINE + _LINE,
            at="SV101-2",
            line="3",
            note="a line with 76 is not counted, the others are",
        ),
        Bad(_LINE_2 + _LINE_2, at="SV202-2", line="2", guide="837I", statement="20250110-20250110"),
        Bad(_LINE + _LINE.replace(":JZ", ":Q0:JZ"), at="SV101-2", line="2", severity=Severity.INFO, note="study"),
        Bad(_LINE + _LINE, at="SV101-2", line="2", dependent=True, filing_code=""),
        Bad(_LINE + _LINE, at="SV101-2", line="2", frequency="8", severity=Severity.INFO),
        Bad(
            _LINE_2 + _LINE_2,
            at="SV202-2",
            line="2",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
    prefilter=FACTS,
)
def duplicate_drug_line(claim: Claim) -> Iterator[Problem]:
    """One code with one NDC is billed twice for one day.

    A payer takes the second line for a duplicate and denies it. Bill the whole amount of a day on one line, or add the
    modifier that says why there are two. A line with JW, KP, KQ, 59, 76, 77, XE, XS, XP or XU is not counted; the
    second and each further line is reported. Lines without an NDC, or without a single day, are not compared.
    """
    for line, first in _repeated(claim):
        yield Problem(
            where=line.at_procedure_code,
            found=Code(line.procedure_code),
            expected="one line for a day",
            message="The claim bills {found} for {date} already on another line, with the same NDC.",
            correction="if it is the same dose, remove this line; if the dose was divided, bill the sum on one line; "
            "if it was given again, add the modifier that says so, such as 76",
            values={
                "date": line.day or "the same day",
            },
            related=[Related(first.at_procedure_code, "the first line")],
            severity=Severity.INFO if line.is_study_or_free else None,
        )


def _repeated(claim: Claim) -> Iterator[tuple[DrugLine, DrugLine]]:
    """The lines that repeat an earlier one of their day, code and NDC, each with the first of them."""
    first: dict[tuple[date, str, frozenset[str]], DrugLine] = {}
    for line in claim.drug_lines:
        if line.day and line.is_product_line and _TELLS_APART.isdisjoint(line.modifiers):
            packages = ((line.package_of(item), item.ndc) for item in line.drug_identifications if item.ndc)
            ndcs = frozenset(package.digits if package else written for package, written in packages)
            earlier = first.setdefault((line.day, line.procedure_code, ndcs), line) if ndcs else line
            if earlier is not line:
                yield line, earlier
