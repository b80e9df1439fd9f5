"""The slicer: the buffer, the slice under way, and the faults found so far.

It knows bytes, offsets and lines. It does not know what a segment means: envelope.py does.
"""

from collections.abc import Iterable, Mapping

from lint837.x12.delimiters import Delimiters
from lint837.x12.faults import Cause, Fault, FaultValue, Scope
from lint837.x12.slices import Context, Counts, Limits, Run, Slice

_MERGE_ABOVE = 100  # more malformed segments than this in one transaction set become one fault
# Slices whose bytes are kept; of the others only the place is.
_KEPT = frozenset({"isa", "gs", "st", "hl20", "hl22", "hl23", "claim"})
_IN_CONTEXT = frozenset({"st", "hl20", "hl22", "hl23"})  # they come with what is above them, as claims do
# The levels by their places in a Context; one ends those behind it.
_LEVELS = {kind: Context._fields.index(kind) for kind in ("hl20", "hl22", "hl23")}
_NONE = (None,) * len(Context._fields)
_NO_VALUES: Mapping[str, FaultValue] = {}
# While it is not decided whether a transaction set uses the separator that ISA16 declares, what begins within so many
# bytes is held back: its claims are not to be judged if it does not.
_LOOK_BACK = 1024 * 1024


class Slicer:
    """The buffer and the slice under way.

    `buffer[0]` is at offset `base` of the input. A caller reads the buffer, `open`s a slice wherever one begins and
    `report`s faults. `take` appends a block and drops what is no longer needed.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.counts = Counts()
        self.events: list[Slice | Fault | Run] = []
        self.context = Context(Delimiters(b"*", b":", b"^", b"~"))
        self.buffer = b""
        self.base = 0
        # The slice under way.
        self.kind = "other"
        self.start = 0
        self.segments = 0
        self.damaged = False
        self.segment = 0  # the ordinal from ST of the segment being read
        self.claim_name = ""  # CLM01 of the last claim
        self.spoiled = False  # the claims of the transaction set under way must not be judged
        self._held = -1  # the event from which on events are held back, -1 for none
        self._first_segment = 0
        self._start_line = (1, 0)
        self._kept = False
        self._given_up = False
        # Physical lines are counted up to offset `_located`, once, before its bytes are dropped.
        self._located = 0
        self._line = 1
        self._line_start = 0
        # The last offset, after `_located`, whose line and beginning of line were asked for.
        self._asked = (0, 1, 0)
        self._malformed: dict[Scope, list[Fault]] = {scope: [] for scope in Scope}
        self._malformed_count = dict.fromkeys(Scope, 0)

    def take(self, block: bytes, position: int) -> int:
        """Append a block; `position` is the index of the next byte to read. Returns its new index."""
        self.counts.bytes += len(block)
        keep = self._drop_to(position)
        self.buffer = self.buffer[keep:] + block
        self.base += keep
        return position - keep

    def take_over(self, block: bytes, begin: int, position: int) -> int:
        """Replace the buffer by the whole of a block that begins at offset `begin` and whose first bytes were taken
        before. `position` and what is returned: as in `take`.
        """
        keep = self._drop_to(position)
        taken = self.base + len(self.buffer) - begin
        self.counts.bytes += len(block) - taken
        if self.base + keep < begin:
            self.buffer = self.buffer[keep:] + block[taken:]
            self.base += keep
            return position - keep
        position += self.base - begin
        self.buffer, self.base = block, begin
        return position

    def _drop_to(self, position: int) -> int:
        """The index in the buffer up to which it is no longer needed."""
        keep = position
        if self._kept:
            keep = self.start - self.base
            if position - keep > self.limits.slice:
                self._give_up_slice()
                keep = position
        self._locate(self.base + keep)
        return keep

    def open(self, kind: str, offset: int) -> None:
        """End the slice under way at `offset`, and begin another there."""
        self.close(offset)
        self._locate(offset)
        self.kind, self.start, self.segments, self.damaged = kind, offset, 0, False
        self._first_segment = self.segment
        self._start_line = (self._line, self._line_start)
        self._kept = kind in _KEPT
        self._given_up = False

    # -- what the grammar says of a segment

    def next_segment(self) -> None:
        """A segment of the transaction set begins."""
        self.segment += 1

    def add_segment(self) -> None:
        """It is one of the slice under way."""
        self.segments += 1

    def begin_interchange(self, offset: int) -> None:
        """An ISA begins at `offset`."""
        self.open("isa", offset)
        self.segments = 1
        self.segment = 0
        self.counts.interchanges += 1

    def begin_set(self, kind: str, offset: int) -> None:
        """An ST begins at `offset`."""
        self.segment = 1
        self.open(kind, offset)
        self.segments = 1
        self.counts.transaction_sets += 1
        self.spoiled = False

    def end_set(self) -> None:
        """What follows is in no transaction set."""
        self.segment = 0

    def begin_claim(self, offset: int, name: str) -> None:
        """A CLM begins at `offset`. `name`: CLM01 as it may be shown."""
        self.open("claim", offset)
        self.counts.claims += 1
        self.claim_name = name

    def enter(self, context: Context) -> None:
        """Claims come under something else from now on."""
        self.context = context

    def damage(self) -> None:
        """The slice under way cannot be read."""
        self.damaged = True

    def leave_unchecked(self, segments: int) -> None:
        """So many segments of claims could not be judged."""
        self.counts.unchecked += segments

    def close(self, end: int) -> None:
        """Emit the slice under way, unless it is empty; a header becomes part of the context."""
        if end <= self.start:
            return
        if self.kind in _KEPT and end - self.start > self.limits.slice:
            self._give_up_slice()
        data = None
        self.damaged |= self.spoiled and self.kind == "claim"
        if self._kept and not self.damaged:
            data = self.buffer[self.start - self.base : end - self.base]
        claim = self.counts.claims if self.kind == "claim" else 0
        if claim and self.damaged and not self.spoiled:
            self.counts.unchecked += self.segments
        self.counts.segments += self.segments
        self.events.append(self._slice(end, claim, data))

    def _slice(self, end: int, claim: int, data: bytes | None) -> Slice:
        """Make the slice under way, which ends at `end`; a header becomes part of the context."""
        kind = self.kind
        level = _LEVELS.get(kind, 0)
        if level:  # what a level ends is not above it
            self.context = Context._make((*self.context[:level], *_NONE[level:]))
        piece = Slice(
            kind,
            self.start,
            end,
            *self._start_line,
            self._first_segment,
            self.segments,
            claim,
            self.claim_name if claim else "",
            data,
            self.damaged,
            self.context if claim or kind in _IN_CONTEXT else None,
        )
        if level:
            self.context = Context._make((*self.context[:level], piece, *_NONE[level + 1 :]))
        elif kind == "st":
            self.context = self.context._replace(st=piece)
        elif kind == "gs":
            self.context = self.context._replace(gs=piece)
        elif kind == "isa":
            self.context = self.context._replace(isa=piece)
        return piece

    # -- plain slices, which the fast scanner found

    def begin_pass(self, offset: int) -> tuple[int, int]:
        """End the slice under way at `offset`. Returns the physical line there, and the offset where it begins."""
        self.close(offset)
        self._locate(offset)
        return self._line, self._line_start

    def pass_slice(
        self,
        kind: str,
        offset: int,
        end: int,
        line: tuple[int, int] | None,
        *,
        segment: int,
        segments: int,
        claim: int,
        name: str,
    ) -> Slice:
        """Make a plain slice after the last one that was closed or passed. The caller emits it if it is wanted.

        line: its physical line, and the offset where that begins; None where it must be found.
        segment: the ordinal of its first segment from ST.
        """
        self._set_line(offset, line)
        self.kind, self.start, self.segments, self.damaged = kind, offset, segments, False
        self._first_segment = segment
        self._start_line = (self._line, self._line_start)
        self.claim_name = name
        return self._slice(end, claim, self.buffer[offset - self.base : end - self.base])

    def end_pass(self, offset: int, line: tuple[int, int] | None, *, segments: int, claims: int) -> None:
        """Note that everything up to `offset`, where a slice ends, was read: more segments and more claims."""
        self._set_line(offset, line)
        self.kind, self.start, self.segments, self.damaged = "other", offset, 0, False
        self._kept = False
        self.segment += segments
        self.counts.segments += segments
        self.counts.claims += claims

    def _set_line(self, offset: int, line: tuple[int, int] | None) -> None:
        if line is None:
            self._locate(offset)
        else:
            self._line, self._line_start = line
            self._located = offset
            self._asked = (offset, *line)

    def _give_up_slice(self) -> None:
        self._kept = False
        self.damaged = True
        if self._given_up:
            return
        self._given_up = True
        line, line_start = self._start_line
        position = (line, self.start - line_start + 1)
        self.report(
            Cause.PAST_SLICE_LIMIT,
            self.start,
            {"limit": self.limits.slice},
            scope=self.scope,
            position=position,
            segment=self._first_segment,
        )

    def hand_out(self, events: Iterable[Slice | Run]) -> None:
        """Emit what was passed."""
        self.events += events

    # -- events that are held back

    def hold(self) -> None:
        """Hold back what is found from now on: a transaction set begins, and its separator is not decided."""
        self._held = len(self.events)

    def release(self) -> None:
        """Hold nothing back any more."""
        self._held = -1

    def due(self, position: int) -> list[Slice | Fault | Run]:
        """Take the events that may be handed out; `position` is the index in the buffer of the next byte to read."""
        events = self.events
        if self._held < 0:
            self.events = []
            return events
        oldest = self.base + position - _LOOK_BACK
        while self._held < len(events) and _begin(events[self._held]) < oldest:
            self._held += 1
        self.events = events[self._held :]
        events = events[: self._held]
        self._held = 0
        return events

    def spoil(self, end: int, silenced: frozenset[Cause]) -> None:
        """The claims of the transaction set must not be judged: that of the claim under way, which ends at `end`, those
        that are held, and those that follow. Drop the `silenced` faults of this claim.
        """
        self.spoiled = True
        oldest = end - _LOOK_BACK
        kept: list[Slice | Fault | Run] = []
        for event in self.events[self._held :]:
            if isinstance(event, Slice):
                spoiled = event.kind == "claim" and event.start >= oldest
                kept.append(event._replace(data=None, damaged=True) if spoiled else event)
            elif isinstance(event, Run) or event.cause not in silenced or event.offset < max(self.start, oldest):
                kept.append(event)
        self.events[self._held :] = kept
        self.release()

    # -- places

    def _locate(self, offset: int) -> None:
        self._line, column = self.position(offset)
        self._line_start = offset - column + 1
        self._located = offset
        self._asked = (offset, self._line, self._line_start)

    def position(self, offset: int) -> tuple[int, int]:
        """The physical line and column (1-based, in bytes) of an offset that is in the buffer."""
        asked, line, line_start = self._asked
        if not self._located <= asked <= offset:
            asked, line, line_start = self._located, self._line, self._line_start
        begin, end = asked - self.base, offset - self.base
        # To look for a byte that is absent is many times quicker than to count it.
        last = self.buffer.rfind(b"\n", begin, end)
        if last >= 0:
            line += self.buffer.count(b"\n", begin, last) + 1
            line_start = self.base + last + 1
        self._asked = (offset, line, line_start)
        return line, offset - line_start + 1

    # -- faults

    def fault(
        self,
        cause: Cause,
        offset: int,
        values: Mapping[str, FaultValue],
        element: str = "",
        *,
        scope: Scope,
        position: tuple[int, int] | None = None,
        segment: int | None = None,
    ) -> Fault:
        """Make a fault, to be reported later or never."""
        line, column = position or self.position(offset)
        segment = self.segment if segment is None else segment
        context = self.context
        return Fault(
            cause,
            values,
            offset,
            line,
            column,
            segment,
            element,
            scope,
            context.ordinals,
            context.control_numbers,
            self.counts.claims if self.kind == "claim" else 0,
            self.claim_name if self.kind == "claim" else "",
            self._ended,
        )

    @property
    def scope(self) -> Scope:
        """What cannot be checked if the slice under way cannot."""
        return Scope.CLAIM if self.kind == "claim" else Scope.FILE

    @property
    def _ended(self) -> int:
        return self.counts.claims - (self.kind == "claim")

    def report(
        self,
        cause: Cause,
        offset: int,
        values: Mapping[str, FaultValue] = _NO_VALUES,
        element: str = "",
        *,
        scope: Scope = Scope.NONE,
        position: tuple[int, int] | None = None,
        segment: int | None = None,
    ) -> None:
        """Report a fault. Pass `position` where the offset may have left the buffer."""
        fault = self.fault(cause, offset, values, element, scope=scope, position=position, segment=segment)
        self.events.append(fault)

    def malformed(
        self,
        cause: Cause,
        offset: int,
        values: Mapping[str, FaultValue] = _NO_VALUES,
        *,
        scope: Scope = Scope.NONE,
    ) -> None:
        """Hold the fault of a malformed segment until its transaction set ends: a flood of them becomes one."""
        self._malformed_count[scope] += 1
        if self._malformed_count[scope] <= _MERGE_ABOVE:
            fault = self.fault(cause, offset, values, scope=scope)
            self._malformed[scope].append(fault)

    def flush_malformed(self) -> None:
        """Report the malformed segments of the transaction set that ends."""
        for scope, faults in self._malformed.items():
            count = self._malformed_count[scope]
            if not count:
                continue
            if count > _MERGE_ABOVE:
                first = faults[0]
                values = {**first.values, "count": count, "first": first.cause.name}
                self.events.append(first._replace(cause=Cause.MANY_MALFORMED, values=values, after=self._ended))
            else:
                self.events += [fault._replace(after=self._ended) for fault in faults]
            faults.clear()
            self._malformed_count[scope] = 0


def _begin(event: Slice | Fault | Run) -> int:
    return event.offset if isinstance(event, Fault) else event.start
