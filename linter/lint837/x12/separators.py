"""Whether the service lines of a transaction set use the component separator that ISA16 declares.

It is decided at the first claim in which a procedure code's composite (SV101, SV202) holds more than letters, digits,
blanks and hyphens. They use another one where none of that claim's composites holds the declared separator, and each of
those has one same other character after its first two letters or digits.
"""

import re

from lint837.x12.delimiters import ENTITY, Delimiters, text_of

_MORE = re.compile(rb"[^A-Za-z0-9 -]")
# The qualifier, and what follows it: an HTML entity is one character.
_QUALIFIED = re.compile("[A-Za-z0-9]{2}(" + ENTITY.decode() + "|[^ -])")
_PLACES = {b"SV1": 1, b"SV2": 2}


class SeparatorCheck:
    """The composites of one transaction set after another.

    undecided: no claim has decided yet.
    differs: the set's service lines use another separator.
    used: that separator, or what may be it in the claim under way; "" for none.
    """

    def __init__(self) -> None:
        self.undecided = self.differs = False
        self.used = ""
        self._separator = b""
        self._composites = self._maybe_more = re.compile(b"")
        self._delimiters: Delimiters | None = None

    def begin(self, delimiters: Delimiters) -> None:
        """Another transaction set begins whose claims are read."""
        self.undecided, self.differs, self.used = True, False, ""
        if delimiters != self._delimiters:
            self._delimiters, self._separator = delimiters, delimiters.component
            e, t = re.escape(delimiters.element), re.escape(delimiters.terminator)
            any_element = b"[^" + e + t + b"]*"
            before = b"SV(?:1" + e + b"|2" + e + any_element + e + b")"
            self._composites = re.compile(t + rb"[\r\n]*" + before + b"(" + any_element + b")")
            self._maybe_more = re.compile(before + b"[A-Za-z0-9 -]*[^A-Za-z0-9 " + e + t + b"-]")

    def end(self) -> None:
        """The transaction set ends."""
        self.undecided, self.differs, self.used = False, False, ""

    def take(self, segment_id: bytes, segment: bytes, delimiters: Delimiters) -> bool:
        """Take an SV1 or SV2 of the claim under way. Returns whether it is the first with another separator."""
        place = _PLACES[segment_id]
        return self._see(delimiters.elements(segment, place)[place])

    def end_claim(self) -> bool:
        """The claim under way ends. Returns whether it shows that the set uses another separator."""
        if not self.undecided or not self.used:
            return False
        self.undecided, self.differs = False, True
        return True

    def next_in(self, claims: bytes, begin: int, end: int) -> int:
        """Where in `claims[begin:end]`, which are plain, the first composite may be that decides; -1 for nowhere."""
        found = self._maybe_more.search(claims, begin, end)
        return found.start() if found else -1

    def passes(self, claim: bytes) -> bool:
        """Take a whole claim that is plain. Returns False, and forgets it, where it shows another separator."""
        for match in self._composites.finditer(claim):
            self._see(match[1].strip())
            if not self.undecided:
                return True
        passes, self.used = not self.used, ""
        return passes

    def _see(self, composite: bytes) -> bool:
        if not _MORE.search(composite):
            return False
        match = _QUALIFIED.match(text_of(composite))
        # An invisible character is no separator, but a slip in a code.
        other = match[1] if match and match[1].isprintable() and not match[1].isalnum() else ""
        first = not self.used
        if self._separator in composite or not other or other != (self.used or other):
            self.undecided, self.used = False, ""
            return False
        self.used = other
        return first
