"""The pytest plugin, in projects of its own: the fixture, collection on request, and that it costs nothing unused."""

import subprocess
import sys
from pathlib import Path

import pytest
from lint837 import lint_bytes
from lint837.lint.examples import claim_file
from lint837.report import complaint as sample
from lint837.rules.rule import Good

pytest_plugins = ["pytester"]

LINE = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"
CLEAN = claim_file(Good(LINE))
EXPIRED = CLEAN.replace(b"J9026", b"C9170")
DOUBLED = claim_file(Good(LINE + LINE))  # CLM003, a warning
CUT = EXPIRED[:-60]
NO_CLAIM = CLEAN[:106] + b"IEA*0*000000001~"

CLAIM = lint_bytes(EXPIRED).findings[0].location.claim
SENTENCE = "C9170 ended 2024-12-31; for 2025-01-10 the code is J9026. Fix: change C9170 to J9026 in SV101-2 (box 24D), and keep 10 units in SV104 (box 24G, 1 unit = 1 mg)."


@pytest.fixture(autouse=True)
def files(pytester: pytest.Pytester) -> Path:
    """A project with claim files."""
    for name, data in (
        ("clean", CLEAN),
        ("expired", EXPIRED),
        ("doubled", DOUBLED),
        ("cut", CUT),
        ("no-claim", NO_CLAIM),
    ):
        (pytester.path / f"{name}.837").write_bytes(data)
    return pytester.path


def said(pytester: pytest.Pytester, call: str) -> list[str]:
    """What the error of a call says, [] where there is none."""
    pytester.makepyfile(f"def test_it(lint837_clean):\n    {call}\n")
    lines = pytester.runpytest("-p", "no:cacheprovider").outlines
    return [line.removeprefix("E").strip() for line in lines if line.startswith("E ")]


class TestFixture:
    def test_a_clean_file(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile("def test_it(lint837_clean):\n    lint837_clean('clean.837')\n")
        pytester.runpytest().assert_outcomes(passed=1)

    @pytest.mark.parametrize(
        ("call", "lines"),
        [
            ("lint837_clean('clean.837', fail_on='info')", []),
            (
                "lint837_clean('expired.837')",
                [
                    "AssertionError: expired.837: 1 finding at or above warning",
                    f"expired.837:1:612: error HCP001 claim {CLAIM}, line 1, SV101-2: {SENTENCE}",
                ],
            ),
            ("lint837_clean('expired.837', fail_on='never')", []),
            ("lint837_clean('expired.837', ignore=['HCP'])", []),
            ("lint837_clean('expired.837', select=['NDC', 'QTY'])", []),
            ("lint837_clean('doubled.837', fail_on='error')", []),
            (
                "lint837_clean('no-claim.837', fail_on='never')",
                ["AssertionError: no-claim.837: no 837P or 837I claim was found"],
            ),
            (
                "lint837_clean('clean.837', fail_on='erorr')",
                ["ValueError: fail_on must be error, warning, info or never, not 'erorr'"],
            ),
        ],
    )
    def test_what_is_said(self, call: str, lines: list[str], pytester: pytest.Pytester) -> None:
        assert said(pytester, call) == lines

    def test_a_warning_fails_by_itself(self, pytester: pytest.Pytester) -> None:
        assert said(pytester, "lint837_clean('doubled.837')")[0] == (
            "AssertionError: doubled.837: 1 finding at or above warning"
        )

    def test_what_could_not_be_checked_fails_always(self, pytester: pytest.Pytester) -> None:
        head, finding = said(pytester, "lint837_clean('cut.837', fail_on='never')")
        assert head == "AssertionError: cut.837: not everything could be checked"
        assert finding.split(": ")[1] == f"error ENV002 claim {CLAIM}"
        assert "(incomplete)" in finding
        head, finding = said(pytester, "lint837_clean('missing.837')")
        assert head == "AssertionError: missing.837: not everything could be checked"
        assert "ENV011" in finding

    def test_the_configuration_of_the_project(self, pytester: pytest.Pytester) -> None:
        pytester.path.joinpath("lint837.toml").write_text('ignore = ["HCP"]\n', encoding="utf-8")
        assert said(pytester, "lint837_clean('expired.837')") == []

    def test_it_is_redacted_under_ci(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also where pytest shows the variables."""
        monkeypatch.setenv("CI", "true")
        pytester.makepyfile("def test_it(lint837_clean):\n    lint837_clean('expired.837')\n")
        for arguments in ((), ("-l",), ("-l", "--full-trace"), ("--lint837", "-l", "--junitxml=report.xml")):
            result = pytester.runpytest(*arguments)
            text = "\n".join(result.outlines)
            assert "error HCP001 claim 1, line 1, SV101-2: C9170 ended 2024-12-31; for a day after 2024-12-31" in text
            assert [secret for secret in (str(CLAIM), "2025-01-10", "20250110") if secret in text] == []
        xml = pytester.path.joinpath("report.xml").read_text(encoding="utf-8")
        assert "error HCP001 claim 1," in xml
        assert [secret for secret in (str(CLAIM), "2025-01-10", "20250110") if secret in xml] == []

    def test_an_error_of_its_own_shows_no_claim(
        self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(path: str, **_: object) -> None:
            text = Path(path).read_text(encoding="ascii")
            raise KeyError(text)

        monkeypatch.setattr(sample, "lint_file", broken)
        pytester.makepyfile("def test_it(lint837_clean):\n    lint837_clean('expired.837')\n")
        text = "\n".join(pytester.runpytest("-l", "--full-trace").outlines)
        assert "RuntimeError: lint837: internal error: KeyError at test_pytest_plugin.py:" in text
        assert "ISA*00" not in text
        assert str(CLAIM) not in text


class TestCollection:
    def test_nothing_is_collected_unasked(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile("def test_it():\n    pass\n")
        pytester.runpytest(".").assert_outcomes(passed=1)

    def test_the_option(self, pytester: pytest.Pytester) -> None:
        result = pytester.runpytest("--lint837", "-rA", "--no-header", "-q")
        result.assert_outcomes(passed=1, failed=4)
        told = [line.split(" - ")[0] for line in result.outlines if line.startswith(("PASSED", "FAILED"))]
        assert told == [
            "PASSED clean.837::lint837",
            "FAILED cut.837::lint837",
            "FAILED doubled.837::lint837",
            "FAILED expired.837::lint837",
            "FAILED no-claim.837::lint837",
        ]
        assert "expired.837: 1 finding at or above warning" in result.outlines
        assert f"expired.837:1:612: error HCP001 claim {CLAIM}, line 1, SV101-2: {SENTENCE}" in result.outlines

    def test_the_settings(self, pytester: pytest.Pytester) -> None:
        """Patterns as those of lint837's configuration: a name, or a path from pytest's root directory."""
        good = pytester.mkdir("good")
        (good / "inner.837").write_bytes(DOUBLED)
        pytester.makeini("[pytest]\nlint837_fail_on = error\nlint837_files =\n    clean*\n    good/**\n")
        result = pytester.runpytest("-rA", "-q")
        result.assert_outcomes(passed=2)
        told = [line for line in result.outlines if line.startswith("PASSED")]
        assert told == ["PASSED clean.837::lint837", "PASSED good/inner.837::lint837"]


class TestUsage:
    def test_no_rule_of_that_name(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile("def test_it(lint837_clean):\n    lint837_clean('clean.837', ignore=['NOPE'])\n")
        result = pytester.runpytest("-q")
        result.assert_outcomes(failed=1)
        told = [line for line in result.outlines if line.startswith("lint837:") or "exception" in line]
        assert told == ["lint837: unknown rule 'NOPE'"]

    def test_a_configuration_that_cannot_be_used(self, pytester: pytest.Pytester) -> None:
        pytester.path.joinpath("lint837.toml").write_text('ignor = ["HCP001"]\n', encoding="utf-8")
        result = pytester.runpytest("-q", "--lint837", "clean.837")
        result.assert_outcomes(failed=1)
        assert "lint837: lint837.toml: ignor: unknown key; did you mean ignore?" in result.outlines


class TestUnused:
    def test_it_imports_nothing(self) -> None:
        code = "import sys, lint837.pytest_plugin; print(*sorted(m for m in sys.modules if m.startswith('lint837')))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.split() == ["lint837", "lint837.pytest_plugin"]

    def test_it_imports_nothing_where_tests_run(self, pytester: pytest.Pytester) -> None:
        pytester.makepyfile(
            "import sys\n"
            "def test_it():\n"
            "    assert sorted(m for m in sys.modules if m.startswith('lint837')) == ['lint837', 'lint837.pytest_plugin']\n"
        )
        result = pytester.runpytest_subprocess()
        result.assert_outcomes(passed=1)
        assert result.errlines == []
