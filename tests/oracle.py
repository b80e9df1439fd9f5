"""pyx12 as the judge of what is written: the implementation guides as maps, of somebody else's making."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from pyx12 import map_if
from pyx12.params import params
from pyx12.x12n_document import x12n_document

_load = map_if.load_map_file


@cache
def _map(name: str, folder: str | None) -> Any:  # noqa: ANN401 - pyx12 has no types
    return _load(name, params(), folder)


@contextmanager
def maps_read_once() -> Iterator[None]:
    """Let pyx12 keep the maps that it has read, which takes it most of its time. Nothing of a file is kept in them."""
    map_if.load_map_file = lambda name, _, folder=None: _map(name, folder)
    try:
        yield
    finally:
        map_if.load_map_file = _load


def errors(data: bytes) -> list[str]:
    """What the guide's map finds wrong in a file; [] where it is accepted."""
    found = io.StringIO()
    logging.disable(logging.CRITICAL)  # it would log member data
    try:
        with maps_read_once():
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
