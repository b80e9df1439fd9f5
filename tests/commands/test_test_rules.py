"""`lint837 test-rules`: a third party's package whose examples pass, fail, or make its rule raise."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from lint837 import load_rulebook
from lint837.commands.main import cli

RULE = '''
from lint837 import Bad, Citation, DrugLine, Good, Problem, Severity, rule

LINE = "SV1*HC:J9026:JZ*16000*UN*{}***1~DTP*472*D8*20250110~"


@rule(
    "TST001",
    severity=Severity.WARNING,
    cites=[Citation("a source", "what it says")],
    good=[Good(LINE.format(10), note="ten units")],
    bad=[Bad(LINE.format(7), at="SV104", note="seven units")],
)
def seven_units(line: DrugLine):
    """Seven units are billed.

    Nobody does that.
    """
    if line.service_unit_count == 7:
        yield Problem(where=line.at_service_unit_count, found="7", expected="8", message="Seven.", correction="bill 8")
'''

Install = Callable[[str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a package with one rule, as an installer would: a folder, and its metadata beside it."""
    monkeypatch.chdir(tmp_path)

    def make(source: str) -> None:
        package, metadata = tmp_path / "site" / "tested_rules", tmp_path / "site" / "tested_rules-1.dist-info"
        package.mkdir(parents=True)
        metadata.mkdir()
        (package / "__init__.py").write_text("")
        (package / "seven_units.py").write_text(source)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: tested_rules\nVersion: 1\n")
        (metadata / "entry_points.txt").write_text("[lint837.rules]\ntested = tested_rules\n")
        monkeypatch.syspath_prepend(str(tmp_path / "site"))
        for name in [name for name in sys.modules if name.startswith("tested_rules")]:
            monkeypatch.delitem(sys.modules, name)

    return make


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["test-rules", *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_package_that_passes(install: Install) -> None:
    install(RULE)
    passed = (0, "1 rule, 2 examples, 0 failures (facts: tarlatamab)\n", "")
    assert run("tested_rules") == passed
    assert run("tested_rules.seven_units") == passed


def test_an_example_that_is_wrong(install: Install) -> None:
    """At another element; and a good one in which something is found."""
    install(RULE.replace('at="SV104"', 'at="SV102"').replace("LINE.format(10)", "LINE.format(7)"))
    assert run("tested_rules") == (
        1,
        (
            "TST001: ten units\n"
            "  expected: nothing\n"
            "  found:    warning at SV104 on line 1\n"
            "\n"
            "TST001: seven units\n"
            "  expected: warning at SV102 on line 1\n"
            "  found:    warning at SV104 on line 1\n"
            "\n"
            "1 rule, 2 examples, 2 failures (facts: tarlatamab)\n"
        ),
        "",
    )


def test_an_example_without_a_note_is_named_by_its_segments(install: Install) -> None:
    install(RULE.replace('LINE.format(7), at="SV104", note="seven units"', 'LINE.format(8), at="SV104"'))
    status, said, _ = run("tested_rules")
    assert (status, said.splitlines()[:3]) == (
        1,
        [
            "TST001: SV1*HC:J9026:JZ*16000*UN*8***1~DTP*472*D8*20250110~",
            "  expected: warning at SV104 on line 1",
            "  found:    nothing",
        ],
    )


def test_a_rule_that_raises_is_shown_with_its_traceback(install: Install) -> None:
    """Examples are invented, so the text of the exception may be shown."""
    install(RULE.replace("if line.service_unit_count == 7:", "if 1 / (line.service_unit_count - 7):"))
    status, said, error = run("tested_rules")
    lines = said.splitlines()
    at = lines.index("TST001: seven units")
    assert (status, error, lines[at + 1]) == (1, "", "  expected: warning at SV104 on line 1")
    assert lines[at + 2].startswith("  found:    DivisionByZero: ")
    assert lines[at + 3] == "  Traceback (most recent call last):"
    assert any(line.startswith("    File ") and line.endswith(", in seven_units") for line in lines)
    assert "      if 1 / (line.service_unit_count - 7):" in lines


def test_a_package_that_cannot_be_imported(install: Install) -> None:
    install("1 / 0")
    status, said, error = run("tested_rules")
    assert (status, said) == (2, "")
    assert "rule package tested_rules cannot be imported: ZeroDivisionError at seven_units.py:1" in error


def test_a_package_that_is_not_installed(install: Install) -> None:
    install(RULE)
    status, said, error = run("tested_rule")
    assert (status, said) == (2, "")
    assert error.endswith("Error: unknown rule package 'tested_rule'; did you mean tested_rules?\n")
    status, _, error = run("nothing")
    assert status == 2
    assert "unknown rule package 'nothing'; installed rule packages: " in error


def test_a_package_without_rules(install: Install) -> None:
    install("")
    status, _, error = run("tested_rules")
    assert (status, error.endswith("Error: tested_rules has no rules to test\n")) == (2, True)


def test_the_facts_of_another_drug(install: Install) -> None:
    install(RULE)
    facts = Path(__file__).parents[2] / "examples/clinic-rules/clinic_rules/drugs/exemplimab.toml"
    assert run("tested_rules", "--facts", str(facts)) == (
        0,
        "1 rule, 2 examples, 0 failures (facts: exemplimab, tarlatamab)\n",
        "",
    )


def test_without_a_package_every_installed_rule_is_tested(install: Install) -> None:
    """With --isolated those that come with lint837."""
    bundled = len(load_rulebook(isolated=True).claim_rules)
    install(RULE)
    assert run()[1].splitlines()[-1].startswith(f"{bundled + 1} rules, ")
    assert run("--isolated")[1].splitlines()[-1].startswith(f"{bundled} rules, ")
    assert run("tested_rules", "--isolated")[0] == 2
