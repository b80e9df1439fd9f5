"""HCP002: a miscellaneous code for a drug that has a code of its own on the date of service."""

from collections.abc import Iterator
from decimal import Decimal

from lint837 import (
    FACTS,
    Bad,
    Claim,
    Code,
    Drug,
    DrugLine,
    Good,
    NotChecked,
    Problem,
    Related,
    Segment,
    Severity,
    counted,
    rule,
)

from lint837_rules.codes.procedure_codes import beside
from lint837_rules.dates_of_service import undecided
from lint837_rules.sources import AMGEN_FLYER

_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_ON = "DTP*472*D8*20250101~"


@rule(
    "HCP002",
    severity=Severity.ERROR,
    cites=[AMGEN_FLYER],
    good=[
        Good(f"SV1*HC:J9999:::::TARLATAMAB 10MG*16000*UN*1***1~DTP*472*D8*20241231~{_NDC}"),
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}{_NDC}"),
        Good(f"SV1*HC:J9999*900*UN*1***1~{_ON}LIN**N4*50242013601~CTP****1*UN~", note="another drug"),
        Good(
            f"SV1*HC:J3490:::::DILUENT FOR TARLATAMAB*9*UN*1***1~{_ON}LIN**N4*00338004938~CTP****1*ML~",
            note="the NDC says that it is another product",
        ),
        Good("SV1*HC:J9999:::::IMDELLTRA*16000*UN*1***1~DTP*472*RD8*20241231-20250101~", also=("DOS004",)),
        Good(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}LIN**N4*50242013601~CTP****1*UN~"
            f"SV1*HC:J3490*9*UN*1***1~{_ON}LIN**N4*00338004938~CTP****1*ML~",
            claim="NTE*ADD*TARLATAMAB GIVEN LAST WEEK~",
            note="the claim's note names the drug, but every miscellaneous line is another product",
        ),
    ],
    bad=[
        Bad(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}SV1*HC:J3490*20*UN*1***1~{_ON}",
            at="NTE02",
            line="",
            claim="NTE*ADD*TARLATAMAB 10 MG~REF*P4*1~",
            severity=Severity.INFO,
            note="the same in a study",
        ),
        Bad(f"SV1*HC:J9999:JZ*16000*UN*1***1~{_ON}{_NDC}", at="SV101-2", note="known by its NDC"),
        Bad(
            f"SV1*HC:J3590:::::INJ IMDELLTRA 10MG*16000*UN*1***1~{_ON}",
            at="SV101-2",
            note="known by its name",
        ),
        Bad(
            f"SV1*HC:J9999*32000*UN*1***1~{_ON}LIN**N4*55513007701~CTP****2*UN~",
            at="SV101-2",
            note="two packages, which are no dose of the label",
        ),
        Bad(f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}REF*VY*1~", at="SV101-2", note="part of a compound"),
        Bad(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}LIN**N4*55513005901~CTP****5*UN~LIN**N4*55513005901~CTP****5*UN~",
            at="SV101-2",
            note="two LIN",
        ),
        Bad(f"SV1*HC:J9999*16000*UN*1***1~{_ON}NTE*ADD*NDC 55513-077-01 10 MG~", at="SV101-2"),
        Bad(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}",
            at="SV101-2",
            claim="NTE*ADD*TARLATAMAB-DLLE 10 MG~",
            note="the claim's only miscellaneous line, named in the claim's note",
        ),
        Bad(
            f"SV1*HC:J3490:::::PREMED FOR IMDELLTRA*20*UN*1***1~{_ON}",
            at="SV101-2",
            severity=Severity.WARNING,
            note="the text names the drug, but may be about something else",
        ),
        Bad(
            f"SV1*HC:J9999*16000*UN*1***1~{_ON}SV1*HC:J3490*20*UN*1***1~{_ON}",
            at="NTE02",
            line="",
            claim="NTE*ADD*TARLATAMAB 10 MG~",
            severity=Severity.WARNING,
            note="two miscellaneous lines: which one is meant cannot be known",
        ),
        Bad(
            f"SV2*0636*HC:C9399*16000*UN*1~{_NDC}",
            at="SV202-2",
            guide="837I",
            statement="20250101-20250131",
        ),
        Bad(
            f"SV1*HC:J9999:Q0*16000*UN*1***1~{_ON}{_NDC}",
            at="SV101-2",
            severity=Severity.INFO,
            note="in a study",
        ),
        Bad(
            f"SV1*HC:J9999*0*UN*1***1~{_ON}{_NDC}",
            at="SV101-2",
            severity=Severity.INFO,
            note="free of charge",
        ),
        Bad(f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}", at="SV101-2", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:J9999*16000*UN*1~{_ON}{_NDC}",
            at="SV202-2",
            guide="837I",
            facility="11",
            statement="20250101-20250103",
            severity=Severity.INFO,
        ),
        Bad(f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}", at="SV101-2", dependent=True, filing_code=""),
    ],
    prefilter=FACTS,
)
def miscellaneous_code_after_permanent(claim: Claim) -> Iterator[Problem | NotChecked]:
    """A miscellaneous code is billed for a drug that has a code of its own.

    A payer pays a miscellaneous code by hand or not at all once the drug has its own; tarlatamab has J9026 from date of
    service 2025-01-01. Bill the drug's own code, with the units that it counts: under a miscellaneous code 1 unit often
    stood for the whole dose. Where a claim has several miscellaneous lines and only its note names the drug, it cannot
    be known which line is meant: that is one warning, at the note.
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
        own = line.drug.product_code_on(period.first)
        if own is None:
            continue
        amount = _dose(line)
        yield Problem(
            where=line.at_procedure_code,
            found=Code(code.code),
            expected=Code(own.code),
            message="The text of this line names {drug}, but may be about something else. If the line is {drug}, its "
            "code for {date} is {expected}, not the miscellaneous {found}."
            if line.weak
            else "{found} is a miscellaneous code, and for {date} the code of {drug} is {expected}.",
            correction=_correction(line, whole=amount is not None),
            values={
                "date": period,
                "drug": line.drug.name,
                "units": counted((amount or own.amount) / own.amount, "unit"),
                "unit_amount": line.drug.measured(own.amount),
            },
            severity=Severity.INFO if line.is_study_or_free else None,
        )
    yield from _named_in_the_note_only(claim)


def _correction(line: DrugLine, *, whole: bool) -> str:
    """What to do; `whole`: the NDC quantity is a dose."""
    change = "change {found} to {expected} and bill its units (1 unit = {unit_amount})"
    if whole:
        change = (
            "change {found} to {expected}; if the whole NDC quantity was given, bill {units} (1 unit = {unit_amount})"
        )
    if line.weak:
        return "if this line is {drug} itself, " + change
    if beside(line, line.drug):
        return "if this is the dose that another line of the day bills, remove this line; if not, " + change
    return change


def _dose(line: DrugLine) -> Decimal | None:
    """The amount that the line's NDC quantity says, where it is a dose that the units can be taken from."""
    pair = line.claim.lines_by_code[line.procedure_code].has_discarded
    amount = line.ndc_amount
    plain = len(line.drug_identifications) == 1 and not line.is_compound and not pair
    return amount if plain and amount in line.drug.doses else None


def _named_in_the_note_only(claim: Claim) -> Iterator[Problem]:
    lines = [line for line in claim.miscellaneous_lines if not line.names_other_ndc]
    if len(claim.miscellaneous_lines) < 2 or not lines:
        return
    for note, drug in _named(claim):
        codes = [drug.code(line.procedure_code) for line in lines]
        ends = [code.last for code in codes if code and code.last]
        periods = [line.period for line in lines if line.period]
        if not ends or len(periods) < len(lines):
            continue
        earliest = min(periods)
        own = drug.product_code_on(earliest.first) if earliest.first > max(ends) else None
        if own is None:
            continue
        yield Problem(
            where=note.at(2),
            found=", ".join(dict.fromkeys(line.procedure_code for line in lines)),
            expected=Code(own.code),
            message="The claim's note names {drug}, and {lines} a miscellaneous code; for {date} the code of {drug} is "
            "{expected}.",
            correction="find the line of {drug}, change its code to {expected} and bill its units (1 unit = {amount})",
            values={
                "drug": drug.name,
                "lines": "1 line has" if len(lines) == 1 else f"{len(lines)} lines have",
                "date": earliest,
                "amount": drug.measured(own.amount),
            },
            related=[Related(line.at_procedure_code, "miscellaneous code") for line in lines],
            severity=Severity.INFO if all(line.is_study_or_free for line in lines) else Severity.WARNING,
        )
        return


def _named(claim: Claim) -> Iterator[tuple[Segment, Drug]]:
    """The notes of the claim that name a drug of which the claim has no line."""
    billed = {line.drug.name for line in claim.drug_lines}
    for note in claim.notes:
        for mention in claim.formulary.named_in(note.element(2)):
            if mention.drug.name not in billed:
                yield note, mention.drug
