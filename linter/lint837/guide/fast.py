"""A quick look that most slices pass: each segment of the map as one pattern. It can only be too careful: what it does
not pass, walk.py looks at, and finds nothing where there is nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from lint837.guide.elements import kind_of
from lint837.guide.maps import Element, Guide, Loop, SegmentNode, Step, key_of
from lint837.x12.delimiters import Delimiters, text_of

_REMEMBERED, _SHORT = 16_384, 40  # segments that were looked at, and their bytes
_DAYS = rb"(?:(?:0[1-9]|1[0-2])(?:0[1-9]|1[0-9]|2[0-8])|(?:0[13-9]|1[0-2])(?:29|30)|(?:0[13578]|1[02])31)"  # MMDD
_DAY = rb"(?:19|20)[0-9]{2}" + _DAYS
_TIME = rb"(?:[01][0-9]|2[0-3])[0-5][0-9]"
_PERIODS = {"D8": _DAY, "RD8": _DAY + b"-" + _DAY}
_CHARACTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!\"&'()*+,-./:;?= %~@[]_{}\\|<>#$"
_Memo = dict[bytes, Step]


class QuickLook:
    """Looks at slices of one guide that are written with one set of delimiters."""

    def __init__(self, guide: Guide, delimiters: Delimiters) -> None:
        self._guide = guide
        self._delimiters = delimiters
        self._patterns: dict[SegmentNode, re.Pattern[bytes]] = {}
        self._memos: dict[SegmentNode, _Memo] = {}
        self._remembered = 0
        self._element, self._component = delimiters.element, text_of(delimiters.component)

    def passes(self, root: Loop, data: bytes) -> bool:
        """Whether nothing deviates in a slice of a loop; False where that is not certain."""
        parts = self._delimiters.unwrapped(data).split(self._delimiters.terminator)
        if parts.pop() or not parts:
            return False
        node = root.first
        loops: list[Loop] = [root]
        counts: dict[SegmentNode | Loop, int] = {node: 1}
        stack = [counts]
        if not self._pattern(node).fullmatch(parts[0]):
            return False
        memos = self._memos
        for part in parts[1:]:
            memo = memos.get(node)
            step = memo.get(part) if memo else None
            if step is None:
                step = self._look(node, part)
                if step is None:
                    return False
            pops, enters, node = step
            for _ in range(pops):
                stack.pop()
                if not counts.keys() >= loops.pop().needed:
                    return False
                counts = stack[-1]
            for loop in enters:
                times = counts.get(loop, 0) + 1
                if times > loop.most:
                    return False
                counts[loop] = times
                loops.append(loop)
                counts = {}
                stack.append(counts)
            times = counts.get(node, 0) + 1
            if times > node.most:
                return False
            counts[node] = times
        return all(known.keys() >= loop.needed for loop, known in zip(loops, stack, strict=True))

    def _look(self, node: SegmentNode, part: bytes) -> Step | None:
        elements = part.split(self._element, 4)
        texts = [text_of(one) for one in elements[:4]]
        segment_id = texts[0]
        step = node.loop.step(node.pos, segment_id, key_of(segment_id, texts, self._component))
        if step is None or not self._pattern(step.node).fullmatch(part):
            return None
        if len(part) <= _SHORT:
            if self._remembered >= _REMEMBERED:
                self._memos.clear()
                self._remembered = 0
            self._memos.setdefault(node, {})[part] = step
            self._remembered += 1
        return step

    def _pattern(self, node: SegmentNode) -> re.Pattern[bytes]:
        pattern = self._patterns.get(node)
        if pattern is None:
            pattern = self._patterns[node] = re.compile(pattern_of(node, self._delimiters))
        return pattern


@lru_cache(8)
def quick_look(guide: Guide, delimiters: Delimiters) -> QuickLook:
    """The one for a guide and delimiters, with all patterns that it has made."""
    return QuickLook(guide, delimiters)


# ---------------------------------------------------------------- patterns


def pattern_of(node: SegmentNode, delimiters: Delimiters) -> bytes:
    """A pattern of segments of a node in which nothing is wrong."""
    separator = re.escape(delimiters.element)
    values: list[tuple[bytes, bool]] = []  # what may be in each element, and whether something must be
    formats: Sequence[str] = ()
    for element in node.elements:
        if element.components:
            values.append(_composite(element, delimiters))
            continue
        value = b"" if element.usage == "N" else _value(element, delimiters)
        if element.data_element == "1250" and element.usage != "N":
            formats = sorted(element.codes & _PERIODS.keys())
        elif element.data_element == "1251" and formats and values:
            joined = b"|".join(one.encode() + separator + _PERIODS[one] for one in formats)
            needed = values[-1][1] and element.usage == "R"
            both = b"(?:" + joined + b")" if needed else b"(?:" + joined + b"|" + separator + b")"
            values[-1:] = [(both, needed)]
            formats = ()
            continue
        values.append((value, element.usage == "R"))
    body = _sequence(values, separator)
    syntax = b"".join(_syntax(rule, numbers, node.id, separator) for rule, numbers in node.syntax)
    return syntax + node.id.encode() + body


def _sequence(values: Sequence[tuple[bytes, bool]], separator: bytes) -> bytes:
    """Values, each after a separator. Those at the end may be left out where none is needed."""
    pattern = b""
    for n in range(len(values), 0, -1):
        value, is_needed = values[n - 1]
        one = separator + (value if is_needed else b"(?:" + value + b")?") + pattern
        pattern = one if any(needed for _, needed in values[n - 1 :]) else b"(?:" + one + b")?"
    return pattern


def _composite(element: Element, delimiters: Delimiters) -> tuple[bytes, bool]:
    if element.usage == "N":
        return b"", False
    separator = re.escape(delimiters.component)
    values = [(b"" if one.usage == "N" else _value(one, delimiters), one.usage == "R") for one in element.components]
    return values[0][0] + _sequence(values[1:], separator), element.usage == "R"


def _value(element: Element, delimiters: Delimiters) -> bytes:
    least, most = max(1, element.least), element.most
    if element.checks.rec is not None:
        return b"[0-9]{9}" if element.checks.res == "[0-9]{9}" and least <= 9 <= most else b"(?!)"
    known = element.codes | (element.listed if element.list else frozenset())
    if known:
        right = [code for code in sorted(known) if kind_of(element, code, text_of(delimiters.component), ()) is None]
        plain = [code for code in right if code.isalnum() and code.isascii()]
        return b"(?:" + b"|".join(code.encode() for code in plain) + b")" if plain else b"(?!)"
    match element.type:
        case "R":
            if most < 6:
                return b"[0-9]{%d,%d}" % (least, most)
            return rb"-?[0-9]{%d,%d}(?:\.[0-9]{1,4})?" % (least, most - 4)
        case "DT":
            return _DAY if least <= 8 <= most else b"(?!)"
        case "TM":
            return _TIME if least <= 4 <= most else b"(?!)"
        case "AN" | "ID":
            allowed = bytes(byte for byte in _CHARACTERS if byte not in b"".join(delimiters))
            last = bytes(byte for byte in allowed if byte != 0x20)
            return b"[%s]{%d,%d}[%s]" % (_class(allowed), least - 1, most - 1, _class(last))
        case numeric if numeric.startswith("N"):
            return b"[0-9]{%d,%d}" % (least, most)
    return b"(?!)"


def _class(characters: bytes) -> bytes:
    return b"".join(re.escape(bytes([byte])) for byte in characters)


def _syntax(rule: str, numbers: Sequence[int], segment_id: str, separator: bytes) -> bytes:
    """A lookahead that holds where a syntax note does."""
    other = b"[^" + separator + b"]"

    def is_there(number: int) -> bytes:
        return b"(?=%s(?:%s%s*){%d}%s%s)" % (segment_id.encode(), separator, other, number - 1, separator, other)

    def is_absent(number: int) -> bytes:
        return b"(?!" + is_there(number)[3:]

    first, others = numbers[0], numbers[1:]
    match rule:
        case "P":
            ways = [b"".join(map(is_there, numbers)), b"".join(map(is_absent, numbers))]
        case "R":
            ways = [is_there(number) for number in numbers]
        case "C":
            ways = [is_absent(first), b"".join(map(is_there, others))]
        case "L":
            ways = [is_absent(first), *map(is_there, others)]
        case "E":
            ways = [b"".join(is_absent(other) for other in numbers if other != one) for one in numbers]
        case _:
            return b"(?!)"
    return b"(?:" + b"|".join(ways) + b")"
