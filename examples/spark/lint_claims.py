"""Checks many claim files in Spark: `spark-submit lint_claims.py FOLDER OUTPUT`.

Each task runs `lint837 check --format jsonl` on the paths that it gets, so that files of any size, gzip files and
archives are read as on one machine, with the same findings. The workers need the files at the same paths, and lint837
in the Python that runs them (PYSPARK_PYTHON).
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

SCHEMA = "path string, type string, json string"
_BATCH = "spark.sql.execution.arrow.maxRecordsPerBatch"
_PATHS = 1000  # that one process checks: its start costs as much as two hundred small files


def lint(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """For `mapInArrow`: rows with a `path` in; a row for each finding out, and one for each file ("input").

    Raises RuntimeError where lint837 did not finish its work, so that Spark runs the task again.
    """
    for batch in batches:
        paths = batch.column("path").to_pylist()
        command = [sys.executable, "-m", "lint837", "check", "--isolated", "--format", "jsonl", "--", *paths]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603
        lines = done.stdout.decode().splitlines()
        documents = [json.loads(line) for line in lines]
        if done.returncode not in (0, 1, 3) or documents[-1]["type"] != "summary":
            raise RuntimeError(f"lint837 ended with status {done.returncode}")
        found = [
            (
                document["location"]["path"] if document["type"] == "finding" else document["path"],
                document["type"],
                line,
            )
            for document, line in zip(documents[:-1], lines, strict=False)
        ]
        columns = [pa.array(list(column), pa.string()) for column in zip(*found, strict=True)]
        yield pa.RecordBatch.from_arrays(columns, names=["path", "type", "json"])


def linted(spark: SparkSession, paths: list[str], tasks: int) -> DataFrame:
    """What is found in files, as rows of SCHEMA. `tasks`: into how many tasks they are divided."""
    spark.conf.set(_BATCH, str(_PATHS))
    return spark.createDataFrame([(path,) for path in paths], "path string").repartition(tasks).mapInArrow(lint, SCHEMA)


def main(folder: str, output: str) -> int:
    """Check all files below a folder, and write the findings as JSON lines. Returns 0, 1 or 3 as `lint837 check` does:
    3 where a file could not be checked, which is named.
    """
    spark = SparkSession.builder.appName("lint837").getOrCreate()
    paths = sorted(str(path) for path in Path(folder).rglob("*.837") if path.is_file())
    rows = linted(spark, paths, max(1, min(len(paths) // 100, 4 * spark.sparkContext.defaultParallelism))).cache()
    rows.filter("type = 'finding'").select("json").write.text(output)
    summaries = [json.loads(row.json) for row in rows.filter("type = 'input'").select("json").collect()]
    errors = rows.filter("type = 'finding' and get_json_object(json, '$.severity') = 'error'").count()
    incomplete = sorted(one["path"] for one in summaries if not one["complete"])
    claims = sum(one["claims"] for one in summaries)
    print(f"{len(summaries):,} of {len(paths):,} files, {claims:,} claims, {errors:,} errors")
    for path in incomplete:
        print(f"not checked whole: {path}")
    if incomplete or len(summaries) != len(paths) or not claims:
        return 3
    return int(errors > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
