"""Files linted in parts: the joined reports are the report of the whole, wherever the files are cut."""

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from lint837.commands.main import cli
from lint837.lint import parts

from tests import batch
from tests.trees import DELIMITERS, Node, files, written

CHECK = ["check", "--isolated", "--format", "json"]


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, [*arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def in_parts(folder: Path, paths: list[str], number: int, *options: str) -> tuple[int, str, str]:
    """The joined report of the parts of a plan."""
    plan = str(folder / "plan.json")
    status, said, error = run("plan", *paths, "--parts", str(number), "-o", plan)
    assert (status, error) == (0, "")
    reports = []
    for part in range(1, said.count("\n") + 1):
        reports.append(str(folder / f"{part}.json"))
        status, text, error = run(*CHECK, *options, "--part", f"{plan}#{part}")
        assert status in (0, 1, 3), error
        Path(reports[-1]).write_text(text)
    return run("merge", "--format", "json", *reversed(reports))


def drug(text: bytes) -> bytes:
    """With an expired code on each second line and a wrong unit count on some, so that there is something to find."""
    pieces = text.split(b"J9026")
    return b"".join(
        piece + (b"" if number == len(pieces) - 1 else b"C9170" if number % 2 else b"J9026")
        for number, piece in enumerate(pieces)
    )


@settings(max_examples=25)
@given(
    st.lists(files(), min_size=1, max_size=2),
    st.sampled_from(DELIMITERS),
    st.integers(2, 5),
    st.lists(
        st.tuples(
            st.floats(0, 1, exclude_max=True), st.integers(0, 40), st.sampled_from([b"", b"~", b"\x01", b"SE*9*1~"])
        ),
        max_size=2,
    ),
)
def test_the_joined_report_is_that_of_the_whole(
    trees: list[Node], delimiters: batch.Delimiters, number: int, damages: list[tuple[float, int, bytes]]
) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder, paths = Path(made), []
        for n, tree in enumerate(trees):
            data = drug(written(tree, delimiters))
            for place, length, put in damages:
                at = int(place * len(data))
                data = data[:at] + put + data[at + length :]
            path = folder / f"{n}.837"
            path.write_bytes(data)
            paths.append(str(path))
        options = ["--ignore", "CLM005"]
        whole = run(*CHECK, *options, *paths)
        assert in_parts(folder, paths, number, *options) == whole


@pytest.fixture
def large(tmp_path: Path) -> Path:
    sets = [
        batch.transaction_set(
            *(
                batch.subscriber(n, batch.claim(f"S{s}C{n}", batch.line("HC:C9170:JZ" if n % 3 else "HC:99213")))
                for n in range(2, 12)
            ),
            control=f"{s:04}",
        )
        for s in range(1, 9)
    ]
    path = tmp_path / "large.837"
    path.write_text(batch.interchange(batch.group(*sets[:5]), batch.group(*sets[5:], control=2)))
    return path


def test_parts_are_cut_at_transaction_sets_and_alike(large: Path, tmp_path: Path) -> None:
    plan = parts.make_plan([str(large)], 4)
    data = large.read_bytes()
    ranges = [one for part in plan.parts for one in part]
    assert len(plan.parts) == 4
    assert [one.begin for one in ranges] == [0, *(one.end for one in ranges[:-1])]
    assert ranges[-1].end == len(data)
    assert all(data.startswith(b"ST*837*", one.begin) for one in ranges[1:])
    assert [one.claims for one in ranges] == [0, 20, 40, 60]
    assert parts.read(parts.written(plan).encode()) == plan
    status, said, _ = run("plan", str(large), "--parts", "4", "-o", str(tmp_path / "plan"))
    assert (status, said.count("\n")) == (0, 4)
    assert (tmp_path / "plan").stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_looked_for_is_said(large: Path, tmp_path: Path) -> None:
    status, text, _ = in_parts(tmp_path, [str(large)], 3)
    report = json.loads(text)
    assert (status, report["tool"]["not_run"], report["tool"]["part"]) == (1, ["CLM005"], "")
    assert "CLM005" not in report["tool"]["rules"]
    one = json.loads((tmp_path / "1.json").read_text())
    assert one["tool"]["part"].startswith("1 of 3 of ")
    (tmp_path / "whole.json").write_text(text)
    assert "not run, since the files were linted in parts: CLM005\n" in run("convert", str(tmp_path / "whole.json"))[1]


@pytest.mark.parametrize("guide", ["drug-claims", "all"])
def test_the_structure_is_not_checked_in_parts(guide: str, large: Path, tmp_path: Path) -> None:
    plan = str(tmp_path / "plan.json")
    assert run("plan", str(large), "--parts", "2", "-o", plan)[0] == 0
    status, said, error = run(*CHECK, "--guide", guide, "--part", f"{plan}#1")
    assert (status, said) == (2, "")
    assert error.endswith(
        "--part cannot check the structure, which is read in one piece: add --guide off, or check the whole files\n"
    )
    settings_file = tmp_path / "lint837.toml"
    settings_file.write_text(f'guide = "{guide}"\n')
    configured = ["check", "--config", str(settings_file), "--part", f"{plan}#1"]
    assert run(*configured)[0] == 2
    assert run(*configured, "--guide", "off")[0] == 1


def test_reports_that_do_not_make_a_whole(large: Path, tmp_path: Path) -> None:
    in_parts(tmp_path, [str(large)], 3)
    one, two, three = (str(tmp_path / f"{n}.json") for n in (1, 2, 3))
    (tmp_path / "other").mkdir()
    in_parts(tmp_path / "other", [str(large)], 2)
    (tmp_path / "w.json").write_text(run(*CHECK, str(large))[1])
    document = json.loads(Path(two).read_text())
    document["tool"]["rules"].remove("HCP001")
    (tmp_path / "d.json").write_text(json.dumps(document))
    for paths, why in (
        ([one, three], "missing: part 2"),
        ([one, one, two, three], "part 1 is there twice"),
        ([one, str(tmp_path / "other/2.json"), three], "the reports are of different plans"),
        ([one, str(tmp_path / "w.json")], "a report is not that of a part: "),
        ([one, str(tmp_path / "d.json"), three], "the parts were not checked with the same rules"),
        ([one, "no"], "no: no such file or directory"),
    ):
        status, said, error = run("merge", *paths)
        assert (status, said, f"Error: {why}" in error) == (2, "", True), error


def test_a_file_that_is_not_the_one_that_was_planned(large: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    run("plan", str(large), "--parts", "3", "-o", str(plan))
    right = large.read_bytes()
    for data in (right.replace(b"S5C3", b"S5C4"), right[: len(right) // 2], b""):
        large.write_bytes(data)
        status, said, error = run(*CHECK, "--part", f"{plan}#2")
        assert (status, said) == (2, "")
        assert error.endswith(f"Error: {large}: it is not the file that was planned, or it has changed\n")
    large.unlink()
    assert run(*CHECK, "--part", f"{plan}#2")[0] == 2


def change(plan: Path, **values: Any) -> None:  # noqa: ANN401 - JSON
    plan.write_text(json.dumps(json.loads(plan.read_text()) | values))


def test_plans_that_cannot_be_used(large: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan"
    run("plan", str(large), "--parts", "3", "-o", str(plan))
    for part in (str(plan), f"{plan}#0", f"{plan}#4", f"{plan}#x", "#1", "no#1", f"{large}#1", f"{tmp_path}#1"):
        assert run(*CHECK, "--part", part)[0] == 2
    assert run(*CHECK, "--part", f"{plan}#1", str(large))[0] == 2
    change(plan, parts=json.loads(plan.read_text())["parts"][:2])
    status, _, error = run(*CHECK, "--part", f"{plan}#1")
    assert (status, "it was changed after it was made" in error) == (2, True)
    change(plan, schema="other")
    assert "it is not of the schema lint837/plan/1" in run(*CHECK, "--part", f"{plan}#1")[2]
    assert run("plan", "no", "--parts", "3", "-o", str(plan))[0] == 3
    assert run("plan", str(large), "--parts", "3", "-o", str(large))[0] == 2
