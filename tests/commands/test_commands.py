"""rules, explain, facts and show; a second drug; a third party's rule package."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from lint837 import lint_bytes, load_rulebook
from lint837.commands import main as cli
from lint837.lint.examples import claim_file
from lint837.report import rules as report
from lint837.rules.house import HOUSE_RULES
from lint837.rules.rule import Good, Rule

from tests.rules.cases import bad_cases, in_one_file

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "examples/clinic-rules"
EXEMPLIMAB = PACKAGE / "clinic_rules/drugs/exemplimab.toml"
RULEBOOK = load_rulebook(isolated=True)
BOTH = load_rulebook(isolated=True, facts=[EXEMPLIMAB])

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run `lint837` in the project's folder, in this process; status, standard output, standard error."""
    monkeypatch.chdir(ROOT)

    def main(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lint837", *arguments])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        assert isinstance(exit_.value.code, int)
        return exit_.value.code, *capfd.readouterr()

    return main


class TestRules:
    def test_list(self, run: Run) -> None:
        status, out, _ = run("rules", "--isolated")
        listed = [line.split()[0] for line in out.splitlines()]
        assert (status, listed) == (0, sorted(RULEBOOK.names))

    def test_json(self, run: Run) -> None:
        status, out, _ = run("rules", "--isolated", "--format", "json")
        document = json.loads(out)
        assert (status, document["schema"]) == (0, "lint837/rules/2")
        first = next(row for row in document["rules"] if row["code"] == "HCP001")
        assert (first["name"], first["severity"], first["title"]) == (
            "expired-temporary-code",
            "error",
            "A temporary code is billed after its last date of service.",
        )
        assert [row["code"] for row in document["rules"]] == sorted(RULEBOOK.names)
        assert {*HOUSE_RULES} < RULEBOOK.names.keys()

    @pytest.mark.parametrize("rule", RULEBOOK.rules, ids=lambda rule: rule.code)
    def test_explain_every_rule(self, rule: Rule) -> None:
        text = "\n".join(report.explanation(rule, RULEBOOK))
        assert rule.title in " ".join(text.split())
        assert text.count("-> ") >= len(rule.bad)
        assert all(citation.source in " ".join(text.split()) for citation in rule.cites)
        assert max(map(len, text.splitlines())) <= 160
        # Precedence, both ways: the rules that it yields to, and the rules that yield to it.
        yielding = [other.code for other in RULEBOOK.rules if rule.code in {to.rule for to in other.yields_to}]
        assert ("Not reported where" in text) == bool(rule.yields_to)
        assert all(to.rule in text for to in rule.yields_to)
        assert ("Takes precedence over" in text) == bool(yielding)
        assert all(code in text for code in yielding)

    def test_explain_in_any_letter_case(self, run: Run) -> None:
        assert run("explain", "hcp001")[:2] == run("explain", "HCP001")[:2]

    def test_explain_shows_precedence(self, run: Run) -> None:
        """With its scope."""
        said = " ".join(run("explain", "--isolated", "QTY005")[1].split())
        assert "QTY001, QTY003, HCP009 or CLM003 is found for the same day" in said

    def test_explain_by_name(self, run: Run) -> None:
        assert run("explain", "expired-temporary-code")[:2] == run("explain", "HCP001")[:2]

    def test_explain_what_is_no_rule(self, run: Run) -> None:
        status, _, err = run("explain", "HPC001")
        assert (status, "unknown rule 'HPC001'; did you mean HCP001?" in err) == (2, True)

    def test_the_documentation_is_up_to_date(self) -> None:
        """`lint837 rules --isolated --format markdown > docs/rules.md`."""
        written = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
        assert written == "".join(line + "\n" for line in report.markdown(RULEBOOK))
        checked = (ROOT / "docs/what-is-checked.md").read_text(encoding="utf-8")
        assert checked == "".join(line + "\n" for line in report.what_is_checked(RULEBOOK))


class TestFacts:
    def test_sheet(self, run: Run) -> None:
        status, out, _ = run("facts", "--isolated")
        assert (status, out.splitlines()[0]) == (0, "tarlatamab: IMDELLTRA (tarlatamab-dlle)")
        assert "  J9026  2025-01-01 to             permanent, 1 unit = 1 mg\n" in out
        assert "  C9170  2024-10-01 to 2024-12-31  temporary, 1 unit = 1 mg, hospital outpatient" in out
        assert "55513-077-01  on a claim 55513007701  10 mg in 1 UN" in out
        assert out.endswith("Facts verified through 2026-10-31\n")

    def test_json(self, run: Run) -> None:
        document = json.loads(run("facts", "--isolated", "--format", "json")[1])
        assert [code["code"] for code in document["drugs"][0]["codes"]] == [
            "J9026",
            "C9170",
            "J9999",
            "J3490",
            "J3590",
            "C9399",
        ]

    def test_what_is_no_drug(self, run: Run) -> None:
        status, _, err = run("facts", "--isolated", "aspirin")
        assert (status, "unknown drug 'aspirin'; known drugs: tarlatamab" in err) == (2, True)

    def test_a_facts_file_that_cannot_be_used(self, run: Run, tmp_path: Path) -> None:
        broken = tmp_path / "drug.toml"
        broken.write_text('drug = "x"\n')
        assert "sources: found nothing, expected a table of citations" in run("facts", "--facts", str(broken))[2]
        assert "no such file" in run("facts", "--facts", str(tmp_path / "missing.toml"))[2].lower()
        known = ROOT / "rules/lint837_rules/drugs/tarlatamab.toml"
        assert "facts of tarlatamab are known already" in run("check", "--facts", str(known), "samples")[2]


class TestShow:
    def test_a_sample(self, run: Run) -> None:
        status, out, err = run("show", "--isolated", "samples/dirty/office-837p.837")
        first = out.split("\n\n")[0]
        assert (status, err) == (0, "")
        assert first.splitlines()[:6] == [
            "claim 1, line 1 (837P)",
            "  drug        tarlatamab, by its procedure code",
            "  as billed   C9170 JZ; 10 units; NDC 55513007701, 1 UN",
            "  date        2025-02-04, from DTP*472",
            "  arithmetic  10 x 1 mg = 10 mg billed; 10 mg by the NDC quantity",
            "  group       alone",
        ]
        assert "  HCP001      error: C9170 ended 2024-12-31; for 2025-02-04 the code is J9026." in first
        assert len(out.split("\n\n")) - 1 == 4

    def test_every_rule_is_accounted_for(self, run: Run) -> None:
        for sample in ("dirty/office-837p", "dirty/hospital-837i", "clean/office-837p"):
            out = run("show", "--isolated", f"samples/{sample}.837")[1]
            for line in out.strip().split("\n\n"):
                named = {word for word in line.split() if word in {rule.code for rule in RULEBOOK.running}}
                assert named == {rule.code for rule in RULEBOOK.running}

    def test_a_missing_file(self, run: Run) -> None:
        assert run("show", "missing.837")[0] == 2


class TestASecondDrug:
    """Its unit is 0.5 mg, its package is counted in ML, its code changed three times, no code was miscellaneous."""

    @staticmethod
    def found(code: str, units: str, day: str, quantity: str, unit: str = "ML", ndc: str = "99999001234") -> list[str]:
        lines = f"SV1*HC:{code}:JZ*900*UN*{units}***1~DTP*472*D8*{day}~LIN**N4*{ndc}~CTP****{quantity}*{unit}~"
        return [f"{f.rule} {f.found} {f.expected}" for f in lint_bytes(claim_file(Good(lines)), rulebook=BOTH).findings]

    @pytest.mark.parametrize(
        ("code", "units", "day", "found"),
        [
            ("C9901", "50", "20230401", ["HCP011 C9901 a code that an office can bill"]),
            ("C9901", "50", "20230331", ["HCP003 C9901 a date of service from 2023-04-01"]),
            ("C9901", "50", "20230701", ["HCP001 C9901 Q9902"]),
            ("Q9902", "100", "20230701", []),
            ("Q9902", "100", "20230630", ["HCP003 Q9902 C9901"]),
            ("Q9902", "100", "20240101", ["HCP001 Q9902 J9903"]),
            ("J9903", "100", "20241231", []),
            ("J9903", "100", "20250101", ["HCP001 J9903 J9904"]),
            ("J9904", "100", "20250101", []),
            ("J9904", "100", "20241231", ["HCP003 J9904 J9903"]),
            ("J9904", "50", "20250101", ["QTY001 50 100"]),
        ],
    )
    def test_its_codes_and_units(self, code: str, units: str, day: str, found: list[str]) -> None:
        assert self.found(code, units, day, "2") == found

    @pytest.mark.parametrize(("code", "day", "rules"), [("C9901", "20230630", []), ("Q9902", "20230701", ["MOD001"])])
    def test_jz_is_asked_for_from_its_first_day(self, code: str, day: str, rules: list[str]) -> None:
        lines = f"SV1*HC:{code}*900*UN*50***1~DTP*472*D8*{day}~"
        before = "SV1*HC:C9901*900*UN*50***1~DTP*472*D8*20230629~"
        findings = lint_bytes(claim_file(Good(before + lines)), rulebook=BOTH.narrowed(["MOD001"])).findings
        assert [finding.rule for finding in findings] == rules

    def test_one_drug_does_not_hide_another(self) -> None:
        """Its indication is not known here; the other's is. A note never means a line with the other's own code."""
        own = "SV1*HC:J9904:JZ*900*UN*100***1~DTP*472*D8*20250110~"
        lines = f"{own}SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~"
        data = claim_file(Good(lines, diagnoses="ABK:C7951"))
        assert [f.message for f in lint_bytes(data, rulebook=BOTH.narrowed(["CLM001"])).findings] == [
            "The claim bills tarlatamab, but none of its diagnoses begins with C34."
        ]
        one = claim_file(Good(f"{own}SV1*HC:J9999*9*UN*1***1~DTP*472*D8*20250110~", claim="NTE*ADD*TARLATAMAB~"))
        assert lint_bytes(one, rulebook=BOTH.narrowed(["HCP002"])).findings == ()

    def test_a_note_that_names_it(self) -> None:
        """It never had a miscellaneous code: none of the lines is the drug's."""
        lines = "".join(f"SV1*HC:{code}*9*UN*1***1~DTP*472*D8*20250110~" for code in ("J9999", "J3490"))
        note = "NTE*ADD*EXEMPLIMAB~"
        assert lint_bytes(claim_file(Good(lines, claim=note)), rulebook=BOTH).findings == ()
        both = claim_file(Good(lines, claim=f"{note}NTE*ADD*IMDELLTRA~"))
        assert [f"{f.rule} {f.expected}" for f in lint_bytes(both, rulebook=BOTH).findings] == ["HCP002 J9026"]

    def test_its_package(self) -> None:
        assert self.found("J9904", "100", "20250101", "2", ndc="99999-012-34") == ["NDC001 99999-012-34 99999001234"]
        assert self.found("J9904", "100", "20250101", "50", "ME") == ["NDC006 ME 2 ML"]
        assert self.found("J9904", "100", "20250101", "2", "UN") == ["NDC005 UN ML"]

    def test_a_correction_says_its_unit(self) -> None:
        lines = "SV1*HC:C9901:JZ*900*UN*50***1~DTP*472*D8*20230701~LIN**N4*99999001234~CTP****2*ML~"
        [finding] = lint_bytes(claim_file(Good(lines)), rulebook=BOTH).findings
        assert finding.correction == (
            "change C9901 to Q9902 in SV101-2 (box 24D), and bill 100 units in SV104 (box 24G, 1 unit = 0.5 mg) if the "
            "whole 50 mg of the NDC quantity was given"
        )
        assert [(fix.safe, [edit.text for edit in fix.edits]) for fix in finding.fixes] == [(False, ["Q9902", "100"])]

    def test_units_and_doses_are_counted_in_its_unit(self) -> None:
        """100 mg are 200 units of 0.5 mg, or 4 ML."""
        lines = "SV1*HC:J9904:JZ*900*UN*{}***1~DTP*472*D8*20250701~LIN**N4*99999001234~CTP****{}*ML~"
        [mismatch] = lint_bytes(claim_file(Good(lines.format("150", "4"))), rulebook=BOTH).findings
        assert (mismatch.rule, mismatch.found, mismatch.expected, mismatch.message) == (
            "QTY001",
            "150",
            "200",
            "The line bills 150 units, but its NDC quantity is 100 mg, which is 200 units.",
        )
        [dose] = lint_bytes(claim_file(Good(lines.format("150", "3"))), rulebook=BOTH).findings
        assert (dose.rule, dose.found, dose.expected, dose.message) == (
            "QTY005",
            "150",
            "100 or 200",
            "For 2025-07-01 the claim bills 150 units (75 mg); the label doses of exemplimab are 50 mg and 100 mg.",
        )

    def test_the_first_drug_is_judged_as_before(self) -> None:
        """In every third wrong case of each rule."""
        for rule in RULEBOOK.drug_rules:
            data = in_one_file(bad_cases(rule)[::3])
            both = [(f.rule, f.message) for f in lint_bytes(data, rulebook=BOTH).findings]
            assert both == [(f.rule, f.message) for f in lint_bytes(data, rulebook=RULEBOOK).findings]

    def test_the_facts_option(self, run: Run) -> None:
        out = run("check", "--isolated", "--facts", str(EXEMPLIMAB), "--format", "json", "samples/clean")[1]
        assert json.loads(out)["tool"]["facts"] == ["exemplimab", "tarlatamab"]


def test_a_third_partys_package_installs_and_runs(tmp_path: Path) -> None:
    """Built and installed by pip as anybody's, beside lint837."""
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(target)]
    source = tmp_path / "clinic-rules"
    shutil.copytree(PACKAGE, source)
    subprocess.run([*pip, *offline, str(source)], check=True, capture_output=True)
    claims = tmp_path / "claims.837"
    lines = "SV1*HC:J9904:JZ*900*UN*50***1~DTP*472*D8*20250110~LIN**N4*99999001234~CTP****2*ML~"
    claims.write_bytes(claim_file(Good(lines)))

    def check(*arguments: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-m", "lint837", "check", "--format", "json", str(claims), *arguments],
            env={"PYTHONPATH": str(target)},
            capture_output=True,
            check=False,
        )
        return [finding["rule"] for finding in json.loads(done.stdout)["findings"]]

    assert check() == ["CLN001", "QTY001"]
    assert check("--isolated") == []
    assert check("--ignore", "CLN001") == ["QTY001"]
    explained = subprocess.run(
        [sys.executable, "-m", "lint837", "explain", "CLN001"],
        env={"PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert explained.stdout.startswith("CLN001 drug-without-administration (info)\n")


NDC = "LIN**N4*55513007701~CTP****1*UN~"
ON = "DTP*472*D8*20250110~"
NOT_KNOWN = "the date of service is unknown"
BOTH_SIDES = "the period includes a change of the code"
EXPLAINED = "explained by "
MAY_GO_WITH_IT = "a JW line may belong to it, but a date of service is unknown"


@pytest.mark.parametrize(
    ("lines", "context", "reasons"),
    [
        (f"SV1*HC:C9170:JZ*16000*UN*10***1~{NDC}", {}, {"HCP001": NOT_KNOWN, "HCP003": NOT_KNOWN, "HCP005": NOT_KNOWN}),
        (f"SV1*HC:J9999:::::IMDELLTRA*16000*UN*1***1~{NDC}", {}, {"HCP002": NOT_KNOWN}),
        (f"SV1*HC:J9999*16000*UN*1***1~{NDC}", {}, {"HCP002": NOT_KNOWN, "HCP008": NOT_KNOWN}),
        (
            f"SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*RD8*20241231-20250101~{NDC}",
            {},
            {"HCP001": BOTH_SIDES, "HCP003": BOTH_SIDES, "HCP009": "the line has no single date of service"},
        ),
        (
            f"SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20240101~{NDC}",
            {},
            {"HCP003": f"{EXPLAINED}HCP005"},
        ),
        (
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}{NDC}",
            {"frequency": "5"},
            dict.fromkeys(
                ["HCP009", "MOD003", "QTY005"], "an interim or late-charge claim bills only a part (CLM05-3)"
            ),
        ),
        (
            f"SV1*HC:J9026*16000*UN*10***1~{ON}{NDC}",
            {"filing_code": "CI"},
            {"MOD001": "the payer does not require JW or JZ here"},
        ),
        (
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}",
            {},
            {"NDC003": "the payer is not known to require NDCs", "QTY001": "there is no NDC quantity to compare with"},
        ),
        (
            f"SV2*0636*HC:J9026*16000*UN*10~{ON}",
            {"guide": "837I", "facility": "11", "filing_code": "MC"},
            {"NDC003": "the claim is inpatient"},
        ),
        (
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}{NDC}REF*VY*1~",
            {},
            dict.fromkeys(["QTY001", "QTY002"], "it is part of a compound"),
        ),
        (f"SV1*HC:J9026:JZ*16000*UN*9.5***1~{ON}{NDC}", {}, {"QTY001": "explained by QTY003"}),
        (
            f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}LIN**N4*55513007701~CTP****5*ML~",
            {},
            {"QTY001": "an NDC quantity of the line, or of a line that goes with it, does not say how much was used"},
        ),
        (
            f"SV1*HC:J9026*16000*UN*7***1~{ON}{NDC}SV1*HC:J9026:JW*16000*UN*3***1~{NDC}",
            {},
            dict.fromkeys(["MOD001", "QTY001", "QTY002"], MAY_GO_WITH_IT),
        ),
        (
            f"SV1*HC:J9026:JZ*16000*UN*30***1~{ON}{NDC}",
            {},
            {"QTY005": f"{EXPLAINED}QTY001"},
        ),
        (f"SV1*HC:J9026:JZ*16000*UN*10***1~{ON}{NDC}", {}, {}),
    ],
)
def test_why_a_rule_reports_nothing(
    lines: str, context: dict[str, str], reasons: dict[str, str], tmp_path: Path, run: Run
) -> None:
    """On the first line of the claim, as `lint837 show` says it."""
    path = tmp_path / "claims.837"
    path.write_bytes(claim_file(Good(lines, **context)))  # type: ignore[arg-type]
    first = run("show", "--isolated", str(path))[1].split("\n\n")[0]
    found = re.findall(r"^  (\w+)      (?:not checked: (.*)|not reported: (\w+) explains it)$", first, re.MULTILINE)
    said = {code: reason or EXPLAINED + rule for code, reason, rule in found}
    assert {code: said.get(code) for code in reasons} == reasons
    if lines.endswith(f"UN*10***1~{ON}{NDC}") and not context:
        assert said == reasons  # a right line: every rule checked it


def test_show_says_one_unit(run: Run) -> None:
    shown = run("show", "--isolated", "samples/dirty/office-837p.837")[1]
    billed = [line.split("; ")[1] for line in shown.splitlines() if line.startswith("  as billed")]
    assert billed == ["10 units", "1 unit", "1 unit", "10 units"]
