"""pyx12 as the judge of what is written: the implementation guides as maps, of somebody else's making."""

import io
import json
import logging
from collections.abc import Iterator

from pyx12.params import params
from pyx12.x12n_document import x12n_document


def errors(data: bytes) -> list[str]:
    """What the guide's map finds wrong in a file; [] where it is accepted."""
    found = io.StringIO()
    logging.disable(logging.CRITICAL)  # it would log member data
    try:
        right = x12n_document(params(), io.StringIO(data.decode()), None, None, None, found)
    finally:
        logging.disable(logging.NOTSET)
    told = list(_texts(json.loads(found.getvalue()))) if found.getvalue() else []
    return told if right or told else ["not valid"]


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if "err_str" in part:
            yield str(part["err_str"])
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)
