"""The rules beyond their cases: whole findings, every boundary day, exact arithmetic, corrections that could over-bill."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lint837 import (
    AsBilled,
    Bad,
    Entry,
    Finding,
    Formulary,
    Good,
    Location,
    Rulebook,
    Severity,
    TextEdit,
    TextFix,
    entry_of,
    lint_bytes,
    load_rulebook,
)
from lint837.facts.drugs import load_drug
from lint837.lint.examples import alone, claim_file, findings_in
from lint837.report.entry import Related, SegmentExcerpt
from lint837.report.redact import redacted

RULEBOOK = load_rulebook(isolated=True)
EVERY_RULE = RULEBOOK._replace(chosen=frozenset(RULEBOOK.names))
TEN = "LIN**N4*55513007701~"
J9026 = f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~{TEN}CTP****1*UN~"


def found(lines: str, rulebook: Rulebook = RULEBOOK, **context: object) -> list[tuple[str, str, str, str]]:
    """Rule, severity, element and service line of each finding on a claim with these lines."""
    example = Good(lines, **context)  # type: ignore[arg-type]
    findings = findings_in(example, rulebook)
    return [(f.rule, str(f.severity), f.location.element, f.location.service_line or "") for f in findings]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
@pytest.mark.parametrize("width", range(60, 135))
def test_the_offset_in_a_wrapped_file(width: int, newline: bytes) -> None:
    """Also where a line breaks just before, within or after the element."""
    data = claim_file(Bad(J9026.replace("J9026", "C9170"), at="SV101-2"))
    wrapped = newline.join(data[i : i + width] for i in range(0, len(data), width))
    [finding] = lint_bytes(wrapped, rulebook=RULEBOOK).findings
    [[edit]] = [fix.edits for fix in finding.fixes]
    at = finding.location
    assert wrapped[edit.start : edit.end].replace(newline, b"") == b"C9170"
    assert (at.offset, at.line) == (edit.start, wrapped[: edit.start].count(b"\n") + 1)
    assert at.column == edit.start - wrapped.rfind(b"\n", 0, edit.start)
    corrected = wrapped[: edit.start] + edit.text.encode() + wrapped[edit.end :]
    assert corrected.replace(newline, b"") == data.replace(b"C9170", b"J9026")


def test_a_whole_finding() -> None:
    data = claim_file(Bad(J9026.replace("J9026", "C9170"), at="SV101-2")).replace(b"~", b"~\n")
    offset = data.index(b"C9170")
    [drug] = RULEBOOK.formulary.drugs
    [entry] = [entry_of(finding) for finding in lint_bytes(data, "claims.837").findings]
    shown = Entry(
        rule="HCP001",
        name="expired-temporary-code",
        severity=Severity.ERROR,
        incomplete=False,
        message="C9170 ended 2024-12-31; for 2025-01-10 the code is J9026.",
        found="C9170",
        expected="J9026",
        correction="change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg)",
        to="J9026",
        choices=(),
        location=Location(
            path="claims.837",
            line=23,
            column=8,
            offset=offset,
            interchange="000000001",
            group="1",
            transaction_set="0001",
            ordinals=(1, 1, 1),
            claim="CLAIM-1",
            claim_ordinal=1,
            service_line="1",
            service_line_ordinal=1,
            segment=21,
            loop="2400",
            element="SV101-2",
        ),
        as_billed=AsBilled(
            guide="837P",
            date="2025-01-10",
            code="C9170",
            modifiers=("JZ",),
            units="10",
            ndc="55513007701",
            quantity="1",
            unit="UN",
            charge="16000",
            claim_charge="16000",
            payer_id="00952",
            claim_filing_code="MB",
            billing_npi="1234567893",
            excerpt="SV1*HC:C9170:JZ*16000*UN*10***1",
            highlight=(7, 12),
            segments=(
                SegmentExcerpt(21, "SV1*HC:C9170:JZ*16000*UN*10***1"),
                SegmentExcerpt(22, "DTP*472*D8*20250110"),
                SegmentExcerpt(23, "LIN**N4*55513007701"),
                SegmentExcerpt(24, "CTP****1*UN"),
            ),
        ),
        related=(),
        fixes=(TextFix(safe=False, edits=(TextEdit(offset, offset + 5, "J9026"),)),),
        sources=(drug.sources["follows"], drug.sources["flyer"]),
        fingerprint="bb470a347b1a073e115cc2024d795a55",
        template=entry.template,
    )
    assert entry == shown
    hidden = redacted(entry)
    assert (hidden.message, hidden.found, hidden.expected, hidden.correction) == (
        "C9170 ended 2024-12-31; for a day after 2024-12-31 the code is J9026.",
        "C9170",
        "J9026",
        "change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg)",
    )
    assert hidden.as_billed is not None
    assert (hidden.as_billed.date, hidden.location.claim) == ("after 2024-12-31", None)


def test_what_a_finding_is_related_to() -> None:
    data = claim_file(Bad(J9026.replace("UN*10*", "UN*1*"), at="SV104"))
    [finding] = lint_bytes(data).findings
    lin, ctp = data.index(b"55513007701"), data.index(b"CTP****1") + 7
    assert entry_of(finding).related == (
        Related("NDC", 1, lin + 1, lin, 23, "LIN03", "LIN**N4*55513007701", (8, 19)),
        Related("NDC quantity", 1, ctp + 1, ctp, 24, "CTP04", "CTP****1*UN", (7, 8)),
    )


def found_of(rule: str, lines: str, **context: object) -> list[tuple[str, str, str, str]]:
    """The findings of one rule on a claim with these lines; the rules to which it yields run, too."""
    wanted = RULEBOOK.rule(rule)
    assert wanted is not None
    return [one for one in found(lines, alone(wanted, RULEBOOK), **context) if one[0] == rule]


def found_by(rules: str, lines: str, **context: object) -> list[str]:
    """The findings of some rules on a claim with these lines, in the order of the rules."""
    return [code for rule in rules.split() for code, *_ in found_of(rule, lines, **context)]


class TestDates:
    """Each code on each day around each boundary: nothing but the date of service decides."""

    RULES = "HCP001 HCP002 HCP003"

    FIRST_DAYS = (date(2024, 10, 1), date(2025, 1, 1))

    @staticmethod
    def expected(code: str, day: date) -> list[str]:
        if day < date(2024, 5, 16):
            return []  # HCP005's business
        if code == "J9026":
            return [] if day >= date(2025, 1, 1) else ["HCP003"]
        if code == "C9170" and day < date(2024, 10, 1):
            return ["HCP003"]
        if day < date(2025, 1, 1):
            return []
        return ["HCP001" if code == "C9170" else "HCP002"]

    @pytest.mark.parametrize("created", ["20241001", "20250101", "20270101"])
    @pytest.mark.parametrize("code", ["J9026", "C9170", "J9999", "J3490", "J3590", "C9399"])
    def test_every_boundary(self, code: str, created: str) -> None:
        for boundary in self.FIRST_DAYS:
            for distance in (-366, -31, -2, -1, 0, 1, 2, 31, 366):
                day = boundary + timedelta(days=distance)
                lines = J9026.replace("J9026", code).replace("20250110", f"{day:%Y%m%d}")
                seen = found_by(self.RULES, lines, created=created)
                assert (day, seen) == (day, self.expected(code, day))

    @pytest.mark.parametrize("code", ["J9026", "C9170", "J9999"])
    @pytest.mark.parametrize("first_distance", range(-3, 4))
    @pytest.mark.parametrize("length", range(4))
    def test_ranges_decide_only_on_one_side(self, code: str, first_distance: int, length: int) -> None:
        for boundary in self.FIRST_DAYS:
            first = boundary + timedelta(days=first_distance)
            last = first + timedelta(days=length)
            own = self.FIRST_DAYS if code == "C9170" else self.FIRST_DAYS[1:]
            spans = any(first < day <= last for day in own)
            expected = [] if spans else self.expected(code, first)
            on_the_line = J9026.replace("J9026", code).replace("D8*20250110", f"RD8*{first:%Y%m%d}-{last:%Y%m%d}")
            assert found_by(self.RULES, on_the_line) == expected
            stated = f"SV2*0636*HC:{code}:JZ*16000*UN*10~{TEN}CTP****1*UN~"
            period = f"{first:%Y%m%d}-{last:%Y%m%d}"
            assert found_by(self.RULES, stated, guide="837I", statement=period) == expected

    @pytest.mark.parametrize(
        "dates",
        ["", "DTP*472*D8*20250230~", "DTP*472*D8*2025011~", "DTP*472*RD8*20250111-20250110~", "DTP*472*TM*1200~"],
    )
    def test_without_a_usable_date_nothing_is_decided(self, dates: str) -> None:
        lines = J9026.replace("J9026", "C9170").replace("DTP*472*D8*20250110~", dates)
        assert found_by(self.RULES, lines) == []

    def test_an_invalid_line_date_is_not_replaced_by_the_statement_period(self) -> None:
        lines = "SV2*0636*HC:C9170*16000*UN*10~DTP*472*D8*20251301~"
        assert found_by(self.RULES, lines, guide="837I", statement="20250101-20250131") == []

    def test_the_statement_period_of_an_837p_decides_nothing(self) -> None:
        assert found_by(self.RULES, "SV1*HC:C9170*16000*UN*10***1~", statement="20250101-20250131") == []


UNITS_RULE = RULEBOOK.narrowed(["QTY001"])
QUANTITIES = st.decimals("0.001", "99999", places=3).map(lambda d: d.normalize())


class TestUnits:
    @given(
        units=st.integers(1, 300),
        quantity=QUANTITIES,
        strength=st.sampled_from([1, 10]),
        unit=st.sampled_from(["UN", "ME", "GR"]),
    )
    def test_arithmetic_is_exact(self, units: int, quantity: Decimal, strength: int, unit: str) -> None:
        ndc = "55513005901" if strength == 1 else "55513007701"
        milligrams = Fraction(quantity) * {"UN": strength, "ME": 1, "GR": 1000}[unit]
        lines = f"SV1*HC:J9026:JZ*1600*UN*{units}***1~DTP*472*D8*20250110~LIN**N4*{ndc}~CTP****{quantity:f}*{unit}~"
        expected = [] if milligrams == units else [("QTY001", "error", "SV104", "1")]
        assert found(lines, UNITS_RULE) == expected

    @given(
        given_units=st.integers(1, 20),
        discarded=st.integers(1, 20),
        vials=st.integers(1, 3),
        style=st.sampled_from(["split", "both", "first"]),
    )
    def test_a_jw_group(self, given_units: int, discarded: int, vials: int, style: str) -> None:
        def one(units: int, modifier: str, quantity: str) -> str:
            loop = f"{TEN}CTP****{quantity}*UN~" if quantity else ""
            return f"SV1*HC:J9026:{modifier}*800*UN*{units}***1~DTP*472*D8*20250110~{loop}"

        total = vials * 10
        quantities = {
            "split": (str(Decimal(given_units) / 10), str((Decimal(total) - given_units) / 10)),
            "both": (str(vials), str(vials)),
            "first": (str(vials), ""),
        }[style]
        if style == "split" and given_units >= total:
            return
        lines = one(given_units, "", quantities[0]) + one(discarded, "JW", quantities[1])
        billed = given_units + discarded
        right = {total} | ({2 * total} if style == "both" else set())
        if style == "split":
            right |= {max(given_units, total - given_units)}
        assert found(lines, UNITS_RULE) == ([] if billed in right else [("QTY001", "error", "SV104", "1")])


class TestSeveralOfOneKind:
    """Loops over lines and over LINs go on after one that is right."""

    TWO = "SV1*HC:J9026:JZ*16000*UN*11***1~DTP*472*D8*20250110~{}CTP****1*UN~{}CTP****1*UN~"

    def test_two_lins(self) -> None:
        right, wrong = "LIN**N4*55513005901~", "LIN**N4*55513-077-01~"
        for first, second in ((right, wrong), (wrong, right)):
            assert found_by("NDC001", self.TWO.format(first, second)) == ["NDC001"]
        assert found_by("NDC001", self.TWO.format("LIN**UP*055513077016~", wrong)) == ["NDC001"]
        assert found_by("NDC002", self.TWO.format(right, "LIN**N4*50242013601~")) == ["NDC002"]
        assert found_by("NDC007", self.TWO.format(right, "LIN**ND*55513007701~")) == ["NDC007"]
        fractional = (
            self.TWO.replace("UN*11", "UN*6")
            .replace("CTP****1*UN~", "CTP****1*UN~", 1)[::-1]
            .replace("NU*1****PTC", "NU*5.****PTC", 1)[::-1]
        )
        assert found_by("QTY002", fractional.format(right, "LIN**N4*55513007701~")) == ["QTY002"]

    @pytest.mark.parametrize(
        ("marker", "context"),
        [
            (":Q0", {}),
            (":Q1", {}),
            ("", {"diagnoses": "ABK:C3490*ABF:Z006"}),
            ("", {"diagnoses": "ABK:C3490*ABF:Z00.6"}),
            ("", {"claim": "HI*BG:30~"}),
            ("", {"claim": "REF*P4*NCT1~"}),
        ],
    )
    def test_what_says_that_a_patient_is_in_a_study(self, marker: str, context: dict[str, str]) -> None:
        lines = J9026.replace("J9026:JZ", f"J9999{marker}")
        assert found(lines, RULEBOOK.narrowed(["HCP002"]), **context) == [("HCP002", "info", "SV101-2", "1")]

    @pytest.mark.parametrize(
        ("marker", "context"),
        [
            (":Q2", {}),
            ("", {"diagnoses": "ABK:C3490*ABF:Z007"}),
            ("", {"claim": "HI*BG:31~"}),
            ("", {"claim": "REF*P3*X~"}),
        ],
    )
    def test_what_does_not(self, marker: str, context: dict[str, str]) -> None:
        lines = J9026.replace("J9026:JZ", f"J9999{marker}")
        assert found(lines, RULEBOOK.narrowed(["HCP002"]), **context) == [("HCP002", "error", "SV101-2", "1")]

    @pytest.mark.parametrize(
        ("charge", "severity"), [("0", "info"), ("1.01", "info"), ("1.02", "error"), ("", "error")]
    )
    def test_what_is_free(self, charge: str, severity: str) -> None:
        lines = J9026.replace("J9026:JZ*16000", f"J9999*{charge}")
        assert found(lines, RULEBOOK.narrowed(["HCP002"])) == [("HCP002", severity, "SV101-2", "1")]

    @pytest.mark.parametrize(
        ("facility", "severity"),
        [
            *((kind, "info") for kind in ("11", "18", "21", "41")),
            *((k, "error") for k in ("12", "13", "14", "71", "77", "85")),
        ],
    )
    def test_which_institutional_claims_are_inpatient(self, facility: str, severity: str) -> None:
        lines = f"SV2*0636*HC:C9170:JZ*16000*UN*10~DTP*472*D8*20250110~{TEN}CTP****1*UN~"
        seen = found(
            lines, RULEBOOK.narrowed(["HCP001"]), guide="837I", facility=facility, statement="20250110-20250110"
        )
        assert seen == [("HCP001", severity, "SV202-2", "1")]


class TestCorrectionsThatCouldOverBill:
    """A correction is followed: it must not bill a dose twice, nor a package as a dose that was not given."""

    ON = "DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"

    @staticmethod
    def corrections(lines: str, rule: str) -> list[tuple[str, int]]:
        findings = findings_in(Good(lines), RULEBOOK.narrowed([rule]))
        return [(finding.correction, sum(len(fix.edits) for fix in finding.fixes)) for finding in findings]

    def test_a_drug_that_is_billed_already(self) -> None:
        right = f"SV1*HC:J9026:JZ*16000*UN*10***1~{self.ON}"
        remove = "if another line of that day already bills this dose, remove this line; if it does not, "
        [(expired, edits)] = self.corrections(right + right.replace("J9026", "C9170"), "HCP001")
        assert (expired.startswith(f"{remove}change C9170 to J9026"), edits) == (True, 0)
        [(miscellaneous, _)] = self.corrections(right + right.replace("J9026:JZ", "J9999"), "HCP002")
        assert miscellaneous.startswith(remove)
        two = right.replace("J9026:JZ", "J9999") + right.replace("J9026:JZ", "J3490")
        assert all(text.startswith(remove) for text, _ in self.corrections(two, "HCP002"))
        visit = right.replace("J9026:JZ", "99214:25")
        [(foreign, _)] = self.corrections(right + visit, "HCP004")
        assert foreign == (
            "if this line does not bill tarlatamab, remove LIN and CTP (shaded line of box 24): another line of that day "
            "bills tarlatamab"
        )
        [(missing, _)] = self.corrections(right + right.replace("HC:J9026:JZ", ""), "HCP006")
        assert missing.startswith(
            "if another line of that day already bills this dose, remove LIN and CTP (shaded line of box 24) from this "
            "line; if it does not, write HC:J9026 in SV101 (box 24D)"
        )

    @pytest.mark.parametrize(
        ("quantity", "unit", "units", "correction", "edits"),
        [
            ("10", "ME", "10", "change the quantity from 10 to 1, and ME to UN", 2),
            (".01", "GR", "10", "change the quantity from 0.01 to 1, and GR to UN", 2),
            ("10", "GR", "10", "change the quantity to the number of packages that were used, and GR to UN", 0),
            ("100", "ME", "10", "change the quantity to the number of packages that were used, and ME to UN", 0),
        ],
    )
    def test_a_weight_that_the_units_contradict(
        self, quantity: str, unit: str, units: str, correction: str, edits: int
    ) -> None:
        lines = f"SV1*HC:J9026:JZ*16000*UN*{units}***1~{self.ON}".replace("****1*UN", f"****{quantity}*{unit}")
        assert self.corrections(lines, "NDC006") == [(f"{correction} (shaded line of box 24)", edits)]

    def test_another_product_of_the_labeler(self) -> None:
        lines = f"SV1*HC:J9026:JZ*16000*UN*10***1~{self.ON}".replace("55513007701", "55513016001")
        [(text, edits)] = self.corrections(lines, "NDC002")
        assert text.startswith("if tarlatamab was given, write the NDC of the package that was used (55513007701;")
        assert text.endswith("if Blincyto was given, bill J9039 and its units (box 24D, box 24G)")
        assert edits == 0

    def test_an_ended_code_in_lower_case_has_one_edit(self) -> None:
        lines = f"SV1*HC:c9170:JZ*16000*UN*10***1~{self.ON}"
        assert [edits for _, edits in self.corrections(lines, "HCP001") + self.corrections(lines, "HCP010")] == [1, 0]

    def test_a_text_that_only_names_the_drug(self) -> None:
        lines = f"SV1*HC:J9026:JZ*16000*UN*10***1~{self.ON}SV1*HC:J3490:::::DILUENT FOR IMDELLTRA*9*UN*1***1~"
        assert self.corrections(lines + "DTP*472*D8*20250110~", "HCP009") == []
        assert self.corrections(lines + "DTP*472*D8*20250110~", "HCP002") == [
            ("check what this line bills: if tarlatamab was given, bill J9026; if not, leave the line as it is", 0)
        ]

    def test_a_discarded_amount_under_a_code_whose_unit_is_the_dose(self) -> None:
        """A second unit of J9999 would bill a second dose."""
        before = self.ON.replace("20250110", "20240930")
        lines = f"SV1*HC:J9026*14400*UN*9***1~{before}SV1*HC:J9026:JW*1600*UN*1***1~{before}"
        assert self.corrections(lines, "HCP003") == [
            (
                (
                    "if the date of service is right, change J9026 to J9999 in SV101-2 (box 24D), bill 1 unit in SV104 (box "
                    "24G), write the drug's name, its dose and its NDC in SV101-7 (box 19), and ask the payer how to bill "
                    "what was discarded; if the date is wrong, correct it in DTP03 (box 24A)"
                ),
                0,
            ),
            (
                (
                    "if the date of service is right, ask the payer how to bill a discarded amount under J9999; do not bill "
                    "it as another dose; if the date is wrong, correct it in DTP03 (box 24A)"
                ),
                0,
            ),
        ]
        part = f"SV1*HC:J9999:::::TARLATAMAB 7 MG*16000*UN*1***1~{before.replace('****1*', '****.7*')}"
        assert self.corrections(part, "QTY002") == [
            ("if 1 package of 10 mg was opened, change 0.7 to 1 (shaded line of box 24)", 0)
        ]

    def test_another_drug_in_the_place_of_the_code(self) -> None:
        lines = f"SV1*HC:55513016001*14400*UN*9***1~{self.ON}"
        [(text, edits)] = self.corrections(lines, "HCP010")
        assert text.startswith("if tarlatamab was given, change 55513016001 to J9026 in SV101-2 (box 24D), ")
        assert text.endswith(
            "; if the drug of 55513016001 was given, bill its code in SV101 (box 24D), and correct the NDC in LIN03 "
            "(shaded line of box 24)"
        )
        assert edits == 0

    def test_a_day_of_service_of_another_provider(self) -> None:
        """A per diem and an administration bill a service of their own; the drug's code would take its place."""
        per_diem = f"SV1*HC:S9338*160*UN*1***1~{self.ON}"
        assert self.corrections(per_diem, "HCP004") == [
            (
                (
                    "if tarlatamab was given and the payer does not pay by the NDC, keep S9338, and bill tarlatamab with "
                    "J9026 on a line of its own, with LIN and CTP"
                ),
                0,
            )
        ]
        administration = f"SV1*HC:96413*160*UN*1***1~{self.ON}"
        assert self.corrections(administration, "HCP004") == [
            (
                (
                    "if this provider gave tarlatamab, bill it on a line of its own, and move LIN and CTP (shaded line of "
                    "box 24) there; if it did not, remove LIN and CTP (shaded line of box 24)"
                ),
                0,
            )
        ]

    def test_a_jw_line_that_may_be_the_administered_amount(self) -> None:
        [(text, edits)] = self.corrections(f"SV1*HC:J9026:JW*4800*UN*3***1~{self.ON}", "MOD003")
        assert text == (
            "if all 10 mg of the NDC quantity was given, change JW to JZ (box 24D), and the units from 3 to 10 (box 24G); "
            "if 3 mg was given and the rest was discarded, remove JW from this line (box 24D), and bill the other 7 units "
            "on a separate line with JW; if 3 mg was discarded and the rest was given, bill the other 7 units on a "
            "separate line; if nothing was given on that day, remove this line"
        )
        assert edits == 0

    def test_an_administration_with_a_copied_fraction(self) -> None:
        pair = "SV1*HC:J9026*1600*UN*7***1~{0}SV1*HC:J9026:JW*1600*UN*3***1~{1}SV1*HC:96413*400*UN*1***1~{0}"
        lines = pair.format(self.ON.replace("****1*", "****.7*"), self.ON.replace("****1*", "****.3*"))
        assert self.corrections(lines, "QTY002") == []

    def test_a_premedication_does_not_hide_a_dose(self) -> None:
        lines = f"SV1*HC:J9026:JZ*48000*UN*30***1~{self.ON}".replace("****1*", "****3*")
        premedication = "SV1*HC:J3490:::::PREMED FOR IMDELLTRA*9*UN*1***1~DTP*472*D8*20250110~"
        assert len(self.corrections(lines + premedication, "QTY005")) == 1

    @pytest.mark.parametrize("lin", ["LIN~", "LIN***~", "LIN**UP*~", "LIN**N4*   ~"])
    def test_an_empty_lin(self, lin: str) -> None:
        lines = f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~{lin}CTP****1*UN~"
        [(text, edits)] = self.corrections(lines, "NDC001")
        assert text.startswith("write the NDC of the package that was used as 11 digits (55513005901 or 55513007701;")
        assert edits == 0

    def test_a_range_from_before_the_approval(self) -> None:
        lines = f"SV1*HC:J9026:JZ*16000*UN*10***1~{self.ON}".replace("D8*20250110", "RD8*20240501-20240601")
        [(text, _)] = self.corrections(lines, "HCP003")
        assert text.startswith("if the date of service is right, change J9026 to J9999 in SV101-2 (box 24D), ")


class TestTheSlipThatIsNamed:
    """HCP004 under a code that is one slip of the keys away from the drug's own."""

    @staticmethod
    def said(code: str, dates: str = "DTP*472*D8*20250110~") -> tuple[str, str]:
        """The code that may have been meant, and how it differs; "" where none is named."""
        [finding] = findings_in(
            Good(f"SV1*HC:{code}*16000*UN*10***1~{dates}{TEN}CTP****1*UN~"), RULEBOOK.narrowed(["HCP004"])
        )
        said, _, how = finding.message.removesuffix(".").partition(" may have been meant: ")
        return (said.split()[-1], how) if how else ("", "")

    @pytest.mark.parametrize(
        ("written", "how"),
        [
            *((code, "two characters are swapped") for code in ("9J026", "J0926", "J9206", "J9062")),
            *((code, "one character differs") for code in ("Q9026", "J0026", "J9126", "J9016", "J9027")),
            *((code, "a character is missing") for code in ("9026", "J026", "J926", "J906", "J902")),
            *((code, "there is one character too many") for code in ("JJ9026", "J99026", "J90026", "J90226", "J90266")),
            *((code, "there is one character too many") for code in ("XJ9026", "J9026X")),
        ],
    )
    def test_a_slip(self, written: str, how: str) -> None:
        assert self.said(written) == ("J9026", how)

    @pytest.mark.parametrize(
        "written",
        # two that are not swapped, below and above; two that are swapped but no neighbors; three; two missing, too many
        ["J9015", "J9037", "J9044", "J2096", "J6029", "9J062", "J90", "J926X", "J9X2666", "A9062", "C9710", "99214"],
    )
    def test_no_slip(self, written: str) -> None:
        assert self.said(written) == ("", "")

    @pytest.mark.parametrize(
        ("dates", "near_j9026", "near_c9170"),
        [
            ("DTP*472*D8*20240930~", "", ""),
            ("DTP*472*D8*20241231~", "", "C9170"),
            ("DTP*472*RD8*20241231-20250101~", "J9026", "C9170"),
            ("DTP*472*D8*20250101~", "J9026", ""),
            ("", "J9026", "C9170"),
        ],
    )
    def test_the_code_must_have_been_valid(self, dates: str, near_j9026: str, near_c9170: str) -> None:
        assert (self.said("J9062", dates)[0], self.said("C9710", dates)[0]) == (near_j9026, near_c9170)


@pytest.mark.parametrize(
    ("ndc", "listed", "crosswalks"),
    [
        ("50242013601", (), False),  # the facts file says whose it is, or nobody does
        ("55513016001", ("J9039 55513-0160-01 1 1 35 2024Q1-2026Q1 Blincyto 1 MCG",), False),
        ("00006302602", ("J9271 00006-3026-02 4 1 100 2024Q1-2026Q1 Keytruda 1 MG",), True),
    ],
)
def test_the_crosswalks_are_cited_where_they_say_whose_an_ndc_is(
    ndc: str,
    listed: tuple[str, ...],
    crosswalks: bool,  # noqa: FBT001 - pytest passes it by name
) -> None:
    [finding] = findings_in(Good(J9026.replace("55513007701", ndc), listed=listed), RULEBOOK.narrowed(["NDC002"]))
    assert ("CMS ASP NDC-HCPCS crosswalks" in finding.sources) == crosswalks
    assert len(finding.sources) >= 1


class TestAnotherDrugsNumbers:
    """The facts of tarlatamab with one of them changed: a rule reads them, and holds no number itself."""

    @staticmethod
    def findings(lines: str, rule: str, change: tuple[str, str], **context: object) -> list[Finding]:
        text = (Path(__file__).parents[2] / "rules/lint837_rules/drugs/tarlatamab.toml").read_text(encoding="utf-8")
        assert change[0] in text
        rulebook = RULEBOOK._replace(formulary=Formulary([load_drug(text.replace(*change), "drug.toml")]))
        return findings_in(Good(lines, **context), rulebook.narrowed([rule]))  # type: ignore[arg-type]

    def finding(self, lines: str, rule: str, change: tuple[str, str], **context: object) -> Finding:
        [finding] = self.findings(lines, rule, change, **context)
        return finding

    HALF = ('first = 2025-01-01\namount = "1"', 'first = 2025-01-01\namount = "0.5"')

    def test_the_units_of_a_dose_under_a_miscellaneous_code(self) -> None:
        found = self.finding(J9026.replace("J9026:JZ", "J9999"), "HCP002", self.HALF)
        assert found.correction == (
            "change J9999 to J9026 in SV101-2 (box 24D), bill 20 units in SV104 (box 24G, 1 unit = 0.5 mg) if the whole "
            "10 mg of the NDC quantity was given, and add JZ (box 24D) if nothing was discarded, or bill what was "
            "discarded on a line with JW"
        )
        without = J9026.replace("J9026:JZ", "J9999:::::IMDELLTRA").replace(f"{TEN}CTP****1*UN~", "")
        assert self.finding(without, "HCP002", self.HALF).correction == (
            "change J9999 to J9026 in SV101-2 (box 24D), bill 1 unit in SV104 (box 24G) for each 0.5 mg that was given, "
            "and add JZ (box 24D) if nothing was discarded, or bill what was discarded on a line with JW"
        )

    @pytest.mark.parametrize("amount", ["4", "20"])
    def test_a_dose_that_is_no_whole_number_of_units(self, amount: str) -> None:
        """10 mg are 2.5 units of 4 mg, and half a unit of 20 mg."""
        change = ('first = 2025-01-01\namount = "1"', f'first = 2025-01-01\namount = "{amount}"')
        found = self.finding(J9026.replace("J9026:JZ", "J9999"), "HCP002", change)
        assert f"bill 1 unit in SV104 (box 24G) for each {amount} mg that was given" in found.correction
        assert found.fixes == ()

    def test_the_first_of_several_revenue_codes(self) -> None:
        lines = f"SV2*0250*HC:J9999:JZ*16000*UN*1~DTP*472*D8*20250110~{TEN}CTP****1*UN~"
        change = ('revenue_codes = ["0636"]', 'revenue_codes = ["0636", "0631"]')
        found = self.finding(lines, "HCP002", change, guide="837I", statement="20250110-20250110")
        assert found.correction.endswith("and use revenue code 0636 in SV201 (FL 42)")
        assert [edit.text for fix in found.fixes for edit in fix.edits] == ["J9026", "10", "0636"]

    @pytest.mark.parametrize("added", [2, 3])
    def test_a_sentence_names_four_ndcs_at_most(self, added: int) -> None:
        first = '[[packages]]\nndc = "55513-059-01"'
        rest = 'amount = "{}"\ncounted_in = "UN"\nform = "vial"\nsource = "crosswalk"\n\n'
        more = "".join(f'[[packages]]\nndc = "55513-90{n}-01"\n' + rest.format(n + 2) for n in range(added))
        lines = J9026.replace("55513007701", "50242013601").replace("CTP****1*UN~", "")
        found = self.finding(lines, "NDC002", (first, more + first))
        assert (
            found.expected
            == {
                2: "55513090001 or 55513090101 or 55513005901 or 55513007701",
                3: "one of tarlatamab",
            }[added]
        )

    def test_a_day_without_a_code_of_its_own_hides_no_later_one(self) -> None:
        later = ('first = 2025-01-01\namount = "1"', 'first = 2026-01-01\namount = "1"')
        lines = J9026.replace("J9026:JZ", "J9999")
        assert self.findings(lines, "HCP002", later) == []
        found = self.finding(lines + lines.replace("20250110", "20260101"), "HCP002", later)
        assert (found.location.service_line, found.expected) == ("2", "J9026")

    def test_the_units_of_a_package_that_two_lines_report(self) -> None:
        given, discarded = (J9026.replace("JZ*16000*UN*10", f"{what}*1*UN*{n}") for what, n in (("59", 12), ("JW", 6)))
        assert self.finding(given + discarded, "QTY001", self.HALF).message == (
            "The 2 lines bill 18 units; their NDC quantities are 20 units if they report the same package, 40 units if "
            "each reports its own."
        )

    def test_two_lines_whose_quantities_are_both_doses(self) -> None:
        """Which of them was opened is not known."""
        given, discarded = (J9026.replace("JZ*16000*UN*10", f"{what}*1*UN*{n}") for what, n in (("59", 7), ("JW", 2)))
        found = self.finding(given + discarded, "QTY001", ('doses = ["1", "10"]', 'doses = ["10", "20"]'))
        assert not found.choices
        assert found.correction == (
            "correct the units (box 24G): administered and discarded units must total those of the packages that were "
            "opened"
        )

    def test_a_dose_that_is_no_whole_number_of_packages(self) -> None:
        """10 mg, which are the quantity or the units, are two thirds of a package of 15 mg."""
        in_milligrams = J9026.replace("UN*10*", "UN*7*").replace("1*UN~", "10*ME~")
        change = ('amount = "10"', 'amount = "15"')
        assert self.finding(in_milligrams, "QTY001", change).choices == ()
        found = self.finding(J9026, "QTY001", change)
        assert len(found.choices) == 1
        assert found.correction.startswith(
            "if 10 mg was given and the rest of the package was discarded, keep 10 units"
        )

    def test_the_rest_of_what_is_counted_in_milliliters(self) -> None:
        """It may be in the package yet."""
        lines = J9026.replace("UN*10*", "UN*7*").replace("1*UN~", "1*ML~")
        found = self.finding(lines, "QTY001", ('counted_in = "UN"', 'counted_in = "ML"'))
        assert "JW" not in found.correction

    @pytest.mark.parametrize("amount", ["0.5", "2"])
    def test_a_successor_with_another_unit(self, amount: str) -> None:
        change = ('first = 2025-01-01\namount = "1"', f'first = 2025-01-01\namount = "{amount}"')
        found = self.finding(J9026.replace("J9026", "C9170"), "HCP001", change)
        units = {"0.5": 20, "2": 5}[amount]
        assert found.correction == (
            f"change C9170 to J9026 in SV101-2 (box 24D), and bill {units} units in SV104 (box 24G, 1 unit = {amount} mg) "
            "if the whole 10 mg of the NDC quantity was given"
        )
        assert [edit.text for fix in found.fixes for edit in fix.edits] == ["J9026", str(units)]

    def test_a_miscellaneous_code_and_a_permanent_one(self) -> None:
        """Where both are valid, only the permanent one is named."""
        found = self.finding(J9026.replace("J9026", "J9271"), "HCP004", ("last = 2024-12-31\nwhere", "where"))
        assert found.expected == "J9026"

    def test_a_code_that_always_was(self) -> None:
        assert self.findings(J9026.replace("20250110", "20240601"), "HCP003", ("first = 2025-01-01\n", "")) == []

    def test_a_successor_with_the_same_unit(self) -> None:
        lines = J9026.replace("J9026", "C9170").replace("UN*10*", "UN*20*")
        found = self.finding(lines, "HCP001", ('amount = "1"', 'amount = "0.5"'))
        assert found.correction == (
            "change C9170 to J9026 in SV101-2 (box 24D), and keep 20 units in SV104 (box 24G, 1 unit = 0.5 mg)"
        )

    def test_packages_that_the_units_confirm(self) -> None:
        lines = J9026.replace("UN*10*", "UN*20*").replace("****1*UN", "****1*EA")
        assert self.finding(lines, "NDC005", self.HALF).correction == (
            "if 1 package of 10 mg was used, change EA to UN, and keep the quantity (shaded line of box 24); if not, "
            "correct the units, too (box 24G)"
        )
        assert self.finding(lines.replace("UN*20*", "UN*10*"), "NDC005", self.HALF).correction == (
            "change EA to UN, and the quantity to the number of packages that were used (shaded line of box 24)"
        )

    @pytest.mark.parametrize(("packages", "told"), [("30", False), ("70", False), ("80", True)])
    def test_a_part_of_a_package_that_has_more_than_three_decimals(self, packages: str, told: bool) -> None:  # noqa: FBT001
        lines = J9026.replace("****1*UN", "****10*ME")
        found = self.finding(lines, "NDC006", ('amount = "10"', f'amount = "{packages}"'))
        assert found.correction == (
            "change the quantity to the number of packages that were used, and ME to UN (shaded line of box 24"
            + ("; 10 ME is 0.125 of a package of 80 mg)" if told else ")")
        )

    def test_a_drug_that_is_counted_in_milliliters(self) -> None:
        """A part of a milliliter is no part of a package, whatever unit the line says."""
        for unit in ("ML", "UN"):
            lines = J9026.replace("****1*UN", f"****.7*{unit}")
            assert self.findings(lines, "QTY002", ('counted_in = "UN"', 'counted_in = "ML"')) == []

    def test_a_part_of_a_milliliter_instead_of_a_weight(self) -> None:
        lines = J9026.replace("UN*10*", "UN*7*").replace("1*UN~", "7*ME~")
        found = self.finding(lines, "NDC006", ('counted_in = "UN"', 'counted_in = "ML"'))
        assert found.expected == "0.7 ML"


@pytest.mark.parametrize(
    ("rule", "passed_over", "wrong"),
    [
        ("HCP002", "SV1*HC:J9999*1*UN*1***1~LIN**N4*55513007701~", J9026.replace("J9026:JZ", "J9999")),
        ("HCP002", "SV1*HC:J9999*1*UN*1***1~DTP*472*D8*20241231~" + TEN, J9026.replace("J9026:JZ", "J9999")),
        (
            "MOD001",
            "SV1*HC:J9026*1*UN*7***1~DTP*472*D8*20250103~SV1*HC:J9026:JW:JZ*1*UN*3***1~DTP*472*D8*20250103~",
            J9026.replace(":JZ", ""),
        ),
        (
            "MOD001",
            "SV1*HC:J9026*1*UN*7***1~DTP*472*D8*20250103~SV1*HC:J9026:JW*1*UN*3***1~DTP*472*RD8*20250103-20250104~",
            J9026.replace(":JZ", ""),
        ),
        ("MOD003", "SV1*HC:J9026:JW*1*UN*3***1~", J9026.replace("JZ", "JW")),
        (
            "MOD003",
            "".join(f"SV1*HC:J9026{m}*1*UN*3***1~DTP*472*D8*20250103~" for m in ("", ":JW")),
            J9026.replace("JZ", "JW"),
        ),
        (
            "QTY001",
            f"SV1*HC:J9999*1*UN*1***1~DTP*472*D8*20250103~{TEN}CTP****1*UN~",
            J9026.replace("UN*10", "UN*9"),
        ),
        (
            "QTY001",
            f"SV1*HC:J9026:JZ*1*UN*9.5***1~DTP*472*D8*20250103~{TEN}CTP****1*UN~",
            J9026.replace("UN*10", "UN*9"),
        ),
        ("QTY001", f"SV1*HC:J9026:JW*1*UN*3***1~DTP*472*D8*20250103~{TEN}CTP****1*UN~", J9026.replace("UN*10", "UN*9")),
        (
            "QTY001",
            "".join(
                f"SV1*HC:J9026{modifier}*1*UN*{units}***1~DTP*472*D8*20250103~{TEN}CTP****1*UN~"
                for modifier, units in (("", 7), (":JW", 3))
            ),
            J9026.replace("UN*10", "UN*9"),
        ),
    ],
)
def test_a_line_that_is_passed_over_hides_no_wrong_one(rule: str, passed_over: str, wrong: str) -> None:
    number = str(1 + passed_over.count("SV1"))
    assert [(found[0], found[3]) for found in found_of(rule, passed_over + wrong)] == [(rule, number)]


class TestANoteThatNamesTheDrug:
    """HCP002 where only the claim's note names it."""

    LINES = "SV1*HC:J9999*1*UN*1***1~DTP*472*D8*20250103~SV1*HC:J3490*1*UN*1***1~DTP*472*D8*{}~{}"

    def test_the_first_date_and_the_codes_are_named(self) -> None:
        [finding] = findings_in(
            Good(self.LINES.format("20250110", ""), claim="NTE*ADD*IMDELLTRA~"), RULEBOOK.narrowed(["HCP002"])
        )
        assert finding.found == "J9999, J3490"
        assert finding.message == (
            "The claim's note names tarlatamab, and 2 lines have a miscellaneous code; for 2025-01-03 the code of "
            "tarlatamab is J9026."
        )

    @pytest.mark.parametrize(
        ("first", "second", "told"),
        [
            ("20250101", "20250110", "2025-01-01"),
            ("20250110", "20250101", "2025-01-01"),
            ("20241231", "20250110", None),
            ("20250110", "20241130", None),
            ("20250110", "", None),
        ],
    )
    def test_all_lines_must_be_of_days_on_which_the_drug_had_a_code(self, first: str, second: str, told: str) -> None:
        lines = self.LINES.replace("20250103", first).format(second, "")
        if not second:
            lines = lines.replace("DTP*472*D8*~", "")
        findings = findings_in(Good(lines, claim="NTE*ADD*IMDELLTRA~"), RULEBOOK.narrowed(["HCP002"]))
        assert [f"for {told} the code" in finding.message for finding in findings] == ([True] if told else [])

    def test_another_drug_whose_miscellaneous_code_is_still_right(self) -> None:
        text = (Path(__file__).parents[2] / "rules/lint837_rules/drugs/tarlatamab.toml").read_text(encoding="utf-8")
        changes = {
            "tarlatamab": "other",
            "TARLATAMAB": "OTHER",
            "IMDELLTRA": "OTHERBRAND",
            "J9026": "J0001",
            "C9170": "C0001",
            "55513": "55514",
            'miscellaneous"\nlast = 2024-12-31': 'miscellaneous"\nlast = 2027-12-31',
        }
        other = text
        for old, new in changes.items():
            other = other.replace(old, new)
        drugs = [load_drug(text, "one.toml"), load_drug(other, "two.toml")]
        rulebook = RULEBOOK._replace(formulary=Formulary(drugs)).narrowed(["HCP002"])
        lines, note = self.LINES.format("20250110", ""), "NTE*ADD*OTHERBRAND~"
        assert findings_in(Good(lines, claim=note), rulebook) == []
        [finding] = findings_in(Good(lines, claim=f"{note}NTE*ADD*IMDELLTRA~"), rulebook)
        assert (finding.expected, finding.location.element) == ("J9026", "NTE02")

    def test_three_lines(self) -> None:
        third = "SV1*HC:J3590*1*UN*1***1~DTP*472*D8*20250103~"
        lines = self.LINES.format("20250110", "") + third
        [finding] = findings_in(Good(lines, claim="NTE*ADD*IMDELLTRA~"), RULEBOOK.narrowed(["HCP002"]))
        assert "and 3 lines have a miscellaneous code" in finding.message

    def test_a_line_with_another_ndc_is_not_counted(self) -> None:
        lines = self.LINES.format("20250110", "LIN**N4*50242013601~")
        [finding] = findings_in(Good(lines, claim="NTE*ADD*IMDELLTRA~"), RULEBOOK.narrowed(["HCP002"]))
        assert "and 1 line has a miscellaneous code" in finding.message
        assert finding.found == "J9999"


@pytest.mark.parametrize("code", ["J9026:JZ", "C9170:JW", "J9999", "J9271", "96413", "j9026", "55513007701", ""])
def test_no_line_breaks_a_rule(code: str) -> None:
    for dates in ("DTP*472*D8*20250110~", "DTP*472*RD8*20241231-20250101~", "DTP*472*D8*20250230~", ""):
        for ndc in (
            f"{TEN}CTP****1*UN~",
            f"{TEN}CTP****0*ME~{TEN}",
            "LIN**N4*50242013601~CTP~",
            "CTP****1~",
            f"{TEN}CTP****0*UN~",
            "",
        ):
            for units in ("10", ""):
                findings = findings_in(Good(f"SV1*HC:{code}*16000*UN*{units}***1~{dates}{ndc}"), EVERY_RULE)
                assert [finding.message for finding in findings if finding.rule == "INT001"] == []


@pytest.mark.parametrize(
    "service", ["SV1", "SV1*", "SV1*HC", "SV1*HC:", "SV1*HC:J9026", "SV1**16000", "SV2", "SV2*0636", "SV2*0636*HC:"]
)
def test_no_short_service_segment_breaks_a_rule(service: str) -> None:
    for below in ("DTP*472*D8*20250110~", "DTP~", ""):
        for ndc in (f"{TEN}CTP****1*UN~", f"{TEN}CTP~", "LIN~CTP~", ""):
            findings = findings_in(Good(f"{service}~{below}{ndc}"), EVERY_RULE)
            assert [finding.message for finding in findings if finding.rule == "INT001"] == []


def test_the_rules_that_come_with_lint837() -> None:
    """The whole catalogue; a code is never reused."""
    assert " ".join(rule.code for rule in RULEBOOK.drug_rules) == (
        "CLM001 CLM002 CLM003 CLM004 CLM005 CLM006 DOS001 DOS002 DOS003 DOS004 DOS005 DOS006 "
        "HCP001 HCP002 HCP003 HCP004 HCP005 HCP006 HCP007 HCP008 HCP009 HCP010 HCP011 HCP012 HCP013 "
        "HCP014 HCP015 "
        "MOD001 MOD002 MOD003 NDC001 NDC002 NDC003 NDC004 NDC005 NDC006 NDC007 NDC008 NDC009 "
        "QTY001 QTY002 QTY003 QTY004 QTY005 QTY006"
    )
    assert [rule.code for rule in RULEBOOK.drug_rules if rule not in RULEBOOK.running] == ["CLM001"]


@pytest.mark.parametrize("total", ["ABC", "12,5", "", "$16000", "16 000"])
def test_what_a_claims_total_that_is_no_number_changes(total: str) -> None:
    """Nothing of a drug's lines: no rule about drugs reads CLM02."""
    free, late = J9026.replace("*16000*", "*1*").replace("J9026", "J9999"), J9026.replace("J9026", "C9170")
    data = claim_file(Good(free + late + J9026.replace("*10***1", "*9***1")))
    [clm] = [segment for segment in data.split(b"~") if segment.startswith(b"CLM*")]
    wrong = data.replace(clm, clm.replace(clm.split(b"*")[2], total.encode(), 1))
    before, after = (lint_bytes(one, rulebook=RULEBOOK).findings for one in (data, wrong))
    assert before
    assert [(f.rule, f.severity, f.location.element, f.location.service_line) for f in before] == [
        (f.rule, f.severity, f.location.element, f.location.service_line) for f in after
    ]
