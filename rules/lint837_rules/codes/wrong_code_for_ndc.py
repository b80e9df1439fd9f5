"""HCP004: a drug's NDC under a procedure code that is not the drug's."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Good, Problem, Related, Severity, Value, rule

from lint837_rules.codes.procedure_codes import beside, can_be_shown, choices_of, codes_for, expected_of, holds_ndc
from lint837_rules.sources import AMGEN_FLYER, ASP_CROSSWALK

_ON = "DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
# Codes that may stand over an NDC without naming its drug: administrations, home infusion per diem and drugs by NDC.
_ADMINISTRATION = re.compile(r"96\d{3}")
_PER_DIEM = re.compile(r"S500[01]|S9[345]\d\d|A9270")


@rule(
    "HCP004",
    severity=Severity.ERROR,
    cites=[
        ASP_CROSSWALK,
        AMGEN_FLYER,
        Citation(
            "X12, 837P example 10 (home infusion claims that are adjudicated on the NDC)",
            "S5000 and S5001, a drug by its NDC, stand over an NDC; the NDC says which drug it is.",
        ),
        Citation(
            "masslight/ottehr, issue 9560",
            "A program put the NDC on every line of the claim instead of the drug's line alone.",
        ),
    ],
    good=[
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}{_NDC}"),
        Good(
            f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20240601~{_NDC}",
            note="a miscellaneous code",
        ),
        Good(
            f"SV1*HC:J9271*9000*UN*200***1~{_ON}LIN**N4*00006302602~CTP****2*UN~",
            note="another drug under its own NDC",
        ),
        Good(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}{_NDC}SV1*HC:96413*410*UN*1***1~{_ON}",
            note="the administration without an NDC",
        ),
        Good(
            f"SV2*0250**16000*UN*1~{_ON}{_NDC}",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            note="no code at all, inpatient: not this rule's business",
        ),
        Good(
            f"SV1*HC:55513007701*16000*UN*10***1~{_ON}{_NDC}",
            also=("HCP010",),
            note="the NDC itself in the place of the code is another mistake",
        ),
    ],
    bad=[
        Bad(f"SV1*HC:J9271*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", note="the code of another drug"),
        Bad(f"SV1*HC:J9062*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", note="J9026 with two digits swapped"),
        Bad(f"SV1*HC:J9027*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", note="J9026 but for one digit"),
        Bad(f"SV1*HC:J9-26*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", note="what looks like no code is not shown"),
        Bad(f"SV1*HC:JZ*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", note="no procedure code at all"),
        Bad(f"SV1*HC:J926*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", note="J9026 without its zero"),
        Bad(
            f"SV1*HC:J9062*16000*UN*10***1~DTP*472*D8*20250101~{_NDC}",
            at="SV101-2",
            note="the first day on which J9026 can be meant",
        ),
        Bad(
            f"SV1*HC:J9062*16000*UN*10***1~DTP*472*D8*20241231~{_NDC}",
            at="SV101-2",
            note="the day before, when J9026 cannot be meant",
        ),
        Bad(f"SV1*HC:C9710*16000*UN*10***1~DTP*472*D8*20241231~{_NDC}", at="SV101-2", note="C9170, swapped"),
        Bad(f"SV1*HC:J9062*16000*UN*10***1~{_NDC}", at="SV101-2", note="without a date of service"),
        Bad(f"SV1*HC:J9271*16000*UN*10***1~{_ON}LIN**ND*55513-077-01~CTP****1*UN~", at="SV101-2"),
        Bad(
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}{_NDC}SV1*HC:96413*410*UN*1***1~{_ON}{_NDC}",
            at="SV101-2",
            line="2",
            severity=Severity.WARNING,
            note="the NDC on the line of the administration",
        ),
        Bad(
            f"SV1*HC:S5001*16000*UN*1***12~{_ON}{_NDC}",
            at="SV101-2",
            facility="12",
            filing_code="CI",
            severity=Severity.WARNING,
            note="home infusion: some payers pay by the NDC",
        ),
        Bad(
            f"SV1*HC:S9338*300*UN*1***12~{_ON}{_NDC}SV1*HC:A9270*16000*UN*1***12~{_ON}{_NDC}",
            at="SV101-2",
            line="1 2",
            severity=Severity.WARNING,
            note="a per-diem code, and the code of a non-covered item",
        ),
        Bad(f"SV1*HC:S9299*300*UN*1***12~{_ON}{_NDC}", at="SV101-2", note="not among the per-diem codes"),
        Bad(f"SV1*HC:J9271*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", dependent=True, filing_code=""),
        Bad(
            f"SV2*0636*HC:J9271*16000*UN*10~{_NDC}",
            at="SV202-2",
            guide="837I",
            statement="20241231-20250101",
            note="a wrong code is wrong whatever the date",
        ),
        Bad(
            f"SV2*0636*HC:J9271*16000*UN*10~{_ON}{_NDC}",
            at="SV202-2",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
        Bad(f"SV1*HC:J9271*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", frequency="8", severity=Severity.INFO),
    ],
)
def wrong_code_for_ndc(line: DrugLine) -> Iterator[Problem]:
    """A drug's NDC stands under a code that is not the drug's.

    The NDC and the procedure code name different things, and the payer rejects the line or pays for the wrong one.
    Correct whichever of the two is wrong. Under an administration the NDC is misplaced, and under the per-diem codes of
    home infusion only some payers read it: these are warnings. A code that is one slip away from the drug's own (two
    characters swapped; one wrong, missing or too many) is named as such where that code was valid on the date of
    service, or the date is not known; since the slip may also be another drug's code, nothing is edited. A code that is
    miscellaneous for any drug is silent. A line without a code is HCP006's, an NDC in its place HCP010's.
    """
    item = next((item for item in line.drug_identifications if line.package_of(item)), None)
    written = line.procedure_code
    if item is None or line.code is not None or not written or holds_ndc(line):
        return
    if line.claim.formulary.under_miscellaneous(written):
        return  # the facts of this drug do not have it, but it names no other drug
    drug, severity = line.drug, None
    codes = codes_for(drug, line.period)
    expected, values = expected_of(codes, drug), {"drug": drug.name, "choices": choices_of(codes, drug)}
    subject = "{found}" if can_be_shown(written) else "The procedure code"
    message = f"{subject} is not a code of {{drug}}, but the line reports the NDC of {{drug}}."
    correction = "if {drug} was given, bill {choices}; if not, correct the NDC"
    slip = next(((code, how) for code in _own_codes(line) if (how := _slip(written, code))), None)
    if _ADMINISTRATION.fullmatch(written):
        severity, expected = Severity.WARNING, "no NDC on an administration"
        message = "{found} bills an administration; the NDC of {drug} belongs to the line that bills the drug."
        correction = "remove LIN and CTP here, and report them on the line of {drug}"
    elif _PER_DIEM.fullmatch(written):
        severity = Severity.WARNING
        message = "{found} does not name {drug}, whose NDC the line reports; only some payers pay it by the NDC."
        correction = "if the payer does not pay by the NDC, bill {choices}"
    elif slip:
        expected, values["how"] = Code(slip[0]), slip[1]
        message += " Perhaps {expected} was meant: {how}."
        correction = "if {drug} was given, change the code to {expected}; if not, correct the NDC"
    elif beside(line, drug):
        correction = "if this line is not {drug}, remove LIN and CTP here: another line of the day bills {drug}"
    found: Value = Code(written) if can_be_shown(written) else "not a HCPCS code"
    yield Problem(
        where=line.at_procedure_code,
        found=found,
        expected=expected,
        message=message,
        correction=correction,
        values=values,
        related=[Related(item.at_ndc, "NDC")],
        severity=severity,
    )


def _own_codes(line: DrugLine) -> list[str]:
    """The drug's own codes that can have been meant: those of the date of service, or all where it is not known."""
    codes = line.drug.codes
    if line.period:
        codes = tuple(dict.fromkeys(code for day in line.period for code in line.drug.codes_on(day)))
    return [code.code for code in codes if code.is_product]


def _slip(written: str, right: str) -> str:
    """How one slip of the keys makes the right code the written one; "" where none does."""
    if len(written) == len(right):
        wrong = [n for n, (one, other) in enumerate(zip(written, right, strict=True)) if one != other]
        if len(wrong) == 1:
            return "one character differs"
        if len(wrong) == 2 and wrong[1] == wrong[0] + 1 and sorted(written) == sorted(right):
            return "two characters are swapped"
        return ""
    shorter, longer = sorted((written, right), key=len)
    if any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(right) + 1)):
        return "a character is missing" if longer == right else "there is a character too many"
    return ""
