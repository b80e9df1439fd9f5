"""A slice against the guide, segment by segment, with the cause of what deviates: one cause, one deviation.

pyx12 tells a wrong qualifier as an unknown segment, a missing one, and all segments that follow as unknown. Here a
segment is taken for the one that is due, a loop is entered without its opener, and what follows an unknown segment is
left alone, so that only the cause is told.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from lint837.claims.segment import segments_of
from lint837.guide.deviation import Deviation, Kind
from lint837.guide.elements import Wrong, wrong_in
from lint837.guide.maps import Element, Guide, Loop, SegmentNode, Step, key_of
from lint837.x12.delimiters import Delimiters, text_of
from lint837.x12.slices import Context, Slice

_FEW = 12  # codes that a sentence can hold
_FOLLOWERS = frozenset({"N2", "N3", "N4", "PER", "REF", "PRV", "DMG"})  # that belong to the NM1 before them


class At(NamedTuple):
    """A segment of a slice: its id, bytes, offset in the input, and ordinal from ST."""

    id: str
    raw: bytes
    offset: int
    ordinal: int
    key: str


class _Instance:
    """A loop that was entered: what came in it, and at which segments of the slice."""

    def __init__(self, loop: Loop, begin: int) -> None:
        self.loop = loop
        self.pos = loop.children[0].pos
        self.counts: dict[SegmentNode | Loop, int] = {}
        self.came: list[tuple[int, int]] = []  # positions, and indices of segments
        self.unknown: list[tuple[int, int]] = []  # as above, of segments whose id the guide does not have
        self.begin = begin
        self.opener_missing = False

    def count(self, child: SegmentNode | Loop, index: int) -> int:
        self.counts[child] = self.counts.get(child, 0) + 1
        self.came.append((child.pos, index))
        return self.counts[child]


class Walk:
    """Walks over the segments of one slice."""

    def __init__(self, guide: Guide, root: Loop, segments: Sequence[At], delimiters: Delimiters) -> None:
        self._guide = guide
        self._root = root
        self._segments = segments
        self._delimiters = delimiters
        self._stack = [_Instance(root, 0)]
        self._early: dict[Loop, list[SegmentNode]] = {}  # what came before the opener of its loop
        self._lost = False  # after an unknown segment: what does not fit now is no news
        self._under_unknown = False  # after an unknown NM1: its followers are no news either
        self._found: list[Deviation] = []

    def deviations(self) -> list[Deviation]:
        """What deviates, by segment and element."""
        for index, at in enumerate(self._segments):
            self._take(index, at)
        while self._stack:
            self._leave(len(self._segments))
        return sorted(self._found, key=lambda one: (one.ordinal, one.after, one.element, one.component))

    # -- one segment

    def _take(self, index: int, at: At) -> None:
        here = self._stack[-1]
        if self._under_unknown and at.id in _FOLLOWERS:
            return
        if index == 0 and self._root.first.id == at.id:
            self._arrive(index, at, Step(0, (), self._root.first))
            return
        step = here.loop.step(here.pos, at.id, at.key)
        if step is not None:
            self._arrive(index, at, step)
            return
        if self._lost and at.id in _FOLLOWERS:
            return
        for fits in (
            self._due,
            self._out_of_place,
            self._without_opener,
            self._only_one,
            self._one_too_many,
            self._loop_out_of_place,
        ):
            if fits(index, at):
                return
        self._unknown(index, at)

    def _arrive(self, index: int, at: At, step: Step) -> None:
        self._lost = self._under_unknown = False
        for _ in range(step.pops):
            self._leave(index)
        for loop in step.enters:
            self._enter(loop, index, at)
        here, node = self._stack[-1], step.node
        here.pos = node.pos
        if here.count(node, index) > node.most:
            self._tell(Kind.TOO_MANY_SEGMENTS, at, node, limit=node.most)
        for wrong in wrong_in(node, at.raw, self._delimiters):
            self._tell_element(wrong, at, node)

    def _enter(self, loop: Loop, index: int, at: At) -> None:
        outer = self._stack[-1]
        outer.pos = loop.pos
        if outer.count(loop, index) > loop.most:
            self._tell(Kind.TOO_MANY_LOOPS, at, loop.first, limit=loop.most)
        self._stack.append(_Instance(loop, index))
        for node in self._early.pop(loop, ()):
            self._stack[-1].counts[node] = 1

    def _leave(self, index: int) -> None:
        """Leave the innermost loop, before the segment at `index`; tell what is missing in it."""
        inner = self._stack.pop()
        loop = inner.loop
        alone = len(inner.came) == 1 and index < len(self._segments)
        if alone and self._segments[index].id == loop.first.id and self._is_again(index, inner):
            return  # its opener is doubled
        if inner.opener_missing and len(inner.came) == 1:
            return
        for child in loop.children:
            if child not in loop.needed or inner.counts.get(child):
                continue
            later = min((at for pos, at in inner.came if pos > child.pos), default=index)
            sooner = max((at for pos, at in inner.came if pos <= child.pos and at < later), default=inner.begin)
            if any(sooner < at <= later for _, at in inner.unknown):
                continue  # it is the unknown one
            self._missing(child, later, inner.begin)
            if len(self._segments) == 1:
                return  # the slice is empty

    def _is_again(self, index: int, inner: _Instance) -> bool:
        return self._segments[index].raw == self._segments[inner.begin].raw or inner.loop.most == 1

    def _missing(self, child: SegmentNode | Loop, before: int, begin: int) -> None:
        node = child if isinstance(child, SegmentNode) else child.first
        after = before >= len(self._segments)
        at = self._segments[-1] if after else self._segments[before]
        self._found.append(
            Deviation(
                Kind.MISSING,
                at.raw,
                at.offset,
                at.ordinal,
                node.label,
                node.name,
                node.loop.id,
                expected_at=at.ordinal + after,
                after=after,
                opener=self._segments[begin].ordinal,
            )
        )

    # -- a segment that does not fit

    def _due(self, index: int, at: At) -> bool:
        """Take a segment for the one with its id that is due: its qualifier is wrong."""
        due = [step for step in self._ahead(at.id) if self._is_due(step) and not self._comes_later(step.node, index)]
        if len(due) == 1:
            self._arrive(index, at, due[0])
        return len(due) == 1

    def _only_one(self, index: int, at: At) -> bool:
        """Take a segment for the only one with its id that may come here: its qualifier is wrong."""
        steps = self._ahead(at.id)
        if len(steps) != 1 or not self._room(steps[0]) or self._comes_later(steps[0].node, index):
            return False
        self._arrive(index, at, steps[0])
        return True

    def _ahead(self, segment_id: str) -> list[Step]:
        here = self._stack[-1]
        return list({step.node: step for step in here.loop.forward(here.pos, segment_id)}.values())

    def _is_due(self, step: Step) -> bool:
        """Whether a required segment, or the first of a required loop, has not come yet."""
        outer = self._stack[-1 - step.pops]
        child: SegmentNode | Loop = step.enters[0] if step.enters else step.node
        return child in outer.loop.needed and not outer.counts.get(child)

    def _room(self, step: Step) -> bool:
        outer = self._stack[-1 - step.pops]
        child: SegmentNode | Loop = step.enters[0] if step.enters else step.node
        return outer.counts.get(child, 0) < child.most

    def _comes_later(self, node: SegmentNode, index: int) -> bool:
        """Whether the segment comes with its own qualifier before the loop at hand begins again."""
        again = self._stack[-1].loop.first.id if len(self._stack) > 1 else ""
        for other in self._segments[index + 1 :]:
            if other.id == again and other.id != node.id:
                return False
            if node.is_match(other.id, other.key):
                return True
        return False

    def _without_opener(self, index: int, at: At) -> bool:
        """Enter the one loop that may come here and has this segment, but not as its first: that is missing, or comes
        after it.
        """
        found: list[tuple[int, Loop, SegmentNode]] = []
        pos = self._stack[-1].pos
        for pops, outer in enumerate(reversed(self._stack)):
            for child in outer.loop.children:
                if isinstance(child, Loop) and child.pos >= pos and outer.counts.get(child, 0) < child.most:
                    nodes = [n for n in child.children[1:] if isinstance(n, SegmentNode) and n.is_match(at.id, at.key)]
                    found += ((pops, child, node) for node in nodes[:1])
            if outer.loop.is_root:
                break
            pos = outer.loop.pos
        following = self._segments[index + 1] if index + 1 < len(self._segments) else None
        for _, loop, node in found:
            if following and loop.first.is_match(following.id, following.key):
                self._tell(Kind.MISPLACED, at, node)
                self._check(at, node)
                self._early.setdefault(loop, []).append(node)
                return True
        found = [one for one in found if not self._skips(one[0], one[1], index)]
        needed = [one for one in found if one[1].required and not self._stack[-1 - one[0]].counts.get(one[1])]
        chosen = needed if len(needed) == 1 else found
        if len(chosen) != 1:
            return False
        pops, loop, node = chosen[0]
        is_unknown_one = (index - 1) in (before for _, before in self._stack[-1].unknown)
        for _ in range(pops):
            self._leave(index)
        self._enter(loop, index, at)
        self._stack[-1].opener_missing = True
        self._stack[-1].counts[loop.children[0]] = 1
        if not is_unknown_one:
            self._missing(loop.first, index, index)
        self._arrive(index, at, Step(0, (), node))
        return True

    def _skips(self, pops: int, loop: Loop, index: int) -> bool:
        """Whether a loop is not due yet: its own first segment comes later, or one that must come before it does."""
        outer = self._stack[-1 - pops]
        nodes = [child for child in outer.loop.needed if child.pos < loop.pos and not outer.counts.get(child)]
        firsts = [child if isinstance(child, SegmentNode) else child.first for child in nodes]
        own = [] if loop.most > 1 else [loop.first]
        return any(self._comes_later(node, index) for node in (*firsts, *own))

    def _out_of_place(self, index: int, at: At) -> bool:
        """Take a segment that the loop at hand, or one around it, has before the position at hand."""
        for outer, node in self._behind(at):
            if outer.counts.get(node, 0) < node.most:
                outer.count(node, index)
                self._tell(Kind.MISPLACED, at, node)
                self._check(at, node)
                return True
        return False

    def _one_too_many(self, index: int, at: At) -> bool:
        """The same, of a segment that came as often as it may."""
        for outer, node in self._behind(at):
            outer.count(node, index)
            self._tell(Kind.TOO_MANY_SEGMENTS, at, node, limit=node.most)
            self._check(at, node)
            return True
        return False

    def _behind(self, at: At) -> Iterator[tuple[_Instance, SegmentNode]]:
        for outer in reversed(self._stack):
            for child in outer.loop.children[1:]:
                if isinstance(child, SegmentNode) and child.is_match(at.id, at.key):
                    yield outer, child

    def _loop_out_of_place(self, index: int, at: At) -> bool:
        """Enter a loop that comes before the position at hand."""
        for pops, outer in enumerate(reversed(self._stack)):
            for child in outer.loop.children:
                if not isinstance(child, Loop) or child.is_root or not child.first.is_match(at.id, at.key):
                    continue
                for _ in range(pops):
                    self._leave(index)
                if outer.counts.get(child, 0) < child.most:
                    self._tell(Kind.MISPLACED, at, child.first)
                self._arrive(index, at, Step(0, (child,), child.first))
                return True
        return False

    def _check(self, at: At, node: SegmentNode) -> None:
        self._lost = self._under_unknown = False
        for wrong in wrong_in(node, at.raw, self._delimiters):
            self._tell_element(wrong, at, node)

    def _unknown(self, index: int, at: At) -> None:
        here = self._stack[-1]
        is_known = at.id in self._guide.ids
        kind = Kind.UNEXPECTED if is_known else Kind.UNKNOWN_ID
        if not is_known:
            here.unknown.append((here.pos, index))
        self._found.append(Deviation(kind, at.raw, at.offset, at.ordinal, at.id if is_known else "", "", here.loop.id))
        self._lost = True
        self._under_unknown = at.id == "NM1"

    # -- telling

    def _tell(self, kind: Kind, at: At, node: SegmentNode, limit: int = 0) -> None:
        self._found.append(
            Deviation(kind, at.raw, at.offset, at.ordinal, node.label, node.name, node.loop.id, limit=limit)
        )

    def _tell_element(self, wrong: Wrong, at: At, node: SegmentNode) -> None:
        element = wrong.element
        limit = 0
        if element and wrong.kind in (Kind.TOO_SHORT, Kind.TOO_LONG):
            limit = element.least if wrong.kind is Kind.TOO_SHORT else element.most
        elif wrong.kind is Kind.TOO_MANY_ELEMENTS:
            limit = wrong.number - 1
        elif wrong.kind is Kind.TOO_MANY_COMPONENTS:
            limit = wrong.component - 1
        self._found.append(
            Deviation(
                wrong.kind,
                at.raw,
                at.offset,
                at.ordinal,
                node.id,
                element.name if element else "",
                node.loop.id,
                wrong.number,
                wrong.component,
                element.data_element if element else "",
                limit,
                codes=_few_codes(element) if element and wrong.kind is Kind.CODE else (),
                is_number=bool(element and element.type.startswith(("N", "R"))),
            )
        )


def _few_codes(element: Element) -> tuple[str, ...]:
    """The codes of an element, where they are few and not in a list that others keep."""
    return (
        tuple(sorted(element.codes, key=lambda code: (len(code), code)))
        if len(element.codes) <= _FEW and not element.list
        else ()
    )


def segments_in(piece: Slice, context: Context) -> list[At]:
    """The segments of a slice, as a walk takes them."""
    delimiters = context.delimiters
    separator, component = delimiters.element, text_of(delimiters.component)
    found = []
    for raw_id, raw, offset, ordinal in segments_of(piece.data or b"", piece, delimiters):
        segment_id = text_of(raw_id)
        texts = [text_of(part) for part in delimiters.unwrapped(raw).split(separator, 4)]
        found.append(At(segment_id, raw, offset, ordinal, key_of(segment_id, texts, component)))
    return found
