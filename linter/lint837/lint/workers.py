"""Workers: processes that are forked for a task, and hand over its results in order, whatever they are.

A worker is forked when its task begins, so it has what the first process has opened and loaded by then. Its results
come through a pipe of its own, so they cannot be taken for those of another. Where it ends without having said that it
is done, that is an error; and it ends when the first process does, however that ends.
"""

import contextlib
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, Pipe, wait
from typing import Any, Generic, Self, TypeVar

from lint837.rules.rulebook import failure

_BATCH = 256  # results that are handed over at once
_AHEAD = 16  # batches that are kept of a worker whose turn has not come
_STARTED = 4  # times as many tasks as workers may have begun whose results were not asked for
_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # at which a worker just ends: the first process says what is to be said

Task = TypeVar("Task")


class _Worker:
    """One process and what came of it so far."""

    def __init__(self, process: int, connection: Connection) -> None:
        self.process = process
        self.connection = connection
        self.batches: deque[list[Any]] = deque()
        self.ended = False
        self.failure = "a process ended before its work was done"  # "" when it said that it is done

    def receive(self) -> None:
        """Take the next message, or note that there will be none."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError):
            self._end()
            return
        if isinstance(message, list):
            self.batches.append(message)
        else:  # its last message
            self.failure = f"a process failed: {message}" if message else ""

    def kill(self) -> None:
        """End it, whatever it does."""
        if not self.ended:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.process, signal.SIGKILL)
            self._end()

    def _end(self) -> None:
        self.ended = True
        self.connection.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.process, 0)


class Workers(Generic[Task]):
    """Up to `jobs` processes at once. Use it as a context: none is left when it ends.

    with Workers(jobs, work) as workers:
        for task, results in workers.run(tasks): ...
    """

    def __init__(self, jobs: int, work: Callable[[Task, int], Iterable[Any]]) -> None:
        """`work(task, number)` gives the results of a task in its worker with that number, from 0."""
        self._jobs = jobs
        self._work = work
        self._workers: list[_Worker] = []  # that have not ended
        self._started: deque[tuple[Task, Sequence[_Worker]]] = deque()
        # Each worker reads from this pipe, into which nothing is written: it ends when the first process does.
        self._alive, self._life = os.pipe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()
        self._workers.clear()
        os.close(self._alive)
        os.close(self._life)

    def run(self, tasks: Iterable[tuple[Task, int]]) -> Iterator[tuple[Task, Sequence[Iterator[Any]]]]:
        """Each task, in order, with the results of each of its workers. `tasks`: each with how many workers it is for.
        A RuntimeError says that one failed, or ended before its work was done.
        """
        self._tasks = iter(tasks)
        self._next = next(self._tasks, None)
        while True:
            self._start()
            if not self._started:
                return
            task, workers = self._started.popleft()
            results = [self._results(worker) for worker in workers]
            yield task, results
            if any(True for one in results for _ in one):
                raise RuntimeError("a process handed over more than was asked for")

    def _start(self) -> None:
        """Start the tasks for which there are processes."""
        while self._next and len(self._started) < _STARTED * self._jobs:
            task, count = self._next
            if self._workers and len(self._workers) + count > self._jobs:
                return
            self._started.append((task, [self._forked(task, number) for number in range(count)]))
            self._next = next(self._tasks, None)

    def _results(self, worker: _Worker) -> Iterator[Any]:
        while True:
            while worker.batches:
                yield from worker.batches.popleft()
            if worker.ended:
                break
            self._receive(worker)
        if worker.failure:
            raise RuntimeError(worker.failure)

    def _receive(self, wanted: _Worker) -> None:
        """Wait for a message of the worker whose results are wanted; take those of the others meanwhile."""
        listened = {one.connection: one for one in self._workers if one is wanted or len(one.batches) < _AHEAD}
        for connection in wait([*listened]):
            worker = listened[connection]  # type: ignore[index]  # all of them are connections
            worker.receive()
            if worker.ended:
                self._workers.remove(worker)
        self._start()

    def _forked(self, task: Task, number: int) -> _Worker:
        ours, theirs = Pipe(duplex=False)
        process = os.fork()
        if not process:
            # Whatever happens: nothing that the first process has under way may be written or removed by this one.
            try:
                self._be_worker(task, number, theirs)
            finally:
                os._exit(0)
        theirs.close()
        worker = _Worker(process, ours)
        self._workers.append(worker)
        return worker

    def _be_worker(self, task: Task, number: int, out: Connection) -> None:
        for name in _SIGNALS:
            sent = getattr(signal, name, None)
            if sent and signal.getsignal(sent) is not signal.SIG_IGN:  # as nohup sets it
                signal.signal(sent, signal.SIG_DFL)
        os.close(self._life)
        for other in self._workers:
            other.connection.close()
        threading.Thread(target=_end_with, args=(self._alive,), daemon=True).start()
        try:
            batch: list[Any] = []
            for result in self._work(task, number):
                batch.append(result)
                if len(batch) >= _BATCH:
                    out.send(batch)
                    batch = []
            out.send(batch)
            out.send("")
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is told, without the exception's text
            with contextlib.suppress(OSError):
                out.send(failure(error))


def _end_with(alive: int) -> None:
    """End this process when nobody holds the other end of a pipe any more."""
    os.read(alive, 1)
    os._exit(1)
