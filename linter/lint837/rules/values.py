"""The values in a problem's sentences, and how each is written in words."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from lint837.claims.segment import Period
from lint837.facts.drugs import plain

ELLIPSIS = "…"  # in place of what may not be shown
# What a value must look like to be shown: in a damaged file a name can stand anywhere.
# A code, rightly typed or not: a qualifier, a modifier, or two to fourteen characters with a digit among them.
CODE_SHAPE = r" ?[A-Za-z0-9]{1,2} ?| ?[A-Za-z][0-9]{4} ?|(?=[^0-9]*[0-9])[A-Za-z0-9/;.-]{2,14}"
# Ten to twelve digits; those without anything between them, as most are, are told at once.
NDC_SHAPE = r"[0-9]{10,12}| ?(?:N4)?(?=(?:[ -]*[0-9]){10,12}[ -]*$)[0-9][0-9 -]*"
AMOUNT_SHAPE = r" ?[-+]?[0-9.,]{1,18} ?"


class Code(str):
    """A procedure code, a modifier or a qualifier, or a procedure composite, in a problem's values. It prints as `show`
    writes it.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return str.__repr__(show(self))


class Identifier(str):
    """An NDC or another identifier, in a problem's values. It prints as `show` writes it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str.__repr__(show(self))


# A code or an identifier that does not look like one is shown as an ellipsis; plain text is a phrase of the rule's own,
# never of the claim's. A date or period is the claim's, and is redacted; a day of the facts is passed as text.
Value = Code | Identifier | date | Period | Decimal | int | str


def seen(text: str, shape: str) -> str:
    """A text that looks as `shape`, a pattern, says, or an ellipsis."""
    return text if not text or _looks_as(shape)(text) else ELLIPSIS


@lru_cache(128)
def _looks_as(shape: str) -> Callable[[str], re.Match[str] | None]:
    return re.compile(shape, re.ASCII).fullmatch


# What may separate the words of a procedure composite.
_WORD = "[^ :*>|^~+&#@!,_=]+"
_ELLIPSES = rf"{ELLIPSIS}(?:[^A-Za-z0-9{ELLIPSIS}]*{ELLIPSIS})+"


def show(value: Value) -> str:
    """A value in words: a date as 2025-01-10, a quantity without an exponent or needless zeros; an ellipsis for an
    identifier, or a word of a code, that does not look like one.
    """
    if type(value) is str:
        return value
    if isinstance(value, Code):
        if _looks_as(CODE_SHAPE)(value):  # so its words do
            return str(value)
        return re.sub(_ELLIPSES, ELLIPSIS, re.sub(_WORD, lambda word: seen(word[0], CODE_SHAPE), value))
    if isinstance(value, Identifier):
        return seen(value, NDC_SHAPE)
    if isinstance(value, Period):
        return _days(value)
    if isinstance(value, Decimal):
        return plain(value)
    return value.isoformat() if isinstance(value, date) else str(value)


@lru_cache(1024)
def _days(period: Period) -> str:
    return show(period.first) if period.is_day else f"{show(period.first)} to {show(period.last)}"


def counted(number: Decimal | int, noun: str) -> str:
    """A number with its noun: "1 unit", "10 units"."""
    text = f"{number:,}" if isinstance(number, int) else show(number)
    return f"{text} {noun}" if number == 1 else f"{text} {noun}s"
