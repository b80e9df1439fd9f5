"""Every mention of a drug is accounted for: the own codes and NDCs that a claim holds where nothing reads them."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice

from lint837.claims.claim import Claim, DrugLine, ServiceLine
from lint837.claims.segment import BESIDE_SERVICES, Place, Segment, segments_of
from lint837.x12.delimiters import text_of

# In SV1 and SV2 a description is text, and no mention.
_COMPOSITE = {"SV1": 1, "SV2": 2}
_DESCRIPTION = 7
_NDC = 3  # LIN03
_NUMBERS = frozenset({"LX", "CTP"})  # most of them hold no mention, and one look at them tells
_LOOKED_OVER = _NUMBERS | {"SV1", "SV2", "LIN"}
_SHORTEST = 6  # characters of a name, perhaps with a slip


def unjudged(claim: Claim) -> Iterator[Place]:
    """The places of mentions that no drug line is judged by, once a line; and once above the first line. A line with
    the NDC of another product is judged; one that cannot be read is ENV014's.
    """
    lines, delimiters, data = claim.service_lines, claim.context.delimiters, claim.slice.data or b""
    if not (claim.drug_lines or _may_be_mentioned(claim, delimiters.unwrapped(data))):
        return
    is_known_above = not claim.has_others_above
    if is_known_above and len(claim.drug_lines) == len(lines) and all(line.is_well_coded for line in claim.drug_lines):
        return
    misc, start = claim.miscellaneous_lines, claim.slice.start
    firsts = [line.first_segment for line in lines]
    offsets = [0, *(first.offset - start for first in firsts), len(data)]
    numbers = [claim.slice.segment, *(first.ordinal for first in firsts)]
    for ordinal, (begin, end, number) in enumerate(zip(offsets, offsets[1:], numbers, strict=False)):
        line = claim.line(ordinal)
        if is_known_above if line is None else line.is_unreadable or (line.is_plain and not misc and _is_known(line)):
            continue
        part = claim.slice._replace(start=start + begin, segment=number)
        places = (
            _unjudged_in(claim, line, Segment(*one, delimiters))
            for one in segments_of(data[begin:end], part, delimiters)
            if one[0] not in BESIDE_SERVICES or (line and one[0] == b"REF")
        )
        yield from islice((place for place in places if place), 1)


def _is_known(line: ServiceLine) -> bool:
    """Whether no mention in a plain line is more than the code and the NDC that it is judged by."""
    pattern = line.claim.formulary.mention_pattern
    return all(
        isinstance(line, DrugLine) and item.is_well_written if item.known else not pattern.search(item.ndc)
        for item in line.drug_identifications
    )


def _unjudged_in(claim: Claim, line: ServiceLine | None, segment: Segment) -> Place | None:
    """The place of a mention in a segment of a line that nothing judges."""
    if segment.id in _LOOKED_OVER and not claim.miscellaneous_lines:
        mentions = claim.formulary.mention_pattern.findall(_text(segment))
        if _is_judged(line, segment, mentions) if mentions else segment.id in _NUMBERS:
            return None
    if segment.id == "REF" and segment.element(1) != "N4":
        return None
    element = _mentioned(claim, line, segment)
    # A damaged id may be anything.
    return segment.at(element if len(segment.id) < 4 else 0, line=line.ordinal if line else 0) if element >= 0 else None


def _text(segment: Segment) -> str:
    """All of a segment, as names and codes are looked for."""
    return text_of(segment.delimiters.unwrapped(segment.raw)).upper()


def _is_judged(line: ServiceLine | None, segment: Segment, mentions: Sequence[str]) -> bool:
    """Whether the mentions in a segment of a line are the one code or NDC that it is known by."""
    if len(mentions) != 1 or not isinstance(line, DrugLine):
        return False
    if segment.id == "LIN":
        items = line.drug_identifications
        # The pattern finds labeler and product.
        return any(
            item.lin.offset == segment.offset and item.is_well_written and item.ndc_element == _NDC for item in items
        )
    is_service = line.service is not None and line.service.offset == segment.offset
    return is_service and not line.procedure.form and line.procedure_code == mentions[0]


def _may_be_mentioned(claim: Claim, data: bytes) -> bool:
    """Whether a claim without a drug line may hold a mention; most hold none."""
    if claim.formulary.mention_pattern.search(text_of(data).upper()):
        return True
    if not claim.miscellaneous_lines:
        return False
    delimiters = claim.context.delimiters
    if _long_id(delimiters.terminator, delimiters.element).search(data):
        return True
    component = text_of(delimiters.component)
    return any(
        _may_name(part)
        for line in claim.service_lines
        for segment in (*line.segments, *([line.lx] if line.lx else []))
        if segment.id.encode() not in BESIDE_SERVICES
        for text in _without_description(segment)
        for part in text.split(component)
    )


def _may_name(text: str) -> bool:
    """Whether a text may hold a name: short codes and numbers do not."""
    return len(text) >= _SHORTEST and not text.isdigit()


@lru_cache(64)
def _long_id(terminator: bytes, element: bytes) -> re.Pattern[bytes]:
    """A segment id that is as long as a name."""
    end, separator = re.escape(terminator), re.escape(element)
    return re.compile(rb"%s\s*[^%s%s]{%d,}%s" % (end, end, separator, _SHORTEST, separator))


def _mentioned(claim: Claim, line: ServiceLine | None, segment: Segment) -> int:
    """The number of the element with a mention that nothing judges, 0 for the id; -1 for none."""
    formulary = claim.formulary
    texts = _left(line, segment) if isinstance(line, DrugLine) else _without_description(segment)
    pattern = formulary.mention_pattern
    found = next((number for number, text in enumerate(texts) if pattern.search(text.upper())), -1)
    if found < 0 and segment.id == "LIN" and _is_torn(segment, pattern):
        found = _NDC
    if found < 0 and claim.miscellaneous_lines and segment.id != "REF":  # in no other claim a name is looked for
        found = next((number for number, text in enumerate(texts) if _may_name(text) and formulary.named_in(text)), -1)
    if found < 0 or isinstance(line, DrugLine):
        return found
    if line is None:
        stray = (item.lin.offset == segment.offset and item.known for item in claim.stray_identifications)
        return -1 if any(stray) else found
    return -1 if line.has_other_ndc else found


def _without_description(segment: Segment) -> list[str]:
    """The elements of a segment, the id first; SV101 or SV202 without its free text."""
    texts, composite = list(segment.texts), _COMPOSITE.get(segment.id, 0)
    if 0 < composite < len(texts):
        component = text_of(segment.delimiters.component)
        texts[composite] = component.join(texts[composite].split(component)[: _DESCRIPTION - 1])
    return texts


def _left(line: DrugLine, segment: Segment) -> list[str]:
    """The same for a segment of a drug line, without what its rules read: the code, and the NDC of a LIN."""
    texts = _without_description(segment)
    if segment.id == "REF":
        return []
    if line.service and segment.offset == line.service.offset:
        _blank_procedure(line, texts)
    formulary = line.claim.formulary
    for item in line.drug_identifications:
        if item.lin.offset == segment.offset:
            component = text_of(segment.delimiters.component)
            for number in range(_NDC, len(texts), 2):
                # Digits of an NDC in a longer number with a qualifier, such as a UPC, are none; NDC001 reads LIN03.
                parts = [part.strip() for part in texts[number].split(component)]
                whole = any(formulary.by_ndc(part) or formulary.by_code(part) for part in parts)
                if len(texts[number - 1].strip()) == 2 and not whole:
                    texts[number] = ""
            if item.known:
                texts[item.ndc_element] = ""
    return texts


def _is_torn(segment: Segment, pattern: re.Pattern[str]) -> bool:
    """Whether a LIN holds an NDC over two elements, and none in one."""
    whole = any(pattern.search(text.upper()) for text in segment.texts)
    return not whole and pattern.search("".join(segment.texts).upper()) is not None


def _blank_procedure(line: DrugLine, texts: list[str]) -> None:
    """Take the code of a drug line out of the elements of its service segment, and modifiers that are text."""
    procedure, composite = line.procedure, line.at_procedure.number
    if procedure.form:
        pattern = line.claim.formulary.mention_pattern
        texts[procedure.element] = pattern.sub("", texts[procedure.element].upper(), count=1)
    elif composite < len(texts):
        component = text_of(line.at_procedure.segment.delimiters.component)
        parts = texts[composite].split(component)
        # Under a miscellaneous code they are text, also where the NDC says which drug it is.
        is_text = line.how == "text" or (line.code is not None and not line.code.is_product)
        kept = [
            part if n != 1 and not (is_text and n > 1 and len(part.strip()) != 2) else ""
            for n, part in enumerate(parts)
        ]
        texts[composite] = component.join(kept)
