"""HCP010: a malformed procedure code of a drug."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, DrugLine, Edit, Fix, Good, Identifier, Problem, Severity, Value, rule

from lint837_rules.codes.procedure_codes import can_be_shown, choices_of, codes_for, expected_of, ndc_in_its_place

_REST = "*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP010",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "X12 005010X222A1 and 005010X223A2, loop 2400, SV101 and SV202",
            "The second component is the HCPCS code; the first, its qualifier, is HC.",
        ),
        "rfi-2151",
    ],
    good=[
        Good(f"SV1*HC:J9026:JZ{_REST}"),
        Good(
            "SV1*HC:j9271*9000*UN*200***1~DTP*472*D8*20250110~LIN**N4*00006302602~CTP****2*UN~",
            note="the code of another drug",
        ),
    ],
    bad=[
        Bad(f"SV1*HC:j9026:JZ{_REST}", at="SV101-2", note="lower case"),
        Bad(f"SV1*N4:J9026:JZ{_REST}", at="SV101-1", note="the qualifier of an NDC"),
        Bad(f"SV1*ZZ:j9026 :JZ{_REST}", at="SV101-2", note="several faults are one finding"),
        Bad(f"SV1*HC:55513-077-01{_REST}", at="SV101-2", note="an NDC in place of the code"),
    ],
)
def malformed_procedure_code(line: DrugLine) -> Iterator[Problem]:
    """A procedure code is malformed.

    A payer compares the code as written: in lower case, with spaces, with a qualifier other than HC, or with an NDC in
    its place, it does not match, and the line is rejected. Write the code in capital letters, without spaces, after the
    qualifier HC, and the NDC in LIN03. All faults of a line are one finding, at the code, or at the qualifier where
    only that is wrong. A line without a code is not checked.
    """
    written, code = line.procedure_code_as_written, line.procedure_code
    if not written:
        return
    if ndc_in_its_place(line):
        yield _ndc(line)
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
    edits = [Edit(line.at_qualifier, "HC")] if bad_qualifier else []
    edits += [Edit(line.at_procedure_code, code)] if bad_code else []
    yield Problem(
        where=line.at_procedure_code if bad_code else line.at_qualifier,
        found=found,
        expected=expected,
        message=f"The procedure code{' {code}' if shown else ''} {_faults(line)}.",
        correction=_correction(line, code=bad_code, qualifier=bad_qualifier),
        values={"code": Code(code), "qualifier": Code(line.qualifier)},
        fixes=[Fix(tuple(edits), safe=True)] if line.code and not _is_out_of_date(line) else (),
    )


def _faults(line: DrugLine) -> str:
    """What is wrong with the code, as the predicate of a sentence."""
    written, faults = line.procedure_code_as_written, []
    if written != written.upper():
        faults.append("is in lower case")
    if len("".join(written.split())) < len(written):
        faults.append("has spaces in or around it")
    if not line.qualifier:
        faults.append("has no qualifier")
    elif line.qualifier != "HC":
        faults.append("has the qualifier {qualifier}, not HC")
    return " and ".join(filter(None, [", ".join(faults[:-1]), faults[-1]]))


def _is_out_of_date(line: DrugLine) -> bool:
    """Whether the code is not valid on the date of service, so that it must not be written again."""
    period, code = line.period, line.code
    return code is not None and period is not None and not (code.valid_on(period.first) and code.valid_on(period.last))


def _correction(line: DrugLine, *, code: bool, qualifier: bool) -> str:
    if _is_out_of_date(line):
        return "write the code that is valid on the date of service, in capital letters, without spaces, after HC"
    if line.code is None and (qualifier or not can_be_shown(line.procedure_code)):
        return "write a HCPCS code after the qualifier HC"  # the present one may be of another code set
    if not qualifier:
        return "change it to {code}"
    return "write {code} after the qualifier HC" if code else "change the qualifier to HC"


def _ndc(line: DrugLine) -> Problem:
    """The problem of an NDC in place of the code."""
    codes = codes_for(line.drug, line.period)
    packages = [package for item in line.drug_identifications if (package := line.package_of(item))]
    return Problem(
        where=line.at_procedure_code,
        found=Identifier(line.procedure_code_as_written),
        expected=expected_of(codes, line.drug),
        message='The NDC "{found}" is in the place of the procedure code.',
        correction="write {choices} after the qualifier HC" + ("" if packages else ", and the NDC in LIN03"),
        values={"choices": choices_of(codes, line.drug)},
        cause="NDC in place of the code",
        sources=line.drug.cited(*packages, *codes),
    )
