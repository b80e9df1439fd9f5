"""The procedure composite, SV101 or SV202, as it was meant: also where a code of a drug is in the wrong place in it.

A code that a claim writes in any other way than the guides say is recognized only where it is a known code of a drug,
so nothing is guessed of other services.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from lint837.facts.formulary import Formulary

# Qualifiers after which five characters are the code of some service.
_QUALIFIERS = frozenset({"HC", "ER", "IV", "WK", "HP"})
_CODE_LENGTH = 5
_CODE = re.compile(r"[A-Z0-9]{5}")
_DESCRIPTION = 7  # the component from which on the composite is free text
# What a screen does not show, or shows as a blank.
_INVISIBLE = (
    "[\u00a0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]"
)
_ENTITY = re.compile("&[a-z]{2,5};")  # a sign as a web page writes it
_MODIFIERS = re.compile(r"(?:[A-Z0-9]{2})+")
_MODIFIER = re.compile(r"[A-Z][A-Z0-9]|[0-9][A-Z]")


class Procedure(NamedTuple):
    """A procedure composite as it was meant.

    qualifier: the first component. written: what is where the code should be, or is instead of it, as written.
    code: in upper case, without blanks; "" where there is none.
    modifiers: each with the numbers of its element and component (0: in the whole element).
    element, component: where the code is. form: "" for SV101-2 or SV202-2, "composite" for another place in SV101 or
    SV202, "elements" for a composite whose parts are elements of their own, so that all others are shifted.
    is_usual: the code follows HC, or begins SV101: so a drug of the store is found, and in no other way.
    """

    qualifier: str
    written: str
    code: str
    modifiers: tuple[tuple[str, int, int], ...]
    element: int
    component: int
    form: str
    is_usual: bool = False


NO_PROCEDURE = Procedure("", "", "", (), 0, 0, "")


def read_procedure(texts: Sequence[str], element: int, separator: str, formulary: Formulary) -> Procedure:
    """The procedure of a service segment with the elements `texts`, the id first; `element`: the number of the
    composite.
    """
    found = _read(texts, element, separator, formulary)
    if formulary.stored is None:
        return found
    composite, following = (texts[n] if n < len(texts) else "" for n in (element, element + 1))
    usual = _after_hc(separator, begins=element == 1).match(f"{composite}{_NEXT}{following}".upper())
    code = re.sub("[^A-Z0-9]", "", usual["code"]) if usual else ""
    if usual is None or found.code == code:
        return found._replace(is_usual=usual is not None)
    if _is_a_code(found, formulary) or formulary.stored_drug(code) is None:
        return found
    rest = re.findall(r"[A-Z0-9]+|\x1d", usual.string[usual.end() :])
    spread = _NEXT in usual[0]
    modifiers: list[tuple[str, int, int]] = []
    for token in rest:
        if not _MODIFIERS.fullmatch(token):
            break
        modifiers += ((token[n : n + 2], element + spread, 0) for n in range(0, len(token), 2))
    place, form = (element + 1, "elements") if spread else (element, "composite")
    written = (following if spread else composite).strip()
    return Procedure(found.qualifier, written, code, tuple(modifiers[:4]), place, 0, form, is_usual=True)


_NEXT = "\x1d"  # between a composite and the next element


@lru_cache(16)
def _after_hc(separator: str, *, begins: bool) -> re.Pattern[str]:
    """A code right after HC, where a code of the store may be; with `begins` also one that begins the composite. The
    prefilter's texts (rulebook.py) find each of these.
    """
    c, torn = re.escape(separator), f"(?: |{re.escape(separator)}|{_NEXT}){{0,2}}"
    hc = rf" *HC(?:(?:{c}){{0,2}} *| +(?:{c})? *|[;{_NEXT}-])"
    start = f"(?:{hc}|(?:{c})?)" if begins else hc
    return re.compile(rf"{start}(?P<code>[A-Z](?:{torn}[0-9]){{4}})(?= *(?:[A-Z0-9]{{2}}){{0,4}}(?![A-Z0-9]))")


def _is_a_code(found: Procedure, formulary: Formulary) -> bool:
    """Whether what was read is a code that bills something, in whatever form."""
    return bool(found.form) or formulary.is_code(found.code) or bool(_CODE.fullmatch(found.code))


def _read(texts: Sequence[str], element: int, separator: str, formulary: Formulary) -> Procedure:
    composite = texts[element] if element < len(texts) else ""
    parts = composite.split(separator)
    written = parts[1] if len(parts) > 1 and parts[1].strip() else ""
    code = normalized(written)
    modifiers = [(normalized(part), element, n) for n, part in enumerate(parts[2:6], 3)]
    plain = Procedure(parts[0].strip(), written, code, tuple(one for one in modifiers if one[0]), element, 2, "")
    in_its_place = formulary.by_ndc(written.strip().removeprefix("N4"))
    of_another = parts[0].strip().upper() in _QUALIFIERS and _CODE.fullmatch(code)
    if of_another or formulary.is_code(code) or in_its_place:
        return plain
    inside = separator.join(parts[: _DESCRIPTION - 1])
    found = _in_text(inside, formulary)
    if found:
        return Procedure(
            plain.qualifier,
            found.written,
            found.code,
            tuple((one, element, 0) for one in found.modifiers),
            element,
            0,
            "composite",
        )
    torn = _torn(parts, formulary)
    if torn:
        modifiers = [(one, element, 0) for one in torn.modifiers]
        return Procedure(plain.qualifier, inside.strip(), torn.code, tuple(modifiers), element, 0, "composite")
    if element + 1 < len(texts):
        torn = _torn([*parts, *texts[element + 1].split(separator)], formulary)
        if torn:
            modifiers = [(one, element + 1, 0) for one in torn.modifiers]
            return Procedure(plain.qualifier, inside.strip(), torn.code, tuple(modifiers), element, 0, "elements")
    if len(normalized(composite)) <= 2 and element + 1 < len(texts):
        found = _in_text(texts[element + 1], formulary)
        if found:
            after = [(one, element + 1, 0) for one in found.modifiers]
            for number in range(element + 2, min(element + 6, len(texts))):
                modifier = normalized(texts[number])
                if not _MODIFIER.fullmatch(modifier):
                    break
                after.append((modifier, number, 0))
            return Procedure(plain.qualifier, found.written, found.code, tuple(after), element + 1, 0, "elements")
    return plain


class _Found(NamedTuple):
    written: str
    code: str
    modifiers: tuple[str, ...]


def _torn(parts: Sequence[str], formulary: Formulary) -> _Found | None:
    """A code of a drug that a separator divides in two, with the modifiers after it. What comes before that separator
    is too short for any code.
    """
    qualifier = normalized(parts[0])
    pieces = [one for one in (qualifier[2:], *map(normalized, parts[1:6])) if one]
    if qualifier[:2] not in _QUALIFIERS or len(pieces) < 2:
        return None
    first, second = pieces[:2]
    code = (first + second)[:_CODE_LENGTH]
    if not (len(first) < _CODE_LENGTH and formulary.is_code(code)):
        return None
    after = [(first + second)[_CODE_LENGTH:], *pieces[2:]]
    return _Found("", code, tuple(one for one in after if _MODIFIER.fullmatch(one)))


def _in_text(text: str, formulary: Formulary) -> _Found | None:
    """A code of a drug in a text, with the modifiers before and after it; or else an NDC of one."""
    clean = _ENTITY.sub(" ", re.sub(_INVISIBLE, "", text)).upper()
    match = formulary.code_pattern.search(clean)
    if match:
        before = re.findall(r"[A-Z0-9]+", clean[: match.start()])
        modifiers = [token for token in before if _MODIFIER.fullmatch(token) and token not in _QUALIFIERS]
        for token in re.findall(r"[A-Z0-9]+", clean[match.end() :]):
            if not _MODIFIERS.fullmatch(token):
                break
            modifiers += (token[n : n + 2] for n in range(0, len(token), 2))
        return _Found(text.strip(), normalized(match["code"]), tuple(modifiers[:4]))
    ndc = formulary.ndc_in(clean)
    return _Found(ndc, normalized(ndc), ()) if ndc else None


def normalized(text: str) -> str:
    """A code or modifier in upper case, without blanks and what cannot be seen. Only ASCII letters are changed."""
    if not text.isascii():
        text = re.sub(_INVISIBLE, "", text)
    text = text.replace(" ", "")
    return text.upper() if text.isascii() else text
