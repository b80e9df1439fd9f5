"""The prefilter: what is in any claim that can hold a finding.

The test may only be too careful: a claim that it does not want has no drug line, whatever its letter case, the written
form of its NDCs or the blanks in its segments.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

from lint837.x12.delimiters import Delimiters

_STEM = 3  # letters of a text by which it is looked for in every letter case: more would make too many words
_ROOM = 4  # bytes that one wrong character may take
_NOTE, _NOTE_HEAD = b"NTE", 12  # a note begins with its id, a separator and perhaps a code


class Clue(NamedTuple):
    """A part of a name by which the name is found, also with one slip of the keys. All texts are in capital letters.

    part: the part. at: where it begins in the name. length: of the name.
    near: texts of which one is near the part, if it is the name's.
    """

    part: bytes
    at: int
    length: int
    near: tuple[bytes, ...]


class Prefilter:
    """What is looked for: codes, which may be written with blanks in them; texts such as labelers; and names, but only
    in a claim with an unlisted code, since a text names a drug only there.
    """

    def __init__(
        self, codes: Iterable[str], texts: Iterable[str], unlisted: Iterable[str] = (), clues: Sequence[Clue] = ()
    ) -> None:
        """`codes` and `unlisted` are procedure codes in upper case; `texts` are found in any letter case."""
        self._codes = sorted(set(codes))
        self._usual = [code.encode() for code in self._codes]
        self._texts = sorted({text.upper() for text in texts})
        self._unlisted = sorted(set(unlisted)) if clues else []
        self._clues: dict[bytes, list[Clue]] = {}
        for clue in clues:
            self._clues.setdefault(clue.part, []).append(clue)
        spaced = (" *".join(code) for code in self._codes)  # a code is read without the blanks in it
        self._pattern = _any_of([*spaced, *map(re.escape, self._texts)])
        self._unlisted_pattern = _any_of(self._unlisted)

    @property
    def usable(self) -> bool:
        """Whether there is something to look for, and all of it is ASCII, which reads the same in every encoding."""
        every = [*self._codes, *self._texts, *self._unlisted]
        return bool(every) and all(text and text.isascii() for text in every)

    def whole_words(self) -> list[bytes]:
        """What is looked for as a whole: a claim that holds one is wanted."""
        return [word for code in self._codes for word in _in_every_case(code)]

    def unlisted_words(self) -> list[bytes]:
        """The unlisted codes: a claim that holds one is wanted if it may hold a name."""
        return [word for code in self._unlisted for word in _in_every_case(code)]

    def parts(self) -> list[bytes]:
        """The parts of names, in capital letters: a text without any of them has no name."""
        return sorted(self._clues)

    def stems(self, delimiters: Delimiters) -> list[bytes]:
        """The beginnings of the others: `found_in` decides whether a claim that holds one is wanted."""
        beginnings = [
            stem for text in self._texts for stem in _in_every_case(text[:_STEM] if text[0].isalpha() else text)
        ]
        # A code with blanks in it, after its qualifier. Words of two bytes would be found too often to be worth it.
        spaced = [
            before + part + b" "
            for code in self._codes
            for length in range(1, len(code))
            for part in _in_every_case(code[:length])
            for before in ((delimiters.component, b" ") if length == 1 else (b"",))
        ]
        return sorted({*beginnings, *spaced})

    def found_in(self, buffer: bytes, start: int, end: int) -> bool:
        """Whether the claim `buffer[start:end]` is wanted."""
        # The usual way to write a code is found in a fiftieth of the time.
        if any(buffer.find(code, start, end) >= 0 for code in self._usual):
            return True
        if self._pattern.search(buffer, start, end):
            return True
        return bool(self._unlisted_pattern.search(buffer, start, end)) and self._may_name(buffer[start:end].upper())

    def _may_name(self, text: bytes) -> bool:
        for part in self._clues:
            at = text.find(part)
            while at >= 0:
                if self.is_name(part, text, at, 0, len(text)):
                    return True
                at = text.find(part, at + 1)
        return False

    def is_name(self, part: bytes, text: bytes, at: int, begin: int, end: int) -> bool:
        """Whether a part at `text[at:]`, in the claim `text[begin:end]` in capital letters, may be one of a name:
        another part of it is near, or the name may go on in another note.
        """
        for clue in self._clues[part]:
            first = max(begin, at - clue.at - _ROOM)
            last = min(end, at - clue.at + clue.length + _ROOM)
            if any(text.find(near, first, last) >= 0 for near in clue.near):
                return True
            if text.find(_NOTE, at, min(end, last + _ROOM)) >= 0:
                return True
            note = text.rfind(_NOTE, max(begin, first - _NOTE_HEAD), at)
            if note >= 0 and text.find(_NOTE, begin, note) >= 0:
                return True
        return False


def _any_of(patterns: Sequence[str]) -> re.Pattern[bytes]:
    return re.compile(("|".join(patterns) or "(?!)").encode(), re.IGNORECASE)


def _in_every_case(word: str) -> list[bytes]:
    return ["".join(letters).encode() for letters in product(*({c.upper(), c.lower()} for c in word))]
