"""A corrected file: nothing but the corrections differs, and what they correct is gone; else nothing is written."""

import json
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837 import Bad, Rule, Rulebook, load_rulebook
from lint837.commands import common
from lint837.commands.fix import write_log
from lint837.commands.main import cli
from lint837.fix import write
from lint837.fix.edits import Changes, changes_of
from lint837.fix.write import ProofError, fix_file
from lint837.lint import verdicts
from lint837.lint.examples import claim_file, findings_on
from lint837.lint.finding import TextEdit, TextFix

from tests import batch
from tests.killing import left_at_each_step
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


# The rules that offer corrections in their cases.
FIXING = [
    "DOS002",
    "HCP001",
    "HCP002",
    "HCP006",
    "HCP007",
    "HCP008",
    "HCP010",
    "HCP011",
    "HCP012",
    "NDC001",
    "NDC004",
    "NDC005",
    "NDC006",
    "NDC007",
    "NDC009",
    "QTY003",
    "QTY004",
    "QTY006",
]


def fixable(rule: Rule, cases: Iterable[Bad]) -> list[Bad]:
    """Those of a rule's cases for which it offers corrections."""
    own = (case for case in cases if not (case.listed or case.codes))  # with the facts that come with lint837
    return [case for case in own if any(one.fixes for one in findings_on(case, rule, RULEBOOK))]


def test_no_other_rule_offers_corrections() -> None:
    """Of another one the examples in its module have none."""
    others = [rule for rule in RULEBOOK.drug_rules if rule.code not in FIXING]
    assert {rule.code: found for rule in others if (found := fixable(rule, rule.bad))} == {}


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


@pytest.mark.parametrize("code", FIXING)
def test_each_is_applied_and_proved_in_any_rendering(code: str, tmp_path: Path) -> None:
    """Proof is a part of the work: what is still found, or new, would be an error. Then the same corrections in the
    delimiters of another file: of the 21 renderings two are tried with each case, other ones with the next; all where
    LINT837_ALL_FIXES is set.
    """
    rule = RULEBOOK.rule(code)
    assert rule
    cases = fixable(rule, bad_cases(rule))
    assert cases
    source, place, tried = tmp_path / "a.837", tmp_path / "b.837", 0
    for number, case in enumerate(cases, FIXING.index(code)):
        data = before = claim_file(case).replace(b"\n", b"").replace(b"\r", b"")
        source.write_bytes(before)
        done = fix_file(str(source), str(place), RULEBOOK, {code}, unsafe=True)
        assert done.changes.changes or done.changes.left, case
        for change in reversed(done.changes.changes):
            assert data[change.start : change.end] == change.old
            data = data[: change.start] + change.new + data[change.end :]
        assert place.read_bytes() == data
        assert place.stat().st_mode & 0o777 == 0o600
        chosen = WAYS if "LINT837_ALL_FIXES" in os.environ else (WAYS[number % 21], WAYS[(number + 10) % 21])
        for delimiters, newline in chosen:
            tried += is_fixed_alike(source, place, before, data, code, delimiters, newline)
    assert tried > len(cases) // 2


def is_fixed_alike(
    source: Path, place: Path, before: bytes, after: bytes, rule: str, delimiters: batch.Delimiters, newline: str
) -> bool:
    """Assert that a file is corrected in another rendering as in this one; False where it holds a delimiter of that."""
    table = str.maketrans("*:^", delimiters.element + delimiters.component + delimiters.repetition)
    end = delimiters.terminator + ("" if delimiters.terminator == "\n" and newline == "\n" else newline)
    plain = before.decode("latin-1")
    if set(end + delimiters.element + delimiters.component) & set(plain[106:]) - set("*:^~"):
        return False
    source.write_text(rendered(plain, table, end), encoding="latin-1", newline="")
    fix_file(str(source), str(place), RULEBOOK, {rule}, unsafe=True)
    assert place.read_bytes() == rendered(after.decode("latin-1"), table, end).encode("latin-1"), plain
    return True


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


# ---------------------------------------------------------------- what a correction reveals


def offer(monkeypatch: pytest.MonkeyPatch, rule: str, edit: TextEdit) -> None:
    """Let each finding of a rule offer an edit, as a safe fix."""

    def judged(*arguments: Any) -> Any:  # noqa: ANN401 - as it comes
        for piece, verdict in verdicts.judged(*arguments):
            offering = tuple(
                one._replace(fixes=(TextFix(safe=True, edits=(edit,)),)) if one.rule == rule else one
                for one in (verdict.findings if verdict else ())
            )
            yield piece, verdict and verdict._replace(findings=offering)

    monkeypatch.setattr("lint837.fix.edits.judged", judged)


def test_a_new_error_at_a_corrected_element_is_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A form that is corrected to an NDC of another drug."""
    at = file.read_bytes().index(b"55513-077-01")
    offer(monkeypatch, "NDC001", TextEdit(at, at + 12, "00002821501"))
    status, said, error = run("in.837", "-o", "new.837", "--log", "log")
    assert (status, error) == (0, "")
    assert "  found now that the claim is corrected: NDC002 ndc-of-another-product, claim 1, line 1\n" in said
    assert json.loads(Path("log").read_text().splitlines()[-1]) == {
        "type": "revealed",
        "rule": "NDC002",
        "claim_ordinal": 1,
        "service_line": "1",
        "element": "LIN03",
        "offset": at,
        "claim": "A",
    }


def on(day: str, code: str = "HC:J9026:JZ", *rest: str) -> list[str]:
    """A line with a date and what follows it."""
    return [f"SV1*{code}*16000*UN*10***1", f"DTP*472*D8*{day}", *(rest or ("LIN**N4*55513007701", "CTP****1*UN"))]


@pytest.mark.parametrize(
    ("lines", "corrected", "revealed"),
    [
        # A date that can be read: the code was not valid then.
        ([on("20250110-20250110", "HC:C9170:JZ")], "DOS002", ["HCP001"]),
        ([on("20240110-20240110")], "DOS002", ["HCP005"]),
        # What explained it is gone: a unit of measure, a qualifier.
        ([on("20250110", "HC:J9026:JZ", "LIN**N4*55513007701", "CTP****2*un")], "NDC005", ["QTY001"]),
        ([on("20250110", "HC:J9026::JZ", "LIN**N4*55513007701", "CTP****2*un")], "NDC005", ["QTY001"]),
        # Nothing is revealed that was said of the whole element before.
        ([on("20241115", "C9170:JW")], "HCP010", []),
        # On another line of the claim.
        ([on("20250110-20250110", "HC:J9026:JW"), on("20250117")], "DOS002", ["MOD003"]),
    ],
)
def test_an_error_that_a_correction_reveals_elsewhere_in_the_claim_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[list[str]], corrected: str, revealed: list[str]
) -> None:
    """It refuses no file: others may have hundreds of right claims beside it."""
    monkeypatch.chdir(tmp_path)
    Path("in.837").write_text(one_set(batch.claim("A", *lines), batch.claim("B", HYPHENS)))
    status, said, error = run("in.837", "-o", "new.837")
    assert (status, error) == (0, "")
    assert f"  {corrected} 1 change\n" in said
    assert "  NDC001 1 change\n" in said
    named = [line.split()[7] for line in said.splitlines() if "found now that" in line]
    assert named == revealed


@pytest.mark.parametrize(
    ("lins", "changes"),
    [
        (("LIN**N4*55513-077-01", "CTP****1*UN", "LIN**N4*555130077011", "CTP****1*UN"), "NDC001 1 change\n"),
        (("LIN**N4*55513-077-01", "CTP****1*UN", "LIN**N4*55513-059-01", "CTP****1*UN"), "NDC001 2 changes\n"),
        (("LIN**N4*55513007701", "CTP****1*un", "LIN**N4*55513007701", "CTP****10*ML"), "NDC005 1 change\n"),
    ],
)
def test_the_same_is_found_in_two_lins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lins: tuple[str, ...], changes: str
) -> None:
    """Of which a correction is known for one: that it is found in the other proves nothing wrong."""
    monkeypatch.chdir(tmp_path)
    Path("in.837").write_text(one_set(batch.claim("A", on("20250110", "HC:J9026:JZ", *lins))))
    status, said, error = run("in.837", "-o", "new.837")
    assert (status, error) == (0, "")
    assert changes in said


# ---------------------------------------------------------------- control numbers


def two_interchanges(isa: int, gs: int) -> str:
    """Two groups and one, numbered from `isa` and `gs` on."""
    sets = [batch.transaction_set(batch.subscriber(2, batch.claim(name, HYPHENS))) for name in "ABC"]
    groups = [batch.group(one, control=gs + index) for index, one in enumerate(sets)]
    return batch.interchange(*groups[:2], control=isa) + batch.interchange(groups[2], control=isa + 1)


def test_new_control_numbers(file: Path) -> None:
    """From the number given, interchanges and groups each; trailers repeat them, and nothing else differs."""
    before = two_interchanges(905, 77)
    file.write_text(before)
    status, said, _ = run("in.837", "-o", "new.837", "--new-control-numbers", "1207", "--log", "log")
    assert (status, said.splitlines()[2]) == (0, "  5 new control numbers: 1207 to 1209")
    assert Path("new.837").read_text() == two_interchanges(1207, 1207).replace("55513-077-01", "55513007701")
    logged = [one for one in map(json.loads, Path("log").read_text().splitlines()) if one["type"] == "control_number"]
    assert logged[0] == {
        "type": "control_number",
        "element": "ISA13",
        "offset": before.index("000000905"),
        "old": "000000905",
        "new": "000001207",
    }
    order = "ISA13 GS06 GE02 GS06 GE02 IEA02 ISA13 GS06 GE02 IEA02"
    assert [one["element"] for one in logged] == order.split()
    assert "in.837: ISA13\n- 000000905\n+ 000001207\n" in run("in.837", "--diff", "--new-control-numbers", "1207")[1]


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("905", "the file has the number 905 already"),
        ("904", "the file has the number 905 already"),
        ("79", "the file has the number 79 already"),
        ("999999999", "the file has more interchanges or groups than numbers are left"),
    ],
)
def test_control_numbers_that_cannot_be_given(file: Path, number: str, why: str) -> None:
    file.write_text(two_interchanges(905, 77))
    status, _, error = run("in.837", "-o", "new.837", "--new-control-numbers", number)
    assert status == 3
    assert error == f"lint837: not corrected, nothing was written: --new-control-numbers: {why}\n"
    assert not Path("new.837").exists()


# ---------------------------------------------------------------- kill -9


def test_kill_9_at_every_step_leaves_no_half_file(tmp_path: Path) -> None:
    """Each file is the old one or the new one, whole; what else is left is hidden, and only its owner can read it."""
    source = tmp_path / "in.837"
    source.write_text(one_set(batch.claim("A", HYPHENS)))
    names = ["new.837", "log"]
    place, log = str(tmp_path / "new.837"), str(tmp_path / "log")

    def begin() -> None:
        for path in tmp_path.iterdir():
            if path != source:
                path.unlink()
        for name in names:
            (tmp_path / name).write_bytes(b"old")

    def work() -> None:
        write_log(log, str(source), place, fix_file(str(source), place, RULEBOOK, ALL, unsafe=False))

    *left, done = left_at_each_step(tmp_path, work, WRITES, begin)
    seen = set()
    for held in (*left, done):
        seen.add(tuple("new" if held[name] == done[name] else held[name][0] for name in names))
        for name in held.keys() - {"in.837", *names}:
            assert name.startswith(tuple(f".{one}.lint837-" for one in names))
            assert held[name][1] == 0o600
    assert seen == {(b"old", b"old"), ("new", b"old"), ("new", "new")}
    assert done.keys() == {"in.837", *names}
    assert len(left) > 60


WRITES = {"files/outputs.py": None, "fix/write.py": ("fix_file", "_write")}

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


# ---------------------------------------------------------------- with a configuration


@pytest.mark.usefixtures("file")
@pytest.mark.parametrize(
    "configuration",
    [
        'ignore = ["NDC001"]',
        'select = ["HCP"]',
        'ignore = ["NDC"]\nseverity = { NDC001 = "info" }',
        'ignore = ["NDC"]\n[[payers]]\nname = "it"\nfiling-code = ["MB"]\nrules = { NDC001 = "on" }',
    ],
)
def test_what_select_names_is_corrected_whatever_the_configuration_runs(configuration: str) -> None:
    """As check --select finds it; the rules are loaded once."""
    Path("lint837.toml").write_text(configuration)
    result = CliRunner().invoke(cli, ["fix", "in.837", "-o", "new.837", "--select", "NDC001"])
    assert result.exit_code == 0, result.stderr
    assert "  NDC001 1 change\n" in result.stdout
    assert b"LIN**N4*55513007701~" in Path("new.837").read_bytes()


@pytest.mark.usefixtures("file")
def test_what_a_payer_turns_on_is_corrected() -> None:
    turned_on = '[[payers]]\nname = "it"\nfiling-code = ["MB"]\nrules = { NDC001 = "on" }'
    Path("lint837.toml").write_text(f'ignore = ["NDC001"]\n{turned_on}')
    result = CliRunner().invoke(cli, ["fix", "in.837", "-o", "new.837"])
    assert (result.exit_code, "  NDC001 1 change\n" in result.stdout) == (0, True), result.output


@pytest.mark.usefixtures("file")
def test_the_rules_are_loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []

    def load(**given: Any) -> Rulebook:  # noqa: ANN401 - as they come
        loads.append(given)
        return load_rulebook(**given)

    monkeypatch.setattr(common, "load_rulebook", load)
    assert run("in.837", "-o", "new.837", "--select", "NDC001")[0] == 0
    assert len(loads) == 1


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
    rulebook = RULEBOOK._replace(claims=True).narrowed()
    done = fix_file(str(source), str(place), rulebook, {"PRV001", "NDC001"}, unsafe=False)
    assert [(change.finding.rule, change.old, change.new) for change in done.changes.changes] == [
        ("PRV001", b"74-1852963", b"741852963"),
        ("NDC001", b"55513-077-01", b"55513007701"),
    ]
    expected = source.read_text().replace("74-1852963", "741852963").replace("55513-077-01", "55513007701")
    assert place.read_text() == expected
