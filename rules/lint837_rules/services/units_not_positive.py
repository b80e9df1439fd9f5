"""SVC004: a unit count that is not above 0, or in a unit that the guide does not have."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Code, Good, LineLoop, Problem, Severity, WholeClaim, amount_of, rule

from lint837_rules.boxes import box

_LINE = "SV1*HC:99213*100*{}***1~DTP*472*D8*20260105~"
_REVENUE = "SV2*0270**100{}~"
_BASES = {False: ("UN", "MJ"), True: ("UN", "DA")}  # by whether it is an SV2


@rule(
    "SVC004",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "Stedi, claim edits, 2026", "The units of a line must be a number above 0; some payers take 0 on an 837I."
        ),
        "service-units",
    ],
    good=[
        Good(_LINE.format("UN*1.5")),
        Good(_LINE.format("MJ*30"), note="minutes"),
        Good(_REVENUE.format(""), guide="837I", facility="11", note="a revenue line that carries no units"),
    ],
    bad=[
        Bad(_LINE.format("UN*0"), at="SV104"),
        Bad(_LINE.format("UN*-1"), at="SV104"),
        Bad(_LINE.format("EA*1"), at="SV103"),
    ],
    yields_to=[("QTY003", "line"), ("QTY004", "line")],
    alike="services",
)
def units_not_positive(claim: WholeClaim) -> Iterator[Problem]:
    """A line's units are missing, not above 0, or in another unit than the guide has.

    SV104 of an 837P and SV205 of an 837I must be a number above 0. Enter how many units were done. SV103 is UN (units)
    or MJ (minutes); SV204 is UN or DA (days). Some payers take 0 on an 837I, so there it is a warning, and a revenue
    line without any units is not reported.
    """
    for line in claim.lines:
        service = line.service
        if service is None:
            continue
        basis, written = service.element(3 + line.shift), service.element(4 + line.shift)
        if line.institutional and not basis and not written:
            continue
        if basis not in _BASES[line.institutional]:
            yield _wrong_basis(claim, line, basis)
        units = amount_of(written)
        if units is None or units <= 0:
            yield _wrong_units(claim, line, written, is_zero=units == 0)


def _wrong_basis(claim: WholeClaim, line: LineLoop, basis: str) -> Problem:
    bases = " or ".join(_BASES[line.institutional])
    return Problem(
        where=line.at_service(3),
        found=Code(basis) if basis else "nothing",
        expected=bases,
        message="The unit of the line's count is {found}, not {expected}.",
        correction="write {expected} in {element} ({box})",
        values={"element": line.at_service(3).element, "box": box(claim, "units")},
    )


def _wrong_units(claim: WholeClaim, line: LineLoop, written: str, *, is_zero: bool) -> Problem:
    return Problem(
        where=line.at_service(4),
        found="0" if is_zero else "a number below 0" if amount_of(written) is not None else "no number",
        expected="a number above 0",
        message="The line's units are {found}.",
        correction="enter how many units were done in {element} ({box})",
        values={"element": line.at_service(4).element, "box": box(claim, "units")},
        severity=Severity.WARNING if is_zero and line.institutional else None,
    )
