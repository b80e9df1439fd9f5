"""The elements of one segment against the guide. What is in an element, pyx12 judges. How many there are, and what
needs what, is judged here, so that each deviation has its element and component.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lint837.guide.deviation import Kind
from lint837.guide.maps import Element, SegmentNode
from lint837.x12.delimiters import Delimiters, text_of

# pyx12's codes of what is in an element; of several on one element the first in this order is the cause.
_KINDS = {
    "7": Kind.CODE,
    "8": Kind.DATE,
    "9": Kind.TIME,
    "6": Kind.CHARACTER,
    "4": Kind.TOO_SHORT,
    "5": Kind.TOO_LONG,
}
_DATES = frozenset({"D8", "RD8", "DT", "D6", "TM"})
_COUNTRY = 4  # N404
_FORMAT, _PERIOD = "1250", "1251"  # data elements: the format of a date, and the date


class Wrong(NamedTuple):
    """What is wrong in a segment: the kind, the element and component by number, and what the guide says of it."""

    kind: Kind
    number: int
    component: int = 0
    element: Element | None = None


def wrong_in(node: SegmentNode, raw: bytes, delimiters: Delimiters) -> list[Wrong]:
    """What is wrong in a segment of a node, by element."""
    texts = [text_of(part) for part in delimiters.unwrapped(raw).split(delimiters.element)]
    separator = text_of(delimiters.component)
    found: list[Wrong] = []
    formats: list[str] = []
    for number, element in enumerate(node.elements, 1):
        text = texts[number] if number < len(texts) else ""
        if element.components:
            found += _in_composite(element, number, text, separator)
            continue
        if element.data_element == _FORMAT:
            formats = [text] if text in _DATES else sorted(element.codes)
        kind = kind_of(element, text, separator, formats if element.data_element == _PERIOD else ())
        if kind:
            found.append(Wrong(kind, number, 0, element))
    if len(texts) - 1 > len(node.elements):
        found.append(Wrong(Kind.TOO_MANY_ELEMENTS, len(node.elements) + 1))
    if node.id == "N4" and len(texts) > _COUNTRY and texts[_COUNTRY] not in ("", "US"):  # a ZIP code is the country's
        found = [one for one in found if one.kind is not Kind.PATTERN]
    told = {one.number for one in found}
    found += (one for one in _in_syntax(node, texts) if one.number not in told)
    return sorted(found, key=lambda one: (one.number, one.component))


def _in_composite(element: Element, number: int, text: str, separator: str) -> Iterator[Wrong]:
    parts = text.split(separator)
    if not any(parts):
        if element.usage == "R":
            yield Wrong(Kind.ELEMENT_MISSING, number, 0, element)
        return
    if element.usage == "N":
        yield Wrong(Kind.NOT_USED, number, 0, element)
        return
    told = False
    for n, component in enumerate(element.components, 1):
        kind = kind_of(component, parts[n - 1] if n <= len(parts) else "", separator, ())
        if kind and not (told and kind is Kind.ELEMENT_MISSING):  # it is something else than a composite
            yield Wrong(kind, number, n, component)
            told = True
    if len(parts) > len(element.components):
        yield Wrong(Kind.TOO_MANY_COMPONENTS, number, len(element.components) + 1)


def kind_of(element: Element, text: str, separator: str, formats: list[str] | tuple[str, ...]) -> Kind | None:
    """What is wrong with an element or component that holds a text; None for nothing. `formats`: those of a date."""
    if not text:
        return Kind.ELEMENT_MISSING if element.usage == "R" else None
    if element.usage == "N":
        return Kind.NOT_USED
    if separator in text:
        return Kind.CHARACTER
    if any(char < " " for char in text):
        return Kind.CONTROL_CHARACTER
    if not text.isascii():  # letters of other languages, which the extended character set has
        text = "".join(char if char.isascii() else "A" for char in text)
    try:
        _, errors = element.checks.is_valid_errors(_Text(text), [*formats])
    except ValueError:  # pyx12 on a period with two hyphens
        return Kind.DATE
    codes = {error.err_cde for error in errors}
    if "7" in codes and not element.codes and not element.list:
        return Kind.PATTERN
    return next((kind for code, kind in _KINDS.items() if code in codes), None)


class _Text:
    """A text as pyx12 reads it from an element."""

    def __init__(self, text: str) -> None:
        self._text = text

    def is_composite(self) -> bool:
        """It has no components."""
        return False

    def get_value(self) -> str:
        """The text."""
        return self._text


def _in_syntax(node: SegmentNode, texts: list[str]) -> Iterator[Wrong]:
    """The syntax notes of a segment that do not hold, each at the element that is missing, or is one too many."""

    def is_there(number: int) -> bool:
        return number < len(texts) and texts[number] != ""

    for rule, numbers in node.syntax:
        there = [number for number in numbers if is_there(number)]
        missing = [number for number in numbers if number not in there]
        first, others = numbers[0], numbers[1:]
        if rule == "E" and len(there) > 1:
            yield Wrong(Kind.EXCLUSION, there[1], 0, node.elements[there[1] - 1])
            continue
        broken = (
            (rule == "P" and there and missing)
            or (rule == "R" and not there)
            or (rule == "C" and first in there and missing)
            or (rule == "L" and there == [first])
        )
        if broken:
            at = others[0] if rule == "L" else missing[0]
            yield Wrong(Kind.CONDITION, at, 0, node.elements[at - 1])
