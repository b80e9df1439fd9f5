"""HCP014: a code that CMS never had."""

from collections.abc import Iterator

from lint837 import FACTS, Bad, Choice, Code, Good, NotChecked, Problem, ServiceLine, Severity, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:{}*900*UN*10***1~DTP*472*D8*{}~"
_CODES = (
    "2018-01-01 J9022 2018-01-01 - - Injection, atezolizumab, 10 mg",
    "2019-01-01 J9022 2018-01-01 - - Injection, atezolizumab, 10 mg",
)


@rule(
    "HCP014",
    severity=Severity.ERROR,
    cites=["hcpcs-dates"],
    good=[
        Good(_LINE.format("J9022", "20180615"), codes=_CODES, note="a code of the files"),
        Good(_LINE.format("J9202", "20190615"), codes=_CODES, note="after the newest file: it may be new"),
    ],
    bad=[Bad(_LINE.format("J9202", "20180615"), at="SV101-2", codes=_CODES, note="two digits swapped")],
    prefilter=FACTS,
    yields_to=[("HCP004", "line")],
)
def code_unknown(line: ServiceLine) -> Iterator[Problem | NotChecked]:
    """A code is in no HCPCS file, before or after the date of service.

    The code has the form of a drug's code, but CMS never had it, so it is mistyped; a payer rejects the line. Write the
    code of what was given. CMS keeps a code in its files for years after its last day: a code that is neither in the
    file before the date of service nor in the one after it was never valid. Nothing is said of a date after the newest
    HCPCS file that was imported, or before the oldest, nor of letters with which no drug's code begins.
    """
    formulary, code, period = line.claim.formulary, line.procedure_code, line.period
    stored = formulary.stored
    if stored is None or not line.procedure.is_usual or not stored.is_unknown(code) or formulary.is_code(code):
        return
    first, last = stored.code_lists
    if period is None or not first <= period.first <= period.last <= last:
        yield NotChecked(line, "the date of service is not between two HCPCS files that were imported")
        return
    near = sorted(
        one
        for one in stored.codes & _swapped(code)
        if (drug := stored.drug(one)) and drug.codes[0].valid_on(period.first)
    )
    where = f"{line.at_procedure_code.element} ({box(line, 'code')})"
    yield Problem(
        where=line.at_procedure_code,
        found=Code(code),
        expected=Code(near[0]) if len(near) == 1 else "a HCPCS code",
        message="{found} is in no HCPCS file of CMS, before or after {date}."
        + (" {near} may be meant." if near else ""),
        correction="" if near else f"write the code of what was given in {where}",
        choices=[
            Choice("{near} is the code of what was given", f"write it in {where}"),
            Choice("it is not", f"write the code of what was given in {where}"),
        ]
        if near
        else (),
        values={"date": period, "near": " or ".join(near)},
    )


def _swapped(code: str) -> set[str]:
    """The codes with two neighbors of the written one swapped: one wrong digit would fit too many codes."""
    return {code[:n] + code[n : n + 2][::-1] + code[n + 2 :] for n in range(len(code))}
