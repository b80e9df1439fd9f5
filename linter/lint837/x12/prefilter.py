"""Literals: bytes of which a claim must hold one, or no loaded rule can find anything in it.

They come from a drug's facts and from the rules themselves. The test is exact: a claim without them holds no drug line,
in whatever letter case, written form or with whatever blanks its segments are written.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import product

from lint837.facts.drugs import Drug
from lint837.x12.delimiters import Delimiters

_STEM = 3  # letters of a name by which it is looked for in every letter case: more would make too many words


class Literals:
    """What is looked for: the drugs' own codes, the labelers of their packages' NDCs, their names; other texts."""

    def __init__(self, drugs: Sequence[Drug], texts: Iterable[str] = ()) -> None:
        codes = {code.code for drug in drugs for code in drug.codes if code.is_product}
        # Every written form of an NDC holds the labeler as the FDA writes it.
        labelers = {package.ndc.partition("-")[0] for drug in drugs for package in drug.packages}
        names = {name.upper() for drug in drugs for name in drug.names} | {text.upper() for text in texts}
        self._codes = sorted(codes)
        self._usual = [code.encode() for code in self._codes]
        self._texts = sorted(names | labelers)
        spaced = (" *".join(code) for code in self._codes)  # a code is read without the blanks in it
        pattern = "|".join([*spaced, *map(re.escape, self._texts)])
        self._pattern = re.compile(pattern.encode(), re.IGNORECASE)

    @property
    def usable(self) -> bool:
        """Whether they can be looked for: there are some, and all are ASCII, which reads the same in every encoding."""
        every = [*self._codes, *self._texts]
        return bool(every) and all(word and word.isascii() for word in every)

    def whole_words(self) -> list[bytes]:
        """Those that are looked for as a whole: where one stands, the claim is wanted."""
        return [word for code in self._codes for word in _in_every_case(code)]

    def stems(self, delimiters: Delimiters) -> list[bytes]:
        """The beginnings of the others: where one stands, `found_in` tells whether the claim is wanted."""
        beginnings = [
            stem for text in self._texts for stem in _in_every_case(text[:_STEM] if text[0].isalpha() else text)
        ]
        # A code with blanks in it, behind its qualifier. Words of two bytes would be found too often to be worth it.
        spaced = [
            before + part + b" "
            for code in self._codes
            for length in range(1, len(code))
            for part in _in_every_case(code[:length])
            for before in ((delimiters.component, b" ") if length == 1 else (b"",))
        ]
        return sorted({*beginnings, *spaced})

    def found_in(self, buffer: bytes, start: int, end: int) -> bool:
        """Whether one of them stands in `buffer[start:end]`."""
        # As it is nearly always written, it is found in a fiftieth of the time.
        if any(buffer.find(code, start, end) >= 0 for code in self._usual):
            return True
        return self._pattern.search(buffer, start, end) is not None


def _in_every_case(word: str) -> list[bytes]:
    return ["".join(letters).encode() for letters in product(*({c.upper(), c.lower()} for c in word))]
