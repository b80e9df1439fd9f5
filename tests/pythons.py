"""Runs a part of the tests on every other Python that lint837 supports and this machine has, and on this one with the
oldest versions of its dependencies: `python -m tests.pythons`, which `make pythons` calls.

The whole suite runs on one Python. Here is what depends on the Python and on the dependencies: files and processes, the
command line, TOML, what is read from annotations, and every rule's examples.
"""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
_WORK = ROOT / "build/pythons"
_LOCK = ROOT / "ci/development.txt"
_FIRST = 11  # the minor version
_TESTS = (
    "tests/commands/test_cli.py",
    "tests/config",
    "tests/facts/test_facts.py",
    "tests/files",
    "tests/lint/test_parallel.py",
    "tests/project/test_api.py",
    "tests/project/test_pytest_plugin.py",
)
# A shim of pyenv may be on the path for a version that is switched off; what it stands for is in a folder.
_FOLDERS = (".pyenv/versions/*/bin", ".local/share/uv/python/*/bin")
_VERSION = "import ensurepip, sys, venv; print(*sys.version_info[:3])"


class Python(NamedTuple):
    """A Python: its version, and its path."""

    version: tuple[int, ...]
    path: str

    def __str__(self) -> str:
        """For a report."""
        return f"Python {'.'.join(map(str, self.version))} ({self.path})"


class Run(NamedTuple):
    """A run of the tests: on which Python, in which folder, with which versions of what is not locked."""

    python: Python
    folder: Path
    oldest: tuple[str, ...] = ()

    def __str__(self) -> str:
        """For a report."""
        return f"{self.python}{', oldest dependencies' if self.oldest else ''}"


def found(folders: Iterable[str]) -> list[Python]:
    """The Pythons in some folders from 3.11 on that can make an environment, the last release of each version."""
    pythons: dict[tuple[int, ...], Python] = {}
    for folder in folders:
        for path in sorted(Path(folder).glob("python3.*")):
            minor = re.fullmatch(r"python3\.(\d+)", path.name)
            if minor and int(minor[1]) >= _FIRST:
                done = subprocess.run([path, "-c", _VERSION], capture_output=True, text=True, check=False)
                if not done.returncode:
                    version = tuple(map(int, done.stdout.split()))
                    known = pythons.get(version[:2])
                    if known is None or known.version < version:
                        pythons[version[:2]] = Python(version, str(path))
    return [pythons[key] for key in sorted(pythons)]


def oldest() -> tuple[str, ...]:
    """The oldest version of each dependency that pyproject.toml allows."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return tuple(re.sub(r"^([\w-]+)>=([\d.]+),.*$", r"\1==\2", text) for text in project["dependencies"])


def tested(run: Run) -> tuple[int, str]:
    """The status of a run of the tests, and what it printed."""
    shutil.rmtree(run.folder, ignore_errors=True)
    python = str(run.folder / "bin/python")
    pip = [python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-compile"]
    commands = [
        [run.python.path, "-m", "venv", str(run.folder)],
        [*pip, "--require-hashes", "--requirement", str(_LOCK)],
        [*pip, "--no-deps", "--no-build-isolation", "--editable", str(ROOT)],
        *([[*pip, *run.oldest]] if run.oldest else []),
        [python, "-m", "lint837", "test-rules"],
        [python, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *_TESTS],
    ]
    said = []
    for command in commands:
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        said.append(done.stdout)
        if done.returncode:
            return done.returncode, "".join(said)
    return 0, said[-1]


def main() -> int:
    """Run them side by side, and say which."""
    here = Python(sys.version_info[:3], sys.executable)
    home = Path.home()
    folders = [*os.get_exec_path(), *(str(folder) for pattern in _FOLDERS for folder in sorted(home.glob(pattern)))]
    others = [python for python in found(folders) if python.version[:2] != here.version[:2]]
    runs = [Run(python, _WORK / ".".join(map(str, python.version[:2]))) for python in others]
    runs.append(Run(here, _WORK / "oldest", oldest()))
    print("Running a part of the tests on", *runs, sep="\n  ", flush=True)
    started, status = time.monotonic(), 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for run, (code, said) in zip(runs, pool.map(tested, runs), strict=True):
            print(f"{run}: {'FAILED' if code else said.strip().splitlines()[-1]}", flush=True)
            if code:
                print(said)
            status = status or code
    print(f"{len(runs)} runs in {time.monotonic() - started:.0f} seconds")
    return status


if __name__ == "__main__":
    sys.exit(main())
