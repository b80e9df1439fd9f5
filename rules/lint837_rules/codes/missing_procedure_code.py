"""HCP006: a drug's NDC on a line without a procedure code."""

from collections.abc import Iterator
from typing import NamedTuple

from lint837 import FACTS, Bad, Choice, Drug, Fix, Good, Package, Problem, Related, ServiceLine, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import choices_of
from lint837_rules.codes.procedure_codes import (
    BILLED_ALREADY,
    billed_under_another_code,
    codes_for,
    expected_of,
    is_empty,
    ndc_in_its_place,
)

_ON = "DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP006",
    severity=Severity.ERROR,
    cites=["rfi-1664"],
    good=[
        Good(
            f"SV2*0250**16000*UN*1~{_ON}{_NDC}",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            note="inpatient: the revenue code is enough",
        ),
    ],
    bad=[
        Bad(f"SV1*HC*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2"),
        Bad(f"SV1*HC::::::NDC 55513-077-01*16000*UN*10***1~{_ON}", at="SV101-2", note="the NDC in SV101-7"),
    ],
    prefilter=FACTS,
    yields_to=[("HCP010", "line", "NDC in place of the code"), ("HCP004", "line")],
    not_on=["inpatient"],
    unless="is_plain",
)
def missing_procedure_code(line: ServiceLine) -> Iterator[Problem]:
    """A line reports a drug's NDC, but no procedure code.

    An 837P line needs a procedure code, and an NDC does not replace it. Payers price an outpatient hospital line by the
    code too, but some accept the revenue code alone, so it is a warning on an 837I. Add the drug's code for the date of
    service. The NDC counts in LIN03 and in the line's own text; it is a warning where that text may be about something
    else. Text does not count where LIN03 names another product. A code that is wrong or malformed is not missing.
    """
    named = _named(line)
    if named is None:
        return
    drug, codes = named.drug, codes_for(named.drug, line)
    expected = expected_of(codes, drug)
    choices, values = choices_of(line.claim.line(line.ordinal) or line, drug, codes, "the line bills {drug}")
    if not choices:
        choices = [
            Choice("the line bills {drug}", f"add {expected} in {line.at_procedure.element} ({box(line, 'code')})")
        ]
    clear = named.certain and len(choices) == 1
    if billed_under_another_code(line, drug):
        remove = f"remove LIN and CTP ({box(line, 'NDC')}) from this line"
        choices, clear = [Choice(BILLED_ALREADY, remove), choices[0]._replace(when="it does not")], False
    yield Problem(
        where=line.at_procedure_code,
        found="nothing",
        expected=expected,
        message="The line reports the NDC of {drug}, but no procedure code.",
        correction=choices[0].do if clear else "",
        choices=() if clear else choices,
        fixes=[Fix(choices[0].edits, safe=False)] if clear and choices[0].edits else (),
        values={"drug": drug.name, **values},
        related=named.related,
        severity=Severity.ERROR if named.certain and line.guide == "837P" else Severity.WARNING,
        sources=drug.cited(named.package, *codes),
    )


class _Named(NamedTuple):
    """The drug and package whose NDC a line writes; `certain`: the line is about that drug."""

    drug: Drug
    package: Package
    certain: bool
    related: list[Related]


def _named(line: ServiceLine) -> _Named | None:
    """What a line without a procedure code names."""
    formulary, written = line.claim.formulary, line.procedure_code
    if not is_empty(line) and not ndc_in_its_place(line):
        return None
    for item in line.drug_identifications:
        if item.known:
            return _Named(*item.known, certain=True, related=[Related(item.at_ndc, "NDC")])
    match = formulary.by_ndc(line.procedure_code_as_written)
    if match or written or line.has_other_ndc:
        return _Named(*match, certain=True, related=[]) if match else None
    # A text may name the drug first and write its NDC later, so the words of the mention are not enough.
    ndcs = [match for text in line.texts if (match := formulary.by_ndc(formulary.ndc_in(text)))]
    strong = {mention.drug.name for mention in line.mentions if mention.strong}
    found = [_Named(drug, package, drug.name in strong, []) for drug, package in ndcs]
    return min(found, key=lambda named: not named.certain, default=None)
