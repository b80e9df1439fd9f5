"""NDCs out of their place, other products, blanks, and what a biller is told where units and NDC quantity disagree."""

import pytest
from lint837 import Bad, Finding, Good, Severity, load_rulebook
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file, findings_in

RULEBOOK = load_rulebook(isolated=True)
ON = "DTP*472*D8*20250310~"
TEN, ONE = "55513007701", "55513005901"


def line(units: str, modifier: str = ":JZ", code: str = "J9026", ndc: str = TEN, quantity: str = "1*UN") -> str:
    return f"SV1*HC:{code}{modifier}*16000*UN*{units}***1~{ON}LIN**N4*{ndc}~CTP****{quantity}~"


def found(lines: str, claim: str = "", **context: str) -> list[Finding]:
    return findings_in(Good(lines, claim=claim, **context), RULEBOOK)  # type: ignore[arg-type]


def codes(lines: str, claim: str = "", **context: str) -> list[str]:
    return [one.rule for one in found(lines, claim, **context)]


def only(lines: str, rule: str, **context: str) -> Finding:
    [finding] = (one for one in found(lines, **context) if one.rule == rule)
    return finding


class TestTheNdcElsewhereInLin:
    @pytest.mark.parametrize(
        "lin",
        [
            f"***N4*{TEN}",
            f"****N4*{TEN}",
            f"*N4*{TEN}",
            f"**{TEN}*N4",
            f"**LT*A123*N4*{TEN}",
            f"**VP*A123*LT*B1*N4*{TEN}",
            "***N4*55513-077-01",
            f"*{TEN}",
        ],
    )
    def test_the_line_is_judged(self, lin: str) -> None:
        lines = f"SV1*HC:{{}}*16000*UN*1***1~{ON}LIN{lin}~CTP****1*UN~"
        assert set(codes(lines.format("J9026:JZ"))) == {"NDC009", "QTY001"}
        assert set(codes(lines.format("J9999"))) == {"NDC009", "HCP002"}
        assert only(lines.format("J9026:JZ"), "NDC009").fixes[0].edits[0].text == f"LIN**N4*{TEN}"

    def test_what_is_lost_by_the_fix_makes_it_unsafe(self) -> None:
        lines = f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}LIN{{}}~CTP****1*UN~"
        assert only(lines.format(f"***N4*{TEN}"), "NDC009").fixes[0].safe
        assert not only(lines.format(f"**LT*A1*N4*{TEN}"), "NDC009").fixes[0].safe

    @pytest.mark.parametrize("code", ["J9026:JZ", "J9999", "96413"])
    def test_before_the_first_line(self, code: str) -> None:
        stray = f"LIN**N4*{TEN}~CTP****1*UN~"
        assert codes(f"SV1*HC:{code}*16000*UN*1***1~{ON}", stray) == ["NDC009"]
        assert codes(f"SV1*HC:{code}*16000*UN*1***1~{ON}", stray + stray) == ["NDC009"]

    @pytest.mark.parametrize("element", [f"REF*N4*{TEN}~", "REF*N4*55513-077-01~", f"REF*N4*{ONE}~"])
    def test_in_a_reference(self, element: str) -> None:
        [finding] = found(f"SV1*HC:J9999*16000*UN*1***1~{ON}{element}")
        assert (finding.rule, finding.incomplete) == ("INT002", True)


class TestTwoQuantities:
    @pytest.mark.parametrize("second", ["10*UN", "1*ME", "*UN", "1", "0.1*UN"])
    def test_they_differ(self, second: str) -> None:
        assert codes(f"{line('10')}CTP****{second}~") == ["NDC008"]
        assert set(codes(f"{line('7')}CTP****{second}~")) == {"NDC008", "QTY005"}

    @pytest.mark.parametrize("second", ["1*UN", "1.0*UN", "01.00*UN"])
    def test_they_say_the_same(self, second: str) -> None:
        assert codes(f"{line('10')}CTP****{second}~") == []


class TestAnotherProduct:
    @pytest.mark.parametrize(
        ("ndc", "name", "code"),
        [
            ("55513016001", "Blincyto", "J9039"),
            ("55513007801", "Imlygic", "J9325"),
            ("55513007901", "Imlygic", "J9325"),
            ("55513071001", "Prolia", "J0897"),
            ("55513005704", "Aranesp", "J0881 or J0882"),
            ("55513022101", "Nplate", "J2802 or J2796"),
        ],
    )
    def test_a_known_one_is_named(self, ndc: str, name: str, code: str) -> None:
        finding = only(line("10", ndc=ndc), "NDC002")
        assert finding.severity == Severity.ERROR
        assert f"is the NDC of {name}, which is billed with {code}" in finding.message
        assert f"if {name} was given, bill {code} and its units" in finding.correction
        assert finding.to == ""
        assert len(finding.choices) == 2

    @pytest.mark.parametrize("ndc", ["55513007002", "55513999901", "55513016002"])
    def test_one_that_no_list_knows(self, ndc: str) -> None:
        finding = only(line("10", ndc=ndc), "NDC002")
        assert finding.severity == Severity.WARNING
        assert "not that of a part of the kit" in finding.correction

    def test_the_list(self) -> None:
        [drug] = RULEBOOK.formulary.drugs
        assert len({product.digits for product in drug.other_products}) == 54
        assert not {product.digits for product in drug.other_products} & {package.digits for package in drug.packages}
        assert all(product.codes and product.source == "labeler" for product in drug.other_products)


class TestBlanks:
    @pytest.mark.parametrize(
        ("lines", "rule"),
        [
            (line("10").replace(f"{TEN}~", f"{TEN} ~"), "NDC001"),
            (line("10").replace(f"N4*{TEN}", f"N4* {TEN}"), "NDC001"),
            (line(" 10"), "QTY003"),
            (line("10 "), "QTY003"),
            (line("10").replace("*UN*10", "*UN *10"), "QTY004"),
            (line("10", quantity=" 1*UN"), "NDC004"),
            (line("10", quantity="1 *UN"), "NDC004"),
            (line("10", quantity="1* UN"), "NDC005"),
            (line("10", quantity="1*UN "), "NDC005"),
        ],
    )
    def test_one_finding_with_a_safe_fix(self, lines: str, rule: str) -> None:
        [finding] = found(lines)
        assert finding.rule == rule
        assert [fix.safe for fix in finding.fixes] == [True]
        assert finding.to.strip() == finding.to != ""

    def test_padding_before_every_terminator(self) -> None:
        """Where the ST segment has it, too."""
        data = claim_file(Good(line("10")))
        isa, after = data[:106], data[106:]
        assert list(Lint([isa + after.replace(b"~", b" ~")], "x.837", RULEBOOK)) == []
        assert list(Lint([isa + after.replace(b"~", b" ~\r\n")], "x.837", RULEBOOK)) == []
        only_lines = data.replace(b"~CTP", b" ~CTP").replace(b"*UN~SE", b"*UN ~SE")
        assert [one.rule for one in Lint([only_lines], "x.837", RULEBOOK)] == ["NDC001", "NDC005"]
        padded_st = only_lines.replace(b"005010X222A1~BHT", b"005010X222A1 ~BHT")
        assert list(Lint([padded_st], "x.837", RULEBOOK)) == []

    def test_a_longer_text_needs_its_qualifier(self) -> None:
        assert codes(line("10").replace(f"N4*{TEN}", f"N4*{TEN} UN1")) == ["NDC001"]
        assert codes(line("10").replace(f"N4*{TEN}", f"VP*{TEN} UN1")) == []
        other = line("10", "", "J9271").replace(f"N4*{TEN}", f"N4*{TEN} UN1")
        assert codes(other) == ["INT002"]


class TestAdvice:
    """What is said where the units and the NDC quantity of a line disagree."""

    @staticmethod
    def said(lines: str, **context: str) -> tuple[str, list[list[str]]]:
        finding = only(lines, "QTY001", **context)
        assert finding.to == ""
        return finding.correction, [[edit.text for edit in choice.edits] for choice in finding.choices]

    def test_a_milligram_from_the_package_of_ten(self) -> None:
        text, edits = self.said(line("1", ""))
        assert text == (
            "if 1 package of 10 mg was used and all of it given, bill 10 units (box 24G); if 1 mg was given and the rest "
            "of the package was discarded, keep 1 unit, and bill the other 9 units on a separate line with JW and the "
            "same NDC (box 24D); if 1 package of 1 mg was used, change the NDC to 55513005901 (shaded line of box 24)"
        )
        assert edits == [["10"], [], [ONE]]

    def test_with_jz(self) -> None:
        assert "with JW and the same NDC, and remove JZ from this one (box 24D)" in self.said(line("1"))[0]

    def test_a_part_that_is_no_dose(self) -> None:
        text, edits = self.said(line("7", ""))
        assert "if 7 mg was given and the rest of the package was discarded, keep 7 units" in text
        assert edits == [["10"], []]

    @pytest.mark.parametrize("quantity", ["4.2", "10.5", "2.5"])
    def test_a_volume(self, quantity: str) -> None:
        text, edits = self.said(line("10", quantity=f"{quantity}*UN"))
        assert text == "if 1 package of 10 mg was used, change the NDC quantity to 1 (shaded line of box 24)"
        assert edits == [["1"]]
        assert "A volume in milliliters" in only(line("10", quantity=f"{quantity}*UN"), "QTY001").message

    def test_milligrams_as_packages(self) -> None:
        text, edits = self.said(line("10", quantity="10*UN"))
        assert "if 1 package of 10 mg was used, change the NDC quantity to 1" in text
        assert edits == [["1"], [ONE]]
        assert "JW" not in text

    def test_tenfold(self) -> None:
        finding = only(line("100"), "QTY001")
        assert "a digit too many or too few" in finding.message
        assert finding.correction == "if 1 package of 10 mg was used, bill 10 units (box 24G)"

    def test_a_weight_becomes_packages(self) -> None:
        """Since several payers reject a weight."""
        assert self.said(line("1", quantity="10*ME"))[1][0] == ["10", "1", "UN"]

    @pytest.mark.parametrize(("given", "discarded"), [(7, 2), (5, 4), (9, 2)])
    def test_administered_and_discarded(self, given: int, discarded: int) -> None:
        text, edits = self.said(line(str(given), "") + line(str(discarded), ":JW"))
        assert f"if {given} mg was given, bill {10 - given} unit" in text
        assert edits == [[str(10 - given)], [str(10 - discarded)]]

    @pytest.mark.parametrize(("given", "discarded"), [(6, 4), (9, 1), (3, 7)])
    def test_waste_of_the_other_package(self, given: int, discarded: int) -> None:
        lines = line(str(given), "", ndc=ONE, quantity=f"{given}*UN") + line(str(discarded), ":JW")
        finding = only(lines, "QTY001")
        assert finding.location.service_line == "2"
        assert [[edit.text for edit in choice.edits] for choice in finding.choices] == [
            [TEN, "1"],
            [ONE, str(discarded)] if discarded != 1 else [ONE],
        ]

    def test_on_a_ub04(self) -> None:
        lines = f"SV2*0636*HC:J9026:JZ*16000*UN*1~{ON}LIN**N4*{TEN}~CTP****1*UN~"
        text, _ = self.said(lines, guide="837I", statement="20250310-20250310")
        assert all(place in text for place in ("(FL 46)", "(FL 44)", "(FL 43)"))


class TestAnUnreadLine:
    """It may hold the rest of what another line lacks, but takes nothing from it."""

    UNREAD = "LX*2~" + ON

    def test_units(self) -> None:
        assert "QTY001" in codes(line("7"))
        assert codes(line("7") + self.UNREAD) == ["ENV014"]
        assert "QTY001" in codes(line("12") + self.UNREAD)

    def test_doses(self) -> None:
        assert codes(line("20", quantity="2*UN")) == ["QTY005"]
        assert codes(line("20", quantity="2*UN") + self.UNREAD) == ["ENV014"]


class TestMiscellaneousUnits:
    @pytest.mark.parametrize("units", ["10", "2", "0.5"])
    def test_an_office(self, units: str) -> None:
        lines = f"SV1*HC:J9999:::::TARLATAMAB 10 MG*16000*UN*{units}***1~DTP*472*D8*20240815~LIN**N4*{TEN}~CTP****1*UN~"
        finding = only(lines, "QTY006")
        assert (finding.severity, finding.to) == (Severity.WARNING, "1")
        assert codes(lines, filing_code="MC") == []

    @pytest.mark.parametrize("payer", ["MA", "MB"])
    def test_a_hospital(self, payer: str) -> None:
        bad = Bad(
            f"SV2*0636*HC:C9399:::::TARLATAMAB 10 MG*16000*UN*10~DTP*472*D8*20240815~LIN**N4*{TEN}~CTP****1*UN~",
            at="SV205",
            guide="837I",
            filing_code=payer,
        )
        assert [one.severity for one in findings_in(bad, RULEBOOK) if one.rule == "QTY006"] == [Severity.ERROR]


@pytest.mark.parametrize(
    "beside",
    [
        f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*RD8*20250310-20250317~LIN**N4*{TEN}~CTP****1*UN~",
        f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250230~LIN**N4*{TEN}~CTP****1*UN~",
        f"SV1*HC:J9999:JZ::::TARLATAMAB*16000*UN*1***1~DTP*472*D8*20250230~LIN**N4*{TEN}~CTP****1*UN~",
    ],
)
def test_more_than_any_dose_beside_a_line_of_unknown_days(beside: str) -> None:
    assert "QTY005" in codes(line("10") + line("10", ":JZ:76") + beside)
    assert "QTY005" not in codes(line("10") + beside)
    assert "QTY005" not in codes(line("5", quantity=".5*UN") + beside)
