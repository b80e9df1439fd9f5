"""Samples with one thing wrong: each segment removed, doubled or moved, each element removed, too long, or another."""

from collections.abc import Iterator
from typing import NamedTuple

from lint837.guide.check import CHECKED, deviations
from lint837.guide.deviation import Deviation
from lint837.x12.reader import Reader
from lint837.x12.slices import Slice

_ENVELOPE = ("ISA", "GS*", "ST*", "SE*", "GE*", "IEA")
_MANY = "X" * 80  # more than any element may have
_OTHER = "QQ7"  # no code of any list, no number and no date


class Mutant(NamedTuple):
    """What was done to which segment or element, and what came of it."""

    what: str
    segment: str
    segments: list[str]


def mutants(segments: list[str]) -> Iterator[Mutant]:
    """All mutants of a file."""
    for index, text in enumerate(segments):
        if text.startswith(_ENVELOPE):
            continue
        before, after = segments[:index], segments[index + 1 :]
        yield Mutant("removed", text, [*before, *after])
        yield Mutant("doubled", text, [*before, text, text, *after])
        if not after[0].startswith(_ENVELOPE):
            yield Mutant("moved", text, [*before, after[0], text, *after[1:]])
        elements = text.split("*")
        for n, element in enumerate(elements[1:], 1):
            for what, new in (("emptied", ""), ("lengthened", element + _MANY), ("changed", _OTHER)):
                if element:
                    changed = "*".join([*elements[:n], new, *elements[n + 1 :]])
                    yield Mutant(what, text, [*before, changed, *after])


def found_in(data: bytes) -> list[Deviation]:
    """What deviates in all slices of a file."""
    slices = [one for one in Reader([data]) if isinstance(one, Slice) and one.kind in CHECKED and one.context]
    return [found for one in slices if one.context for found in deviations(one, one.context)]
