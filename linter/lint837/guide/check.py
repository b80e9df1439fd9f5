"""The slices of an input against their guide: which map, which loop; and nothing told that could not be checked."""

from functools import lru_cache

from lint837.claims.header import PREDETERMINATIONS
from lint837.guide.deviation import Deviation, Kind
from lint837.guide.fast import quick_look
from lint837.guide.maps import Guide, guide
from lint837.guide.walk import Walk, segments_in
from lint837.x12.delimiters import Delimiters
from lint837.x12.slices import Context, Slice

_HEADER = 256  # bytes that hold an ST or GS
CHECKED = frozenset({"st", "hl20", "hl22", "hl23", "claim"})  # kinds of slices


def deviations(piece: Slice, context: Context) -> list[Deviation]:
    """What deviates in a slice of one of the kinds CHECKED, by place; none in a slice without bytes."""
    if piece.data is None or not context.guide:
        return []
    try:
        known = guide_of(piece, context)
        root = known.roots["claim23" if piece.kind == "claim" and context.hl23 else piece.kind]
        if quick_look(known, context.delimiters).passes(root, piece.data):
            return []
        return Walk(known, root, segments_in(piece, context), context.delimiters).deviations()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a map or a value, other slices are checked
        return [not_checked(piece, context, error)]


def guide_of(piece: Slice, context: Context) -> Guide:
    """The guide of a slice in a context that has one."""
    return guide(context.guide, predetermination=_is_predetermination(piece, context))


def _is_predetermination(piece: Slice, context: Context) -> bool:
    st = piece if piece.kind == "st" else context.st
    for header, element in ((st, 3), (context.gs, 8)):
        data = (header.data if header else None) or b""
        first = data[:_HEADER].partition(context.delimiters.terminator)[0]  # after it comes who sends the file
        version = _element(first, context.delimiters, element)
        if version:
            return version[:10] in PREDETERMINATIONS
    return False


@lru_cache(64)
def _element(data: bytes, delimiters: Delimiters, number: int) -> bytes:
    """An element of a segment of a header."""
    return delimiters.elements(delimiters.clean(data), number)[number].upper()


def not_checked(piece: Slice, context: Context, error: Exception) -> Deviation:
    """The deviation of a slice of which the check failed."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""
    raw = (piece.data or b"").partition(context.delimiters.terminator)[0]
    failure = f"{type(error).__name__}{place}"
    return Deviation(Kind.NOT_CHECKED, raw, piece.start, piece.segment, "", "", "", failure=failure)
