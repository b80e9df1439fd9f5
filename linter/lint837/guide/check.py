"""The slices of an input against their guide: which map, which loop; and nothing told that could not be checked."""

from lint837.claims.segment import segments_of
from lint837.guide.deviation import Deviation, Kind
from lint837.guide.maps import guide
from lint837.guide.walk import Walk, segments_at
from lint837.x12.slices import Context, Slice

MOST = 50  # deviations of one slice that are told one by one
CHECKED = frozenset({"st", "hl20", "hl22", "hl23", "claim"})  # kinds of slices


def deviations(piece: Slice, context: Context) -> list[Deviation]:
    """What deviates in a slice of one of the kinds CHECKED, by place; none in a slice without bytes."""
    if piece.data is None or not context.guide:
        return []
    try:
        known = guide(context.guide)
        root = known.roots["claim23" if piece.kind == "claim" and context.hl23 else piece.kind]
        segments = segments_at(segments_of(piece.data, piece, context.delimiters), context.delimiters)
        return Walk(known, root, segments, context.delimiters).deviations()
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a map or a value, other slices are checked
        return [_failed(piece, context, error)]


def _failed(piece: Slice, context: Context, error: Exception) -> Deviation:
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    place = f" at {frame.tb_frame.f_code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}" if frame else ""
    raw = (piece.data or b"").partition(context.delimiters.terminator)[0]
    failure = f"{type(error).__name__}{place}"
    return Deviation(Kind.NOT_CHECKED, raw, piece.start, piece.segment, "", "", "", failure=failure)
