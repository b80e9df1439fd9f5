"""PRV003: an institutional claim without an attending provider."""

from collections.abc import Iterator

from lint837 import Bad, Citation, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import provider_box

_LINE = "SV2*{}*HC:{}*100*UN*1~DTP*472*D8*20260105~"
_VISIT = _LINE.format("0510", "99213")
_AMBULANCE = "054"
_NOBODY = (("NM1*71*1*ROE*ANN****XX*1982604476~", ""),)


@rule(
    "PRV003",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "X12 005010X223A2 loop 2310A, as CMS edits it (5010 edit references)",
            "An institutional claim names its attending provider, but for non-scheduled transportation.",
        ),
        Citation("Noridian JE A, returned to provider", "A claim without its attending provider is returned."),
    ],
    good=[
        Good(_VISIT, guide="837I"),
        Good(_LINE.format("0540", "A0429"), guide="837I", instead=_NOBODY, note="an ambulance alone"),
    ],
    bad=[
        Bad(_VISIT, guide="837I", instead=_NOBODY, at="", line=""),
        Bad(_VISIT, guide="837I", instead=(("NM1*71*1*ROE", "NM1*72*1*ROE"),), at="", line="", note="an operating one"),
    ],
    only="837I",
)
def attending_missing(claim: WholeClaim) -> Iterator[Problem]:
    """An institutional claim has no attending provider.

    The attending provider (NM1*71) is the person who has the overall responsibility for the patient's care. Each 837I
    names one, except for a claim of non-scheduled transportation (revenue codes 0540 to 0549) and nothing else.
    """
    if claim.loop.entity("71"):
        return
    services = [line.service for line in claim.lines if line.service]
    if services and all(service.element(1).startswith(_AMBULANCE) for service in services):
        return
    yield Problem(
        where=claim.clm.at(),
        found="no attending provider",
        expected="NM1*71 in loop 2310A",
        message="The claim has no attending provider.",
        correction="enter the person who is responsible for the care, with the NPI ({box})",
        values={"box": provider_box(claim, "71")},
    )
