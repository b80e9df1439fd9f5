"""The engine: rule packages are found and refused, rules are chosen, a rule that raises does not stop the others."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lint837 import Rulebook, Severity, lint_bytes, lint_file, load_rulebook
from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file
from lint837.rules import plugins as packages
from lint837.rules.rule import Bad, Citation, Good, Problem, Rule, RuleError, rule

EXPIRED = claim_file(Good("SV1*HC:C9170:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****1*UN~"))
RULE = '''
from collections.abc import Iterator
from lint837 import Bad, Citation, Code, Good, Problem, ServiceLine, Severity, rule

@rule("{code}", severity=Severity.INFO, cites=[Citation("a", "b")], good=[Good("SV1*HC:99213*1*UN*1***1~")],
      bad=[Bad("SV1*HC:C9170*1*UN*1***1~", at="SV101-2")])
def a_rule(line: ServiceLine) -> Iterator[Problem]:
    """A title.

    Why.
    """
    if line.procedure_code == "C9170":
        yield Problem(where=line.at_procedure_code, found=Code("C9170"), expected="x", message="M {{found}}.", correction="c")
'''


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Install a rule package of one module beside the bundled one, as pip would."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def put(source: str, **files: str) -> None:
        package = tmp_path / "clinic_rules"
        (package / "drugs").mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "a_rule.py").write_text(source)
        for name, text in files.items():
            (package / "drugs" / f"{name}.toml").write_text(text)
        info = tmp_path / "clinic_rules-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic-rules\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("[lint837.rules]\nclinic = clinic_rules\n")

    yield put
    for name in [name for name in sys.modules if name.startswith("clinic_rules")]:
        del sys.modules[name]


class TestRulePackages:
    def test_one_more(self, install: object) -> None:
        assert callable(install)
        install(RULE.format(code="CLI001"))
        found = lint_bytes(EXPIRED, rulebook=load_rulebook())
        assert [(f.rule, f.name, f.message) for f in found.findings] == [
            ("CLI001", "a-rule", "M C9170."),
            ("HCP001", "expired-temporary-code", "C9170 ended 2024-12-31; for 2025-01-10 the code is J9026."),
        ]
        assert "CLI001" not in {rule.code for rule in load_rulebook(isolated=True).rules}

    @pytest.mark.parametrize(
        ("source", "message"),
        [
            (
                RULE.format(code="HCP001"),
                "rule HCP001: lint837_rules.codes.expired_temporary_code and clinic_rules.a_rule both define it",
            ),
            (RULE.format(code="ENV001"), "rule ENV001: clinic_rules.a_rule and lint837 itself both define it"),
            (RULE.format(code="x1"), r"rule x1 \(clinic_rules.a_rule.a_rule\): a code is 3 to 5 capital letters"),
            (RULE.format(code="CLI001").replace("Why.", ""), "the docstring needs a title"),
            (RULE.format(code="CLI001").replace("title.", "title"), "the docstring needs a title"),
            (RULE.format(code="CLI001").replace('[Citation("a", "b")]', "[]"), "it has no citation"),
            (RULE.format(code="CLI001").replace('[Good("SV1*HC:99213*1*UN*1***1~")]', "[]"), "it has no Good example"),
            (
                RULE.format(code="CLI001").replace("line: ServiceLine", "line: str"),
                "its one parameter must be a DrugLine, a ServiceLine, a Claim or a WholeClaim",
            ),
        ],
    )
    def test_refused(self, install: object, source: str, message: str) -> None:
        assert callable(install)
        install(source)
        with pytest.raises(RuleError, match=message):
            load_rulebook()

    def test_a_package_that_cannot_be_imported(self, install: object) -> None:
        assert callable(install)
        install("1 / 0")
        with pytest.raises(
            RuleError, match=r"rule package clinic_rules cannot be imported: ZeroDivisionError at a_rule\.py"
        ):
            load_rulebook()

    def test_facts_of_a_drug_that_is_known(self, install: object) -> None:
        assert callable(install)
        toml = Path(__file__).parents[2] / "rules/lint837_rules/drugs/tarlatamab.toml"
        install(RULE.format(code="CLI001"), tarlatamab=toml.read_text(encoding="utf-8"))
        with pytest.raises(RuleError, match="drug tarlatamab: two rule packages have facts of it"):
            load_rulebook()

    def test_the_engine_runs_without_any(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packages, "entry_points", lambda *_: [])
        empty = load_rulebook()
        assert (empty.claim_rules, empty.formulary.drugs, empty.verified_through) == ((), (), "")
        report = lint_bytes(EXPIRED, rulebook=empty)
        assert (report.findings, report.inputs[0].claims) == ((), 1)


class TestChoosing:
    @pytest.mark.parametrize(
        ("select", "ignore", "expected"),
        [
            (["DOS", "MOD"], [], "DOS001 DOS002 DOS003 DOS004 DOS005 DOS006 MOD001 MOD002 MOD003"),
            (["hcp00", "NDC001"], ["HCP002"], "HCP001 HCP003 HCP004 HCP005 HCP006 HCP007 HCP008 HCP009 NDC001"),
            (["ndc-unit-mismatch"], [], "QTY001"),
            (["HCP001", "QTY001"], ["HCP", "clm"], "QTY001"),
            (["CLM"], [], "CLM002 CLM003 CLM004 CLM005 CLM006"),
            (["CLM001"], [], "CLM001"),
            (["unexpected-diagnosis", "CLM003"], [], "CLM001 CLM003"),
        ],
    )
    def test_rules(self, rulebook: Rulebook, select: list[str], ignore: list[str], expected: str) -> None:
        assert " ".join(rule.code for rule in rulebook.narrowed(select, ignore).running) == expected

    def test_envelope_rules(self, rulebook: Rulebook) -> None:
        twice = EXPIRED + EXPIRED
        assert [f.rule for f in lint_bytes(twice, rulebook=rulebook.narrowed(["ENV"])).findings] == ["ENV009"]
        assert [f.rule for f in lint_bytes(twice, rulebook=rulebook.narrowed([], ["ENV009"])).findings] == [
            "HCP001",
            "CLM005",
            "HCP001",
        ]

    def test_an_incomplete_finding_is_never_left_out(self, rulebook: Rulebook) -> None:
        report = lint_bytes(EXPIRED[:-40], rulebook=rulebook.narrowed(["HCP"], ["ENV"]))
        assert ([f.rule for f in report.findings], report.complete) == (["ENV002"], False)

    @pytest.mark.parametrize("word", ["", "XYZ", "HCP0011", "code"])
    def test_what_is_no_rule(self, rulebook: Rulebook, word: str) -> None:
        with pytest.raises(ValueError, match="unknown rule"):
            rulebook.narrowed([word])


def _rule(check: Callable[[Any], Iterator[Any]], scope: type) -> Rule:
    return Rule(
        "XXX001",
        "broken",
        Severity.ERROR,
        scope,
        check,
        "",
        "",
        (),
        (),
        (),
        __name__,
    )


class TestARuleThatRaises:
    @pytest.mark.parametrize("scope", [DrugLine, ServiceLine, Claim])
    def test_becomes_int001(self, rulebook: Rulebook, scope: type) -> None:
        def check(_: object) -> Iterator[Problem]:
            raise KeyError("secret")
            yield

        report = lint_bytes(
            EXPIRED,
            rulebook=Rulebook((_rule(check, scope), *rulebook.rules), rulebook.formulary, rulebook.chosen | {"XXX001"}),
        )
        assert [(f.rule, f.incomplete, f.location.claim, f.location.segment) for f in report.findings] == [
            ("INT001", True, "CLAIM-1", 18),
            ("HCP001", False, "CLAIM-1", 21),
        ]
        assert (report.exit_status(), "secret" in repr(report.findings)) == (3, False)

    @pytest.mark.parametrize("yielded", ["nonsense", None])
    def test_what_is_no_problem(self, rulebook: Rulebook, yielded: object) -> None:
        def check(_: object) -> Iterator[object]:
            yield yielded

        report = lint_bytes(
            EXPIRED, rulebook=Rulebook((_rule(check, Claim),), rulebook.formulary, rulebook.chosen | {"XXX001"})
        )
        assert [f.rule for f in report.findings] == ["INT001"]

    def test_a_message_with_a_value_that_is_not_there(self, rulebook: Rulebook) -> None:
        def check(claim: Claim) -> Iterator[Problem]:
            yield Problem(where=claim.clm.at(1), found="a", expected="b", message="{nothing}", correction="c")

        report = lint_bytes(
            EXPIRED, rulebook=Rulebook((_rule(check, Claim),), rulebook.formulary, rulebook.chosen | {"XXX001"})
        )
        assert [(f.rule, f.found.partition(":")[0]) for f in report.findings] == [
            ("INT001", "ValueError at finding.py")
        ]


def test_a_severity_is_never_raised(rulebook: Rulebook) -> None:
    def check(claim: Claim) -> Iterator[Problem]:
        yield Problem(
            where=claim.clm.at(1), found="a", expected="b", message="m", correction="c", severity=Severity.ERROR
        )

    info = Rule("XXX001", "x", Severity.INFO, Claim, check, "", "", (), (), (), __name__)
    report = lint_bytes(EXPIRED, rulebook=Rulebook((info,), rulebook.formulary, rulebook.chosen | {"XXX001"}))
    assert [f.severity for f in report.findings] == [Severity.INFO]


def test_a_directory_in_the_place_of_a_file(tmp_path: Path, rulebook: Rulebook) -> None:
    report = lint_file(tmp_path, rulebook=rulebook)
    assert [(f.rule, f.found) for f in report.findings] == [("ENV011", "is a directory")]


def test_reading_that_fails_half_way_is_one_finding(
    tmp_path: Path, rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.837"
    path.write_bytes(EXPIRED)

    def failing(_: object) -> Iterator[bytes]:
        yield EXPIRED[:640]
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("lint837.files.inputs.whole_blocks", failing)
    report = lint_file(path, rulebook=rulebook)
    assert [(f.rule, f.location.offset, f.found) for f in report.findings] == [("ENV011", 640, "input/output error")]
    assert (report.complete, report.inputs[0].claims) == (False, 1)


def test_lint_yields_findings_as_they_come(rulebook: Rulebook) -> None:
    lint = Lint(iter([EXPIRED[:800], EXPIRED[800:]]), "x", rulebook)
    assert [finding.rule for finding in lint] == ["HCP001"]
    assert lint.summary.drug_lines == 1


def test_the_decorator_makes_a_rule() -> None:
    @rule(
        "ABC123",
        severity=Severity.WARNING,
        cites=[Citation("s", "t")],
        good=[Good("SV1*HC:99213*1*UN*1***1~")],
        bad=[Bad("SV1*HC:99213*1*UN*1***1~", at="SV101-2")],
    )
    def some_wrong_pattern(_: Claim) -> Iterator[Problem]:
        """A title that goes on
        over two lines.

        Why a payer rejects it.
        """
        yield from ()

    assert (some_wrong_pattern.name, some_wrong_pattern.title, some_wrong_pattern.documentation) == (
        "some-wrong-pattern",
        "A title that goes on over two lines.",
        "Why a payer rejects it.",
    )
    assert some_wrong_pattern.scope is Claim
