"""The prefilter: texts, one of which is in any claim that can hold a finding.

The test is exact: a claim that has none of them has no drug line, whatever its letter case, the written form of its
NDCs or the blanks in its segments.
"""

import re
from collections.abc import Iterable
from itertools import product

from lint837.x12.delimiters import Delimiters

_STEM = 3  # letters of a text by which it is looked for in every letter case: more would make too many words


class Prefilter:
    """What is looked for: codes, which may be written with blanks in them, and texts such as names or labelers."""

    def __init__(self, codes: Iterable[str], texts: Iterable[str]) -> None:
        """`codes` are procedure codes in upper case; `texts` are found in any letter case."""
        self._codes = sorted(set(codes))
        self._usual = [code.encode() for code in self._codes]
        self._texts = sorted({text.upper() for text in texts})
        spaced = (" *".join(code) for code in self._codes)  # a code is read without the blanks in it
        pattern = "|".join([*spaced, *map(re.escape, self._texts)])
        self._pattern = re.compile(pattern.encode(), re.IGNORECASE)

    @property
    def usable(self) -> bool:
        """Whether there is something to look for, and all of it is ASCII, which reads the same in every encoding."""
        every = [*self._codes, *self._texts]
        return bool(every) and all(text and text.isascii() for text in every)

    def whole_words(self) -> list[bytes]:
        """What is looked for as a whole: a claim that holds one is wanted."""
        return [word for code in self._codes for word in _in_every_case(code)]

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
        """Whether `buffer[start:end]` holds one of them."""
        # The usual way to write a code is found in a fiftieth of the time.
        if any(buffer.find(code, start, end) >= 0 for code in self._usual):
            return True
        return self._pattern.search(buffer, start, end) is not None


def _in_every_case(word: str) -> list[bytes]:
    return ["".join(letters).encode() for letters in product(*({c.upper(), c.lower()} for c in word))]
