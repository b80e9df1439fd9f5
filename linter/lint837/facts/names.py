"""How a text names a drug: by a name, by a name with one slip of the keys, or by an NDC."""

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from lint837.x12.prefilter import Clue

_SHORTEST = 8  # characters of a name that is known with a slip: of a shorter one too many words are one slip away
_LONGEST_END = 4  # letters of either end of a name by which a search finds it
# Dashes of word processors, as a hyphen; each is one character, so places stay.
DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d", "-"))
# Words and numbers to which a name may be glued: "10MGIMDELLTRA", "INJTARLATAMAB".
_GLUED = (
    "(?:[0-9]|MG|MCG|G|GM|ML|UNITS?|UN|IV|IVPB|INTRAVENOUS(?:LY)?|ROUTE|INJ|INJECTION|INJECTABLE|INFUSION|VIALS?|VL|KITS?|"
    "SDV|SINGLE|DOSES?|USE|POWDER|LYOPHILIZED|SOLUTION|EACH|EA|PER|STRENGTH|DOSAGE|BRAND|GENERIC|NOC|NAME|DRUGS?|NDC|N4)*"
)
_BEFORE, _AFTER = re.compile("[A-Z0-9]*$"), re.compile("[A-Z0-9]*")


class NameSpan(NamedTuple):
    """Where a text names a drug: text[start:end]. `slips` is 1 where it is a name with a slip, else 0."""

    start: int
    end: int
    slips: int


class Names:
    """The names of one drug, and the written forms of its NDCs."""

    def __init__(self, names: Iterable[str], ndcs: Iterable[str]) -> None:
        """`ndcs`: regular expressions."""
        every = sorted({name.upper() for name in names}, key=lambda name: (-len(name), name))
        long = [name for name in every if len(name) >= _SHORTEST and not any(one.isdigit() for one in name)]
        # One slip leaves at least one of three parts of a name as it was: by that part a name is looked for.
        self._parts: dict[str, list[_Clue]] = {}
        for name in long:
            for part, clue in _clues(name):
                self._parts.setdefault(part, []).append(clue)
        self._short = [name for name in every if name not in long]
        self._ndcs = tuple(ndcs)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        """A short name, or an NDC."""
        others, forms = "|".join(map(_spaced, self._short)), "|".join(self._ndcs)
        patterns = [rf"(?<![A-Z0-9])(?:{others})(?![A-Z0-9])"] if others else []
        patterns += [rf"(?:(?<![0-9])|(?<=N4))(?:{forms})(?![0-9])"] if forms else []
        return re.compile("|".join(patterns) or "(?!)", re.ASCII)

    @property
    def clues(self) -> list[Clue]:
        """By what a search of bytes finds the names; it may find more."""
        found = [
            Clue(part.encode(), clue.at, len(clue.name), tuple(text.encode() for text in clue.near), _ends(clue.name))
            for part, clues in self._parts.items()
            for clue in clues
        ]
        for name in self._short:
            first, *others = re.findall(r"[A-Z]+|[0-9]+", name) or [name]
            near = tuple(one.encode() for one in others or [first])
            found.append(Clue(first.encode(), 0, len(name) + len(others), near, (first.encode(),)))
        return found

    def find(self, text: str) -> list[NameSpan]:
        """Where a text names the drug, in any letter case, in order, without overlaps."""
        upper = _folded(text)
        found = [NameSpan(*match.span(), 0) for match in self._pattern.finditer(upper)]
        found += self._named(upper)
        kept: list[NameSpan] = []
        # The longest of what has no slip goes first.
        for span in sorted(found, key=lambda one: (one.slips, one.start - one.end, one.start)):
            if all(span.end <= other.start or other.end <= span.start for other in kept):
                kept.append(span)
        return sorted(kept)

    def _named(self, upper: str) -> Iterator[NameSpan]:
        """Where the longer names are, each also with one slip."""
        for part, clues in self._parts.items():
            hit = upper.find(part)
            while hit >= 0:
                for clue in clues:
                    yield from _around(upper, clue, hit - clue.at)
                hit = upper.find(part, hit + 1)


class _Clue(NamedTuple):
    """A part of a name: the name, where in it the part is, and texts of which one is near where the part is the name's:
    another part, or the two others with the slip between them.
    """

    name: str
    at: int
    near: tuple[str, ...]


def _clues(name: str) -> Iterator[tuple[str, _Clue]]:
    third = len(name) // 3
    first, middle, last = name[:third], name[third : len(name) - third], name[len(name) - third :]
    yield first, _Clue(name, 0, (middle, last, _exchanged(middle, last)))
    yield middle, _Clue(name, third, (first, last))
    yield last, _Clue(name, len(name) - third, (first, middle, _exchanged(first, middle)))


def _ends(name: str) -> tuple[bytes, bytes]:
    """The beginning and the end of a name, so far apart that one slip leaves one of them as it was."""
    length = min(_LONGEST_END, (len(name) - 1) // 2)
    return name[:length].encode(), name[-length:].encode()


def _exchanged(one: str, other: str) -> str:
    """Two texts side by side, with the letters that meet exchanged."""
    return one[:-1] + other[0] + one[-1] + other[1:]


def _around(upper: str, clue: _Clue, at: int) -> Iterator[NameSpan]:
    """The name of a clue, perhaps with a slip, at about a place of a text."""
    name = clue.name
    window = upper[max(0, at - 1) : max(0, at + len(name) + 2)]
    if not any(text in window for text in clue.near):
        return
    for start in (at - 1, at, at + 1):
        for end in (start + len(name) - 1, start + len(name), start + len(name) + 1):
            fits = start >= 0 and end <= len(upper) and is_one_slip(upper[start:end], name)
            if fits and _is_alone(upper, start, end):
                yield NameSpan(start, end, int(upper[start:end] != name))


def _is_alone(upper: str, start: int, end: int) -> bool:
    """Whether nothing but words of a drug line is glued to text[start:end]."""
    before, after = _BEFORE.search(upper, 0, start), _AFTER.match(upper, end)
    return bool(before and after and re.fullmatch(_GLUED, before[0]) and re.fullmatch(_GLUED, after[0]))


def is_one_slip(word: str, name: str) -> bool:
    """Whether a word is a name, or a name with one slip of the keys: a character more, one less, another one, or two
    neighbors exchanged.
    """
    if word == name:
        return True
    longer = len(word) - len(name)
    if not -1 <= longer <= 1:
        return False
    at, shorter = 0, min(len(word), len(name))
    while at < shorter and word[at] == name[at]:
        at += 1
    if longer:
        return word[at + 1 :] == name[at:] if longer > 0 else word[at:] == name[at + 1 :]
    if word[at + 1 :] == name[at + 1 :]:
        return True
    return word[at : at + 2] == name[at : at + 2][::-1] and word[at + 2 :] == name[at + 2 :]


def _folded(text: str) -> str:
    """Text in capital letters, character by character, with plain hyphens. Only ASCII letters are changed, as in the
    prefilter, which searches bytes.
    """
    upper = text.upper() if text.isascii() else "".join(one.upper() if one.isascii() else one for one in text)
    return upper.translate(DASHES)


def _spaced(name: str) -> str:
    """A pattern for a name of letters and digits, such as "AMG 757", with a blank, a hyphen or nothing between them."""
    return "[ -]?".join(re.findall(r"[A-Z]+|[0-9]+", name))
