"""What pyx12's maps have wrong, and what is done about it. A test for each entry tells when pyx12 has mended it."""

from typing import Any

# Code lists that grow between releases: an unknown code would be a false error.
OUTDATED_LISTS = ("remark_code", "currency", "country")
# Of the states and provinces, those that the list has under an old code, or not at all.
_STATES = frozenset({"NL", "NU", "PW", "QC"})


def correct(root: Any) -> None:  # noqa: ANN401 - pyx12 has no types
    """Correct a map of pyx12 where a right claim would be found wrong."""
    states = root.ext_codes.codes["states"]
    states["codes"] |= _STATES
    for segment in _segments(root):
        _merge_cmn(segment)
        if segment.id == "BHT":  # the subrogation demand of a Medicaid agency, which pyx12 has in the 837I only
            _allow(segment.children[5], [*{**dict.fromkeys(segment.children[5].valid_codes), "31": None}])


def allow_predetermination(root: Any) -> None:  # noqa: ANN401
    """Make a map that of a predetermination of benefits: CLM19 says so, and nothing was done yet that has a date."""
    for segment in _segments(root):
        if segment.id == "CLM":
            segment.children[18].usage = "S"
            _allow(segment.children[18], None)
        elif segment.id == "DTP" and segment.children[0].valid_codes in (["472"], ["434"]):
            segment.usage = "S"


def _merge_cmn(segment: Any) -> None:  # noqa: ANN401
    """PWK*CT in loop 2400 is known by PWK01 alone, and is taken for the other PWK, whose PWK02 lacks the codes of a
    DMERC certificate (AB, AD, AF, AG, NS).
    """
    if segment.id != "PWK" or segment.parent.id != "2400":
        return
    others = [child for child in segment.parent.childIterator() if child.id == "PWK" and child is not segment]
    for other in others:
        if "CT" in segment.children[0].valid_codes and len(segment.children[0].valid_codes) > 1:
            _allow(segment.children[1], [*segment.children[1].valid_codes, *other.children[1].valid_codes])


def _allow(element: Any, codes: list[str] | None) -> None:  # noqa: ANN401
    element.valid_codes = codes or []
    element._valid_codes_set = frozenset(element.valid_codes)


def _segments(node: Any) -> list[Any]:  # noqa: ANN401
    found = []
    for pos in sorted(node.pos_map):
        for child in node.pos_map[pos]:
            found += [child] if child.is_segment() else _segments(child)
    return found
