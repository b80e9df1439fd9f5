"""The job finds in ten files, one of which cannot be read, what `lint837 check` finds in them. Run by `make spark`."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from lint_claims import linted, main
from pyspark.sql import SparkSession

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """Two workers on this machine."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine samples, and the first half of a gzip file."""
    samples = sorted(SAMPLES.rglob("*.837"), reverse=True)
    for number in range(9):
        shutil.copy(samples[number % len(samples)], tmp_path / f"{number}.837")
    (tmp_path / "9.837").write_bytes(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xf3\x74")
    return tmp_path


def test_the_job_finds_what_one_process_finds(spark: SparkSession, folder: Path) -> None:
    paths = [str(path) for path in sorted(folder.iterdir())]
    rows = linted(spark, paths, 3).collect()
    command = [sys.executable, "-m", "lint837", "check", "--isolated", "--format", "json", *paths]
    whole = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=False).stdout)  # noqa: S603

    def of(kind: str) -> list[str]:
        found = [json.loads(row.json) for row in rows if row.type == kind]
        return sorted(json.dumps({key: one[key] for key in one if key != "type"}) for one in found)

    assert of("finding") == sorted(map(json.dumps, whole["findings"]))
    assert of("input") == sorted(map(json.dumps, whole["inputs"]))
    assert len(of("input")) == 10
    assert [one["path"] for one in whole["inputs"] if not one["complete"]][-1] == paths[-1]


@pytest.mark.usefixtures("spark")
def test_the_whole_job(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path_factory.mktemp("job") / "findings"
    assert main(str(folder), str(output)) == 3
    said = capsys.readouterr().out
    assert said.startswith("10 of 10 files, ")
    assert f"not checked whole: {folder / '9.837'}\n" in said
    lines = [line for part in output.glob("part-*") for line in part.read_text().splitlines()]
    assert {"ENV011", "HCP001"} <= {json.loads(line)["rule"] for line in lines}
