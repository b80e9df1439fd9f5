"""A run over many inputs, in one process or in several: findings and summaries, always in the same order.

The first process opens a large input once, and each worker reads all of what was opened, which is quick, and judges its
share of the claims, which is not. Small inputs go to a worker by the batch, which opens them itself. So nothing of an
input's content is handed from one process to another but findings, and hashes by which claims are compared.
"""

import heapq
import os
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from lint837.files.archive import RATIO
from lint837.files.inputs import Blocks, Input, Opened, size
from lint837.lint.engine import Judge, Lint, Running, Runnings
from lint837.lint.finding import Finding, InputSummary, SuppressionUse
from lint837.lint.judgment import place_of
from lint837.lint.once import Again, OnceAFile
from lint837.lint.repeats import Billed, Comparison
from lint837.rules.rulebook import OFF, Rulebook
from lint837.x12.reader import Reader
from lint837.x12.slices import WHOLE, Limits, Share, Slice

SHARED_FROM = 8 * 1024 * 1024  # bytes: a smaller input is not worth more than one process
_WORTH = 8  # so much less than `shared_from` altogether is not worth it either
_BATCHES, _LARGEST_BATCH = 8, 1024  # of small inputs that each process gets, and the most inputs of one
_Key = tuple[float, int, int]  # Lint.order, and the place in that order
_Event = tuple[_Key, Finding | Billed | Again]
_Result = tuple[int, _Event | InputSummary]  # with the number of the input


class RunOptions(NamedTuple):
    """How a run reads and judges.

    limits: the reader's. ratio: how many bytes may come out of each byte of an archive.
    prefilter: pass over claims in which no rule can find anything.
    jobs: processes. shared_from: bytes from which an input is judged by several processes.
    """

    rulebook: Rulebook
    limits: Limits = Limits()
    ratio: int = RATIO
    prefilter: bool = True
    jobs: int = 1
    shared_from: int = SHARED_FROM


def lint_all(
    items: Sequence[Input], options: RunOptions, advance: Callable[[int], None] | None = None
) -> Iterator[Finding | InputSummary]:
    """For each input, in order, its findings as they come, and then its summary. `advance` gets the number of bytes
    that were read. A RuntimeError says that a process ended before its work was done.
    """
    if options.jobs > 1 and can_fork() and _pays(items, options):
        yield from _shared(items, options, advance)
        return
    runnings = Runnings(options.rulebook)
    for item in items:
        lint = _lint(item, options, runnings, advance=advance)
        yield from lint
        yield lint.summary


def _pays(items: Sequence[Input], options: RunOptions) -> bool:
    """Whether there is enough to read that it is worth more than one process."""
    if len(items) < 2:
        return any(_is_large(item, options) for item in items)
    return sum(size(item) or 0 for item in items) * _WORTH >= options.shared_from


def can_fork() -> bool:
    """True where several processes can work: where one can be forked, which Windows cannot do."""
    return hasattr(os, "fork")


def _lint(
    item: Input,
    options: RunOptions,
    runnings: Runnings,
    share: Share = WHOLE,
    advance: Callable[[int], None] | None = None,
) -> Lint:
    """One input, or a share of it."""
    blocks = Blocks(item, advance, options.ratio)
    return Lint(
        blocks,
        item.path,
        options.rulebook,
        options.limits,
        prefilter=options.prefilter,
        share=share,
        runnings=runnings,
    )


def _is_large(item: Input, options: RunOptions) -> bool:
    """Whether it is worth sharing; the headers that a guide check reads would come to each process."""
    return options.rulebook.guide == OFF and (size(item) or 0) >= options.shared_from


def _claims(reader: Reader) -> Iterator[Slice]:
    return (event for event in reader if isinstance(event, Slice) and event.kind == "claim")


def _key(event: _Event) -> _Key:
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

    def among(self, events: "Iterator[tuple[_Key, Finding | Billed]]") -> Iterator[Finding]:
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
            running = Running(self._options.rulebook.for_file(self._item.path))
            prefilter = running.prefilter if self._options.prefilter else None
            reader = Reader(Blocks(self._item, None, self._options.ratio), self._options.limits, prefilter)
            self._again = Judge(running, self._item.path), _claims(reader)
        judge, claims = self._again
        piece = next((piece for piece in claims if piece.claim == billed.claim), None)
        if piece is None or piece.damaged:
            raise RuntimeError("an input changed while it was read")
        return list(judge.repeated(piece, repeats))


# ---------------------------------------------------------------- several processes


class _Task(NamedTuple):
    """What is done at once: a large input that was opened, by all workers, or a batch of small ones, by one.

    numbers: those of the inputs. shared: the large one.
    """

    numbers: Sequence[int]
    shared: Input | None = None


def _tasks(items: Sequence[Input], options: RunOptions) -> Iterator[_Task]:
    """What there is to do, in the order of the inputs. An input is opened when its turn comes, and what was opened
    decides how it is shared.
    """
    batch: list[int] = []
    total = 0
    most = max(1, min(len(items) // (_BATCHES * options.jobs), _LARGEST_BATCH))
    for number, item in enumerate(items):
        if _is_large(item, options) and not item.error and not item.member:
            if batch:
                yield _Task(batch)
                batch, total = [], 0
            opened = item.opened or Opened.at(item.path)
            large = opened is not None and opened.size >= options.shared_from
            yield _Task([number], item._replace(opened=opened) if large else None)
            continue
        batch.append(number)
        total += size(item) or 0
        if len(batch) >= most or total >= options.shared_from:
            yield _Task(batch)
            batch, total = [], 0
    if batch:
        yield _Task(batch)


def _shared(
    items: Sequence[Input], options: RunOptions, advance: Callable[[int], None] | None
) -> Iterator[Finding | InputSummary]:
    """What all workers find, in the order of the inputs."""
    from lint837.lint.workers import Workers

    def work(task: _Task, number: int) -> Iterator[_Result]:
        share = Share(number, options.jobs) if task.shared else WHOLE
        runnings = Runnings(options.rulebook)
        for at in task.numbers:
            lint = _lint(task.shared or items[at], options, runnings, share)
            for place, event in enumerate(lint.events()):
                yield at, ((*lint.order, place), event)
            yield at, lint.summary

    tasks = ((task, options.jobs if task.shared else 1) for task in _tasks(items, options))
    with Workers(options.jobs, work) as workers:
        for task, results in workers.run(tasks):
            for number in task.numbers:
                if task.shared:
                    yield from _merged(number, task.shared, options, results)
                    if task.shared.opened and not items[number].opened:
                        task.shared.opened.close()
                else:
                    summaries: list[InputSummary] = []
                    for _, event in _of(number, results[0], summaries):
                        if isinstance(event, Finding):
                            yield event
                    yield summaries[0]
                if advance:
                    advance(size(items[number]) or 0)


def _merged(
    number: int, item: Input, options: RunOptions, results: Sequence[Iterator[_Result]]
) -> Iterator[Finding | InputSummary]:
    """What the workers that share an input find in it."""
    summaries: list[InputSummary] = []
    unreadable = False
    repeated, once = _Repeated(item, options), OnceAFile()
    merged = heapq.merge(*(_of(number, one, summaries) for one in results), key=_key)
    for finding in repeated.among(_without(once, merged)):
        # Each of them may say that the input cannot be read; once is enough.
        if finding.rule != "ENV011" or not unreadable:
            yield finding
        unreadable |= finding.rule == "ENV011"
    yield from once.rest()
    uses = [repeated.uses, *(summary.suppressions for summary in summaries)]
    yield summaries[0]._replace(
        complete=all(summary.complete for summary in summaries),
        drug_lines=sum(summary.drug_lines for summary in summaries),
        suppressions=SuppressionUse.added(uses),
    )


def _without(once: OnceAFile, events: Iterator[_Event]) -> "Iterator[tuple[_Key, Finding | Billed]]":
    """The events but for the findings that are told once a file, which `once` takes."""
    for key, event in events:
        if isinstance(event, Again) or (isinstance(event, Finding) and event.once):
            for finding in once.take(event):
                yield key, finding
        else:
            yield key, event


def _of(number: int, results: Iterator[_Result], summaries: list[InputSummary]) -> Iterator[_Event]:
    """What a worker finds in an input; its summary is put to `summaries`."""
    for at, result in results:
        if at != number:
            raise RuntimeError("a process handed over the results of another input")
        if isinstance(result, InputSummary):
            summaries.append(result)
            return
        yield result
    raise RuntimeError("a process ended before its work was done")
