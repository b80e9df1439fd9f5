"""docs/clearinghouse.md: its commands run, and what it shows is what they write."""

import difflib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.documents import updating
from tests.oracle import errors

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/clearinghouse.md").read_text(encoding="utf-8")
SAMPLES = ROOT / "samples/clearinghouse"
WRITTEN = ("accepted.837", "rejected.837", "batch.277")


def block(language: str) -> str:
    """The one block of the page that is in a language."""
    [found] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def test_the_worked_batch(tmp_path: Path) -> None:
    """LINT837_UPDATE=1 updates the files; read what changed before you commit it."""
    command, _, output = block("console").removeprefix("$ lint837 ").partition("\n")
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    done = subprocess.run(
        [sys.executable, "-m", "lint837", *command.split(), "--isolated"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, output, "")
    for name in WRITTEN:
        if updating():
            (SAMPLES / name).write_bytes((tmp_path / name).read_bytes())
        assert (tmp_path / name).read_bytes() == (SAMPLES / name).read_bytes()
        assert errors((tmp_path / name).read_bytes()) == []
    assert errors((SAMPLES / "batch.837").read_bytes()) == []


def test_what_differs_in_the_accepted_file() -> None:
    batch, accepted, rejected = (
        (SAMPLES / name).read_text().splitlines() for name in ("batch.837", "accepted.837", "rejected.837")
    )
    changes = [line for line in difflib.ndiff(batch, accepted) if line[0] in "+-"]
    shown = [f"{line[0]} {line[1:]}" for line in block("diff").splitlines()]
    assert [line for line in changes if line[0] == "+"] == [line for line in shown if line[0] == "+"]
    gone = [line for line in changes if line[0] == "-" and line not in shown]
    assert sorted(line[2:] for line in gone if not line.startswith("- HL")) == sorted(
        segment for number, segment in enumerate(rejected) if 20 <= number < len(rejected) - 3 and segment[:2] != "HL"
    )


def test_what_the_sender_reads() -> None:
    assert block("edi") in (SAMPLES / "batch.277").read_text()


def _row(rule: str, entry: dict[str, Any]) -> str:
    where = f" at {entry['element']}" if "element" in entry else f" ({entry['cause']})" if "cause" in entry else ""
    return f"| {rule}{where} | {', '.join(entry['codes'])} |"


def test_the_codes_of_each_rule() -> None:
    table = tomllib.loads((ROOT / "rules/lint837_rules/claim_status.toml").read_text(encoding="utf-8"))
    found = [(rule, entry) for entry in table["status"] for rule in entry["rules"]]
    found.sort(key=lambda pair: (pair[0], pair[1].get("element", pair[1].get("cause", ""))))
    rows = [_row(rule, entry) for rule, entry in found]
    assert re.findall(r"^\| [A-Z]{3}\d{3}.*? \| A\d:.*$", PAGE, re.MULTILINE) == rows


@pytest.mark.skipif(not shutil.which("flock"), reason="the script needs flock of util-linux")
def test_the_script_behind_an_sftp_folder(tmp_path: Path) -> None:
    """A batch, a file that was cut, one that is still being written, and a stranger."""
    script, log = tmp_path / "gate.sh", tmp_path / "work/log"
    script.write_text(block("sh"))
    folders = [tmp_path / name for name in ("in", "to payer", "to-sender", "work")]
    for folder in (*folders, tmp_path / "work/done", tmp_path / "work/refused"):
        folder.mkdir()
    arrived = folders[0]
    names = {
        "b 1.837": "clearinghouse/batch.837",
        "cut.837": "dirty/truncated-837p.837",
        "new.837": "clean/office-837p.837",
    }
    for name, sample in names.items():
        shutil.copy(ROOT / "samples" / sample, arrived / name)
        if name != "new.837":
            os.utime(arrived / name, (0, 1_700_000_000))
    (arrived / "readme.txt").write_text("hello")

    def run() -> dict[str, bytes]:
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        done = subprocess.run(
            ["/bin/sh", str(script), *map(str, folders)],
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == ("", "")
        files = (path for path in tmp_path.rglob("*") if path.is_file() and path not in (script, log))
        return {str(path.relative_to(tmp_path)): path.read_bytes() for path in files}

    found = run()
    expected = {
        "in/new.837": (ROOT / "samples/clean/office-837p.837").read_bytes(),
        "in/readme.txt": b"hello",
        "to payer/b 1.837": (SAMPLES / "accepted.837").read_bytes(),
        "to-sender/b 1.837": (SAMPLES / "rejected.837").read_bytes(),
        "to-sender/b 1.277": (SAMPLES / "batch.277").read_bytes(),
        "work/lock": b"",
        "work/done/b 1.837": (SAMPLES / "batch.837").read_bytes(),
        "work/refused/cut.837": (ROOT / "samples/dirty/truncated-837p.837").read_bytes(),
    }
    assert found == expected
    said = log.read_text()
    assert "HCP001 rejected 1 claim" in said
    assert "lint837: not split, nothing was written: ENV002 at 59:31" in said
    assert not re.search("BENNETT|HAROLD|1EG4TE5MK73|LIVE OAK|19490322", said)
    shutil.move(tmp_path / "work/done/b 1.837", arrived / "b 1.837")  # as if the machine had stopped before the mv
    assert run() == expected
