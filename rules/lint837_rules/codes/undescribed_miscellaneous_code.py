"""HCP008: a miscellaneous code without a description of the drug."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Edit, Fix, Good, NotChecked, Problem, Segment, Severity, rule

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import description_of
from lint837_rules.dates_of_service import undecided

_ON = "DTP*472*D8*20240601~"
_DOSE = "[0-9] *(?:MG|MCG|G)(?![A-Z])"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP008",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "CGS, billing not otherwise classified drugs (cope25420); Palmetto GBA, unlisted drug codes (AW8MMP6652)",
            "On a Medicare B claim SV101-7 under J3490, J3590 or J9999 gives the drug's name, NDC and dose; without it "
            "the claim is rejected. NTE02 does not replace it.",
        ),
        Citation(
            "Noridian, billing unlisted drug and biological codes",
            "The description of an unlisted drug has its name and the dosage that was given.",
        ),
    ],
    good=[
        Good(f"SV1*HC:J9999:::::SEE NDC*16000*UN*1***1~{_ON}{_NDC}", note="the payer judges what the description says"),
    ],
    bad=[
        Bad(f"SV1*HC:J9999*16000*UN*1***1~{_ON}{_NDC}", at="SV101-7"),
        Bad(
            f"SV2*0636*HC:C9399*16000*UN*1~{_NDC}",
            at="SV202-7",
            guide="837I",
            filing_code="MA",
            statement="20240601-20240630",
            claim="NTE*ADD~",
            severity=Severity.WARNING,
            note="an empty note",
        ),
    ],
    yields_to=[("HCP002", "line")],
    payer_dependent=True,
    study=Severity.INFO,
    unless="is_well_coded",
)
def undescribed_miscellaneous_code(line: DrugLine) -> Iterator[Problem | NotChecked]:
    """A miscellaneous code is billed without a description of the drug.

    A miscellaneous (unlisted) code does not say what was given, so a payer needs it in words. Medicare B rejects a
    professional line without a description in SV101-7, whatever a note says, and asks for the dose, too: where the
    description names the drug, and neither it nor the line's note has a number with MG, MCG or G, it is a warning.
    Other payers may accept the NDC alone, so for them it is a warning. On an 837I a note of the line or the claim is
    enough. Write the drug's name, its NDC and the dose.
    """
    code, period = line.code, line.period
    if code is None or code.is_product:
        return
    if period is None or line.boundary_inside:
        yield NotChecked(line, undecided(line))
        return
    professional = line.guide == "837P"
    to_medicare = professional and line.claim.claim_filing_code == "MB"
    if line.description:
        if to_medicare and _lacks_dose(line):
            yield _problem(
                line, "the name without a dose", "{description} names {drug} without the dose.", rejected=False
            )
    elif professional:
        message = "{code} does not say which drug was given, and {description} is empty."
        yield _problem(line, "nothing", message, rejected=to_medicare)
    elif not (any(map(_has_text, line.notes)) or line.claim.note_texts):
        message = "{code} does not say which drug was given: {description} is empty, and there is no note (NTE)."
        yield _problem(line, "nothing", message, rejected=False)


def _lacks_dose(line: DrugLine) -> bool:
    notes = (" ".join(note.texts[1:]) for note in line.notes)
    named = bool(line.drug.named.find(line.description))
    return named and not any(re.search(_DOSE, text, re.IGNORECASE) for text in (line.description, *notes))


def _has_text(note: Segment) -> bool:
    return any(text.strip() for text in note.texts[2:]) or len(note.element(1)) > 3


def _problem(line: DrugLine, found: str, message: str, *, rejected: bool) -> Problem:
    text = "" if line.weak or line.description else description_of(line, line.drug)
    what = "what was given: its name, its NDC and the dose" if line.weak else "the drug's name, its NDC and the dose"
    return Problem(
        where=line.at_description,
        found=found,
        expected="the drug's name, its NDC and the dose",
        message=message,
        correction=f"write {what} in {{description}} ({box(line, 'description')})",
        values={
            "code": Code(line.procedure_code),
            "description": line.at_description.element,
            "drug": line.drug.name,
        },
        fixes=[Fix((Edit(line.at_description, text),), safe=False)] if text else (),
        severity=None if rejected else Severity.WARNING,
    )
