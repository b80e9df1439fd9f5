"""What pyx12 itself says of the segments of a transaction set, by its own walk over its own map."""

import logging
from functools import cache
from typing import Any, NamedTuple

from pyx12.map_if import load_map_file
from pyx12.map_walker import walk_tree
from pyx12.params import ParamsBase
from pyx12.segment import Segment

MAPS = {"837P": "837.5010.X222.A1.xml", "837I": "837Q3.I.5010.X223.A1.xml"}


class Answer(NamedTuple):
    """One error: the ordinal of its segment; the element and component, 0 for none; the code of IK304 or IK403."""

    ordinal: int
    element: int
    component: int
    code: str


@cache
def _map(guide: str) -> Any:  # noqa: ANN401 - pyx12 has no types
    logging.getLogger("pyx12.walk_tree").disabled = True
    return load_map_file(MAPS[guide], ParamsBase())


def answers(segments: list[str], guide: str) -> set[Answer] | None:
    """What pyx12 says of a transaction set, ST to SE, with plain delimiters; None where it crashes."""
    root = _map(guide)
    node = root.getnodebypath("/ISA_LOOP/GS_LOOP/ST_LOOP/ST")
    walker = walk_tree()
    walker.counter.increment(node.x12path)
    found: set[Answer] = set()
    for ordinal, text in enumerate(segments, 1):
        data = Segment(text, "~", "*", ":")
        if ordinal > 1:
            here, _, _, errors = walker.walk_errors(node, data, ordinal, ordinal, None)
            found |= {Answer(one.seg_count or ordinal, 0, 0, one.err_cde) for one in errors}
            if here is None:
                continue
            node = here
        try:
            _, wrong = node.is_valid_errors(data)
        except (IndexError, ValueError):
            return None
        for one in wrong:
            place = str(one.refdes or "").removeprefix(node.id or "").lstrip("0").replace("-0", "-")
            element, _, component = place.partition("-")
            found.add(Answer(ordinal, int(element) if element.isdigit() else 0, int(component or 0), one.err_cde))
    # At SE it misses what it has counted at ST.
    return {one for one in found if one.ordinal < len(segments)}
