"""The prefilter: what is in any claim that can hold a finding.

The test may only be too careful: a claim that it does not want has no drug line, whatever its letter case, the written
form of its NDCs or the blanks in its segments.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

_STEM = 3  # letters of a text by which it is looked for
CASE = 0x20  # the bit that tells small letters from capitals
_NO_LETTERS = bytes(byte for byte in range(256) if not bytes([byte]).isalnum())
_ROOM = 4  # bytes that one wrong character may take
_BETWEEN = rb"[^A-Z0-9]{0,8}"  # what may tear a number: blanks, dashes of up to three bytes, a separator
_FAMILY_CODE = rb"(?:HC|SV1)[^A-Z0-9]{0,8}([A-Z](?:[^A-Z0-9]{0,4}[0-9]){4})"
_NOTE, _NOTE_HEAD = b"NTE", 12  # a note begins with its id, a separator and perhaps a code


class Clue(NamedTuple):
    """A part of a name by which the name is found, also with one slip of the keys. All texts are in capital letters.

    part: the part. at: where it begins in the name. length: of the name.
    near: texts of which one is near the part, if it is the name's.
    ends: texts of which one is in the name, whatever the slip is.
    """

    part: bytes
    at: int
    length: int
    near: tuple[bytes, ...]
    ends: tuple[bytes, ...]


class Prefilter:
    """What is looked for: codes and numbers, which may be written with blanks, dashes or a separator in them; other
    texts; and names, but only in a claim with an unlisted code, since a text names a drug only there.
    """

    def __init__(
        self,
        codes: Iterable[str],
        texts: Iterable[str],
        unlisted: Iterable[str] = (),
        clues: Sequence[Clue] = (),
        family: Callable[[str], bool] | None = None,
    ) -> None:
        """`codes` and `unlisted` are procedure codes in upper case; `texts` are found in any letter case.

        family: whether a code is one of those that are too many to be looked for one by one: a letter and four digits,
        right after HC or first in SV1.
        """
        self._family = family
        self._codes = sorted({code.encode() for code in codes})
        self._texts = sorted({text.upper().encode() for text in texts})
        numbers = [_BETWEEN.join(bytes([digit]) for digit in text) for text in self._texts if text.isdigit()]
        self._torn_numbers = re.compile(b"|".join(numbers) if numbers else rb"(?!)")
        self._unlisted = sorted({code.encode() for code in unlisted}) if clues else []
        self._clues: dict[bytes, list[Clue]] = {}
        for clue in clues:
            self._clues.setdefault(clue.part, []).append(clue)

    @property
    def usable(self) -> bool:
        """Whether there is something to look for, and all of it is ASCII, which reads the same in every encoding."""
        every = [*self._codes, *self._texts, *self._unlisted]
        return bool(every or self._family) and all(text and text.isascii() for text in every)

    def whole_words(self) -> list[bytes]:
        """What is looked for as a whole, folded: a claim that holds one is wanted."""
        return sorted({folded(code) for code in self._codes})

    def stems(self) -> list[bytes]:
        """The beginnings of the texts and of codes with a blank in them, and either end of the names, folded:
        `found_in` decides about a claim that holds one.
        """
        beginnings = [text[:_STEM] if text[:1].isalpha() else text for text in self._texts]
        torn = [beginning for code in self._codes for beginning in _torn(code)]
        ends = [end for clues in self._clues.values() for clue in clues for end in clue.ends]
        return sorted({*map(folded, (*beginnings, *torn, *ends))})

    def is_of_family(self, code: bytes) -> bool:
        """Whether a code is one of the family: `found_in` wants a claim that bills it."""
        return self._family is not None and self._family(code.translate(None, _NO_LETTERS).upper().decode())

    def found_in(self, buffer: bytes, start: int, end: int) -> bool:
        """Whether the claim `buffer[start:end]` is wanted."""
        text = buffer[start:end].upper()
        squeezed = text.translate(None, _NO_LETTERS)  # a code is read without blanks and separators in it
        is_in, is_in_squeezed = text.__contains__, squeezed.__contains__
        if any(map(is_in_squeezed, self._codes)) or any(map(is_in, self._texts)):
            return True
        if self._torn_numbers.search(text):
            return True
        if self._family and any(self.is_of_family(match[1]) for match in re.finditer(_FAMILY_CODE, text)):
            return True
        return any(map(is_in_squeezed, self._unlisted)) and self._may_name(text)

    def _may_name(self, text: bytes) -> bool:
        return any(_is_name(text, part, clues) for part, clues in self._clues.items() if part in text)


NOTHING = Prefilter((), ("\x01\x01\x01",))  # wants no claim: a plain one has no control byte


def _is_name(text: bytes, part: bytes, clues: Sequence[Clue]) -> bool:
    """Whether the part of some clues, somewhere in a text, may be one of a name: another is near, or the name may go on
    in another note.
    """
    at = text.find(part)
    while at >= 0:
        for clue in clues:
            first, last = max(0, at - clue.at - _ROOM), at - clue.at + clue.length + _ROOM
            window = text[first:last]
            if any(near in window for near in clue.near) or text.find(_NOTE, at, last + _ROOM) >= 0:
                return True
            note = text.rfind(_NOTE, max(0, first - _NOTE_HEAD), at)
            if note >= 0 and text.find(_NOTE, 0, note) >= 0:
                return True
        at = text.find(part, at + 1)
    return False


def _torn(code: bytes) -> list[bytes]:
    """What a code begins with that has blanks in it. A letter and a blank alone are in many names."""
    first, second = code[:1], code[1:2]
    return [first + b" " + second, first + b"  ", *(code[:length] + b" " for length in range(2, len(code)))]


def folded(text: bytes) -> bytes:
    """Text with the bit set that tells small letters from capitals: equal for texts that differ in letter case, and
    for a few others.
    """
    return bytes(byte | CASE for byte in text)
