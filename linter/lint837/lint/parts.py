"""Files in parts that other machines lint: cut at transaction sets, each part with what it must know of what is before.

The plan is made by one quick reading, which also finds everything that is wrong with the envelopes. A part takes what
is wrong in its range from the plan, and judges its claims. So the findings of the parts, one after another, are those
of one run. Only what compares claims of different parts is not looked for.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

from lint837.files.inputs import STANDARD_INPUT, Blocks, Identity, Input, Opened
from lint837.files.rereadable import RefusedError, Source
from lint837.lint.engine import Lint, Runnings
from lint837.lint.finding import Finding, InputSummary
from lint837.lint.parallel import RunOptions
from lint837.x12.delimiters import parse_isa
from lint837.x12.faults import Cause, Fault, Scope
from lint837.x12.prefilter import NOTHING, Prefilter
from lint837.x12.reader import Reader
from lint837.x12.slices import Context, Counts, Limits, Run, Slice

SCHEMA = "lint837/plan/1"


class PlanError(ValueError):
    """A file that cannot be planned, or is not the one that was; or a plan that cannot be used. The text says why."""


class Start(NamedTuple):
    """What a range of a file comes after.

    isa, gs: where the header segments are under which it begins.
    line, line_start: the physical line of its first byte, and where that line begins.
    ordinals: of the interchange, the group and the transaction set that begins there.
    """

    isa: tuple[int, int]
    gs: tuple[int, int]
    line: int
    line_start: int
    ordinals: tuple[int, int, int]


class Range(NamedTuple):
    """Bytes of a file that one part lints.

    start: None at the beginning of the file. claims: how many are before. digest: SHA-256 of the bytes.
    faults: what is wrong with the envelope, to be told in this range.
    """

    path: str
    begin: int
    end: int
    digest: str
    start: Start | None
    claims: int
    faults: tuple[Fault, ...]


class Plan(NamedTuple):
    """Which ranges each part lints; joined, they are the files. name: a hash of all that."""

    name: str
    parts: tuple[tuple[Range, ...], ...]


# ---------------------------------------------------------------- making one


def make_plan(
    paths: Sequence[str],
    parts: int,
    limits: Limits | None = None,
    advance: Callable[[int], None] | None = None,
) -> Plan:
    """A plan for at most `parts` parts of about the same size. `advance` gets the number of bytes just read. Raises
    PlanError.
    """
    opened = {path: _opened(path) for path in paths}
    total = sum(one.size for one in opened.values())
    ranges = [[*_ranges(path, one, max(1, total // parts), limits, advance)] for path, one in opened.items()]
    for one in opened.values():
        one.close()
    return _named(_shared([one for found in ranges for one in found], parts))


def _opened(path: str) -> Opened:
    if path == STANDARD_INPUT:
        raise PlanError("standard input cannot be read more than once; name a file")
    opened = Opened.at(path)
    if opened is None:
        raise PlanError(f"{path}: it is not a file that can be opened; unpack an archive first")
    return opened


def _ranges(
    path: str, opened: Opened, size: int, limits: Limits | None, advance: Callable[[int], None] | None
) -> Iterator[Range]:
    """The ranges of a file: a cut at the first transaction set in each `size` bytes."""
    blocks = Blocks(Input(path, opened=opened), advance)
    cuts: list[tuple[int, Start | None, int]] = [(0, None, 0)]  # the offset, what it comes after, the claims before
    faults: list[Fault] = []
    claims, due = 0, size
    for event in Reader(blocks, limits, NOTHING).runs():
        if isinstance(event, Fault):
            faults.append(event)
        elif isinstance(event, Run) or event.kind == "claim":
            start = _start(event.context)
            if start and start[0] >= due:
                cuts.append((*start, claims))
                due = (start[0] // size + 1) * size
            claims += event.claims if isinstance(event, Run) else 1
    if blocks.error:
        raise PlanError(f"{path}: {blocks.error}")
    ends = [cut[0] for cut in cuts[1:]] + [opened.size]
    last = [cut[2] for cut in cuts[1:]]
    told = sorted((one for one in faults if one.cause is not Cause.DRUG_BEFORE_LINES), key=lambda one: one.after)
    for number, ((begin, start_, before), end) in enumerate(zip(cuts, ends, strict=True)):
        here = [
            one
            for one in told
            if (not number or one.after > before or (one.after == before and one.offset >= begin))
            and (number == len(last) or one.after < last[number] or (one.after == last[number] and one.offset < end))
        ]
        yield Range(path, begin, end, _digest(opened, begin, end), start_, before, tuple(here))


def _start(context: Context | None) -> tuple[int, Start] | None:
    """Where the transaction set of a claim begins, and what it comes after; None where a header is not known."""
    if context is None or not (context.isa and context.gs and context.st):
        return None
    isa, gs, st = context.isa, context.gs, context.st
    places = (isa.start, isa.end), (gs.start, gs.end)
    return st.start, Start(*places, st.line, st.line_start, context.ordinals)


def _digest(opened: Opened, begin: int, end: int) -> str:
    digest = hashlib.sha256()
    for block in _bytes(opened, begin, end):
        digest.update(block)
    return digest.hexdigest()


def _bytes(opened: Opened, begin: int, end: int) -> Iterator[bytes]:
    try:
        yield from Source(opened).pieces(begin, end)
    except RefusedError as error:
        raise PlanError(str(error)) from None


def _shared(ranges: Sequence[Range], parts: int) -> Iterator[tuple[Range, ...]]:
    """The ranges of each part, in their order: parts end where their share of the bytes does."""
    total, done = sum(one.end - one.begin for one in ranges), 0
    part: list[Range] = []
    number = 1
    for one in ranges:
        part.append(one)
        done += one.end - one.begin
        if done * parts >= total * number:
            yield tuple(part)
            part, number = [], done * parts // max(1, total) + 1
    if part:
        yield tuple(part)


def _named(parts: Iterable[tuple[Range, ...]]) -> Plan:
    whole = tuple(parts)
    text = json.dumps([[_tree(one) for one in part] for part in whole], sort_keys=True)
    return Plan(hashlib.sha256(text.encode()).hexdigest(), whole)


# ---------------------------------------------------------------- written and read


def written(plan: Plan) -> str:
    """A plan as JSON."""
    tree = {"schema": SCHEMA, "name": plan.name, "parts": [[_tree(one) for one in part] for part in plan.parts]}
    return json.dumps(tree, indent=1) + "\n"


def _tree(one: Range) -> dict[str, Any]:
    faults = [{**fault._asdict(), "cause": fault.cause.name, "scope": str(fault.scope)} for fault in one.faults]
    return {**one._asdict(), "start": one.start._asdict() if one.start else None, "faults": faults}


def read(text: bytes) -> Plan:
    """The plan in a JSON document. Raises PlanError."""
    try:
        tree = json.loads(text)
        if tree["schema"] != SCHEMA:
            raise PlanError(f"it is not of the schema {SCHEMA}")
        plan = _named(tuple(_range(one) for one in part) for part in tree["parts"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise error if isinstance(error, PlanError) else PlanError("it is not a plan of lint837") from None
    if plan.name != tree["name"]:
        raise PlanError("it was changed after it was made")
    return plan


def _range(tree: Mapping[str, Any]) -> Range:
    start = tree["start"]
    if start:
        places = {name: tuple(start[name]) for name in ("isa", "gs", "ordinals")}
        start = Start(**{**start, **places})
    return Range(**{**tree, "start": start, "faults": tuple(map(_fault, tree["faults"]))})


def _fault(tree: Mapping[str, Any]) -> Fault:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in tree["values"].items()}
    lists = {name: tuple(tree[name]) for name in ("ordinals", "control_numbers")}
    return Fault(**{**tree, **lists, "values": values, "cause": Cause[tree["cause"]], "scope": Scope(tree["scope"])})


# ---------------------------------------------------------------- linting a part


@contextlib.contextmanager
def opened_part(part: Sequence[Range]) -> Iterator[list[Opened]]:
    """The files of a part, open. Raises PlanError where one is not the file that was planned."""
    with contextlib.ExitStack() as stack:
        found = [stack.enter_context(_opened(one.path)) for one in part]
        for one, opened in zip(part, found, strict=True):
            if opened.size < one.end or _digest(opened, one.begin, one.end) != one.digest:
                raise PlanError(f"{one.path}: it is not the file that was planned, or it has changed")
        yield found


def lint_part(part: Sequence[Range], files: Sequence[Opened], options: RunOptions) -> Iterator[Finding | InputSummary]:
    """The findings in each range of a part, whose files are open, and then what the range holds. Raises PlanError where
    one changes meanwhile.
    """
    runnings = Runnings(options.rulebook)
    for one, opened in zip(part, files, strict=True):
        reader = _PartReader(one, opened, options.limits, runnings.on(one.path).prefilter)
        lint = Lint((), one.path, options.rulebook, options.limits, runnings=runnings, reader=reader)
        yield from lint
        yield lint.summary
        if Identity.of(opened.descriptor) != opened.identity:
            raise PlanError("a file changed while it was read")


class _PartReader:
    """Reads a range as a Reader reads the file: its claims with the places and ordinals that they have in the file, and
    the faults of the plan.
    """

    def __init__(self, one: Range, opened: Opened, limits: Limits, prefilter: Prefilter | None) -> None:
        self._range = one
        self._start = one.start
        self._header = _header(one.start, opened) if one.start else b""
        self._lines = self._header.count(b"\n")  # where a line break is the segment terminator
        self._shift = one.begin - len(self._header)
        blocks = chain([self._header] if self._header else [], _bytes(opened, one.begin, one.end))
        self._reader = Reader(blocks, limits, prefilter)
        self._moved: dict[str, tuple[Slice, Slice]] = {}  # the headers of the last claim by kind, and as moved

    @property
    def counts(self) -> Counts:
        """What the range holds."""
        counts = replace(self._reader.counts)
        counts.bytes -= len(self._header)
        if self._header:
            counts.interchanges -= 1
            counts.segments -= 2
        return counts

    def __iter__(self) -> Iterator[Slice | Fault]:
        faults = list(self._range.faults)
        for event in self._reader:
            if isinstance(event, Slice):
                if event.kind == "claim":
                    claim = event.claim + self._range.claims
                    while faults and faults[0].after < claim:
                        yield faults.pop(0)
                    yield self._claim(event)
            elif event.cause is Cause.DRUG_BEFORE_LINES:
                line, line_start = self._line(event.line, event.offset - event.column + 1)
                yield event._replace(
                    offset=event.offset + self._shift,
                    line=line,
                    column=event.offset + self._shift - line_start + 1,
                    ordinals=self._ordinals(event.ordinals),
                    claim=event.claim + self._range.claims,
                    after=event.after + self._range.claims,
                )
        yield from faults

    def _line(self, line: int, line_start: int) -> tuple[int, int]:
        """A physical line and where it begins, in the file."""
        if self._start is None:
            return line, line_start
        if line == self._lines + 1:
            return self._start.line, self._start.line_start
        return self._start.line + line - self._lines - 1, line_start + self._shift

    def _ordinals(self, ordinals: tuple[int, int, int]) -> tuple[int, int, int]:
        if self._start is None:
            return ordinals
        interchange, group, transaction_set = ordinals
        first, second, third = self._start.ordinals
        if interchange > 1:
            return interchange - 1 + first, group, transaction_set
        if group > 1:
            return first, group - 1 + second, transaction_set
        return first, second, transaction_set - 1 + third

    def _claim(self, piece: Slice) -> Slice:
        context = piece.context
        if context:
            context = context._replace(
                ordinals=self._ordinals(context.ordinals),
                st=self._level(context.st),
                hl20=self._level(context.hl20),
                hl22=self._level(context.hl22),
                hl23=self._level(context.hl23),
            )
        return self._at_place(piece)._replace(claim=piece.claim + self._range.claims, context=context)

    def _level(self, piece: Slice | None) -> Slice | None:
        """A header slice as moved, the same object for the claims below it."""
        if piece is None:
            return None
        known = self._moved.get(piece.kind)
        if known is None or known[0] is not piece:
            known = self._moved[piece.kind] = piece, self._at_place(piece)
        return known[1]

    def _at_place(self, piece: Slice) -> Slice:
        line, line_start = self._line(piece.line, piece.line_start)
        return piece._replace(
            start=piece.start + self._shift, end=piece.end + self._shift, line=line, line_start=line_start
        )


def _header(start: Start, opened: Opened) -> bytes:
    """ISA and GS as they are, without what follows their terminators."""
    isa = opened.read(*start.isa)
    header = parse_isa(isa)
    if header is None:
        raise PlanError("it is not a plan of this file")
    terminator = header.delimiters.terminator
    segments = isa[: header.length] + opened.read(*start.gs).partition(terminator)[0]
    return header.delimiters.unwrapped(segments) + terminator
