"""SVC002: one modifier twice on a line."""

from collections.abc import Iterator

from lint837 import Bad, Code, Good, LineLoop, Problem, Related, Severity, WholeClaim, rule

from lint837_rules.boxes import box

_VISIT = "SV1*HC:99213:25:{}*100*UN*1***1~DTP*472*D8*20260105~"
_MODIFIER = "modifier"


@rule(
    "SVC002",
    severity=Severity.ERROR,
    cites=["cedi-modifier"],
    good=[
        Good(_VISIT.format("GA")),
        Good("SV1*HC:99213:25:*100*UN*1***1~DTP*472*D8*20260105~" * 2, note="on two lines"),
    ],
    bad=[
        Bad(_VISIT.format("25"), at="SV101-4"),
        Bad("SV1*HC:99213:AI::AI*100*UN*1***1~DTP*472*D8*20260105~", at="SV101-5"),
    ],
    yields_to=[("MOD002", "line")],
    alike="services",
)
def modifier_repeated(claim: WholeClaim) -> Iterator[Problem]:
    """A service line has the same modifier twice.

    Medicare's front end and other payers reject a line on which a modifier is repeated. Remove the second one. If the
    service was done twice, bill two units or a second line, as the payer wants it.
    """
    for line in claim.lines:
        modifiers = line.modifiers
        if len(modifiers) > 1:
            yield from _repeated(claim, line)


def _repeated(claim: WholeClaim, line: LineLoop) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for component, modifier in enumerate(line.modifiers, 3):
        earlier = first.setdefault(modifier.upper(), component)
        if modifier and earlier != component:
            yield Problem(
                where=line.at_service(1, component),
                found=Code(modifier),
                expected="each modifier once",
                message="Modifier {found} is twice on the line.",
                correction="remove the second {found} ({box}); if the service was done twice, bill 2 units or a second "
                "line, as the payer wants it",
                values={"box": box(claim, "modifiers")},
                related=[Related(line.at_service(1, earlier), _MODIFIER)],
            )
