"""`make torture`, by hand: system calls of whole processes fail, as strace injects it, and the memory they may have is cut.

No run may end with the status of a run without faults unless all that it wrote is what that one wrote; else its status is
2, 3 or 4, each of its files is the old one, whole, or says that it is incomplete, and nothing else is left behind.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from tests.batch import claim, group, interchange, line, subscriber, transaction_set
from tests.files.test_faults import CLAIMS, COMMANDS, OLD

_FAULTS = {
    "EIO": ["openat", "read", "pread64", "write", "fsync", "lseek", "newfstatat", "getdents64", "copy_file_range"],
    "ENOSPC": ["write", "fsync", "rename", "openat", "copy_file_range"],
    "ENOMEM": ["mmap", "brk", "mremap", "openat"],
    "EINTR": ["pread64", "read", "write", "fsync", "openat", "flock"],
    "EACCES": ["openat", "rename", "unlink", "flock"],
    "EMFILE": ["openat", "pipe2", "dup"],
    "EAGAIN": ["clone", "clone3", "pipe2"],
}
LARGE = (
    CLAIMS
    + interchange(  # so large that processes share it
        group(
            transaction_set(*(subscriber(n, claim(f"C{n}", line("HC:99213")[:2])) for n in range(2, 40_000))),
            transaction_set(subscriber(2, claim("E", line("HC:C9170:JZ"))), control="0002"),
        ),
        control=2,
    )
)
PROGRAM = str(Path(sys.executable).with_name("lint837"))
_MEMORY = [20, 25, 30, 35, 40, 50, 60, 80, 100, 150, 200, 300, 400, 600]  # MiB of address space
_LIKELY = (2, 3, 4)


def runs(folder: Path, command: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Each way to run a command with a fault, and its name. A fault strikes from the Nth call on a file below `folder`,
    or of any call that has no path, once or always.
    """
    program = [PROGRAM, *command]
    for code, calls in _FAULTS.items():
        for call in calls:
            for when in ("1", "2", "3", "5", "8", "13", "1+", "3+"):
                if code == "EINTR" and when.endswith("+"):
                    continue  # then every call is to be made again, for ever
                paths = (
                    [] if call in ("mmap", "brk", "mremap", "clone", "clone3", "pipe2", "dup") else ["-P", str(folder)]
                )
                inject = ["-e", f"inject={call}:error={code}:when={when}"]
                yield f"{call} {code} {when}", ["strace", "-f", "-qq", "-o", "/dev/null", *paths, *inject, *program]
    for size in _MEMORY:
        yield f"{size} MiB", ["bash", "-c", f'ulimit -v {size * 1024}; exec "$@"', "-", *program]


def main() -> None:
    """Run everything, and say what is wrong."""
    if not shutil.which("strace"):
        sys.exit("strace is needed: apt-get install strace")
    commands = {
        name: [word for word in words if word != "--isolated"] + ["--isolated"] for name, words in COMMANDS.items()
    }
    commands["jobs"] = ["check", "--isolated", "--jobs", "2", "in.837", "large.837", "--report=json=json"]
    wrong = count = 0
    for name, command in commands.items():
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            (folder / "in.837").write_text(CLAIMS)
            (folder / "large.837").write_text(LARGE)
            right = subprocess.run([PROGRAM, *command], check=False, capture_output=True, cwd=folder)
            whole = _written(folder)
            for fault, words in runs(folder, command):
                for one in whole:
                    (folder / one).write_bytes(OLD)
                result = subprocess.run(words, check=False, capture_output=True, cwd=folder, timeout=120)
                count += 1
                said = _judged(right, whole, result, _written(folder))
                if said:
                    wrong += 1
                    click.echo(f"{name}, {fault}: {said}")
                for one in set(_written(folder)) - set(whole):
                    (folder / one).unlink()
    click.echo(f"{count:,} faults, {wrong} that were not told or left something behind")
    sys.exit(wrong > 0)


def _written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(".837")}


def _judged(
    right: subprocess.CompletedProcess[bytes],
    whole: dict[str, bytes],
    result: subprocess.CompletedProcess[bytes],
    found: dict[str, bytes],
) -> str:
    """What is wrong with a run, "" for nothing."""
    if result.returncode == right.returncode and (result.stdout, found) == (right.stdout, whole):
        return ""
    # The interpreter itself may not have come far enough to know a status of ours.
    started = b"lint837" in result.stderr or result.stdout or b"Error: " in result.stderr
    if result.returncode not in _LIKELY and (started or any(data != OLD for data in found.values())):
        return f"status {result.returncode}: {result.stderr[-200:].decode()}"
    if found.keys() != whole.keys():
        return f"left behind or gone: {', '.join(sorted(found.keys() ^ whole.keys()))}"
    half = [one for one, data in found.items() if data not in (OLD, whole[one]) and not _is_told(one, data)]
    return f"half a file: {', '.join(half)}" if half else ""


def _is_told(name: str, data: bytes) -> bool:
    return name == "json" and not json.loads(data)["summary"]["complete"]


if __name__ == "__main__":
    main()
