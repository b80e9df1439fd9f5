"""`make bench`: how quickly and in how much memory lint837 reads, as ratios against something else, in one run.

Every figure is the median of at least five runs that take turns with what it is compared with, so that a machine that
grows slower under way slows both. Speeds are in million bytes a second. The files are removed at the end.
"""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import lint837.x12.fast_scanner  # noqa: F401 - numpy is loaded before the clock runs: start-up is a figure of its own
from generate import HOSTILE, write, write_hostile
from lint837.files.inputs import Blocks, Input
from lint837.lint.engine import Lint
from lint837.report.formats import FORMATS
from lint837.rules.rulebook import load_rulebook
from memory import table as memory_of_reports

LINT837 = [str(Path(sys.executable).with_name("lint837")), "check", "--format", "concise", "--isolated"]
WORDS = ["-e", "J9026", "-e", "C9170", "-e", "55513"]
RUNS = 5
MEBIBYTE = 1 << 20


# ---------------------------------------------------------------- what is timed


def lint(path: Path, *, remember: bool = True) -> None:
    """All of a file, as `lint837 check` reads it, from the open to the summary."""
    one = Lint(Blocks(Input(str(path))), str(path), RULEBOOK, remember=remember)
    for _ in one:
        pass
    if not one.summary.complete or one.summary.bytes != path.stat().st_size:
        raise SystemExit(f"{path.name} was not read whole")


def count(path: Path) -> None:
    """One pass over the bytes, and nothing else."""
    with path.open("rb", buffering=0) as file:
        while block := file.read(MEBIBYTE):
            block.count(b"~")


def split(path: Path) -> None:
    """Every element cut out, and nothing done with it."""
    for segment in path.read_bytes().split(b"~"):
        segment.split(b"*")


def x12_reader(path: Path) -> None:
    """pyx12's tokenizer: segments, and no map."""
    from pyx12.x12file import X12Reader

    with path.open(encoding="ascii") as file:
        for _ in X12Reader(file):
            pass


def validation(path: Path) -> None:
    """pyx12's validation against the guide, in a process of its own, since it writes beside its input and logs."""
    script = (
        "import io, logging, sys; logging.disable(logging.CRITICAL)\n"
        "from pyx12.params import params; from pyx12.x12n_document import x12n_document\n"
        "x12n_document(params(), sys.argv[1], io.StringIO(), None, None)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True)  # noqa: S603


# The system counts to a process what its parent held when it was made, so a small one in between makes it.
_WATCH = (
    "import os, sys, time\n"
    "begin = time.perf_counter()\n"
    "process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ,"
    " file_actions=[(os.POSIX_SPAWN_OPEN, fd, '/dev/null', os.O_WRONLY, 0) for fd in (1, 2)])\n"
    "used = os.wait4(process, 0)[2]\n"
    "print(time.perf_counter() - begin, used.ru_utime + used.ru_stime, used.ru_maxrss)\n"
)


def command(*words: str, variables: dict[str, str] | None = None) -> tuple[float, float, int]:
    """A whole process: seconds by the clock, seconds of the processor, and the most memory in KiB."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-S", "-c", _WATCH, *words],
        env={**os.environ, **(variables or {})},
        check=True,
        capture_output=True,
        text=True,
    )
    wall, processor, peak = done.stdout.split()
    return float(wall), float(processor), int(peak)


def seconds(work: Callable[[], object]) -> float:
    """How long something takes by the clock."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def in_turn(first: Callable[[], float], second: Callable[[], float], runs: int = RUNS) -> tuple[float, float, float]:
    """The medians of both, and of how many times as long the second takes as the first, pair by pair."""
    first(), second()
    pairs = [(first(), second()) for _ in range(runs)]
    firsts, seconds_ = zip(*pairs, strict=True)
    return statistics.median(firsts), statistics.median(seconds_), statistics.median(b / a for a, b in pairs)


# ---------------------------------------------------------------- the table


def row(what: str, ours: str, theirs: str, ratio: float, wanted: str, reached: bool) -> None:  # noqa: FBT001
    """A row of the table."""
    print(f"| {what} | {ours} | {theirs} | {ratio:,.2f} | {wanted} | {'yes' if reached else 'no'} |", flush=True)


def compare(
    what: str,
    path: Path,
    other: Callable[[Path], None],
    wanted: float,
    other_path: Path | None = None,
    runs: int = RUNS,
    *,
    remember: bool = True,
) -> None:
    """A row on speed: lint837 on one file against something else on it, or on a smaller one of the same kind. Without
    `remember` each claim is judged, whatever was found in those like it.
    """
    there = other_path or path
    ours, theirs, ratio = in_turn(
        lambda: seconds(lambda: lint(path, remember=remember)), lambda: seconds(lambda: other(there)), runs
    )
    here, size = path.stat().st_size, there.stat().st_size
    ratio *= here / size
    row(
        what,
        f"{here / ours / 1e6:,.1f} MB/s",
        f"{size / theirs / 1e6:,.2f} MB/s",
        ratio,
        f">= {wanted:g}",
        ratio >= wanted,
    )


@contextmanager
def made(folder: Path, kind: str, megabytes: float, *, lines: bool = False, claims_in_st: int = 5000) -> Iterator[Path]:
    """A file for a while."""
    path = folder / f"{kind}-{megabytes:g}-{claims_in_st}{'-lines' if lines else ''}.837"
    write(path, kind, megabytes, lines=lines, claims_in_st=claims_in_st)
    try:
        yield path
    finally:
        path.unlink()


def speeds(folder: Path, scale: float) -> None:
    """Sparse and dense files against a pass over the bytes, a split, grep and pyx12."""
    with made(folder, "sparse", 300 * scale, lines=True) as path:
        compare("sparse, a line a segment: against `block.count`", path, count, 0.3)
    with made(folder, "sparse", 300 * scale) as path:
        compare("sparse, one line: against `block.count`", path, count, 0.3)
        ours, theirs, ratio = in_turn(
            lambda: command(*LINT837, str(path))[0],
            lambda: command("grep", "-cF", *WORDS, str(path), variables={"LC_ALL": "C"})[0],
        )
        row(
            "sparse, one line: whole process against `grep -cF`",
            f"{ours:.2f} s",
            f"{theirs:.2f} s",
            ratio,
            "> 1",
            ratio > 1,
        )
        with made(folder, "unlisted", 300 * scale) as other:
            theirs, ours, ratio = in_turn(lambda: seconds(lambda: lint(path)), lambda: seconds(lambda: lint(other)))
            ratio *= path.stat().st_size / other.stat().st_size
            row("unlisted: against sparse, a byte", f"{ours:.2f} s", f"{theirs:.2f} s", ratio, "<= 1.1", ratio <= 1.1)
        with made(folder, "sparse", 3) as small:
            compare("sparse: against pyx12's X12Reader", path, x12_reader, 120, small)
        with made(folder, "sparse", 1) as small:  # so that its start does not count
            compare("sparse: against pyx12's validation", path, validation, 3000, small)
    with made(folder, "dense", 60 * scale) as path:
        compare("dense: against `split` of every segment", path, split, 0.1)
        compare("dense, nothing remembered: against `split`", path, split, 0.03, remember=False)
        with made(folder, "dense", 3) as small:
            compare("dense: against pyx12's X12Reader", path, x12_reader, 4, small)
    # Each process remembers for itself, so a large file shows what two of them are worth.
    with made(folder, "dense", 300 * scale) as path:
        ours, theirs, ratio = in_turn(
            lambda: command(*LINT837, "--jobs", "2", str(path))[0], lambda: command(*LINT837, str(path))[0]
        )
        row("dense: `--jobs 2` against one process", f"{ours:.2f} s", f"{theirs:.2f} s", ratio, ">= 1.7", ratio >= 1.7)


def growth(folder: Path, scale: float) -> None:
    """The time a byte of a file a hundred times as large."""
    with made(folder, "sparse", 30 * scale) as small, made(folder, "sparse", 3000 * scale) as large:
        ours, theirs, ratio = in_turn(lambda: seconds(lambda: lint(small)), lambda: seconds(lambda: lint(large)))
        ratio *= small.stat().st_size / large.stat().st_size
        row(
            "time a byte: 100 times the size",
            f"{ours:.3f} s",
            f"{theirs:.2f} s",
            ratio,
            "0.85 to 1.15",
            0.85 <= ratio <= 1.15,
        )


def start_up() -> None:
    """A small file against the import of click."""
    sample = Path(__file__).parent.parent / "samples/clean/office-837p.837"
    theirs, ours, ratio = in_turn(
        lambda: command(sys.executable, "-c", "import click")[1], lambda: command(*LINT837, str(sample))[1], 21
    )
    row(
        "start-up: a 2 KB file against `import click` (processor)",
        f"{ours:.3f} s",
        f"{theirs:.3f} s",
        ratio,
        "<= 3",
        ratio <= 3,
    )


def memory(folder: Path, scale: float) -> None:
    """The most memory over an empty Python's, of the whole process."""
    empty = command(sys.executable, "-c", "pass")[2]
    for what, claims in (("5,000 claims in an ST", 5000), ("one ST", 10**9)):
        with made(folder, "sparse", 2000 * scale, claims_in_st=claims) as path:
            over = (command(*LINT837, str(path))[2] - empty) / 1024
            row(
                f"memory over an empty Python: {path.stat().st_size / 1e9:.1f} GB, {what}",
                f"{over:.0f} MiB",
                "96 MiB",
                over / 96,
                "<= 1",
                over <= 96,
            )


def hostile(folder: Path) -> None:
    """Files that are made to be slow: seconds of the processor and memory of the whole process."""
    print("\n| made to be slow | MB | seconds | memory over an empty Python |\n| --- | --- | --- | --- |", flush=True)
    empty = command(sys.executable, "-c", "pass")[2]
    path = folder / "hostile.837"
    for name in HOSTILE:
        write_hostile(path, name)
        _, processor, peak = command(*LINT837, str(path))
        print(f"| {name} | {path.stat().st_size / 1e6:,.1f} | {processor:.1f} | {(peak - empty) / 1024:.0f} MiB |")
    path.unlink()


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="sizes of the large files, 1 for those of the table")
    parser.add_argument("--folder", help="where the files are made (about 3.5 GB)")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, {_processor()}, Python {platform.python_version()}\n")
    print("| what | lint837 | against | ratio | wanted | reached |\n| --- | --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        start_up()
        speeds(Path(folder), given.scale)
        memory(Path(folder), given.scale)
        growth(Path(folder), given.scale)
        hostile(Path(folder))
    print()
    memory_of_reports([*FORMATS], int(100_000 * given.scale))


def _processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown processor"
    )


RULEBOOK = load_rulebook(isolated=True)

if __name__ == "__main__":
    main()
