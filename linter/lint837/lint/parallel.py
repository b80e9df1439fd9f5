"""A run over many inputs, in one process or in several: findings and summaries, always in the same order.

Each process reads all of a large input, which is quick, and judges its share of the claims, which is not; a small input
is one process's alone. So nothing of an input's content is handed from one process to another but findings, and hashes
by which claims are compared. Workers are forked: they have the rules as they were loaded.
"""

import heapq
import os
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lint837.files.archive import RATIO
from lint837.files.inputs import Blocks, Input, size
from lint837.lint.engine import Judge, Lint
from lint837.lint.finding import Finding, InputSummary, SuppressionUse
from lint837.lint.judgment import place_of
from lint837.lint.repeats import Billed, Comparison
from lint837.rules.rulebook import Rulebook, failure
from lint837.x12.reader import Reader
from lint837.x12.slices import Limits, Share, Slice

_SHARED_FROM = 8 * 1024 * 1024  # bytes: a smaller input is not worth more than one process
_BATCH, _BATCHES = 256, 16  # findings that a worker hands over at once, and how many batches it may be ahead
_Key = tuple[float, int, int]  # Lint.order, and the place in that order
_Batch = list[tuple[_Key, Finding | Billed]]


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a run reads and judges.

    limits: the reader's. ratio: how many bytes may come out of each byte of an archive.
    prefilter: pass over claims in which no rule can find anything.
    jobs: processes. shared_from: bytes from which an input is judged by several processes.
    """

    rulebook: Rulebook
    limits: Limits = field(default_factory=Limits)
    ratio: int = RATIO
    prefilter: bool = True
    jobs: int = 1
    shared_from: int = _SHARED_FROM


def lint_all(
    items: Sequence[Input], options: RunOptions, advance: Callable[[int], None] | None = None
) -> Iterator[Finding | InputSummary]:
    """For each input, in order, its findings as they come, and then its summary. `advance` gets the number of bytes
    that were read. A RuntimeError says that a process ended before its work was done.
    """
    shared = any(_is_shared(item, options) for item in items)
    # Where a process cannot be forked (Windows) there is one.
    if options.jobs > 1 and (shared or len(items) > 1) and hasattr(os, "fork"):
        yield from _Workers(items, options).run(advance)
        return
    for item in items:
        lint = _lint(item, options, Share(), advance)
        yield from lint
        yield lint.summary


def _lint(item: Input, options: RunOptions, share: Share, advance: Callable[[int], None] | None = None) -> Lint:
    """One input, or a share of it."""
    blocks = Blocks(item, advance, options.ratio)
    return Lint(blocks, item.path, options.rulebook, options.limits, prefilter=options.prefilter, share=share)


def _is_shared(item: Input, options: RunOptions) -> bool:
    """Whether several processes judge an input: a large one, that each of them can read."""
    return (size(item) or 0) >= options.shared_from


def _claims(reader: Reader) -> Iterator[Slice]:
    return (event for event in reader if isinstance(event, Slice) and event.kind == "claim")


def _key(event: tuple[_Key, Finding | Billed]) -> _Key:
    return event[0]


class _Repeated:
    """Compares the claims of an input that several processes judge. Where one repeats another, it reads the input once
    more up to there, which is quick, since no process has handed over the claim itself.
    """

    def __init__(self, item: Input, options: RunOptions) -> None:
        self._item = item
        self._options = options
        self._comparison = Comparison()
        self._again: tuple[Judge, Iterator[Slice]] | None = None

    def among(self, events: Iterator[tuple[_Key, Finding | Billed]]) -> Iterator[Finding]:
        """The findings of all processes, in their order, and in their places those on claims that repeat others."""
        held: list[Finding] = []  # of the claim that is at hand
        claim: tuple[float, int] = (0, 0)
        for key, event in events:
            if isinstance(event, Billed):
                yield from held
                held, claim = self._findings(event), key[:2]
                continue
            while held and (key[:2] != claim or place_of(held[0]) < place_of(event)):
                yield held.pop(0)
            yield event
        yield from held

    @property
    def uses(self) -> tuple[SuppressionUse, ...]:
        """What the suppressions did with the findings on claims that repeat others."""
        ledger = self._again[0].ledger if self._again else None
        return ledger.uses if ledger else ()

    def _findings(self, billed: Billed) -> list[Finding]:
        repeats = self._comparison.repeats(billed)
        if not repeats:
            return []
        if self._again is None:
            here = self._options.rulebook.for_file(self._item.path)
            prefilter = here.prefilter if self._options.prefilter else None
            reader = Reader(Blocks(self._item, None, self._options.ratio), self._options.limits, prefilter)
            self._again = Judge(here, self._item.path), _claims(reader)
        judge, claims = self._again
        piece = next((piece for piece in claims if piece.claim == billed.claim), None)
        if piece is None or piece.damaged:
            raise RuntimeError("an input changed while it was read")
        return list(judge.repeated(piece, repeats))


class _Workers:
    """Processes that walk the same inputs: of a shared one each judges its share, of the others one each."""

    def __init__(self, items: Sequence[Input], options: RunOptions) -> None:
        import multiprocessing
        from multiprocessing.context import ForkProcess

        self._items = items
        self._options = options
        self._jobs = jobs = options.jobs
        context = multiprocessing.get_context("fork")
        self._queues: list[Any] = [context.Queue(_BATCHES) for _ in range(jobs)]
        self._workers: list[ForkProcess] = [
            ForkProcess(target=self._work, args=(job,), daemon=True) for job in range(jobs)
        ]

    def run(self, advance: Callable[[int], None] | None) -> Iterator[Finding | InputSummary]:
        """What all of them find, in the order of the inputs."""
        for worker in self._workers:
            worker.start()
        try:
            for number, item in enumerate(self._items):
                yield from self._merged(number)
                if advance:
                    advance(size(item) or 0)
        finally:
            for worker in self._workers:
                worker.kill()
                worker.join()

    def _those_at(self, number: int) -> Sequence[int]:
        """The jobs that judge an input."""
        return range(self._jobs) if _is_shared(self._items[number], self._options) else (number % self._jobs,)

    def _merged(self, number: int) -> Iterator[Finding | InputSummary]:
        summaries: list[InputSummary] = []
        unreadable = False
        repeated = _Repeated(self._items[number], self._options)
        jobs = self._those_at(number)
        for finding in repeated.among(heapq.merge(*(self._of(job, summaries) for job in jobs), key=_key)):
            # Each of them may say that the input cannot be read; once is enough.
            if finding.rule != "ENV011" or not unreadable:
                yield finding
            unreadable |= finding.rule == "ENV011"
        uses = [repeated.uses, *(summary.suppressions for summary in summaries)]
        yield replace(
            summaries[0],
            complete=all(summary.complete for summary in summaries),
            drug_lines=sum(summary.drug_lines for summary in summaries),
            suppressions=SuppressionUse.added(uses),
        )

    def _of(self, job: int, summaries: list[InputSummary]) -> Iterator[tuple[_Key, Finding | Billed]]:
        """What one of them finds in the input that it is at; its summary is put to `summaries`."""
        while True:
            try:
                batch: _Batch | InputSummary | str = self._queues[job].get(timeout=1)
            except queue.Empty:
                if self._workers[job].is_alive():
                    continue
                raise RuntimeError("a process ended before its work was done") from None
            if isinstance(batch, InputSummary):
                summaries.append(batch)
                return
            if isinstance(batch, str):
                raise RuntimeError(f"a process failed: {batch}")
            yield from batch

    def _work(self, job: int) -> None:
        """In a process of its own: judge what is this job's, and hand it over."""
        out = self._queues[job]
        try:
            for number, item in enumerate(self._items):
                those = self._those_at(number)
                if job in those:
                    lint = _lint(item, self._options, Share(job, len(those)) if len(those) > 1 else Share())
                    batch: _Batch = []
                    for place, event in enumerate(lint.events()):
                        batch.append(((*lint.order, place), event))
                        if len(batch) >= _BATCH:
                            out.put(batch)
                            batch = []
                    out.put(batch)
                    out.put(lint.summary)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent learns it, without the exception's text
            out.put(failure(error))
