"""HCP013: a miscellaneous line whose text and NDC name different drugs."""

from collections.abc import Iterator

from lint837 import FACTS, Bad, Choice, Code, Good, Problem, Related, ServiceLine, Severity, is_ndc, rule

from lint837_rules.boxes import box

_ON = "DTP*472*D8*20250310~"
_OTHER = "LIN**N4*00006302602~CTP****8*ML~"
_LINE = "SV1*HC:J9999:::::IMDELLTRA 10 MG*16000*UN*1***1~"


@rule(
    "HCP013",
    severity=Severity.WARNING,
    cites=["rfi-2151"],
    good=[
        Good(
            f"{_LINE}{_ON}LIN**N4*55513007701~CTP****1*UN~",
            also=("HCP002",),
            note="the text and the NDC name one drug",
        ),
        Good(
            f"SV1*HC:J3490:::::DILUENT FOR TARLATAMAB*9*UN*1***1~{_ON}LIN**N4*00338004938~CTP****1*ML~",
            note="a text that only mentions the drug",
        ),
        Good(
            f"SV1*HC:J9999*900*UN*1***1~{_ON}{_OTHER}",
            claim="NTE*ADD*TARLATAMAB~",
            note="the claim's note is about no one line",
        ),
    ],
    bad=[
        Bad(_LINE + _ON + _OTHER, at="LIN03"),
        Bad(f"SV1*HC:J3590*900*UN*1***1~{_ON}NTE*ADD*NDC 55513-077-01~{_OTHER}", at="LIN03", note="the NDC in a note"),
    ],
    prefilter=FACTS,
    unless="is_well_coded",
)
def text_contradicts_ndc(line: ServiceLine) -> Iterator[Problem]:
    """The text of a miscellaneous line names one drug, and its NDC is another product's.

    A miscellaneous (unlisted) code leaves it to the text and the NDC to say what was given, and here they contradict
    each other. A payer prices the one or the other, or denies the line. Check what was given. The line's own texts
    count, not the claim's note, and only where they are about the drug; LIN03 counts under the qualifier N4.
    """
    drugs = line.claim.formulary.under_miscellaneous(line.procedure_code)
    if not drugs or not line.has_other_ndc:
        return
    if any(item.known for item in line.drug_identifications):
        return  # that NDC identifies the line
    items = [item for item in line.drug_identifications if item.qualifier == "N4" and is_ndc(item.ndc)]
    named = next((one.drug for one in line.mentions if one.strong and one.drug in drugs), None)
    if named is None or not items:
        return
    code, ndc = box(line, "code"), f"LIN03 ({box(line, 'NDC')})"
    yield Problem(
        where=items[0].at_ndc,
        found="the NDC of another product",
        expected="one drug in the text and the NDC",
        message="The text of the {code} line names {drug}, but its NDC is another product's.",
        choices=[
            Choice("{drug} was given", f"correct the NDC in {ndc}, and bill the code of {{drug}} ({code})"),
            Choice("the NDC is right", "correct the text, and bill the code of the product that was given"),
        ],
        values={"code": Code(line.procedure_code), "drug": named.name},
        related=[Related(line.at_procedure_code, "the code")],
    )
