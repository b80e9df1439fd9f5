"""NPI001: a provider's number that is no NPI."""

import re
from collections.abc import Iterator

from lint837 import Bad, Code, Good, Problem, Severity, WholeClaim, rule

from lint837_rules.boxes import provider_box

_VISIT = "SV1*HC:99213*100*UN*1***1~DTP*472*D8*20260105~"
_RIGHT = "1234567893"
_PREFIX = 24  # what the prefix 80840 of a United States health number adds to the sum of the check digit
_DIGITS = 10
_DOUBLED = str.maketrans("0123456789", "0246813579")  # the digits of twice a digit, added up
# Numbers that people type into samples: the digits in order, or one or two digits that repeat.
_DUMMY = r"1234567890|9876543210|0123456789|(\d)\1{9}|(\d\d)\2{4}"


@rule(
    "NPI001",
    severity=Severity.ERROR,
    cites=["npi-standard", "cedi-npi", "stedi-npi"],
    good=[
        Good(_VISIT, note="1234567893, the example of the standard"),
        Good(_VISIT, claim="NM1*DN*1*ROE*ANN****24*741852963~", note="NM108 does not say NPI"),
    ],
    bad=[
        Bad(_VISIT, instead=((_RIGHT, "1234567894"),), at="NM109", line="", note="a wrong check digit"),
        Bad(_VISIT, claim="NM1*82*1*ROE*ANN****XX*123456789~", at="NM109", line="", note="nine digits"),
        Bad(_VISIT, instead=((_RIGHT, "1111111111"),), at="NM109", line="", severity=Severity.WARNING, note="a dummy"),
    ],
    alike="providers",
)
def npi_invalid(claim: WholeClaim) -> Iterator[Problem]:
    """A provider's number is not a valid NPI.

    An NPI has ten digits, begins with 1 or 2, and its last digit is a check digit (Luhn, with the prefix 80840). A
    number that fails can be nobody's, and front-end edits reject each claim that has it: the most frequent rejection of
    Medicare's DME front end for years. Enter the NPI as the registry (NPPES) has it.

    Each number is reported once a file, at the first claim. A number that is a known dummy, and any in a test
    interchange (ISA15 is T), is a warning.
    """
    told: set[str] = set()
    for provider in claim.providers:
        name = provider.first
        number = name.element(9)
        if is_npi(number) or number in told:
            continue
        told.add(number)
        code = name.element(1)
        dummy = bool(re.fullmatch(_DUMMY, number))
        yield Problem(
            where=name.at(9),
            found=Code(number) if re.fullmatch("[0-9]{10}", number) else _described(number),
            expected="an NPI of ten digits with its check digit",
            message="The NPI of the {provider} is {found}, which is {wrong}.",
            correction="enter the provider's ten-digit NPI as the NPPES registry has it in NM109 ({box})",
            values={
                "provider": _NAMES.get(code, "provider"),
                "wrong": "a dummy number" if dummy else _wrong(number),
                "box": provider_box(claim, code),
            },
            severity=Severity.WARNING if dummy or claim.is_test else None,
            once=f"{code} {number}",
        )


_NAMES = {
    "85": "billing provider",
    "87": "pay-to provider",
    "82": "rendering provider",
    "DN": "referring provider",
    "P3": "primary care provider",
    "DK": "ordering provider",
    "DQ": "supervising provider",
    "77": "service facility",
    "71": "attending provider",
    "72": "operating physician",
    "ZZ": "other operating physician",
    "QB": "purchased service provider",
}


def is_npi(number: str) -> bool:
    """Whether a text is an NPI by its form and check digit."""
    # Nothing is remembered of it: the number of a rendering provider is a person's.
    if len(number) != _DIGITS or not number.isascii() or not number.isdigit() or number[0] not in "12":
        return False
    doubled = number[::2].translate(_DOUBLED)
    return (_PREFIX + sum(map(int, doubled + number[1::2]))) % 10 == 0


def _wrong(number: str) -> str:
    if not re.fullmatch("[0-9]{10}", number, re.ASCII):
        return "not ten digits"
    return "no NPI: the first digit is not 1 or 2" if number[0] not in "12" else "no NPI: its check digit is wrong"


def _described(number: str) -> str:
    """A text that is no number of ten digits, by its length only: it may be another number of a person."""
    return f"{len(number)} characters long" if number else "empty"
