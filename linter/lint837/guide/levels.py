"""What a guide says of the levels of a transaction set, which no slice can tell by itself: a level without the one that
must be below it, and more claims of a patient than it allows.
"""

from lint837.guide.check import deviations, guide_of, not_checked
from lint837.guide.deviation import Deviation, Kind, Misfit
from lint837.guide.maps import Loop
from lint837.guide.walk import segments_in
from lint837.x12.slices import Context, Slice

# What must be below a slice, and after which slices, right behind it, it cannot come any more.
_BELOW = {
    "st": ("hl20", frozenset({"se"})),
    "hl20": ("hl22", frozenset({"hl20", "se"})),
    "hl23": ("claim23", frozenset({"hl20", "hl22", "hl23", "se"})),
}


class Levels:
    """Follows the slices of one input, all of them."""

    def __init__(self) -> None:
        self._last: Slice | None = None
        self._claims = 0  # of the level at hand

    def follow(self, piece: Slice) -> Misfit | None:
        """What the next slice shows: that something is missing below the slice before it, or that it is a claim too
        many. Of a level, the first claim too many is told.
        """
        last, self._last = self._last, piece
        self._claims = self._claims + 1 if piece.kind == "claim" else 0
        about = piece if piece.kind == "claim" else last
        if about is None or about.data is None or about.context is None or not about.context.guide:
            return None
        try:
            found = self._too_many(piece, about.context) if about is piece else _lacks(about, about.context, piece)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a map, other slices are checked
            told = any(one.kind is Kind.NOT_CHECKED for one in deviations(about, about.context))
            found = None if told else not_checked(about, about.context, error)
        return Misfit(about, found) if found else None

    def _too_many(self, piece: Slice, context: Context) -> Deviation | None:
        loop = guide_of(piece, context).roots["claim23" if context.hl23 else "claim"]
        if self._claims != loop.most + 1:
            return None
        at, node = segments_in(piece, context)[0], loop.first
        told = (Kind.TOO_MANY_LOOPS, at.raw, at.offset, at.ordinal, node.label, node.name, loop.id)
        return Deviation(*told, limit=loop.most)


def _lacks(last: Slice, context: Context, piece: Slice) -> Deviation | None:
    """What is missing below a header, as the slice after it shows."""
    below, ends = _BELOW.get(last.kind, ("", frozenset()))
    if piece.kind not in ends:
        return None
    loop = guide_of(last, context).roots[below]
    # What is below it may be there under a wrong id.
    if not loop.required or any(not one.kind.of_element for one in deviations(last, context)):
        return None
    return _missing(loop, last, context)


def _missing(loop: Loop, piece: Slice, context: Context) -> Deviation:
    at, node = segments_in(piece, context)[-1], loop.first
    told = (Kind.MISSING, at.raw, at.offset, at.ordinal, node.label, node.name, loop.id)
    return Deviation(*told, expected_at=at.ordinal + 1, after=True, opener=piece.segment)
