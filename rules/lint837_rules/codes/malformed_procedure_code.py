"""HCP010: a procedure code on a drug's line that is not written as a claim must write it."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Edit, Fix, Good, Identifier, Problem, Severity, Value, rule

from lint837_rules.codes.procedure_codes import (
    can_be_shown,
    choices_of,
    codes_for,
    expected_of,
    holds_ndc,
)
from lint837_rules.sources import AMGEN_FLYER

_ON = "DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"
_REST = f"*16000*UN*10***1~{_ON}{_NDC}"


@rule(
    "HCP010",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "X12 005010X222A1 and 005010X223A2, loop 2400, SV101 and SV202",
            "A HCPCS code stands in the second component, and the first, its qualifier, is HC.",
        ),
        Citation(
            "X12, RFI 2151",
            "On 837P and 837I an NDC stands in loop 2410: the qualifier N4 in LIN02, the code in LIN03.",
        ),
        AMGEN_FLYER,
    ],
    good=[
        Good(f"SV1*HC:J9026:JZ{_REST}"),
        Good(
            f"SV2*0636*HC:C9170:JZ*16000*UN*10~DTP*472*D8*20241115~{_NDC}",
            guide="837I",
            statement="20241115-20241115",
        ),
        Good(f"SV1*HC:j9271*9000*UN*200***1~{_ON}LIN**N4*00006302602~CTP****2*UN~", note="another drug"),
        Good(
            f"SV2*0250**16000*UN*1~{_ON}{_NDC}",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            note="no code, inpatient",
        ),
        Good(
            f"SV1*N4*16000*UN*10***1~{_ON}{_NDC}",
            also=("HCP006",),
            note="without a code its qualifier is not judged",
        ),
    ],
    bad=[
        Bad(f"SV1*HC:j9026:JZ{_REST}", at="SV101-2", note="in lower case"),
        Bad(f"SV1*HC: J9026:JZ{_REST}", at="SV101-2", note="a blank before it"),
        Bad(f"SV1*HC:J9026 {_REST}", at="SV101-2", note="a blank behind it"),
        Bad(f"SV1*HC:J 9026:JZ{_REST}", at="SV101-2", note="a blank within it"),
        Bad(f"SV1*N4:J9026:JZ{_REST}", at="SV101-1", note="the qualifier of an NDC"),
        Bad(f"SV1*:J9026:JZ{_REST}", at="SV101-1", note="no qualifier"),
        Bad(f"SV1*hc:J9026:JZ{_REST}", at="SV101-1", note="the qualifier in lower case"),
        Bad(f"SV1*ZZ:j9026 :JZ{_REST}", at="SV101-2", note="everything at once: one finding"),
        Bad(
            f"SV1*HC:c9170:JZ*16000*UN*10***1~DTP*472*RD8*20241231-20250101~{_NDC}",
            at="SV101-2",
            note="a code that is right for a part of the range only is not written anew",
        ),
        Bad(f"SV1*HC:j9271{_REST}", at="SV101-2", note="whatever code stands over the drug's NDC"),
        Bad(f"SV1*ER:W0123{_REST}", at="SV101-1", note="the qualifier of another code set"),
        Bad(f"SV1*HC:see note{_REST}", at="SV101-2", note="words"),
        Bad(
            f"SV1*HC:j9999:::::TARLATAMAB 10 MG*16000*UN*1***1~DTP*472*D8*20240601~{_NDC}",
            at="SV101-2",
            note="a miscellaneous code",
        ),
        Bad(f"SV1*N4:55513007701*16000*UN*10***1~{_ON}", at="SV101-2", note="the NDC in its place"),
        Bad(f"SV1*HC:55513-077-01{_REST}", at="SV101-2", note="the NDC in its place, and in LIN03"),
        Bad(f"SV1*HC:N455513007701{_REST}", at="SV101-2", note="the NDC with N4 before it"),
        Bad(f"SV1*HC:50242013601{_REST}", at="SV101-2", note="the NDC of another product"),
        Bad(
            f"SV1*N4:55513007701*16000*UN*1***1~DTP*472*D8*20241231~{_NDC}",
            at="SV101-2",
            note="there were several codes on that day",
        ),
        Bad(f"SV1*HC:j9026:JZ*16000*UN*10***1~{_NDC}", at="SV101-2", note="no date is needed"),
        Bad(
            "SV1*HC:j3490:::::PREMED FOR IMDELLTRA*20*UN*1***1~DTP*472*D8*20240601~",
            at="SV101-2",
            severity=Severity.WARNING,
            note="a line that is only perhaps the drug's",
        ),
        Bad(f"SV1*HC:j9026:JZ{_REST}", at="SV101-2", dependent=True, filing_code=""),
        Bad(f"SV1*HC:j9026:JZ{_REST}", at="SV101-2", frequency="8", severity=Severity.INFO),
        Bad(
            f"SV2*0636*HC:j9026:JZ*16000*UN*10~{_ON}{_NDC}",
            at="SV202-2",
            guide="837I",
            statement="20250110-20250110",
        ),
        Bad(
            f"SV2*0636*N4:J9026*16000*UN*10~{_ON}{_NDC}",
            at="SV202-1",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            severity=Severity.INFO,
        ),
    ],
)
def malformed_procedure_code(line: DrugLine) -> Iterator[Problem]:
    """A procedure code is not written as a claim must write it.

    A payer compares the code as it stands: in lower case, with blanks, behind another qualifier than HC, or with an NDC
    in its place it is no code that the payer knows, and the line is rejected. Write the code in capital letters without
    blanks behind HC, and the NDC in LIN03. All of it is one finding a line, at the code, or at the qualifier where that
    alone is wrong; a missing qualifier is a wrong one. A missing code is HCP006's; then its qualifier is not judged.
    """
    written, code = line.procedure_code_as_written, line.procedure_code
    if not written:
        return
    if holds_ndc(line):
        yield _ndc_in_its_place(line)
        return
    bad_code = written != code
    bad_qualifier = line.qualifier != "HC"
    if not (bad_code or bad_qualifier):
        return
    shown = can_be_shown(code)
    found: Value = Code(line.qualifier) if line.qualifier else "nothing"
    expected: Value = Code("HC")
    if bad_code:
        found = Code(written) if shown else "not a HCPCS code"
        expected = Code(code) if shown else "a HCPCS code"
    yield Problem(
        where=line.at_procedure_code if bad_code else line.at_qualifier,
        found=found,
        expected=expected,
        message=f"The procedure code{' {code}' if shown else ''} {' and '.join(_faults(line))}.",
        correction=_correction(line, code=bad_code, qualifier=bad_qualifier),
        values={"code": Code(code), "qualifier": Code(line.qualifier)},
        fixes=[_fix(line, code=bad_code, qualifier=bad_qualifier)] if line.code and not _is_ended(line) else (),
    )


def _faults(line: DrugLine) -> Iterator[str]:
    written = line.procedure_code_as_written
    if written != written.upper():
        yield "is in lower case"
    if len("".join(written.split())) < len(written):
        yield "has blanks in or around it"
    if not line.qualifier:
        yield "has no qualifier"
    elif line.qualifier != "HC":
        yield "stands behind the qualifier {qualifier}"


def _is_ended(line: DrugLine) -> bool:
    """Whether the code is one that is not valid on the date of service: another finding says which is."""
    period, code = line.period, line.code
    return code is not None and period is not None and not (code.valid_on(period.first) and code.valid_on(period.last))


def _correction(line: DrugLine, *, code: bool, qualifier: bool) -> str:
    if _is_ended(line):
        return "write the code that is right for the date in capital letters, without blanks, behind HC"
    if line.code is None and (qualifier or not can_be_shown(line.procedure_code)):
        return "write a HCPCS code behind the qualifier HC"  # what stands there may be of another code set
    if not qualifier:
        return "change it to {code}"
    return "write {code} behind the qualifier HC" if code else "change the qualifier to HC"


def _fix(line: DrugLine, *, code: bool, qualifier: bool) -> Fix:
    """The code, its qualifier, or both, as a known code of the drug is written."""
    edits = [Edit(line.at_qualifier, "HC")] if qualifier else []
    edits += [Edit(line.at_procedure_code, line.procedure_code)] if code else []
    return Fix(tuple(edits), safe=True)


def _ndc_in_its_place(line: DrugLine) -> Problem:
    codes = codes_for(line.drug, line.period)
    reported = any(line.package_of(item) for item in line.drug_identifications)
    return Problem(
        where=line.at_procedure_code,
        found=Identifier(line.procedure_code_as_written),
        expected=expected_of(codes, line.drug),
        message='The NDC "{found}" stands in the place of the procedure code.',
        correction="write {choices} behind the qualifier HC" + ("" if reported else ", and the NDC into LIN03"),
        values={"choices": choices_of(codes, line.drug)},
    )
