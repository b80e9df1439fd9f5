"""Runs atheris (libFuzzer for Python) on a target, from the seeds and what earlier runs kept:
`python -m fuzz reader|lint|guide|archive SECONDS`.

What it keeps is in build/fuzz/TARGET: the inputs that reached something new, and those that broke an invariant.
"""

import importlib
import random
import shutil
import subprocess
import sys
from pathlib import Path

import atheris

_LARGEST = 8 * 1024  # bytes of an input
_SLOWEST = 60  # seconds that one may take
_ROUND = 300  # seconds, then a new process goes on: atheris does not give back what a changed input took
_AT_FIRST = 4  # kept inputs that are run first, for each second
_WORK = Path("build/fuzz")


def main(name: str, seconds: str, *options: str) -> None:
    """Fuzz a target for so many seconds; `options` are libFuzzer's. Never returns: the exit status is libFuzzer's, 0
    where nothing was found.
    """
    for left in range(int(seconds), _ROUND, -_ROUND):
        ended = subprocess.run([sys.executable, "-m", "fuzz", name, str(_ROUND), *options], check=False)  # noqa: S603
        if ended.returncode:
            sys.exit(ended.returncode)
        seconds = str(left - _ROUND)
    with atheris.instrument_imports(include=["lint837", "lint837_rules"]):
        importlib.import_module("lint837.x12.fast_scanner")  # imported later, it would not be instrumented
        from fuzz.targets import TARGETS
    from fuzz import archives
    from fuzz.mutation import mutated, spliced
    from fuzz.seeds import seeds
    from tests.x12.reading import way_of

    of_archives = name == "archive"
    target = archives.target if of_archives else TARGETS[name]
    found = _WORK / name / "found"
    found.mkdir(parents=True, exist_ok=True)
    corpus = _corpus(_WORK / name, int(seconds))
    for number, seed in enumerate(archives.seeds() if of_archives else seeds()):
        (corpus / f"seed-{number:02}").write_bytes(seed)

    def check(data: bytes) -> None:
        target(data, way_of(data))

    def change(data: bytes, largest: int, seed: int) -> bytes:
        return (archives.changed if of_archives else mutated)(data, seed, largest, atheris.Mutate)

    def cross(first: bytes, second: bytes, largest: int, seed: int) -> bytes:
        return first[:largest] if of_archives else spliced(first, second, seed, largest)

    words = Path(__file__).with_name("words.dict")
    arguments = [f"-max_total_time={seconds}", f"-max_len={_LARGEST}", f"-timeout={_SLOWEST}", "-print_final_stats=1"]
    arguments += [f"-artifact_prefix={found}/", f"-dict={words}", *options, str(corpus)]
    atheris.Setup([sys.argv[0], *arguments], check, custom_mutator=change, custom_crossover=cross)
    atheris.Fuzz()


def _corpus(work: Path, seconds: int) -> Path:
    """A folder with as many of the inputs that are kept as are run in a small part of the time: libFuzzer begins with
    all that it is given, however long that takes.
    """
    kept, corpus = work / "kept", work / "corpus"
    for folder in (kept, corpus):
        folder.mkdir(parents=True, exist_ok=True)
    for path in corpus.iterdir():
        path.replace(kept / path.name)
    paths = sorted(kept.iterdir())
    for path in random.sample(paths, min(len(paths), seconds * _AT_FIRST)):
        shutil.copyfile(path, corpus / path.name)
    return corpus


if __name__ == "__main__":
    main(*sys.argv[1:])
