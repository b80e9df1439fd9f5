"""HCP002: a miscellaneous code for a drug that has its own code on the date of service."""

from collections.abc import Iterator, Sequence

from lint837 import (
    FACTS,
    Bad,
    Choice,
    Claim,
    Code,
    Drug,
    DrugCode,
    DrugLine,
    Fact,
    Fix,
    Good,
    NotChecked,
    Problem,
    Related,
    Segment,
    Severity,
    rule,
)

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import change_to
from lint837_rules.codes.procedure_codes import BILLED_ALREADY, billed_under_another_code, own_codes_in, says_otherwise
from lint837_rules.dates_of_service import one_code_a_line, undecided

_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_ON = "DTP*472*D8*20250101~"


@rule(
    "HCP002",
    severity=Severity.ERROR,
    cites=["specific-code"],
    good=[
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB 10MG*16000*UN*1***1~DTP*472*D8*20241231~{_NDC}", note="the day before J9026"
        ),
    ],
    bad=[
        Bad(f"SV1*HC:J9999:JZ*16000*UN*1***1~{_ON}{_NDC}", at="SV101-2", note="identified by its NDC"),
        Bad(f"SV1*HC:J3590:::::INJ IMDELLTRA 10MG*16000*UN*1***1~{_ON}", at="SV101-2", note="identified by its name"),
    ],
    prefilter=FACTS,
    study=Severity.INFO,
    needs=[Fact.EVERY_CODE],
    unless="is_right",
)
def miscellaneous_code_after_permanent(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A miscellaneous code is billed for a drug that has its own code.

    Once a drug has its own code, a payer prices a miscellaneous (unlisted) code by hand or denies it. Bill the drug's
    own code with its units: under a miscellaneous code 1 unit often meant the whole dose. A line whose text may be
    about something else is a warning that asks. Where a claim has several miscellaneous lines and only its note names
    the drug, the line is unknown; that is one warning, at the note, unless each of them describes something else.
    """
    for line in claim.drug_lines:
        code, period = line.code, line.period
        if code is None or code.is_product or code.last is None:
            continue
        if period is None or line.boundary_inside:
            yield NotChecked(line, undecided(line))
            continue
        if period.first <= code.last:
            continue
        own = own_codes_in(line.drug, period)
        if not own:
            continue
        if line.weak:
            yield _asked(line, code, own)
        else:
            yield _problem(line, code, own[0]) if len(own) == 1 else _several(line, code, own)
    yield from _named_in_the_note_only(claim)


def _problem(line: DrugLine, code: DrugCode, own: DrugCode) -> Problem:
    # What a JW line bills is no dose.
    other = None if line.is_discarded else billed_under_another_code(line, line.drug)
    change = change_to(line, line.drug, own)
    choices = [Choice(BILLED_ALREADY, "remove this line"), Choice("it does not", "{change}")] if other else []
    message = "{found} is a miscellaneous code, and for {date} the code of {drug} is {expected}."
    if not other and says_otherwise(line):
        message += " The line has the NDC of {drug}, but its text does not name it."
        another = f"correct the NDC in LIN03 ({box(line, 'NDC')}), and bill the code of that drug"
        choices = [Choice("{drug} was given", "{change}", change.edits), Choice("another drug was given", another)]
    return Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=Code(own.code),
        message=message,
        correction="" if choices else "{change}",
        choices=choices,
        values={"date": line.period or "", "drug": line.drug.name, "change": change.do},
        related=[Related(other.at_procedure_code, "the same day")] if other else (),
        fixes=[Fix(change.edits, safe=False)] if change.edits and not choices else (),
        sources=line.drug.cited(code, own),
    )


def _several(line: DrugLine, code: DrugCode, own: Sequence[DrugCode]) -> Problem:
    """The problem of a line on whose dates several of the drug's own codes are valid, one after the other."""
    advice = one_code_a_line(line)
    return Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected=_or(own),
        message="{found} is a miscellaneous code, and on {date} the codes of {drug} are {codes}, one after the other.",
        correction=advice.correction,
        choices=advice.choices,
        values={"date": line.period or "", "drug": line.drug.name, "codes": _or(own, " and ")},
        sources=line.drug.cited(code, *own),
    )


def _or(codes: Sequence[DrugCode], word: str = " or ") -> str:
    return word.join(code.code for code in codes)


def _asked(line: DrugLine, code: DrugCode, own: Sequence[DrugCode]) -> Problem:
    """The problem of a line that may be about something else: only what was given decides."""
    return Problem(
        where=line.at_procedure_code,
        found=Code(code.code),
        expected="the code of what was given",
        message="The text of this line names {drug}, but may describe something else. {found} is not the code of "
        "{drug} itself for {date}.",
        correction="check what this line bills: if {drug} was given, bill {own}; if not, leave the line as it is",
        values={"date": line.period or "", "drug": line.drug.name, "own": _or(own)},
        severity=Severity.WARNING,
        sources=line.drug.cited(code, *own),
    )


def _named_in_the_note_only(claim: Claim) -> Iterator[Problem]:
    if len(claim.miscellaneous_lines) < 2:
        return
    for note, drug in _named(claim):
        lines = [line for line in claim.miscellaneous_lines if not (line.has_other_ndc or line.describes_another(drug))]
        codes = [code for line in lines if (code := drug.code(line.procedure_code))]
        ends = [code.last for code in codes if code.last]
        periods = [line.period for line in lines if line.period]
        if not ends or len(periods) < len(lines):  # also without a line that may be the drug's
            continue
        earliest = min(periods)
        own = own_codes_in(drug, earliest) if earliest.first > max(ends) else []
        if not own:
            continue
        yield Problem(
            where=note.at(2),
            found=", ".join(dict.fromkeys(line.procedure_code for line in lines)),
            expected=_or(own),
            message="The claim's note names {drug}, and {lines} a miscellaneous code; for {date} the code of {drug} is "
            "{expected}.",
            correction="find out which line, if any, bills {drug}, and bill that line with {expected} ("
            + box(claim, "code")
            + ") and "
            "1 unit for each {amount} that was given (" + box(claim, "units") + ")",
            values={
                "drug": drug.name,
                "lines": "1 line has" if len(lines) == 1 else f"{len(lines)} lines have",
                "date": earliest,
                "amount": drug.measured(own[0].amount),
            },
            related=[Related(line.at_procedure_code, "miscellaneous code") for line in lines],
            severity=Severity.INFO if all(line.is_study_or_free for line in lines) else Severity.WARNING,
            sources=drug.cited(*codes, *own),
        )
        return


def _named(claim: Claim) -> Iterator[tuple[Segment, Drug]]:
    """The notes of the claim that name a drug without a line."""
    billed = {line.drug.name for line in claim.drug_lines}
    yield from ((note, drug) for note, drug in claim.mentions if drug.name not in billed)
