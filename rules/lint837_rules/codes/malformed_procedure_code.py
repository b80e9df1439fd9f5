"""HCP010: a malformed procedure code of a drug."""

from collections.abc import Iterator

from lint837 import Bad, Choice, Citation, Code, DrugLine, Edit, Fix, Good, Identifier, Problem, Severity, Value, rule

from lint837_rules.boxes import box
from lint837_rules.codes.change_of_code import choices_of, composite_edit, is_accounted_for, right
from lint837_rules.codes.procedure_codes import can_be_shown, codes_for, expected_of, is_empty, ndc_in_its_place

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
    ],
    bad=[
        Bad(f"SV1*ZZ:j9026 :JZ{_REST}", at="SV101-2", note="lower case, a space, the qualifier: one finding"),
        Bad(f"SV1*HC:55513-077-01{_REST}", at="SV101-2", note="an NDC in place of the code"),
    ],
    unless="is_plain",
)
def malformed_procedure_code(line: DrugLine) -> Iterator[Problem]:
    """A procedure code is malformed.

    A payer compares the code as written: in lower case, with spaces, with a modifier glued to it, without HC before it,
    in another component or element, or with an NDC in its place, it does not match, and the line is rejected. Write the
    code in capital letters, without spaces, after the qualifier HC, and the NDC in LIN03. All faults of a line are one
    finding, at the code, at the qualifier where only that is wrong, or at SV101 or SV202. A line without any code is
    not checked.
    """
    if ndc_in_its_place(line):
        yield _ndc(line)
    elif line.procedure.form:
        yield _out_of_place(line)
    elif line.procedure_code_as_written:
        yield from _in_its_place(line)
    elif not is_empty(line):
        yield _unreadable(line)


def _out_of_place(line: DrugLine) -> Problem:
    """The problem of a code that is somewhere else in SV101 or SV202, or over several elements."""
    service, composite = line.at_procedure.segment, line.at_procedure.element
    spread = line.procedure.form == "elements"
    found = service.texts[line.at_procedure.number : line.procedure.element + len(line.modifiers) + 1]
    whole = spread or is_accounted_for(line)
    return Problem(
        where=line.at_procedure_code,
        found=Code("*".join(found) if spread else ":".join(line.procedure_components[:6])),
        expected=expected_of(codes_for(line.drug, line), line.drug)
        if _is_out_of_date(line)
        else right(line, line.procedure_code)
        if whole
        else "HC, the code, then the modifiers",
        message=f'{composite} must hold HC, the code and the modifiers, each in a component of its own; "{{found}}" '
        "does not.",
        correction=f"write the code that is valid on the date of service in {composite} ({box(line, 'code')}), after HC"
        if _is_out_of_date(line)
        else f"write HC, {{code}} and each modifier in a component of its own in {composite} ({box(line, 'code')})"
        if not whole
        else f"write {{expected}} in {composite} ({box(line, 'code')})"
        + (", and each value after it in its own element again" if spread else ""),
        values={"code": Code(line.procedure_code)},
        fixes=[Fix((composite_edit(line, line.procedure_code, line.modifiers),), safe=True)]
        if line.code and not spread and not _is_out_of_date(line) and whole
        else (),
    )


def _unreadable(line: DrugLine) -> Problem:
    """The problem of what is no code, qualifier or modifier."""
    codes, composite = codes_for(line.drug, line), line.at_procedure.element
    choices, values = choices_of(line, line.drug, codes, "this line bills {drug}")
    return Problem(
        where=line.at_procedure,
        found=Code(":".join(line.procedure_components[:6])),
        expected=expected_of(codes, line.drug),
        message=f'"{{found}}" in {composite} cannot be read as a procedure code after the qualifier HC.',
        correction="" if choices else f"write a HCPCS code after the qualifier HC in {composite} ({box(line, 'code')})",
        choices=choices,
        values={"drug": line.drug.name, **values},
    )


def _in_its_place(line: DrugLine) -> Iterator[Problem]:
    """The problem of a code that is where it belongs, if there is one."""
    written, code = line.procedure_code_as_written, line.procedure_code
    bad_code, bad_qualifier = written != code, line.qualifier != "HC"
    if not (bad_code or bad_qualifier):
        return
    shown = can_be_shown(code)
    found: Value = Code(written) if bad_code else Code(line.qualifier) if line.qualifier else "nothing"
    expected: Value = Code("HC")
    if bad_code:
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
    elif len(line.procedure_code) < len(written):
        faults.append("has a character in it that no screen shows")
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
    where = f"in {line.at_procedure.element} ({box(line, 'code')})"
    if _is_out_of_date(line):
        return f"write the code that is valid on the date of service, in capital letters, without spaces, {where}"
    if line.code is None and (qualifier or not can_be_shown(line.procedure_code)):
        return f"write a HCPCS code after the qualifier HC {where}"  # the present one may be of another code set
    if not qualifier:
        return f"change it to {{code}} {where}"
    return (
        f"write {{code}} after the qualifier HC {where}" if code else f"write the qualifier HC before {{code}} {where}"
    )


def _ndc(line: DrugLine) -> Problem:
    """The problem of an NDC in place of the code."""
    codes = codes_for(line.drug, line)
    packages = [package for item in line.drug_identifications if (package := line.package_of(item))]
    choices, values = choices_of(line, line.drug, codes, "{drug} was given")
    where = f"in {line.at_procedure.element} ({box(line, 'code')})"
    change = choices[0].do if choices else f"write {expected_of([], line.drug)} {where}, after the qualifier HC"
    if not packages:
        change += f", and the NDC in LIN03 ({box(line, 'NDC')})"
    known = line.claim.formulary.by_ndc(line.procedure_code_as_written)
    is_other = known is None or known[0] is not line.drug
    if is_other:
        choices = [choices[0]._replace(edits=())] if choices else [Choice("{drug} was given", change)]
        other = f"bill its code {where}, and correct the NDC in LIN03 ({box(line, 'NDC')})"
        choices.append(Choice("the drug of {found} was given", other))
    return Problem(
        where=line.at_procedure_code,
        found=Identifier(line.procedure_code_as_written),
        expected=expected_of(codes, line.drug),
        message='The NDC "{found}", which is not one of {drug}, is in the place of the procedure code.'
        if is_other
        else 'The NDC "{found}" is in the place of the procedure code.',
        correction=change if len(choices) < 2 else "",
        choices=choices if len(choices) > 1 else (),
        values={"drug": line.drug.name, **values},
        fixes=[Fix(choices[0].edits, safe=False)] if len(choices) == 1 and choices[0].edits and packages else (),
        cause="NDC in place of the code",
        sources=line.drug.cited(*packages, *codes),
    )
