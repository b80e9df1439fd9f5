"""PAT001: a Medicare number that is no Medicare Beneficiary Identifier."""

import re
from collections.abc import Iterator

from lint837 import Bad, Citation, Edit, Fix, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import box
from lint837_rules.people.members import asks_for_mbi

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*{}~"
_RIGHT = "1EG4TE5MK73"
_LETTERS, _EXCLUDED = "ACDEFGHJKMNPQRTUVWXY", "SLOIBZ"
_DIGITS = "0123456789"
# What may be at each of the eleven characters, and in words.
_FIRST, _DIGIT = (_DIGITS[1:], "a digit from 1 to 9"), (_DIGITS, "a digit")
_LETTER = _LETTERS, "a letter other than S, L, O, I, B and Z"
_EITHER = _LETTERS + _DIGITS, "a digit, or a letter other than S, L, O, I, B and Z"
_FORM = (_FIRST, _LETTER, _EITHER, _DIGIT, _LETTER, _EITHER, _DIGIT, _LETTER, _LETTER, _DIGIT, _DIGIT)
_MBI = "".join(f"[{allowed}]" for allowed, _ in _FORM)


@rule(
    "PAT001",
    severity=Severity.ERROR,
    cites=["mbi-format", Citation("CGS, CEDI, top front-end edits, August 2019", "An invalid member id is A7:164:IL.")],
    good=[
        Good(_VISIT.format("20200101"), note="1EG4TE5MK73, the example of CMS"),
        Good(_VISIT.format("20191231"), instead=((_RIGHT, "123456789A"),), note="the old number, in its time"),
    ],
    bad=[
        Bad(_VISIT.format("20200101"), instead=((_RIGHT, "123456789A"),), at="NM109", line=""),
        Bad(_VISIT.format("20260105"), instead=((_RIGHT, "1EG4-TE5-MK73"),), at="NM109", line="", note="hyphens"),
        Bad(_VISIT.format("20260105"), instead=((_RIGHT, "1EG4TE5ML73"),), at="NM109", line="", note="an L"),
    ],
    alike="bill",
)
def mbi_invalid(claim: WholeClaim) -> Iterator[Problem]:
    """The Medicare number is not a Medicare Beneficiary Identifier.

    Since 2020 Medicare takes only this number: eleven characters, a digit or a letter each by its place, without the
    letters S, L, O, I, B and Z, hyphens and blanks. Other numbers are rejected. Enter the number from the card.

    It is asked for where the claim goes to Medicare (SBR09 is MA or MB) and its services begin in 2020 or later: a
    stay that began before may have the old number. The message says which character is wrong, never the number.
    """
    name = claim.member
    if name is None or not asks_for_mbi(claim):
        return
    number = name.element(9).upper()
    if not number or is_mbi(number):
        return
    compact = re.sub("[ -]", "", number)
    fixes = [Fix((Edit(name.at(9), compact),), safe=True)] if is_mbi(compact) else []
    yield Problem(
        where=name.at(9),
        found="hyphens or blanks in it" if fixes else "a number of another form",
        expected="a Medicare Beneficiary Identifier of 11 characters",
        message="The subscriber's Medicare number is not valid: {wrong}.",
        correction="remove the hyphens and blanks ({box})"
        if fixes
        else "enter the Medicare number from the card: 11 characters, no hyphens ({box})",
        values={"wrong": "it has hyphens or blanks" if fixes else _wrong(compact), "box": box(claim, "member id")},
        fixes=fixes,
    )


def is_mbi(number: str) -> bool:
    """Whether a number in capitals has the form."""
    return bool(re.fullmatch(_MBI, number))


def _wrong(number: str) -> str:
    """What is wrong with a number, without its characters."""
    if len(number) != len(_FORM):
        return f"it has {len(number)} characters, not 11"
    at = next(n for n, (allowed, _) in enumerate(_FORM) if number[n] not in allowed)
    what = "a digit" if number[at] in _DIGITS else "a letter" if number[at].isalpha() else "a sign"
    what = "one of the letters S, L, O, I, B and Z" if number[at] in _EXCLUDED else what
    return f"character {at + 1} is {what}, where {_FORM[at][1]} must be"
