"""Suppressions: what they hide, until when, and what is said of one that is unused or past its last day."""

import json
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from lint837 import Rulebook, lint_bytes
from lint837.commands import main as cli
from lint837.config.apply import configured
from lint837.config.discover import SettingsError
from lint837.config.settings import Settings, read, settings_of
from lint837.files.inputs import Input
from lint837.lint.engine import Lint
from lint837.lint.examples import claim_file
from lint837.lint.parallel import RunOptions, lint_all
from lint837.report.formats import FORMATS
from lint837.rules.rule import Good

from tests.batch import claim, group, interchange, line, subscriber, transaction_set

WEIGHT = "SV1*HC:J9026:JZ*16000*UN*10***1~DTP*472*D8*20250110~LIN**N4*55513007701~CTP****10*ME~"
DATA = claim_file(Good(WEIGHT))
Run = Callable[..., tuple[int, str, str]]


def configure(
    rulebook: Rulebook, *matches: str, rule: str = "NDC006", last: str = "2025-12-31", top: str = ""
) -> Rulebook:
    """A rulebook with a suppression for each of the matches."""
    text = top + "".join(
        f'\n[[suppressions]]\nrule = "{rule}"\nmatch = {{{match}}}\nreason = "r"\nlast-day = {last}\n'
        for match in matches
    )
    return configured(rulebook, settings_of(tomllib.loads(text), "lint837.toml", Path("/work")))


def rules(data: bytes, rulebook: Rulebook, path: str = "/work/a.837") -> list[str]:
    return [finding.rule for finding in lint_bytes(data, path, rulebook=rulebook).findings]


class TestStructure:
    """Findings of the guide check are suppressed like others, where they are on a claim."""

    @staticmethod
    def batch(*lines: list[str]) -> bytes:
        claims = [claim(f"A{number}", *lines) for number in range(2)]
        text = interchange(group(transaction_set(subscriber(2, *claims, whole=True), whole=True)))
        return text.replace("CLM*A1*", f"CLM*{'1' * 39}*").replace("*100***11:B:1*", "*100***11:B:1:2*").encode()

    @pytest.mark.parametrize("lines", [[line()], [["SV1*HC:96413*100*UN*1***1", "DTP*472*D8*20250110"]]])
    def test_one_finding(self, rulebook: Rulebook, lines: list[list[str]]) -> None:
        wrong = self.batch(*lines)
        checked = rulebook._replace(guide="all").narrowed(select=["GDE"])
        found = [one for one in lint_bytes(wrong, "/work/a.837", rulebook=checked).findings if one.rule == "GDE005"]
        [one] = found
        match = f'path = "a.837", fingerprint = ["{one.fingerprint}"]'
        hiding = configure(checked, match, 'payer-id = ["00953"]', 'code = ["J1100"]', rule="GDE005", last="2026-12-31")
        report = lint_bytes(wrong, "/work/a.837", rulebook=hiding)
        assert "GDE005" not in [one.rule for one in report.findings]
        assert [(use.number, use.hidden) for use in report.inputs[0].suppressions] == [(1, 1)]
        assert "GDE005" in rules(wrong, configure(checked, match, rule="GDE003"))

    def test_one_that_hides_nothing_was_looked_for(self, rulebook: Rulebook) -> None:
        right = self.batch(["SV1*HC:96413*100*UN*1***1", "DTP*472*D8*20250110"]).replace(b"1" * 39, b"A1")
        match = 'payer-id = ["00952"]'
        for guide, seen in (("all", [(1, 0)]), ("drug-claims", []), ("off", [])):
            checked = configure(rulebook._replace(guide=guide), match, rule="GDE005")
            report = lint_bytes(right, "/work/a.837", rulebook=checked)
            assert [(use.number, use.hidden) for use in report.inputs[0].suppressions] == seen


class TestMatching:
    @pytest.mark.parametrize(
        ("match", "hidden"),
        [
            ('path = "*.837"', True),
            ('path = "a.837"', True),
            ('path = "b.837"', False),
            ('payer-id = ["1x", "00952"]', True),
            ('payer-id = ["00953"]', False),
            ('filing-code = ["mb"]', True),
            ('filing-code = ["MC"]', False),
            ('code = ["J9026", "C9170"]', True),
            ('code = ["C9170"]', False),
            ('ndc = ["55513007701"]', True),
            ('ndc = ["55513005901"]', False),
            ('payer-id = ["00952"], code = ["J9026"], path = "a.*"', True),
            ('payer-id = ["00952"], code = ["C9170"], path = "a.*"', False),
        ],
    )
    def test_all_that_is_given_must_agree(self, rulebook: Rulebook, match: str, *, hidden: bool) -> None:
        assert rules(DATA, configure(rulebook, match)) == ([] if hidden else ["NDC006"])

    def test_an_ndc_in_any_written_form(self, rulebook: Rulebook) -> None:
        written = DATA.replace(b"*55513007701~", b"*55513-077-01~")
        assert rules(written, configure(rulebook, 'ndc = ["55513007701"]')) == ["NDC001"]

    def test_one_finding(self, rulebook: Rulebook) -> None:
        twice = claim_file(Good(WEIGHT + WEIGHT.replace("20250110", "20250117")))
        first, second = lint_bytes(twice, rulebook=rulebook).findings
        chosen = configure(rulebook, f'path = "a.837", fingerprint = ["{second.fingerprint}"]')
        assert [f.fingerprint for f in lint_bytes(twice, "/work/a.837", rulebook=chosen).findings] == [
            first.fingerprint
        ]

    def test_only_its_rule(self, rulebook: Rulebook) -> None:
        other = DATA.replace(b":JZ", b"")
        assert rules(other, configure(rulebook, 'path = "*"')) == ["MOD001"]
        assert rules(other, configure(rulebook, 'path = "*"', rule="missing-discard-modifier")) == ["NDC006"]

    def test_a_finding_on_no_line_has_no_code(self, rulebook: Rulebook) -> None:
        """CLM001 is on the claim's diagnoses."""
        data = claim_file(Good(WEIGHT, diagnoses="ABK:E119"))
        top = 'select = ["CLM001"]'
        assert rules(data, configure(rulebook, 'code = ["J9026"]', rule="CLM001", last="2026-12-31", top=top)) == [
            "CLM001"
        ]
        assert rules(data, configure(rulebook, 'payer-id = ["00952"]', rule="CLM001", last="2026-12-31", top=top)) == []

    def test_never_an_incomplete_finding(self, rulebook: Rulebook) -> None:
        report = lint_bytes(DATA[:-40], "/work/a.837", rulebook=configure(rulebook, 'path = "*"'))
        assert ([f.rule for f in report.findings], report.complete) == (["ENV002"], False)


class TestTheLastDay:
    @pytest.mark.parametrize(
        ("last", "expected"),
        [("2025-01-10", []), ("2025-01-09", ["NDC006", "CFG002"]), ("1999-01-01", ["NDC006", "CFG002"])],
    )
    def test_is_compared_with_the_date_of_service(self, rulebook: Rulebook, last: str, expected: list[str]) -> None:
        assert rules(DATA, configure(rulebook, 'path = "*"', last=last)) == expected

    def test_of_a_range_the_last_day_counts(self, rulebook: Rulebook) -> None:
        ranged = DATA.replace(b"D8*20250110", b"RD8*20250110-20250111")
        assert "NDC006" in rules(ranged, configure(rulebook, 'path = "*"', last="2025-01-10"))
        assert "NDC006" not in rules(ranged, configure(rulebook, 'path = "*"', last="2025-01-11"))

    def test_without_one_the_day_on_which_the_file_was_made(self, rulebook: Rulebook) -> None:
        undated = claim_file(Good(WEIGHT.replace("DTP*472*D8*20250110~", "")))
        assert rules(undated, configure(rulebook, 'path = "*"', last="2026-01-15")) == ["DOS001"]
        assert rules(undated, configure(rulebook, 'path = "*"', last="2026-01-14")) == ["DOS001", "NDC006", "CFG002"]

    def test_without_any_day_nothing_is_hidden(self, rulebook: Rulebook) -> None:
        undated = claim_file(Good(WEIGHT.replace("DTP*472*D8*20250110~", "")))
        undated = undated.replace(b"20260115", b"99999999").replace(b"*260115*", b"*999999*")
        assert rules(undated, configure(rulebook, 'path = "*"', last="2099-01-01")) == ["DOS001", "NDC006", "CFG001"]

    def test_another_that_still_holds(self, rulebook: Rulebook) -> None:
        text = "".join(
            f'[[suppressions]]\nrule = "NDC006"\nmatch = {{path = "*"}}\nreason = "r"\nlast-day = {day}\n'
            for day in ("2024-01-01", "2025-12-31")
        )
        chosen = configured(rulebook, settings_of(tomllib.loads(text), "lint837.toml", Path("/work")))
        assert rules(DATA, chosen) == ["CFG001"]


RIGHT = claim_file(Good(WEIGHT.replace("10*ME", "1*UN")))


class TestWhatIsSaid:
    def test_of_an_expired_one(self, rulebook: Rulebook) -> None:
        twice = claim_file(Good(WEIGHT + WEIGHT.replace("20250110", "20250117")))
        chosen = configure(rulebook, 'code = ["J9026"]', last="2024-12-31")
        note = lint_bytes(twice, "a.837", rulebook=chosen).findings[-1]
        assert (
            note.rule,
            note.name,
            str(note.severity),
            note.location.path,
            note.location.line,
            note.message,
            note.correction,
        ) == (
            "CFG002",
            "expired-suppression",
            "warning",
            "lint837.toml",
            1,
            "The suppression of NDC006 ended on 2024-12-31. 2 later findings are reported.",
            "look at the findings again, then set a later last day or remove the suppression",
        )

    def test_of_one_that_hid_some_and_is_past_its_last_day_for_others(self, rulebook: Rulebook) -> None:
        twice = claim_file(Good(WEIGHT + WEIGHT.replace("20250110", "20250117")))
        report = lint_bytes(twice, "a.837", rulebook=configure(rulebook, 'code = ["J9026"]', last="2025-01-12"))
        assert [(f.rule, f.location.service_line) for f in report.findings] == [("NDC006", "2"), ("CFG002", None)]
        assert (
            report.findings[-1].message == "The suppression of NDC006 ended on 2025-01-12. 1 later finding is reported."
        )
        assert report.inputs[0].suppressions == ((1, 1, 1),)

    @pytest.mark.parametrize(
        ("match", "expected"),
        [
            ('path = "*"', ["CFG001"]),
            ('path = "b.837"', []),
            ('payer-id = ["00952"]', ["CFG001"]),
            ('payer-id = ["00953"]', []),
            ('code = ["J9026"]', ["CFG001"]),
            ('code = ["J9026"], payer-id = ["00953"]', []),
            ('code = ["C9170"]', []),
            ('ndc = ["55513007701"], filing-code = ["MB"]', ["CFG001"]),
            ('ndc = ["55513005901"], filing-code = ["MB"]', []),
            (f'path = "*", fingerprint = ["{"0" * 32}"]', ["CFG001"]),
        ],
    )
    def test_of_an_unused_one_where_something_that_it_is_for_was_checked(
        self, rulebook: Rulebook, match: str, expected: list[str]
    ) -> None:
        assert rules(RIGHT, configure(rulebook, match)) == expected

    @pytest.mark.parametrize(
        "top",
        [
            'select = ["HCP", "CFG"]',
            'ignore = ["NDC006"]',
            'ignore = ["CFG001"]',
            'select = ["NDC006"]',
            '[per-file-ignores]\n"*.837" = ["NDC"]',
            '[[payers]]\nname = "x"\npayer-id = ["00952"]\nrules = {NDC006 = "off"}',
        ],
    )
    def test_nothing_of_a_rule_that_was_not_run(self, rulebook: Rulebook, top: str) -> None:
        assert rules(RIGHT, configure(rulebook, 'code = ["J9026"]', top=top)) == []

    def test_nothing_where_something_was_not_checked(self, rulebook: Rulebook) -> None:
        assert rules(RIGHT[:-40], configure(rulebook, 'path = "*"')) == ["ENV002"]

    def test_at_a_configured_severity(self, rulebook: Rulebook) -> None:
        chosen = configure(rulebook, 'path = "*"', top='severity = {CFG001 = "error"}')
        assert [str(f.severity) for f in lint_bytes(RIGHT, "/work/a.837", rulebook=chosen).findings] == ["error"]

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "suppressions[0].match: found nothing, expected a table"),
            (
                "match = {}",
                "suppressions[0].match: found a table, expected a table with path or payer-id or filing-code or code or ndc",
            ),
            ('match = {claim = "1"}', "suppressions[0].match.claim: unknown key; known keys: path, payer-id"),
            ('match = {code = "J9026"}', 'suppressions[0].match.code: found "J9026", expected a list of codes such as'),
            (
                f'match = {{fingerprint = ["{"0" * 32}"]}}',
                "suppressions[0].match: fingerprint requires path, since fingerprints are per file",
            ),
        ],
    )
    def test_refused(self, text: str, message: str) -> None:
        table = f'[[suppressions]]\nrule = "NDC006"\nreason = "r"\nlast-day = 2025-01-01\n{text}'
        with pytest.raises(SettingsError) as error:
            settings_of(tomllib.loads(table), "x.toml", Path())
        assert str(error.value).startswith(f"x.toml: {message}")

    @pytest.mark.parametrize("day", ['"2025-01-01"', "2025-01-01T00:00:00", "20250101"])
    def test_a_last_day_is_a_date(self, day: str) -> None:
        table = f'[[suppressions]]\nrule = "NDC006"\nreason = "r"\nlast-day = {day}\nmatch = {{path = "*"}}'
        with pytest.raises(SettingsError, match="expected a date without quotes, such as 2026-12-31"):
            settings_of(tomllib.loads(table), "x.toml", Path())

    @pytest.mark.parametrize(
        ("rule", "message"),
        [
            ("NDC06", "'NDC06' is not the code or name of a rule; did you mean NDC006?"),
            ("ENV003", "ENV003 is not about claims; use ignore or per-file-ignores instead"),
            ("INT001", "INT001 is not about claims; use ignore or per-file-ignores instead"),
            ("GDE099", "GDE099 means that something was not checked, which is always reported"),
        ],
    )
    def test_a_rule_is_one_of_claims(self, rulebook: Rulebook, rule: str, message: str) -> None:
        with pytest.raises(SettingsError) as error:
            configure(rulebook, 'path = "*"', rule=rule)
        assert str(error.value) == f"lint837.toml: suppressions[0].rule: {message}"

    def test_the_guide_is_the_same_for_all_payers(self, rulebook: Rulebook) -> None:
        with pytest.raises(SettingsError) as error:
            configure(rulebook, top='[[payers]]\nname = "x"\npayer-id = ["00952"]\nrules = {GDE001 = "off"}\n')
        assert str(error.value).endswith("GDE001 is of the guide, which is the same for all payers")

    def test_the_line_on_which_it_is(self, tmp_path: Path) -> None:
        one = '[[suppressions]]\nrule = "NDC006"\nmatch = {path = "*"}\nreason = "r"\nlast-day = 2025-01-01\n'
        path = tmp_path / "lint837.toml"
        path.write_text(f"# a comment\n{one}\n  {one}")
        assert [s.line for s in read(path).suppressions] == [2, 8]
        path = tmp_path / "pyproject.toml"
        path.write_text("\n" + one.replace("suppressions", " tool . lint837 . suppressions "))
        assert [s.line for s in read(path).suppressions] == [2]
        path.write_text(
            'tool.lint837.suppressions = [{rule = "NDC006", match = {path = "*"}, reason = "r", last-day = 2025-01-01}]'
        )
        assert [s.line for s in read(path).suppressions] == [1]


def _batch(count: int) -> bytes:
    """So many subscribers, each with a claim in which the quantity is a weight; every second one pays to 00953."""
    weight = [segment.replace("CTP****1*UN", "CTP****10*ME") for segment in line()]
    people = [subscriber(number, claim(f"C-{number}", weight)) for number in range(2, count + 2)]
    people = [
        [segment.replace("*PI*00952", "*PI*00953") for segment in one] if n % 2 else one for n, one in enumerate(people)
    ]
    return interchange(group(transaction_set(*people))).encode()


class TestOverAFile:
    def test_claims_alike_are_counted_each(self, rulebook: Rulebook) -> None:
        lint = Lint(iter([_batch(10)]), "a.837", configure(rulebook, 'payer-id = ["00953"]'))
        assert ([f.location.claim_ordinal for f in lint], lint.summary.suppressions) == ([1, 3, 5, 7, 9], ((1, 5, 0),))

    def test_the_payer_is_seen_though_claims_are_alike(self, rulebook: Rulebook) -> None:
        """The first claim, of another payer, is quiet; the second is like it but for the payer."""
        right = _batch(2).replace(b"CTP****10*ME", b"CTP****1*UN")
        assert rules(right, configure(rulebook, 'payer-id = ["00953"]', 'payer-id = ["00954"]')) == ["CFG001"]

    @pytest.mark.parametrize("prefilter", [True, False])
    def test_several_processes_count_as_one(self, rulebook: Rulebook, tmp_path: Path, *, prefilter: bool) -> None:
        path = tmp_path / "a.837"
        path.write_bytes(_batch(40))
        chosen = configure(
            rulebook, 'payer-id = ["00953"]', 'filing-code = ["MB"]', 'code = ["C9170"]', last="2025-01-09"
        )
        one = list(lint_all([Input(str(path))], RunOptions(chosen, prefilter=prefilter)))
        two = list(lint_all([Input(str(path))], RunOptions(chosen, prefilter=prefilter, jobs=2, shared_from=0)))
        assert one == two
        assert one[-1].suppressions == ((1, 0, 20), (2, 0, 40))  # type: ignore[union-attr]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)

    def main(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["lint837", *arguments])
        with pytest.raises(SystemExit) as exit_:
            cli.main()
        assert isinstance(exit_.value.code, int)
        return exit_.value.code, *capfd.readouterr()

    return main


TOML = """
[[suppressions]]
rule = "NDC006"
match = {code = ["J9026"]}
reason = "agreed with the payer"
last-day = 2025-01-12

[[suppressions]]
rule = "HCP001"
match = {path = "*.837"}
reason = "none"
last-day = 2025-12-31
"""


class TestTheCommand:
    def test_text(self, run: Run) -> None:
        Path("a.837").write_bytes(claim_file(Good(WEIGHT + WEIGHT.replace("20250110", "20250117"))))
        Path("lint837.toml").write_text(TOML)
        status, out, _ = run("check", "a.837")
        assert (status, "line 1, CTP05-1" in out, "line 2, CTP05-1" in out) == (0, False, True)
        assert out.partition("lint837.toml\n")[2] == (
            "\n"
            "  warning CFG002 expired-suppression                                         2:1\n"
            "    The suppression of NDC006 ended on 2025-01-12. 1 later finding is reported.\n"
            "    fix: look at the findings again, then set a later last day or remove the\n"
            "         suppression\n"
            "\n"
            "  info CFG001 unused-suppression                                             8:1\n"
            "    The suppression of HCP001 hid nothing, although something that it covers was\n"
            "    checked.\n"
            "    fix: remove it, or correct its match\n"
            "\n"
            "1 file, 1 claim, 2 tarlatamab lines; 34 of 34 segments read; 2 warnings, 1 info\n"
            "lint837 fix --unsafe can correct 1 finding\n"
            "1 finding suppressed by the configuration\n"
            "not run: the rules about every claim, such as its total, NPIs and diagnoses (--claims)\n"
            "facts verified through 2026-10-31\n"
            "configuration: lint837.toml (suppressions (2))\n"
        )
        assert run("check", "a.837", "--fail-on", "warning")[0] == 1
        assert "CFG" not in run("check", "a.837", "--select", "NDC")[1]

    def test_the_reason_is_never_reported(self, run: Run) -> None:
        Path("a.837").write_bytes(DATA)
        Path("lint837.toml").write_text(
            TOML.replace("agreed with the payer", "CANARY").replace("2025-01-12", "2020-01-01")
        )
        for form in FORMATS:
            status, out, err = run("check", "a.837", "--format", form)
            assert (status, "CANARY" in out + err, "CFG002" in out) == (0, False, True), form

    @pytest.mark.parametrize("form", [*FORMATS])
    def test_converted_it_is_the_same(self, run: Run, form: str) -> None:
        Path("a.837").write_bytes(claim_file(Good(WEIGHT + WEIGHT.replace("20250110", "20250117"))))
        Path("lint837.toml").write_text(TOML)
        Path("a.json").write_text(run("check", "a.837", "--format", "json")[1])
        assert run("convert", "a.json", "--format", form)[1] == run("check", "a.837", "--format", form)[1]

    def test_as_a_stream_it_is_the_same(self, run: Run) -> None:
        """Also where file names are redacted, and files were passed over."""
        Path("d").mkdir()
        Path("d/a.837").write_bytes(DATA)
        Path("d/b.pdf").write_bytes(b"%PDF")
        Path("lint837.toml").write_text(TOML.replace("2025-01-12", "2020-01-01"))
        arguments = ["check", "d", "--redact", "always", "--redact-paths"]
        _, streamed, _ = run(*arguments, "--format", "jsonl")
        run(*arguments, "--report", "jsonl=whole.jsonl")
        assert streamed == Path("whole.jsonl").read_text()
        assert [json.loads(line).get("rule") for line in streamed.splitlines()] == [
            "NDC006",
            None,
            "CFG002",
            "CFG001",
            None,
        ]

    def test_a_question_is_about_no_file(self, run: Run) -> None:
        arguments = ["ask", "--date", "2025-01-10", "--ndc", "55513-077-01", "--quantity", "10", "--unit", "ME"]
        arguments += ["--code", "J9026", "--units", "10", "--modifier", "JZ"]
        before = run(*arguments)
        assert "NDC006" in before[1]
        Path("lint837.toml").write_text(f'[per-file-ignores]\n"**" = ["NDC006"]\n{TOML}')
        assert run(*arguments) == before

    def test_html(self, run: Run) -> None:
        Path("a.837").write_bytes(DATA)
        Path("lint837.toml").write_text(TOML)
        assert "; 1 finding suppressed by the configuration" in run("check", "a.837", "--format", "html")[1]

    def test_json(self, run: Run) -> None:
        Path("a.837").write_bytes(DATA)
        Path("lint837.toml").write_text(TOML)
        document = json.loads(run("check", "a.837", "--format", "json")[1])
        assert document["summary"]["suppressed"] == 1
        assert document["inputs"][0]["suppressions"] == [
            {"number": 1, "hidden": 1, "expired": 0},
            {"number": 2, "hidden": 0, "expired": 0},
        ]


def test_no_suppressions_by_default() -> None:
    assert Settings().suppressions == ()
