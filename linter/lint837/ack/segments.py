"""Segments as an acknowledgement writes them, and the ISA that answers another."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import IO

from lint837.x12.delimiters import Delimiters

TIME = rb"(?:[01][0-9]|2[0-3])[0-5][0-9]"
IN_MEMORY = 1024 * 1024  # bytes kept in memory until what comes before them is known; beyond that, on disk


class Segments:
    """Writes segments into a file, and counts them."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.count = 0
        self.delimiters = Delimiters(b"*", b":", b"^", b"~")
        self.line_end = b""

    def text(self, *elements: bytes) -> bytes:
        """A segment without the empty elements at its end."""
        text = self.delimiters.element.join(elements).rstrip(self.delimiters.element)
        return text + self.delimiters.terminator + self.line_end

    def write(self, *elements: bytes) -> None:
        """Write a segment."""
        self.add(self.text(*elements))

    def add(self, text: bytes) -> None:
        """Write some segments."""
        self.file.write(text)
        self.count += text.count(self.delimiters.terminator)

    def move(self, other: "Segments") -> None:
        """Write all segments of another file, and empty it."""
        other.file.seek(0)
        while block := other.file.read(IN_MEMORY):
            self.file.write(block)
        self.count += other.count
        other.clear()

    def clear(self) -> None:
        """Remove everything that was written."""
        self.file.seek(0)
        self.file.truncate()
        self.count = 0


def swapped_isa(isa: Sequence[bytes], made: datetime | None, delimiters: Delimiters) -> list[bytes]:
    """ISA with sender and receiver exchanged, and without their passwords (ISA01 to ISA04). `isa`: ISA01 and on."""
    day = made.strftime("%y%m%d").encode() if made else isa[8]
    time = made.strftime("%H%M").encode() if made else isa[9]
    parties = (isa[6], isa[7].ljust(15), isa[4], isa[5].ljust(15))
    nothing = (b"00", b" " * 10) * 2
    time = time if re.fullmatch(TIME, time) else b"0000"
    version = (delimiters.repetition or _repetition(delimiters), b"00501", isa[12], b"0", isa[14])
    return [b"ISA", *nothing, *parties, day, time, *version, delimiters.component]


def _repetition(delimiters: Delimiters) -> bytes:
    """A repetition separator, which version 00501 must have, for an interchange that declares none."""
    return next(one for one in (b"^", b"!", b"|", b"}", b"`") if one not in delimiters)
