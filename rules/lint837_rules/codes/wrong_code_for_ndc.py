"""HCP004: a drug's NDC under a procedure code that is not the drug's."""

import re
from collections.abc import Iterator

from lint837 import Bad, Choice, Citation, Code, DrugLine, Fact, Good, Problem, Related, Severity, Value, rule

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import choices_of
from lint837_rules.codes.procedure_codes import billed_under_another_code, can_be_shown, codes_for, expected_of

_REST = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
# Codes that may have an NDC without naming its drug: administrations, home infusion per diem and drugs by their NDC.
_ADMINISTRATION = r"96\d{3}"
_PER_DIEM = r"S500[01]|S9[345]\d\d|A9270"


@rule(
    "HCP004",
    severity=Severity.ERROR,
    cites=[
        "asp-crosswalk",
        Citation(
            "X12, 837P example 10 (home infusion claims that are adjudicated on the NDC)",
            "S5000 and S5001 bill a drug by its NDC; the NDC says which drug it is.",
        ),
        Citation("masslight/ottehr, issue 9560", "A program put the NDC on every line instead of on the drug's line."),
    ],
    good=[
        Good("SV1*HC:J9271*9000*UN*200***1~DTP*472*D8*20250110~LIN**N4*00006302602~CTP****2*UN~", note="another drug")
    ],
    bad=[
        Bad(f"SV1*HC:J9271*16000*UN*10***1~{_REST}", at="SV101-2", note="the code of another drug"),
        Bad(f"SV1*HC:J9062*16000*UN*10***1~{_REST}", at="SV101-2", note="J9026 with two digits swapped"),
    ],
    yields_to=[("HCP010", "line", "NDC in place of the code")],
    needs=[Fact.EVERY_CODE],
    unless="is_well_coded",
)
def wrong_code_for_ndc(line: DrugLine) -> Iterator[Problem]:
    """A drug's NDC is reported under a code that is not the drug's.

    The NDC and the procedure code name different things, and the payer rejects the line or pays for the wrong one.
    Correct the one that is wrong. An NDC under an administration is misplaced, and only some payers read one under the
    per-diem codes of home infusion: these are warnings. Where the code is one typing error away from the drug's own
    code for that date, the message names it; that is no proof, so both ways are said. A code that is miscellaneous
    for any drug is not reported.
    """
    item = next((item for item in line.drug_identifications if line.package_of(item)), None)
    written = line.procedure_code
    if item is None or line.code is not None or not written:
        return
    if line.claim.formulary.under_miscellaneous(written):
        return  # the facts of this drug do not have it, but it names no other drug
    drug, severity = line.drug, None
    codes = codes_for(drug, line)
    expected = expected_of(codes, drug)
    ndc, lin = f"{item.at_ndc.element} ({box(line, 'NDC')})", f"LIN and CTP ({box(line, 'NDC')})"
    choices, values = choices_of(line, drug, codes, "{drug} was given")
    if not choices:
        choices = [
            Choice("{drug} was given", f"bill {expected} in {line.at_procedure_code.element} ({box(line, 'code')})")
        ]
    choices.append(Choice("another drug was given", f"correct the NDC in {ndc}"))
    subject = "{found}" if can_be_shown(written) else "The procedure code"
    message = f"{subject} is not a code of {{drug}}, but the line reports the NDC of {{drug}}."
    slip = next(((code, how) for code in _own_codes(line) if (how := _slip(written, code))), None)
    correction = ""
    if re.fullmatch(_ADMINISTRATION, written):
        severity, expected = Severity.WARNING, "no NDC on an administration"
        message = "{found} bills an administration; the NDC of {drug} belongs on the line that bills the drug."
        correction = (
            f"move {lin} from this line to the line that bills {{drug}}, if that one has none; else remove them"
        )
        if len(line.claim.drug_lines) == 1:
            choices = [Choice("this provider gave {drug}", f"bill it on a line of its own, and move {lin} there")]
            choices.append(Choice("it did not", f"remove {lin}"))
            correction = ""
    elif re.fullmatch(_PER_DIEM, written):
        severity = Severity.WARNING
        message = "{found} does not name {drug}, whose NDC the line reports; only some payers pay by the NDC."
        choices = [one._replace(when="{drug} was given and the payer does not pay by the NDC") for one in choices[:1]]
        if written.startswith("S9"):  # it bills the service of that day, too
            choices = [
                choices[0]._replace(
                    do=f"keep {{found}}, and bill {{drug}} with {expected} on a line of its own, with LIN and CTP",
                    edits=(),
                )
            ]
    elif slip:
        values = {**values, "meant": Code(slip[0]), "how": slip[1]}
        message += " {meant} may have been meant: {how}."
    elif billed_under_another_code(line, drug):
        correction = f"if this line does not bill {{drug}}, remove {lin}: another line of that day bills {{drug}}"
    found: Value = Code(written) if can_be_shown(written) else "not a HCPCS code"
    yield Problem(
        where=line.at_procedure_code,
        found=found,
        expected=expected,
        message=message,
        correction=correction,
        choices=() if correction else choices,
        values={"drug": drug.name, **values},
        related=[Related(item.at_ndc, "NDC")],
        severity=severity,
        sources=drug.cited(line.package_of(item), *codes),
    )


def _own_codes(line: DrugLine) -> list[str]:
    """The drug's own codes that may have been meant: those of the date of service, or all where it is unknown."""
    codes = line.drug.codes
    if line.period:
        codes = tuple(dict.fromkeys(code for day in line.period for code in line.drug.codes_on(day)))
    return [code.code for code in codes if code.is_product]


def _slip(written: str, right: str) -> str:
    """How one typing error makes the right code the written one; "" where none does."""
    if len(written) == len(right):
        wrong = [n for n, (one, other) in enumerate(zip(written, right, strict=True)) if one != other]
        if len(wrong) == 1:
            return "one character differs"
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1 and sorted(written) == sorted(right):
            return "two characters are swapped"
        return ""
    shorter, longer = sorted((written, right), key=len)
    if any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(right) + 1)):
        return "a character is missing" if longer == right else "there is one character too many"
    return ""
