"""HCP006: a drug's NDC on a line without a procedure code."""

from collections.abc import Iterator
from typing import NamedTuple

from lint837 import FACTS, Bad, Citation, Drug, Good, Problem, Related, ServiceLine, Severity, rule

from lint837_rules.codes.procedure_codes import beside, choices_of, codes_for, expected_of
from lint837_rules.sources import AMGEN_FLYER

_ON = "DTP*472*D8*20250110~"
_NDC = "LIN**N4*55513007701~CTP****1*UN~"


@rule(
    "HCP006",
    severity=Severity.ERROR,
    cites=[
        Citation(
            "X12, RFI 1664",
            "On an 837P a procedure code is always required, and an NDC cannot be sent without one; for the 837I the "
            "UB-04 manual decides.",
        ),
        AMGEN_FLYER,
    ],
    good=[
        Good(f"SV1*HC:J9026:JZ*16000*UN*10***1~{_ON}{_NDC}"),
        Good(
            f"SV2*0250**16000*UN*1~{_ON}{_NDC}",
            guide="837I",
            facility="11",
            statement="20250109-20250112",
            note="inpatient: the revenue code is enough",
        ),
        Good(
            f"SV2*0250**50*UN*1~{_ON}LIN**N4*00338004938~CTP****1*ML~",
            guide="837I",
            statement="20250110-20250110",
            note="another product",
        ),
        Good(
            f"SV2*0250**50*UN*1~{_ON}NTE*ADD*TARLATAMAB~",
            guide="837I",
            statement="20250110-20250110",
            note="a name without the NDC may be about anything",
        ),
        Good(
            f"SV2*0250**50*UN*1~{_ON}",
            guide="837I",
            statement="20250110-20250110",
            claim="NTE*ADD*NDC 55513007701~",
            note="the claim's note is not the line's own text",
        ),
        Good(
            f"SV2*0250**50*UN*1~{_ON}LIN**N4*00338004938~CTP****1*ML~NTE*ADD*WITH 55513-077-01~",
            guide="837I",
            statement="20250110-20250110",
            note="the NDC of LIN03 says that it is another product",
        ),
        Good(
            f"SV1*N4:55513007701*16000*UN*10***1~{_ON}",
            also=("HCP010",),
            note="the NDC in the place of the code is another mistake",
        ),
    ],
    bad=[
        Bad(f"SV1*HC*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2"),
        Bad(f"SV1*HC: *16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", note="blanks are no code"),
        Bad(f"SV1**16000*UN*10***1~{_NDC}", at="SV101-2", note="no date is needed"),
        Bad(f"SV1*HC*16000*UN*10***1~DTP*472*D8*20250101~{_NDC}", at="SV101-2", note="the first day of J9026"),
        Bad(f"SV1*HC*16000*UN*10***1~DTP*472*D8*20241231~{_NDC}", at="SV101-2", note="there are several codes"),
        Bad(f"SV1*HC*16000*UN*10***1~DTP*472*D8*20240515~{_NDC}", at="SV101-2", note="there is no code yet"),
        Bad(f"SV1*HC*16000*UN*10***1~{_ON}LIN**ND*55513-077-01~CTP****1*UN~", at="SV101-2"),
        Bad(f"SV1*HC::::::NDC 55513-077-01*16000*UN*10***1~{_ON}", at="SV101-2", note="the NDC in SV101-7"),
        Bad(f"SV1*HC*16000*UN*10***1~{_ON}NTE*ADD*TARLATAMAB N455513007701 UN1~", at="SV101-2"),
        Bad(f"SV1*HC*16000*UN*10***1~K3*5551307701~{_ON}", at="SV101-2"),
        Bad(
            f"SV1*HC*20*UN*1***1~{_ON}NTE*ADD*PREMED FOR 55513-077-01~",
            at="SV101-2",
            severity=Severity.WARNING,
            note="the text may be about something else",
        ),
        Bad(
            f"SV2*0636**16000*UN*10~{_ON}{_NDC}",
            at="SV202-2",
            guide="837I",
            statement="20250110-20250110",
            severity=Severity.WARNING,
        ),
        Bad(
            f"SV2*0250**16000*UN*10~{_ON}NTE*ADD*55513 0077 01~",
            at="SV202-2",
            guide="837I",
            facility="12",
            statement="20250110-20250112",
            severity=Severity.WARNING,
            note="type of bill 12x is outpatient",
        ),
        Bad(
            f"SV1*HC*16000*UN*10***1~{_ON}NTE*ADD*SALINE FOR NDC 55513-077-01~K3*NDC 55513-077-01~",
            at="SV101-2",
            note="of two texts one begins with the NDC",
        ),
        Bad(f"SV1*HC*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", dependent=True, filing_code=""),
        Bad(f"SV1*HC*16000*UN*10***1~{_ON}{_NDC}", at="SV101-2", frequency="8", severity=Severity.INFO),
    ],
    prefilter=FACTS,
)
def missing_procedure_code(line: ServiceLine) -> Iterator[Problem]:
    """A line reports a drug's NDC, but no procedure code.

    An 837P line needs a procedure code, and an NDC only adds to it; an outpatient hospital is paid by the code too, but
    some payers take the revenue code alone, so on an 837I it is a warning. Inpatient lines need none. Add the code of
    the drug for the date of service. The NDC counts in LIN03 and in the line's own text; where that text begins with
    something else than the drug it may be about something else (a warning), and where LIN03 names another product the
    text does not count. A code that is wrong or malformed is not missing.
    """
    claim = line.claim
    named = None if claim.is_inpatient or line.procedure_code else _named(line)
    if named is None:
        return
    codes = codes_for(named.drug, line.period)
    yield Problem(
        where=line.at_procedure_code,
        found="nothing",
        expected=expected_of(codes, named.drug),
        message="The line reports the NDC of {drug}, but no procedure code.",
        correction="if another line of the day bills the dose, remove LIN and CTP here; if not, add {choices} behind HC"
        if beside(line, named.drug)
        else "add {choices}, with the qualifier HC",
        values={"drug": named.drug.name, "choices": choices_of(codes, named.drug)},
        related=named.related,
        severity=Severity.ERROR if named.surely and claim.guide == "837P" else Severity.WARNING,
    )


class _Named(NamedTuple):
    """The drug whose NDC a line writes; whether the line is surely about it."""

    drug: Drug
    surely: bool
    related: list[Related]


def _named(line: ServiceLine) -> _Named | None:
    formulary = line.claim.formulary
    for item in line.drug_identifications:
        match = formulary.by_ndc(item.ndc)
        if match:
            return _Named(match[0], surely=True, related=[Related(item.at_ndc, "NDC")])
    if line.names_other_ndc:
        return None
    # A text that names the drug may write its NDC only after that, so the mention's own words are not enough.
    found = [
        _Named(mention.drug, mention.opens, [])
        for text in line.texts
        for mention in formulary.named_in(text)
        if any(form in text for package in mention.drug.packages for form in package.forms)
    ]
    return min(found, key=lambda named: not named.surely, default=None)
