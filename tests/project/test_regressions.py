"""The invariants hold for each input that once broke one, and for what the fuzzer's changes make of its seeds.

No fuzzer is needed for this: `make fuzz` is where new ones are looked for. Most files of regressions/ broke an invariant
when an error was put into the reader on purpose; they are named for what went wrong, and were made small.
"""

import hashlib
from pathlib import Path

import pytest

from fuzz.minimise import broken, minimised
from fuzz.mutation import WORDS, sample
from fuzz.seeds import REGRESSIONS, seeds
from fuzz.targets import TARGETS
from tests.x12.reading import WAYS, Way, way_of

FILES = sorted(REGRESSIONS.glob("*.837"))
SEEDS = seeds()


@pytest.mark.parametrize("name", list(TARGETS))
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_once_broke_an_invariant(path: Path, name: str) -> None:
    """In the way in which it was found, and in one in sixteen of the others."""
    data, ways = path.read_bytes(), list(dict.fromkeys(WAYS))
    for way in {way_of(data), *ways[len(data) % 16 :: 16]}:
        TARGETS[name](data, way)


@pytest.mark.parametrize("name", list(TARGETS))
@pytest.mark.parametrize("number", range(16))
def test_files_changed_by_chance(number: int, name: str) -> None:
    data = sample(SEEDS, number, 1 + number % 5)
    TARGETS[name](data, way_of(data))


def test_the_same_number_makes_the_same_change() -> None:
    texts = [sample(SEEDS, number, 3) for number in range(200)]
    assert texts == [sample(SEEDS, number, 3) for number in range(200)]
    assert len({hashlib.sha256(text).digest() for text in texts}) > 150


def test_words_are_read_as_they_are_escaped() -> None:
    assert {b"\r\n", b"\xef\xbb\xbf", b"ISA*", b"LX*1~"} <= set(WORDS)
    assert all(WORDS)


def test_an_input_is_made_small() -> None:
    def target(data: bytes, way: Way) -> None:
        assert b"CLM" not in data or b"SE" not in data, way

    data = SEEDS[0]
    what = broken(target, data, WAYS[0])
    assert what.startswith("AssertionError at ")
    assert minimised(data, lambda less: broken(target, less, WAYS[0]) == what) in (b"CLMSE", b"SECLM")
    assert broken(target, b"", WAYS[0]) == ""
