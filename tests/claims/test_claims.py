"""Claims: which service lines concern a drug, how that is known, and what is never looked at."""

from decimal import Decimal

import pytest
from lint837 import Rulebook, lint_bytes
from lint837.claims.claim import Claim
from lint837.claims.segment import plain_decimal
from lint837.lint.examples import claim_file
from lint837.rules.rule import Good
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

ON = "DTP*472*D8*20241110~"
OTHER = "LIN**N4*50242013601~CTP****1*UN~"


def claim_of(rulebook: Rulebook, lines: str, **context: object) -> Claim:
    data = claim_file(Good(lines, **context))  # type: ignore[arg-type]
    [piece] = [event for event in Reader([data]) if isinstance(event, Slice) and event.kind == "claim"]
    return Claim(piece, rulebook.formulary)


def identified(rulebook: Rulebook, lines: str, **context: object) -> list[tuple[str, str, bool]]:
    return [(line.number, line.how, line.weak) for line in claim_of(rulebook, lines, **context).drug_lines]


class TestIdentification:
    @pytest.mark.parametrize(
        ("lines", "how"),
        [
            ("SV1*HC:J9026*1*UN*1***1~", "code"),
            ("SV1*HC:c9170*1*UN*1***1~", "code"),
            ("SV1*HC: J9026 *1*UN*1***1~", "code"),
            ("SV1*HC:J9271*1*UN*1***1~LIN**N4*55513007701~", "ndc"),
            ("SV1*HC:96413*1*UN*1***1~LIN**UP*55513-0059-01~", "ndc"),
            ("SV1*HC:J9271*1*UN*1***1~LIN**N4*50242013601~LIN**N4*05551305901~", "ndc"),
            ("SV1*N4:55513007701*1*UN*1***1~", "ndc"),
            ("SV1*HC:J9999:::::Tarlatamab-dlle*1*UN*1***1~", "text"),
            ("SV1*HC:J3490:::::INJ. IMDELTRA*1*UN*1***1~", "text"),
            ("SV1*HC:J3590:::::NDC N455513007701*1*UN*1***1~", "text"),
            ("SV1*HC:C9399*1*UN*1***1~NTE*ADD*TARLATIMAB 10 MG~", "text"),
            ("SV1*HC:J9999*1*UN*1***1~K3*TARLATAMB~", "text"),
            ("SV1*HC:J9999:::::IMDELLTRA*1*UN*1***1~LIN**UP*055513077016~", "text"),
        ],
    )
    def test_a_drug_line(self, rulebook: Rulebook, lines: str, how: str) -> None:
        assert identified(rulebook, lines + ON) == [("1", how, False)]

    @pytest.mark.parametrize(
        "text",
        ["PREMED FOR IMDELLTRA", "TOCILIZUMAB FOR CRS AFTER TARLATAMAB", "VISIT TARLATAMAB", "LOT 4 NDC 55513-077-01"],
    )
    def test_weakly(self, rulebook: Rulebook, text: str) -> None:
        assert identified(rulebook, f"SV1*HC:J3490:::::{text}*1*UN*1***1~{ON}") == [("1", "text", True)]

    @pytest.mark.parametrize(
        "lines",
        [
            "SV1*HC:96413*1*UN*1***1~",
            "SV1*HC:J9271:::::IMDELLTRA*1*UN*1***1~",
            f"SV1*HC:J9999:::::IMDELLTRA*1*UN*1***1~{OTHER}",
            "SV1*HC:J9999:::::IMDELLTRA*1*UN*1***1~LIN**N4*50242-0136-01~",
            "SV1*HC:J9999:::::XXIMDELLTRA*1*UN*1***1~",
            "SV1*HC:J9999:::::155513007701*1*UN*1***1~",
            "SV1*HC:J9999:::::55513007702*1*UN*1***1~",
            "SV1*HC:J3490*1*UN*1***1~SVD*00952*1*HC:J9026**1~",
        ],
    )
    def test_no_drug_line(self, rulebook: Rulebook, lines: str) -> None:
        assert identified(rulebook, lines + ON) == []

    def test_the_claims_note(self, rulebook: Rulebook) -> None:
        note = "NTE*ADD*TARLATAMAB 10 MG~"
        one, two = f"SV1*HC:J9999*1*UN*1***1~{ON}", f"SV1*HC:J3490*1*UN*1***1~{ON}"
        own = f"SV1*HC:J9026*1*UN*1***1~{ON}"
        assert identified(rulebook, one, claim=note) == [("1", "text", False)]
        assert identified(rulebook, one + f"SV1*HC:96413*1*UN*1***1~{ON}", claim=note) == [("1", "text", False)]
        assert identified(rulebook, one + two, claim=note) == []
        assert identified(rulebook, one + own, claim=note) == [("2", "code", False)]
        assert identified(rulebook, one, claim="NTE*ADD*SEE TARLATAMAB~") == [("1", "text", True)]

    def test_the_adjudication_of_another_payer_is_ignored(self, rulebook: Rulebook) -> None:
        other_payer = "SBR*S*18*******MC~NTE*ADD*TARLATAMAB~DTP*434*RD8*20240101-20240131~NM1*PR*2*OTHER*****PI*999~"
        data = claim_file(Good(f"SV1*HC:J9999*1*UN*1***1~{ON}"))
        data = data.replace(b"LX*1~", other_payer.encode() + b"LX*1~")
        [piece] = [event for event in Reader([data]) if isinstance(event, Slice) and event.kind == "claim"]
        claim = Claim(piece, rulebook.formulary)
        assert (claim.drug_lines, claim.statement_period, claim.claim_filing_code, claim.payer_id) == (
            [],
            None,
            "MB",
            "00952",
        )


class TestServiceLines:
    def test_an_sv1_without_lx_is_a_line_of_its_own(self, rulebook: Rulebook) -> None:
        data = claim_file(Good(f"SV1*HC:J9026*1*UN*1***1~{ON}SV1*HC:C9170*1*UN*1***1~{ON}"))
        [piece] = [
            event
            for event in Reader([data.replace(b"LX*1~", b"").replace(b"LX*2~", b"")])
            if isinstance(event, Slice) and event.kind == "claim"
        ]
        lines = Claim(piece, rulebook.formulary).service_lines
        assert [(line.number, line.procedure_code) for line in lines] == [("", "J9026"), ("", "C9170")]

    def test_a_line_without_a_service_is_passed_by(self) -> None:
        data = claim_file(Good(f"SV1*HC:C9170*1*UN*1***1~{ON}")).replace(b"SV1*HC:C9170*1*UN*1***1", b"PWK*OZ*EL")
        assert [finding.rule for finding in lint_bytes(data).findings] == ["ENV014"]

    def test_lin_before_sv1(self, rulebook: Rulebook) -> None:
        data = claim_file(Good(f"SV1*HC:J9271*1*UN*1***1~{ON}")).replace(
            b"LX*1~", b"LX*1~LIN**N4*55513007701~CTP****2*UN~"
        )
        [piece] = [event for event in Reader([data]) if isinstance(event, Slice) and event.kind == "claim"]
        [line] = Claim(piece, rulebook.formulary).drug_lines
        assert (line.how, line.ndc_amount, line.number) == ("ndc", Decimal(20), "1")

    def test_the_837i_layout(self, rulebook: Rulebook) -> None:
        line = claim_of(
            rulebook,
            "SV2*0636*HC:J9026:JZ::::TEXT*16000.50*UN*10~LIN**N4*55513007701~CTP****1*UN~",
            guide="837I",
            statement="20250110-20250112",
        ).drug_lines[0]
        assert (line.procedure_code, line.modifiers, line.unit_basis, line.service_unit_count) == (
            "J9026",
            ("JZ",),
            "UN",
            Decimal(10),
        )
        assert (str(line.charge_amount), line.description) == ("16000.50", "TEXT")
        assert (line.period and line.period.is_day, line.day, line.line_period) == (False, None, None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("10", "10"),
        ("10.0", "10.0"),
        (".5", "0.5"),
        ("5.", "5"),
        ("999999999999999", "999999999999999"),
        ("9999999999999999", None),
        ("", None),
        (".", None),
        ("-1", None),
        ("+1", None),
        ("1,0", None),
        ("1e3", None),
        ("NaN", None),
        ("1.2.3", None),
        ("\uff11\uff10", None),
        ("\u0661", None),
        ("\u00b2", None),
    ],
)
def test_plain_decimal(text: str, number: str | None) -> None:
    decimal = plain_decimal(text)
    assert (None if decimal is None else str(decimal)) == number
