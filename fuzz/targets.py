"""What is fuzzed: the reader with what unpacks archives, the whole lint, and the guide check. They raise where an
invariant breaks.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

from lint837 import load_rulebook

from fuzz.seeds import NAMES, NUMBERS
from tests.invariants import check_guide, check_lint, check_packed
from tests.x12.reading import Way, check_reader

_RULEBOOK = load_rulebook(isolated=True)
_FOLDER = tempfile.TemporaryDirectory()

Target = Callable[[bytes, Way], None]


def reader(data: bytes, way: Way) -> None:
    """Read some bytes, and unpack them as a file's."""
    check_reader(data, way, _RULEBOOK.formulary, _RULEBOOK.prefilter)
    check_packed(data, Path(_FOLDER.name) / "x.837")


def lint(data: bytes, way: Way) -> None:
    """Lint some bytes."""
    check_lint(data, way, _RULEBOOK, NAMES, NUMBERS)


def guide(data: bytes, way: Way) -> None:
    """Check the structure of some bytes."""
    check_guide(data, way, _RULEBOOK, NAMES)


TARGETS: dict[str, Target] = {"reader": reader, "lint": lint, "guide": guide}
