"""`make bench`: how quickly and in how much memory lint837 reads, as ratios against something else, in one run.

Every figure is the median of runs that take turns with what it is compared with, so that a machine that grows slower
under way slows both: seconds of the processor of whole commands, without the start of one; of the clock where processes
are compared. "Cold" rows judge each claim, whatever was said of those like it. The files are removed at the end.
"""

import argparse
import hashlib
import math
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import lint837.x12.fast_scanner  # noqa: F401 - numpy is loaded before the clock runs: start-up is a figure of its own
from generate import HOSTILE, Drug, write, write_hostile, write_many
from lint837.facts.store import Store
from lint837.files.inputs import Blocks, Input
from lint837.lint.engine import Lint
from lint837.report.formats import FORMATS
from lint837.rules.rulebook import load_rulebook
from memory import table as memory_of_reports

PROGRAM = str(Path(sys.executable).with_name("lint837"))
LINT837 = [PROGRAM, "check", "--format", "concise", "--isolated"]
SHOW, SPLIT = [PROGRAM, "show", "--isolated"], [PROGRAM, "split", "--isolated", "--quiet"]
LINES = [PROGRAM, "lines", "--isolated", "--format"]
SAMPLE = Path(__file__).parent.parent / "samples/clean/office-837p.837"
RUNS = 5
MEBIBYTE = 1 << 20


# ---------------------------------------------------------------- what is timed


def cold(path: Path) -> None:
    """All of a file, each claim judged, whatever was said of those like it."""
    one = Lint(Blocks(Input(str(path))), str(path), RULEBOOK, remember=False)
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


def read_all(folder: Path) -> None:
    """Every file of a folder opened and read."""
    for path in sorted(folder.iterdir()):
        path.read_bytes()


def copy_and_hash(path: Path) -> None:
    """A file copied, and both hashed."""
    other = path.with_suffix(".copy")
    for source, target in ((path, other), (other, None)):
        digest = hashlib.sha256()
        with source.open("rb", buffering=0) as file, (target or Path(os.devnull)).open("wb") as out:
            while block := file.read(MEBIBYTE):
                digest.update(block)
                if target:
                    out.write(block)
    other.unlink()


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


def processor(work: Callable[[], object]) -> float:
    """The seconds of the processor that something takes, in this process and those that it starts."""
    begin = _processor_time()
    work()
    return _processor_time() - begin


def _processor_time() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def checked(path: Path, *words: str) -> float:
    """The seconds of the processor that `lint837 check` takes for a file, without its start."""
    return used(*LINT837, *words, str(path))


def used(*words: str) -> float:
    """The seconds of the processor that a command of lint837 takes, without the start of one that reads a large file
    (or many small ones).
    """
    return command(*words)[1] - START[Path(words[-1]).is_dir()]


def in_turn(first: Callable[[], float], second: Callable[[], float], runs: int = RUNS) -> tuple[float, float, float]:
    """The medians of both, and of how many times as long the second takes as the first, pair by pair."""
    first(), second()
    pairs = [(first(), second()) for _ in range(runs)]
    firsts, seconds_ = zip(*pairs, strict=True)
    return statistics.median(firsts), statistics.median(seconds_), statistics.median(b / a for a, b in pairs)


# ---------------------------------------------------------------- the table


def row(what: str, ours: float, theirs: float, ratio: float, wanted: float, aim: str = "") -> None:
    """A row of the table: seconds, and how many times as fast as the other one lint837 is, a byte."""
    reached = "yes" if ratio >= wanted else "no"
    print(f"| {what} | {ours:.2f} s | {theirs:.3f} s | {ratio:,.3f} | {wanted:g} | {aim} | {reached} |", flush=True)


def compare(
    what: str,
    ours: Callable[[], float],
    theirs: Callable[[], float],
    wanted: float,
    aim: str = "",
    sizes: tuple[int, int] = (1, 1),
    runs: int = RUNS,
) -> None:
    """A row: what lint837 does against something else. `sizes`: the bytes that each of them reads."""
    first, second, ratio = in_turn(ours, theirs, runs)
    row(what, first, second, ratio * sizes[0] / sizes[1], wanted, aim)


@contextmanager
def made(
    folder: Path,
    kind: str,
    megabytes: float,
    *,
    lines: bool = False,
    claims_in_st: int = 5000,
    drugs: Sequence[Drug] = (),
) -> Iterator[Path]:
    """A file for a while."""
    path = folder / f"{kind}-{megabytes:g}-{claims_in_st}{'-lines' if lines else ''}{'-drugs' if drugs else ''}.837"
    write(path, kind, megabytes, lines=lines, claims_in_st=claims_in_st, drugs=drugs)
    try:
        yield path
    finally:
        path.unlink()


def speeds(folder: Path, scale: float) -> None:
    """The work of a clearinghouse, each row against the least that somebody could do with the same bytes."""
    large = 300 * scale
    with made(folder, "sparse", large, lines=True) as path:
        compare(
            "sparse, a line a segment: counting the terminators",
            lambda: checked(path),
            lambda: processor(lambda: count(path)),
            0.4,
            "0.7",
        )
    with made(folder, "sparse", large) as path:
        size = path.stat().st_size
        compare("sparse, one line: the same", lambda: checked(path), lambda: processor(lambda: count(path)), 0.4, "0.7")
        with made(folder, "unlisted", large) as other:
            sizes = (other.stat().st_size, size)
            compare("unlisted: sparse", lambda: checked(other), lambda: checked(path), 0.7, "0.9", sizes)
        with wrapped(path) as other:
            compare("wrapped at 80: not wrapped", lambda: checked(other), lambda: checked(path), 0.5, "0.8")
        with made(folder, "sparse", 3) as small:
            sizes = (size, small.stat().st_size)
            compare(
                "sparse: X12Reader", lambda: checked(path), lambda: processor(lambda: x12_reader(small)), 120, "", sizes
            )
        with made(folder, "sparse", 1) as small:  # so that its start does not count
            sizes = (size, small.stat().st_size)
            compare(
                "sparse: pyx12's validation",
                lambda: checked(path),
                lambda: processor(lambda: validation(small)),
                3000,
                "",
                sizes,
            )
        compare("show, sparse: check", lambda: used(*SHOW, str(path)), lambda: checked(path), 0.5, "0.8")
        with split_places(folder) as places:
            compare(
                "split, nothing rejected: copying and hashing both",
                lambda: used(*SPLIT, *places[:2], str(path)),
                lambda: processor(lambda: copy_and_hash(path)),
                0.25,
                "0.5",
            )
            compare(
                "the same with its 277CA",
                lambda: used(*SPLIT, *places, str(path)),
                lambda: processor(lambda: copy_and_hash(path)),
                0.12,
                "0.25",
            )
    with made(folder, "dense", 60 * scale) as path:
        compare(
            "dense: `split` of every element", lambda: checked(path), lambda: processor(lambda: split(path)), 0.1, "0.3"
        )
        compare(
            "dense, cold",
            lambda: processor(lambda: cold(path)),
            lambda: processor(lambda: split(path)),
            0.03,
            "0.06",
            runs=3,
        )
    guides(folder, scale)
    for kind in ("sparse", "dense"):
        with made(folder, kind, 60 * scale) as path:
            for form in ("csv", "jsonl"):
                compare(
                    f"lines, {kind}, {form}: `split` of every element",
                    lambda form=form, path=path: used(*LINES, form, str(path)),  # type: ignore[misc]
                    lambda path=path: processor(lambda: split(path)),  # type: ignore[misc]
                    0.1,
                    runs=3,
                )
    with made(folder, "right", 30 * scale) as path:
        compare(
            "every claim, `--select claims`: `split` of every element",
            lambda: checked(path, "--select", "claims"),
            lambda: processor(lambda: split(path)),
            0.05,
            "",
            runs=3,
        )
    with made(folder, "dirty", 30 * scale) as path:
        compare(
            "dirty, jsonl: `split` of every element",
            lambda: checked(path, "--format", "jsonl"),
            lambda: processor(lambda: split(path)),
            0.03,
            "0.1",
            runs=3,
        )
        compare(
            "dirty, cold",
            lambda: processor(lambda: cold(path)),
            lambda: processor(lambda: split(path)),
            0.02,
            "",
            runs=3,
        )
    with made(folder, "half", 30 * scale) as path, split_places(folder) as places:
        compare(
            "split, every second claim rejected, with 277CA: check",
            lambda: used(*SPLIT, *places, str(path)),
            lambda: checked(path),
            1 / 3,
            "0.5",
            runs=3,
        )
    with made(folder, "half", 60 * scale) as path, split_places(folder) as places:
        compare(
            "split as above, `--jobs 2`: one process (wall)",
            lambda: command(*SPLIT, *places, "--jobs", "2", str(path))[0],
            lambda: command(*SPLIT, *places, str(path))[0],
            1.3,
            runs=3,
        )
    # Each process remembers for itself, so a large file shows what two of them are worth.
    with made(folder, "dense", large) as path:
        compare(
            "dense, `--jobs 2`: one process (wall)",
            lambda: command(*LINT837, "--jobs", "2", str(path))[0],
            lambda: command(*LINT837, str(path))[0],
            1.7,
            runs=3,
        )
    with files(folder, int(10_000 * scale)) as many:
        compare(
            "10,000 files of 2 KB: opening and reading them",
            lambda: checked(many),
            lambda: processor(lambda: read_all(many)),
            0.03,
            "0.06",
        )
        compare(
            "10,000 files, `--jobs 2`: one process (wall)",
            lambda: command(*LINT837, "--jobs", "2", str(many))[0],
            lambda: command(*LINT837, str(many))[0],
            1.7,
        )


def guides(folder: Path, scale: float) -> None:
    """The guide check: of drug claims against a plain check, of all against pyx12's validation."""
    with made(folder, "dense", 60 * scale) as path:
        compare(
            "dense, `--guide drug-claims`: check",
            lambda: checked(path, "--guide", "drug-claims"),
            lambda: checked(path),
            1 / 3,
            runs=3,
        )
    with made(folder, "sparse", 2) as path:
        compare(
            "sparse, 2 MB, `--guide all`, with its start: pyx12's validation",
            lambda: command(*LINT837, "--guide", "all", str(path))[1],
            lambda: processor(lambda: validation(path)),
            1,
            runs=1,
        )
    with made(folder, "sparse", 0.001) as path:
        compare(
            "start of `--guide all`: of a plain check",
            lambda: command(*LINT837, "--guide", "all", str(path))[1],
            lambda: command(*LINT837, str(path))[1],
            0.1,
            runs=3,
        )


@contextmanager
def wrapped(path: Path) -> Iterator[Path]:
    """A file wrapped at 80 columns, for a while."""
    other = path.with_suffix(".wrapped")
    with path.open("rb") as file, other.open("wb") as out:
        while block := file.read(80 * 16_384):
            out.write(b"\n".join(block[at : at + 80] for at in range(0, len(block), 80)) + b"\n")
    try:
        yield other
    finally:
        other.unlink()


@contextmanager
def files(folder: Path, number: int) -> Iterator[Path]:
    """A folder of small files, of one claim each, for a while."""
    many = folder / "many"
    many.mkdir()
    write_many(many, number)
    try:
        yield many
    finally:
        shutil.rmtree(many)


@contextmanager
def split_places(folder: Path) -> Iterator[list[str]]:
    """The options that say where a split writes: the two sides, then the 277CA."""
    names = ["accepted", "rejected", "ack"]
    yield [f"--accepted={folder}/accepted", f"--rejected={folder}/rejected", f"--report=277ca={folder}/ack"]
    for name in names:
        (folder / name).unlink(missing_ok=True)


def growth(folder: Path, scale: float) -> None:
    """The time a byte of a file a hundred times as large."""
    with made(folder, "sparse", 30 * scale) as small, made(folder, "sparse", 3000 * scale) as large:
        sizes = (large.stat().st_size, small.stat().st_size)
        compare(
            "a file of 3 GB: one of 30 MB, a byte", lambda: checked(large), lambda: checked(small), 0.85, "", sizes, 3
        )


def every_drug(folder: Path, scale: float, store: Path) -> None:
    """What a store of every drug costs, as `lint837 facts import` made it."""
    with_store = ("--facts", str(store))
    with made(folder, "services", 300 * scale) as path:
        compare(
            "sparse, a store of every drug: without it",
            lambda: checked(path, *with_store),
            lambda: checked(path),
            0.8,
        )
        more = [command(*LINT837, *words, str(path))[2] for words in (with_store, ())]
    drugs = drugs_of(store)
    codes = len({code for code, *_ in drugs})
    with made(folder, "services", 30 * scale, drugs=drugs) as path:
        compare(
            f"one claim in three bills one of {codes} drugs: `split` of every element",
            lambda: checked(path, *with_store),
            lambda: processor(lambda: split(path)),
            0.03,
            runs=3,
        )
        more += [command(*LINT837, *words, str(path))[2] for words in (with_store, ())]
    with_it, without, ratio = in_turn(
        lambda: command(*LINT837, *with_store, str(SAMPLE))[1], lambda: command(*LINT837, str(SAMPLE))[1], 21
    )
    row("start with a store: without it", with_it, without, ratio, 0.7)
    print(f"\nA store: {(with_it - without) * 1000:.0f} ms more at the start (at most 50), and", end=" ")
    print(f"{max(more[0] - more[1], more[2] - more[3]) / 1024:.0f} MiB more memory (at most 32).", flush=True)


def drugs_of(store: Path) -> list[Drug]:
    """A code, an NDC and the units of one container of every drug that is listed all through 2025."""
    drugs: dict[str, Drug] = {}
    for one in Store(str(store)).every():
        days = {quarter.first for quarter in one.quarters}
        if one.code and {date(2025, month, 1) for month in (1, 4, 7, 10)} <= days:
            drugs.setdefault(one.code, (one.code, one.ndc, math.ceil(Decimal(one.units))))
    return [*drugs.values()]


def start_up() -> None:
    """A small file against the import of click."""
    words = (sys.executable, "-c", "import click")
    compare(
        "start, a 2 KB file: `import click`",
        lambda: command(*LINT837, str(SAMPLE))[1],
        lambda: command(*words)[1],
        0.33,
        runs=21,
    )


def memory(folder: Path, scale: float) -> None:
    """The most memory over an empty Python's, of the whole process, in MiB."""
    print("\n| memory over an empty Python | MiB | wanted |\n| --- | --- | --- |", flush=True)
    empty = command(sys.executable, "-c", "pass")[2]
    for what, claims in (("5,000 claims in an ST", 5000), ("one ST", 10**9)):
        with made(folder, "sparse", 2000 * scale, claims_in_st=claims) as path, split_places(folder) as places:
            size = f"{path.stat().st_size / 1e9:.1f} GB, {what}"
            guide = ("check --guide drug-claims", [*LINT837, "--guide", "drug-claims", str(path)])
            rows = ("lines", [*LINES, "csv", str(path)])
            plain = ("check", [*LINT837, str(path)]), ("split with 277CA", [*SPLIT, str(path), *places])
            for name, words in (*plain, guide, rows):
                print(f"| {name}, {size} | {(command(*words)[2] - empty) / 1024:.0f} | 96 |", flush=True)
    with made(folder, "dense", 400 * scale) as path:  # a million drug lines are compared with one another
        print(
            f"| check, dense, {400 * scale:g} MB | {(command(*LINT837, str(path))[2] - empty) / 1024:.0f} | 96 |",
            flush=True,
        )
    for name, most, words in (
        ("--guide all", 40, ["--guide", "all"]),
        ("--select claims", 200, ["--select", "claims"]),
    ):
        for megabytes in (most * scale / 10, most * scale):
            with made(folder, "right", megabytes) as path:
                peak = command(*LINT837, *words, str(path))[2]
                print(f"| check {name}, {megabytes:g} MB | {(peak - empty) / 1024:.0f} | 96 |", flush=True)


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
    parser.add_argument("--facts", type=Path, help="a store of every drug, for what it costs (docs/every-drug.md)")
    given = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} processors, {_processor()}, Python {platform.python_version()}\n")
    print("| what: against what | lint837 | against | ratio | wanted | aim | reached |", flush=True)
    print("| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        with made(Path(folder), "sparse", 0.2) as path:
            for number, one in enumerate((path, SAMPLE)):
                START[number] = statistics.median(command(*LINT837, str(one))[1] for _ in range(11))
        start_up()
        speeds(Path(folder), given.scale)
        if given.facts:
            every_drug(Path(folder), given.scale, given.facts)
        growth(Path(folder), given.scale)
        memory(Path(folder), given.scale)
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
START = [0.0, 0.0]  # seconds of the processor: of a command that reads a large file, and of one that reads small ones

if __name__ == "__main__":
    main()
