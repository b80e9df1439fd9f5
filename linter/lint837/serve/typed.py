"""A value that a person writes into a claim: into which elements, and where in the claim these are."""

import re
from collections.abc import Iterator

from lint837.claims.segment import Segment
from lint837.lint.finding import Finding, RawSegment
from lint837.report.excerpt import excerpt
from lint837.rules.values import ELLIPSIS
from lint837.serve.corrections import NotCorrectedError
from lint837.x12.delimiters import Delimiters, text_of

LONGEST = 80  # characters; no element of a service line is longer
# What may be typed besides the element of a finding, each by what a biller calls it.
_TYPED = {
    "SV101-2": "code",
    "SV101-3": "modifier 1",
    "SV101-4": "modifier 2",
    "SV101-5": "modifier 3",
    "SV101-6": "modifier 4",
    "SV103": "basis",
    "SV104": "units",
    "SV202-2": "code",
    "SV202-3": "modifier 1",
    "SV202-4": "modifier 2",
    "SV202-5": "modifier 3",
    "SV202-6": "modifier 4",
    "SV204": "basis",
    "SV205": "units",
    "DTP03": "date of service",
    "LIN02": "qualifier",
    "LIN03": "NDC",
    "CTP04": "NDC quantity",
    "CTP05-1": "NDC unit",
}


def places_of(finding: Finding) -> list[tuple[int, str, str]]:
    """The segment (from ST), the element and its name, of each value of the line that can be changed."""
    if finding.raw is None:
        return []
    found: dict[tuple[int, str], str] = {}
    for raw in (finding.raw.at, *finding.raw.segments):
        for place in _elements(raw):
            if place in _TYPED or (raw is finding.raw.at and place == finding.location.element):
                found.setdefault((raw.ordinal, place), f"{place} {_TYPED.get(place, '')}{_now(raw, place)}".strip())
    first = (finding.raw.at.ordinal, finding.location.element)
    return [(*key, text) for key, text in sorted(found.items(), key=lambda item: (item[0] != first, item[0]))]


def _elements(raw: RawSegment) -> Iterator[str]:
    for number, text in enumerate(raw.texts[1:], 1):
        name = f"{raw.id}{number:02}"
        yield name
        for component in range(1, len(text.split(text_of(raw.delimiters.component))) + 1):
            yield f"{name}-{component}"


def _now(raw: RawSegment, place: str) -> str:
    """What an element says now, as far as it may be shown."""
    text, start, end = excerpt(raw, place)
    return f", now {text[start:end]}" if end > start and ELLIPSIS not in text[start:end] else ""


def typed(value: str, delimiters: Delimiters) -> bytes:
    """A value as bytes. Raises NotCorrectedError where it cannot be the value of an element."""
    text = value.strip(" ")
    if not text:
        raise NotCorrectedError("Type a value first.")
    if len(text) > LONGEST:
        raise NotCorrectedError(f"A value has at most {LONGEST} characters.")
    if not (text.isascii() and text.isprintable()):
        raise NotCorrectedError("A value has letters, digits and signs of a plain keyboard only.")
    written = text.encode("ascii")
    if any(one and one in written for one in delimiters):
        shown = " ".join(one.decode("latin-1") for one in delimiters if one.isascii() and one.strip())
        raise NotCorrectedError(f"A value cannot hold a delimiter of the file: {shown}")
    return written


def span_in(segment: Segment, element: str) -> tuple[int, int]:
    """Where an element such as "SV101-2" is in a segment. Raises NotCorrectedError where the segment lacks it."""
    parts = re.fullmatch(r"(\w{2,3})(\d\d)(?:-(\d{1,2}))?", element, re.ASCII)
    if parts and parts[1] == segment.id:
        number, component = int(parts[2]), int(parts[3] or 0)
        if 0 < number <= len(segment) and component <= len(segment.components(number)):
            return segment.at(number, component).span
    raise NotCorrectedError("The claim does not have this element: add it in your billing system.")
