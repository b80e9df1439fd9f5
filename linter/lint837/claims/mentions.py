"""Every mention of a drug is accounted for: the own codes and NDCs that a claim holds where no drug line has them."""

import re
from collections.abc import Iterator

from lint837.claims.claim import Claim, DrugLine
from lint837.claims.segment import Place, Segment, segments_of
from lint837.x12.delimiters import text_of

# In SV1 and SV2 a description is text, and no mention.
_COMPOSITE = {"SV1": 1, "SV2": 2}
_DESCRIPTION = 7
# The other segments of a claim, whose numbers and texts mean something else. Any other id is a damaged one.
_OTHERS = frozenset(
    [
        "AMT",
        "CAS",
        "CL1",
        "CLM",
        "CN1",
        "CR1",
        "CR2",
        "CR3",
        "CR4",
        "CR5",
        "CR6",
        "CR7",
        "CR8",
        "CRC",
        "DMG",
        "DTP",
        "FRM",
        "HCP",
        "HI",
        "HL",
        "K3",
        "LQ",
        "MEA",
        "MIA",
        "MOA",
        "N3",
        "N4",
        "NM1",
        "NTE",
        "OI",
        "PAT",
        "PER",
        "PRV",
        "PS1",
        "PWK",
        "QTY",
        "REF",
        "SBR",
        "SVD",
        "TOO",
    ]
)


def unjudged(claim: Claim) -> Iterator[Place]:
    """The places of mentions that belong to no drug line, once a line; and once above the first line. A line with the
    NDC of another product is judged; one that cannot be read is ENV014's.
    """
    lines = claim.service_lines
    if not claim.stray_identifications and all(isinstance(claim.line(line.ordinal), DrugLine) for line in lines):
        return
    pattern = claim.formulary.mention_pattern
    delimiters, data = claim.context.delimiters, claim.slice.data or b""
    if not pattern.search(text_of(delimiters.unwrapped(data)).upper()):
        return
    seen: set[int] = set()
    starts = [(line.lx or line.segments[0]).offset for line in lines]
    ordinal = 0
    for segment_id, raw, offset, number in segments_of(data, claim.slice, delimiters):
        while ordinal < len(starts) and starts[ordinal] <= offset:
            ordinal += 1
        if ordinal in seen or (ordinal and lines[ordinal - 1].is_unreadable):
            continue
        segment = Segment(segment_id, raw, offset, number, delimiters)
        element = _mentioned(segment, pattern, in_line=ordinal > 0)
        if element >= 0 and not _is_judged(claim, ordinal, segment):
            seen.add(ordinal)
            yield segment.at(element, line=ordinal)


def _mentioned(segment: Segment, pattern: re.Pattern[str], *, in_line: bool) -> int:
    """The number of the element with a mention, 0 for the id; -1 for none."""
    if segment.id in _OTHERS and not (in_line and segment.id == "REF" and segment.element(1) == "N4"):
        return -1
    for number, text in enumerate(segment.texts):
        if number == _COMPOSITE.get(segment.id):
            component = text_of(segment.delimiters.component)
            text = component.join(text.split(component)[: _DESCRIPTION - 1])
        if pattern.search(text.upper()):
            return number
    return -1


def _is_judged(claim: Claim, ordinal: int, segment: Segment) -> bool:
    if not ordinal:
        return any(item.lin.offset == segment.offset and item.has_drug for item in claim.stray_identifications)
    line = claim.line(ordinal)
    return isinstance(line, DrugLine) or (line is not None and line.has_other_ndc)
