"""`lint837 ask`: what to bill by date, setting, place and payer; and nothing that it advises is an error."""

import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lint837 import Setting, Severity, load_rulebook
from lint837.commands import main as cli
from lint837.commands.ask import SETTINGS, Answer, Question, answer

EXEMPLIMAB = Path(__file__).parents[2] / "examples/clinic-rules/clinic_rules/drugs/exemplimab.toml"
RULEBOOK = load_rulebook(isolated=True)
BOTH = load_rulebook(isolated=True, facts=[EXEMPLIMAB])
[TARLATAMAB] = RULEBOOK.formulary.drugs
APPROVED = date(2024, 5, 16)
LAST = date(2026, 12, 31)
WHOLE = ("if a part was discarded, bill what was given without JZ, and the rest on a second line with JW",)

Ask = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Ask:
    """Run `lint837 ask` for the package of 10 mg in this process; the status, and the lines printed."""

    def run(day: str, *arguments: str) -> tuple[int, list[str]]:
        ndc = [] if "--ndc" in arguments else ["--ndc", "55513007701"]
        monkeypatch.setattr(sys, "argv", ["lint837", "ask", "--isolated", "--date", day, *ndc, *arguments])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        out, err = capfd.readouterr()
        assert isinstance(exit_.value.code, int)
        return exit_.value.code, [line.strip() for line in (out or err).splitlines()]

    return run


NDC = "NDC 55513-077-01 is 55513007701 on a claim: tarlatamab, 10 mg"


class TestWhatToBill:
    @pytest.mark.parametrize("ndc", ["55513-077-01", "55513007701", "55513-0077-01", "5551307701"])
    def test_an_ndc_with_or_without_hyphens(self, ask: Ask, ndc: str) -> None:
        assert ask("2025-01-10", "--ndc", ndc, "--quantity", "1") == (
            0,
            [
                NDC,
                "for 2025-01-10 in an office (837P, place 11), Medicare B, bill",
                "code       J9026",
                "modifier   JZ, if nothing was discarded",
                "units      10 units (1 unit = 1 mg)",
                "NDC        LIN**N4*55513007701   CTP****1*UN",
                *WHOLE,
            ],
        )

    @pytest.mark.parametrize(
        ("day", "arguments", "where", "code"),
        [
            ("2024-11-15", [], "an office (837P, place 11), Medicare B", "J9999"),
            ("2024-11-15", ["--place", "22"], "an office (837P, place 22), Medicare B", "J9999"),
            ("2024-11-15", ["--place", "24"], "an ambulatory surgery center (837P, place 24), Medicare B", "C9170"),
            ("2024-11-15", ["--setting", "asc"], "an ambulatory surgery center (837P, place 24), Medicare B", "C9170"),
            ("2024-09-30", ["--setting", "asc"], "an ambulatory surgery center (837P, place 24), Medicare B", "C9399"),
            (
                "2024-11-15",
                ["--payer", "mc"],
                "an office (837P, place 11), Medicaid",
                "J9999, or C9170 if the payer asks for it",
            ),
            ("2024-11-15", ["--payer", "CI"], "an office (837P, place 11), Commercial", "J9999"),
            ("2025-01-01", ["--payer", "CI"], "an office (837P, place 11), Commercial", "J9026"),
        ],
    )
    def test_the_code_on_an_837p(self, ask: Ask, day: str, arguments: list[str], where: str, code: str) -> None:
        status, lines = ask(day, "--quantity", "1", *arguments)
        assert (status, lines[1:3]) == (0, [f"for {day} in {where}, bill", f"code       {code}"])

    @pytest.mark.parametrize(
        ("day", "arguments", "code"),
        [
            ("2024-09-30", ["--payer", "MA"], "C9399"),
            ("2024-10-01", ["--payer", "MA"], "C9170"),
            ("2024-12-31", ["--payer", "MA", "--place", "85"], "C9170"),
            ("2024-12-31", ["--payer", "CI"], "C9170, or C9399 if the payer asks for it"),
            ("2024-12-31", ["--payer", "MA", "--place", "71"], "J9999"),
            ("2025-01-01", ["--payer", "MA"], "J9026"),
            ("2025-01-01", ["--place", "11"], "J9026, or none: a hospital stay needs no procedure code"),
        ],
    )
    def test_the_code_on_an_837i(self, ask: Ask, day: str, arguments: list[str], code: str) -> None:
        status, lines = ask(day, "--quantity", "1", "--setting", "hospital", *arguments)
        assert (status, lines[2:4]) == (0, ["revenue    0636", f"code       {code}"])

    def test_a_miscellaneous_code_has_one_unit_and_words(self, ask: Ask) -> None:
        assert ask("2024-11-15", "--quantity", "1")[1][2:] == [
            "code       J9999",
            "text       TARLATAMAB 10 MG   in SV101-7",
            "modifier   JZ, if nothing was discarded",
            "units      1 unit",
            "NDC        LIN**N4*55513007701   CTP****1*UN",
        ]

    def test_a_part_of_a_package(self, ask: Ask) -> None:
        assert ask("2025-01-10", "--quantity", "7", "--unit", "me")[1][2:] == [
            "code       J9026",
            "what was given",
            "units      7 units (1 unit = 1 mg)",
            "NDC        LIN**N4*55513007701   CTP****0.7*UN",
            "what was discarded, on a second line",
            "modifier   JW",
            "units      3 units (1 unit = 1 mg)",
            "NDC        LIN**N4*55513007701   CTP****0.3*UN",
        ]

    def test_less_than_a_unit_is_left(self, ask: Ask) -> None:
        """A JW line takes whole units only."""
        assert ask("2025-01-10", "--quantity", ".95")[1][3:] == [
            "modifier   JZ",
            "units      10 units (1 unit = 1 mg)",
            "NDC        LIN**N4*55513007701   CTP****1*UN",
        ]

    def test_a_part_of_a_package_under_a_miscellaneous_code(self, ask: Ask) -> None:
        lines = ask("2024-08-15", "--quantity", ".7", "--setting", "hospital", "--payer", "MA")[1]
        assert lines[3:] == [
            "code       C9399",
            "text       TARLATAMAB 7 MG, WASTE 3 MG   in SV202-7",
            "units      1 unit",
            "NDC        LIN**N4*55513007701   CTP****1*UN",
        ]

    def test_a_hospital_stay_before_its_code(self, ask: Ask) -> None:
        lines = ask("2024-08-15", "--quantity", "1", "--setting", "inpatient", "--payer", "MA")[1]
        assert lines[3:5] == ["code       none: a hospital stay needs no procedure code", "units      1 unit"]

    def test_jz_for_a_payer_that_may_not_ask_for_it(self, ask: Ask) -> None:
        lines = ask("2025-01-10", "--quantity", "1", "--payer", "CI")[1]
        assert lines[3] == "modifier   JZ, if nothing was discarded and the payer asks for it"

    @pytest.mark.parametrize("day", ["1/10/2025", "01/10/2025", "1/10/25", "1-10-2025", "20250110", " 2025-01-10 "])
    def test_a_date_as_a_biller_writes_it(self, ask: Ask, day: str) -> None:
        assert ask(day, "--quantity", "1")[1][1].startswith("for 2025-01-10 in ")

    @pytest.mark.parametrize(
        ("day", "arguments", "why"),
        [
            ("2024-05-15", [], "the FDA approved it on 2024-05-16: check the date of service"),
            (
                "2023-03-31",
                ["--ndc", "99999-012-34", "--unit", "ML", "--facts", str(EXEMPLIMAB)],
                "lint837 knows no code of it for that day: facts verified through 2026-11-01",
            ),
        ],
    )
    def test_a_day_without_a_code_is_answered_in_words(
        self, ask: Ask, day: str, arguments: list[str], why: str
    ) -> None:
        status, lines = ask(day, "--quantity", "1", *arguments)
        assert (status, lines[-1]) == (1, why)
        assert f"for {day} in an office (837P, place 11), Medicare B: no code bills " in lines[1]

    def test_a_day_after_the_facts(self, ask: Ask) -> None:
        said = "the facts are verified through 2026-10-31: make sure that the code is still valid"
        assert ask("2026-11-01", "--quantity", "1")[1][-1] == said
        assert said not in ask("2026-10-31", "--quantity", "1")[1]


class TestWhatIsWrong:
    def test_a_line(self, ask: Ask) -> None:
        wrong = ["--quantity", "1", "--unit", "UN", "--code", "C9170", "--units", "10", "--modifier", "JZ"]
        status, lines = ask("2025-01-10", *wrong)
        assert (status, lines[:2]) == (1, [NDC, "error HCP001 expired-temporary-code at SV101-2"])
        right = ["J9026" if word == "C9170" else word for word in wrong]
        said = "for 2025-01-10 in an office (837P, place 11), Medicare B, nothing is wrong with this line"
        assert ask("2025-01-10", *right) == (0, [NDC, said])

    def test_an_ndc_with_hyphens_is_not_at_fault(self, ask: Ask) -> None:
        line = ["--ndc", "55513-077-01", "--quantity", "1", "--code", "J9026", "--units", "10", "--modifier", "JZ"]
        assert ask("2025-01-10", *line)[0] == 0

    def test_a_miscellaneous_code_needs_words(self, ask: Ask) -> None:
        lines = ask("2024-12-03", "--quantity", "1", "--code", "J9999", "--units", "1")[1]
        assert lines[1].endswith(", nothing is wrong with this line, with TARLATAMAB 10 MG in SV101-7")

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (["2025-01-10", "--quantity", "1,5"], "--quantity must be a plain decimal number"),
            (["2025-01-10", "--quantity", "0"], "--quantity must be above 0, and at most 1,000 packages"),
            (["2025-01-10", "--quantity", "1001"], "--quantity must be above 0, and at most 1,000 packages"),
            (["2025-01-10", "--quantity", "1", "--unit", "ML"], "--unit must be UN, ME or GR for this package"),
            (["2025-01-10", "--quantity", "1", "--ndc", "12345678901"], "12345678901 is not the NDC of a known drug"),
            (["2025-01-10", "--quantity", "1", "--ndc", "55513-710-01"], "is the NDC of Prolia, billed under J0897"),
            (["tomorrow", "--quantity", "1"], "write the date as 2025-01-31, or as month/day/year: 1/31/2025"),
            (["31/1/2025", "--quantity", "1"], "write the date as 2025-01-31, or as month/day/year: 1/31/2025"),
            (["2025-01-10", "--quantity", "1", "--code", "J9026~SE"], "--code may only hold letters"),
            (["2025-01-10", "--quantity", "1", "--place", "1"], "--place must be two digits"),
            (["2025-01-10", "--quantity", "1", "--modifier", "JW"], "--units and --modifier need --code"),
            (
                ["2025-01-10", "--quantity", "1", "--code", "J9026", *["--modifier", "59"] * 4, "--modifier", "JZ"],
                "--modifier can be given 4 times: a line has no place for more",
            ),
        ],
    )
    def test_wrong_use(self, ask: Ask, arguments: list[str], words: str) -> None:
        status, lines = ask(*arguments)
        assert (status, words in " ".join(lines)) == (2, True)


PLACES = st.sampled_from(
    [
        *SETTINGS.values(),
        *(("837P", place) for place in ("12", "19", "22", "49")),
        *(("837I", place) for place in ("12", "14", "18", "21", "22", "34", "71", "72", "77", "83", "85")),
    ]
)
PAYERS = st.sampled_from(["MA", "MB", "MC", "CI", "BL", "HM", "16", "CH", "VA", "ZZ", ""])
QUANTITIES = st.decimals("0.001", "40", places=3, allow_nan=False) | st.integers(1, 40).map(Decimal)


def advice(day: date, ndc: str, quantity: Decimal, unit: str, setting: Setting) -> Answer:
    return answer(Question(day, ndc, str(quantity), unit, setting), BOTH)


@given(
    st.dates(APPROVED, LAST) | st.sampled_from([date(2024, 9, 30), date(2024, 10, 1), date(2024, 12, 31), LAST]),
    st.sampled_from([package.ndc for package in TARLATAMAB.packages]),
    QUANTITIES,
    st.sampled_from(["UN", "ME"]),
    PLACES,
    PAYERS,
)
@example(date(2024, 11, 15), "55513-077-01", Decimal(1), "UN", ("837P", "11"), "MB")
@settings(max_examples=300)
def test_nothing_that_it_advises_is_an_error(
    day: date, ndc: str, quantity: Decimal, unit: str, place: tuple[str, str], payer: str
) -> None:
    reply = advice(day, ndc, quantity, unit, Setting(*place, payer))
    assert reply.lines
    assert [finding for finding in reply.findings if finding.severity is Severity.ERROR] == []
    # On a dose of the label there is nothing to say but what is worth knowing.
    if (quantity, unit) == (Decimal(1), "UN"):
        assert [finding for finding in reply.findings if finding.severity > Severity.INFO] == []


@given(st.dates(APPROVED, LAST), PLACES, PAYERS)
@settings(max_examples=200)
def test_a_label_dose_is_clean_everywhere(day: date, place: tuple[str, str], payer: str) -> None:
    """Also a dose of 1 mg from the package of 10 mg, the rest discarded."""
    for ndc, quantity in (("55513-059-01", "1"), ("55513-077-01", "1"), ("55513-077-01", "0.1")):
        reply = advice(day, ndc, Decimal(quantity), "UN", Setting(*place, payer))
        found = [finding.rule for finding in reply.findings if finding.severity > Severity.INFO]
        # A rural health clinic or FQHC bills no discarded part, so that a part of a package stands alone.
        assert found in ([], ["QTY002"] if quantity == "0.1" and place[1] in ("71", "77") else [])
        assert all(line.modifiers != ("JW",) for line in reply.lines if line.code in ("C9399", "J9999", ""))


@given(st.dates(date(2023, 4, 1), LAST), st.integers(1, 400).map(lambda number: Decimal(number) / 100), PLACES, PAYERS)
def test_the_same_for_a_drug_that_is_counted_in_ml(
    day: date, quantity: Decimal, place: tuple[str, str], payer: str
) -> None:
    reply = advice(day, "99999-012-34", quantity, "ML", Setting(*place, payer))
    assert [finding for finding in reply.findings if finding.severity is Severity.ERROR] == []
