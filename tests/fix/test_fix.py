"""A corrected file: nothing but the corrections differs, and what they correct is gone; else nothing is written."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Bad, Rule, load_rulebook
from lint837.commands.main import cli
from lint837.fix import write
from lint837.fix.edits import Changes, changes_of
from lint837.fix.write import ProofError, fix_file
from lint837.lint.examples import claim_file, findings_on

from tests import batch
from tests.rules.cases import bad_cases
from tests.trees import DELIMITERS, Node, written
from tests.trees import files as trees

RULEBOOK = load_rulebook(isolated=True)
ALL = frozenset(rule.code for rule in RULEBOOK.rules)
HYPHENS = batch.line()
HYPHENS[2] = "LIN**N4*55513-077-01"
LOWER = batch.line("hc:j9026:jz")
EXPIRED = batch.line("HC:C9170:JZ")


def one_set(*claims: list[str]) -> str:
    return batch.interchange(batch.group(batch.transaction_set(batch.subscriber(2, *claims))))


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["fix", "--isolated", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "in.837"
    path.write_text(one_set(batch.claim("A", HYPHENS), batch.claim("B", EXPIRED), batch.claim("C", batch.line())))
    return path


# ---------------------------------------------------------------- every correction that rules offer


def fixable(rule: Rule) -> list[Bad]:
    own = (case for case in bad_cases(rule) if not (case.listed or case.codes))  # with the facts that come with lint837
    return [case for case in own if any(one.fixes for one in findings_on(case, rule, RULEBOOK))]


FIXABLE = [rule for rule in RULEBOOK.drug_rules if fixable(rule)]


def test_many_rules_offer_corrections() -> None:
    assert len(FIXABLE) > 12


@pytest.mark.parametrize("rule", FIXABLE, ids=lambda rule: rule.code)
def test_each_is_applied_and_proved(rule: Rule, tmp_path: Path) -> None:
    """Proof is a part of the work: what is still found, or new, would be an error."""
    for number, case in enumerate(fixable(rule)):
        source, place = tmp_path / f"{number}.837", tmp_path / f"{number}.new"
        source.write_bytes(claim_file(case))
        done = fix_file(str(source), str(place), RULEBOOK, {rule.code}, unsafe=True)
        assert done.changes.changes or done.changes.left, case
        data = source.read_bytes()
        for change in reversed(done.changes.changes):
            assert data[change.start : change.end] == change.old
            data = data[: change.start] + change.new + data[change.end :]
        assert place.read_bytes() == data
        assert place.stat().st_mode & 0o777 == 0o600


WAYS = [
    (delimiters, newline)
    for delimiters in (
        batch.Delimiters(),
        batch.Delimiters("|", ">", "!", "'"),
        batch.Delimiters("^", "<", "~", "+"),
        batch.Delimiters("\x1d", "\x1f", "\x1e", "\x1c"),
        batch.Delimiters("*", ":", "^", "\n"),
        batch.Delimiters("*", "\\", "^", "~"),
        batch.Delimiters("*", ">", "U", "~"),
    )
    for newline in ("", "\n", "\r\n")
]


@pytest.mark.parametrize(("delimiters", "newline"), WAYS)
def test_in_any_rendering(delimiters: batch.Delimiters, newline: str, tmp_path: Path) -> None:
    """One case of each rule, in 21 renderings: the same corrections, in the delimiters of the file."""
    table = str.maketrans("*:^", delimiters.element + delimiters.component + delimiters.repetition)
    end = delimiters.terminator + ("" if delimiters.terminator == "\n" and newline == "\n" else newline)
    for rule in FIXABLE:
        plain = claim_file(fixable(rule)[0]).decode("latin-1").replace("\n", "").replace("\r", "")
        if any(one in plain.replace(plain[:106], "") for one in end if one.isprintable() and one != "~"):
            continue  # a delimiter that is in the data
        source, place = tmp_path / "a.837", tmp_path / "b.837"
        source.write_text(plain, encoding="latin-1")
        fix_file(str(source), str(place), RULEBOOK, {rule.code}, unsafe=True)
        expected = rendered(place.read_text("latin-1"), table, end)
        source.write_text(rendered(plain, table, end), encoding="latin-1", newline="")
        fix_file(str(source), str(place), RULEBOOK, {rule.code}, unsafe=True)
        assert place.read_bytes() == expected.encode("latin-1"), rule.code


def rendered(text: str, table: Mapping[int, int], end: str) -> str:
    return text.translate(table).replace("~", end)


@settings(max_examples=40)
@given(trees(), st.sampled_from(DELIMITERS), st.data())
def test_of_several_claims_only_those_with_findings_change(
    tmp_path_factory: pytest.TempPathFactory,
    tree: Node,
    delimiters: batch.Delimiters,
    data: st.DataObject,
) -> None:
    text = written(tree, delimiters)
    parts = text.split(b"55513007701")
    wrong = [data.draw(st.booleans()) for _ in parts[1:]]
    text = b"".join(
        part + (b"" if n == len(wrong) else b"55513-077-01" if wrong[n] else b"55513007701")
        for n, part in enumerate(parts)
    )
    folder = tmp_path_factory.mktemp("fix")
    (folder / "in").write_bytes(text)
    if not len(parts) - 1:
        return
    fix_file(str(folder / "in"), str(folder / "out"), RULEBOOK, ALL, unsafe=False)
    assert (folder / "out").read_bytes() == text.replace(b"55513-077-01", b"55513007701")


# ---------------------------------------------------------------- the command


def test_safe_ones_by_default(file: Path) -> None:
    before = file.read_bytes()
    status, said, error = run("in.837", "-o", "new.837", "--log", "log")
    assert (status, error) == (0, "")
    assert said == (
        "in.837: 3 claims, 1 safe change\n"
        "  NDC001 1 change\n"
        "  1 finding more with --unsafe, which changes what is billed\n"
        "  written to new.837\n"
    )
    assert Path("new.837").read_bytes() == before.replace(b"55513-077-01", b"55513007701")
    assert file.read_bytes() == before
    head, change = map(json.loads, Path("log").read_text().splitlines())
    assert (head["input"], head["output"]) == ("in.837", "new.837")
    assert change == {
        "type": "change",
        "rule": "NDC001",
        "safe": True,
        "claim_ordinal": 1,
        "service_line": "1",
        "element": "LIN03",
        "offset": before.index(b"55513-077-01"),
        "old": "55513-077-01",
        "new": "55513007701",
        "claim": "A",
    }


def test_unsafe_ones_when_asked(file: Path) -> None:
    assert run("in.837", "-o", "new.837", "--unsafe")[1].splitlines()[0] == (
        "in.837: 3 claims, 1 safe change, 1 change of what is billed"
    )
    data = Path("new.837").read_bytes()
    assert (b"C9170" in data, data.count(b"J9026")) == (False, 3)
    assert file.read_bytes() != data


def test_some_rules(file: Path) -> None:
    run("in.837", "-o", "new.837", "--unsafe", "--select", "HCP")
    assert Path("new.837").read_bytes() == file.read_bytes().replace(b"C9170", b"J9026")


def test_a_clean_file_stays_byte_for_byte(file: Path) -> None:
    file.write_text(one_set(batch.claim("C", batch.line())))
    assert run("in.837", "-o", "new.837", "--unsafe") == (
        0,
        "in.837: 1 claim, 0 safe changes\n  written to new.837\n",
        "",
    )
    assert Path("new.837").read_bytes() == file.read_bytes()


def test_the_difference_is_shown_and_nothing_written(file: Path, tmp_path: Path) -> None:
    text = one_set(batch.claim("A", HYPHENS), batch.claim("B", batch.line("HC:J9999:::::TARLATAMAB FOR DOE, JANE")))
    file.write_text(text)
    status, said, _ = run("in.837", "--diff", "--unsafe", "--quiet")
    assert status == 0
    assert said == (
        "in.837: claim 1, line 1: NDC001 malformed-ndc\n"
        "- LIN**N4*55513-077-01\n"
        "+ LIN**N4*55513007701\n"
        "in.837: claim 2, line 1: HCP002 miscellaneous-code-after-permanent\n"
        "- SV1*HC:J9999:::::…*16000*UN*10***1\n"
        "+ SV1*HC:J9026:JZ::::…*16000*UN*10***1\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["in.837"]


def test_alternatives_are_never_applied(file: Path) -> None:
    file.write_text(one_set(batch.claim("A", batch.line(units="1"))))
    assert run("in.837", "-o", "new.837", "--unsafe")[0] == 0
    assert Path("new.837").read_bytes() == file.read_bytes()


def test_a_void_stays_as_it_is(file: Path) -> None:
    file.write_text(one_set(batch.claim("A", EXPIRED, HYPHENS, facility="11:B:8")))
    assert run("in.837", "-o", "new.837", "--unsafe")[0] == 0
    assert Path("new.837").read_bytes() == file.read_bytes()


def test_a_claim_that_could_not_be_checked_stays_and_is_named(file: Path) -> None:
    unread = batch.claim("B", ["SV1*HC:99213*J9026*UN*1"], HYPHENS)
    file.write_text(one_set(batch.claim("A", HYPHENS), unread))
    status, said, _ = run("in.837", "-o", "new.837", "--unsafe")
    assert status == 3
    assert "  left as they are, since they could not be checked: claim 2\n" in said
    data = Path("new.837").read_text()
    assert (data.count("55513007701"), data.count("55513-077-01")) == (1, 1)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text[:700], "ENV002"),
        (lambda text: text.replace("SE*", "SE*9"), "ENV003"),
        (lambda text: "\n".join(text[i : i + 80] for i in range(0, len(text), 80)), "the file is hard-wrapped"),
        (lambda _: "", "ENV001"),
    ],
)
def test_a_file_that_is_refused(file: Path, change: Callable[[str], str], why: str) -> None:
    file.write_text(change(file.read_text()))
    status, said, error = run("in.837", "-o", "new.837", "--log", "log")
    assert (status, said) == (3, "")
    assert error.startswith("lint837: not corrected, nothing was written: ")
    assert why in error
    assert not Path("new.837").exists()
    assert not Path("log").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["in.837"],
        ["in.837", "-o", "new", "--diff"],
        ["in.837", "--diff", "--log", "log"],
        ["in.837", "-o", "in.837"],
        ["in.837", "-o", "new", "--log", "new"],
        ["in.837", "-o", "-"],
        ["-", "-o", "new"],
        ["in.837", "-o", "new", "--select", "ZZZ"],
    ],
)
def test_wrong_use(file: Path, arguments: list[str]) -> None:
    before = file.read_bytes()
    assert run(*arguments)[0] == 2
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == ["in.837"]


# ---------------------------------------------------------------- proof


@pytest.mark.usefixtures("file")
def test_nothing_is_written_where_a_rule_corrects_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A correction after which the finding is still there."""

    def wrong(*arguments: Any, **others: Any) -> tuple[Changes, int]:  # noqa: ANN401 - as they come
        found, claims = changes_of(*arguments, **others)
        found.changes[:] = [one._replace(new=b"55513-0077-01"[: len(one.new)]) for one in found.changes]
        return found, claims

    monkeypatch.setattr(write, "changes_of", wrong)
    status, said, error = run("in.837", "-o", "new.837", "--select", "NDC001")
    assert (status, said) == (4, "")
    assert error.startswith("lint837: not corrected, nothing was written: NDC001 is still found in claim 1 ")
    assert not Path("new.837").exists()


def test_nothing_is_written_where_an_error_is_new(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: Any, **others: Any) -> tuple[Changes, int]:  # noqa: ANN401
        found, claims = changes_of(*arguments, **others)
        at = file.read_bytes().index(b"*UN*10*", file.read_bytes().index(b"CLM*C")) + 4
        found.changes.append(found.changes[-1]._replace(start=at, end=at + 2, old=b"10", new=b"99"))
        return found, claims

    monkeypatch.setattr(write, "changes_of", wrong)
    status, _, error = run("in.837", "-o", "new.837", "--select", "NDC001")
    assert status == 4
    assert "QTY001 would be found in claim 3, and was not before" in error


@pytest.mark.parametrize("lost", [b"16000", b"CLM*C", b"~", b"55513007701"])
def test_a_disk_that_loses_a_byte(file: Path, monkeypatch: pytest.MonkeyPatch, lost: bytes) -> None:
    wrote = write._write

    def losing(source: Any, changes: Any, out: Any) -> None:  # noqa: ANN401
        wrote(source, changes, out)
        out.seek(0)
        data = out.read()
        at = data.index(lost)
        out.seek(at)
        out.write(bytes([data[at] ^ 1]))
        out.flush()

    monkeypatch.setattr(write, "_write", losing)
    with pytest.raises(ProofError):
        fix_file(str(file), str(file.with_name("new")), RULEBOOK, ALL, unsafe=True)
    assert [path.name for path in file.parent.iterdir()] == ["in.837"]


# ---------------------------------------------------------------- what check says


def test_check_says_what_can_be_corrected(file: Path) -> None:
    def check(*arguments: str) -> str:
        return CliRunner().invoke(cli, ["check", "--isolated", "in.837", *arguments]).stdout

    assert "lint837 fix can correct 1 finding, and 1 more with --unsafe\n" in check()
    assert "lint837 fix --unsafe can correct 1 finding\n" in check("--select", "HCP001")
    summary = json.loads(check("--format", "json"))["summary"]
    assert (summary["safe_fixes"], summary["unsafe_fixes"]) == (1, 1)
    sarif = json.loads(check("--format", "sarif"))["runs"][0]
    by_rule = {one["ruleId"]: one["fixes"] for one in sarif["results"] if "fixes" in one}
    at = file.read_bytes().index(b"55513-077-01")
    assert by_rule["NDC001"] == [
        {
            "description": {"text": "Changes the form only."},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "in.837"},
                    "replacements": [
                        {
                            "deletedRegion": {"byteOffset": at, "byteLength": 12},
                            "insertedContent": {"text": "55513007701"},
                        }
                    ],
                }
            ],
        }
    ]
    page = (Path(__file__).parents[2] / "docs/rules.md").read_text()
    titles = {
        re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        for title in re.findall(r"^## (.*)$", page, re.MULTILINE)
    }
    for rule in sarif["tool"]["driver"]["rules"]:
        assert rule["helpUri"].partition("#")[2] in titles


@pytest.mark.usefixtures("file")
def test_what_a_configuration_switches_off_is_not_corrected() -> None:
    Path("lint837.toml").write_text('ignore = ["NDC001"]')
    result = CliRunner().invoke(cli, ["fix", "in.837", "-o", "new.837", "--unsafe"])
    assert (result.exit_code, Path("new.837").read_bytes().count(b"55513-077-01")) == (0, 1)


def test_a_header_that_claims_share_is_corrected_once(tmp_path: Path) -> None:
    """By the first claim that offers it, also where a void before it offers nothing; and the claims beside it."""
    void, other = batch.claim("A", batch.line()), batch.claim("B", HYPHENS)
    text = one_set([part.replace(":B:1*", ":B:8*") for part in void], other, batch.claim("C", batch.line()))
    assert text.count("REF*EI*") == 1
    source, place = tmp_path / "in.837", tmp_path / "new.837"
    source.write_text(text.replace("REF*EI*123456789", "REF*EI*74-1852963"))
    rulebook = replace(RULEBOOK, claims=True).narrowed()
    done = fix_file(str(source), str(place), rulebook, {"PRV001", "NDC001"}, unsafe=False)
    assert [(change.finding.rule, change.old, change.new) for change in done.changes.changes] == [
        ("PRV001", b"74-1852963", b"741852963"),
        ("NDC001", b"55513-077-01", b"55513007701"),
    ]
    expected = source.read_text().replace("74-1852963", "741852963").replace("55513-077-01", "55513007701")
    assert place.read_text() == expected
