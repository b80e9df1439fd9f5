"""Several processes at one run: what each of them finds, put together in the order of the inputs.

They are forked, so they have the rules as they were loaded, and hand over nothing but findings and summaries.
"""

import heapq
import multiprocessing
import queue
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from multiprocessing.context import ForkContext, ForkProcess
from typing import Any

from lint837.files.inputs import Input, size
from lint837.lint.finding import Finding, InputSummary
from lint837.lint.jobs import Plan, is_shared, lint_one
from lint837.lint.suppress import added
from lint837.rules.rulebook import failure
from lint837.x12.tiling import Share

_BATCH, _BATCHES = 256, 16  # findings that a process hands over at once, and how often it may be ahead
_Key = tuple[float, int, int]  # Lint.order, and the place in that order
_Batch = list[tuple[_Key, Finding]]


class Crew:
    """Processes that walk the same inputs: of a shared one each judges its share, of the others one each."""

    def __init__(self, items: Sequence[Input], plan: Plan) -> None:
        self._items = items
        self._plan = plan
        self._jobs = jobs = plan.jobs
        context: ForkContext = multiprocessing.get_context("fork")
        self._queues: list[Any] = [context.Queue(_BATCHES) for _ in range(jobs)]
        self._workers = [ForkProcess(target=self._work, args=(job,), daemon=True) for job in range(jobs)]

    def run(self, advance: Callable[[int], None] | None) -> Iterator[Finding | InputSummary]:
        """What all of them find, in the order of the inputs."""
        for worker in self._workers:
            worker.start()
        try:
            for number, item in enumerate(self._items):
                yield from self._merged(self._those_at(number))
                if advance:
                    advance(size(item) or 0)
        finally:
            for worker in self._workers:
                worker.kill()
                worker.join()

    def _those_at(self, number: int) -> Sequence[int]:
        """The jobs that judge an input."""
        return range(self._jobs) if is_shared(self._items[number], self._plan) else (number % self._jobs,)

    def _merged(self, jobs: Sequence[int]) -> Iterator[Finding | InputSummary]:
        summaries: list[InputSummary] = []
        unreadable = False
        for _, finding in heapq.merge(*(self._of(job, summaries) for job in jobs), key=lambda pair: pair[0]):
            # Each of them may say that the input cannot be read; once is enough.
            if finding.rule != "ENV011" or not unreadable:
                yield finding
            unreadable |= finding.rule == "ENV011"
        yield replace(
            summaries[0],
            complete=all(summary.complete for summary in summaries),
            drug_lines=sum(summary.drug_lines for summary in summaries),
            suppressions=added(summary.suppressions for summary in summaries),
        )

    def _of(self, job: int, summaries: list[InputSummary]) -> Iterator[tuple[_Key, Finding]]:
        """What one of them finds in the input that it is at; its summary is put to `summaries`."""
        while True:
            try:
                batch: _Batch | InputSummary | str = self._queues[job].get(timeout=1)
            except queue.Empty:
                if self._workers[job].is_alive():
                    continue
                raise RuntimeError("a process ended before it was done") from None
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
                    lint = lint_one(item, self._plan, Share(job, len(those)) if len(those) > 1 else Share())
                    batch: _Batch = []
                    for place, finding in enumerate(lint):
                        batch.append(((*lint.order, place), finding))
                        if len(batch) >= _BATCH:
                            out.put(batch)
                            batch = []
                    out.put(batch)
                    out.put(lint.summary)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the run is told, without the exception's text
            out.put(failure(error))
