"""The processes, as their parent sees them: who holds what, and what happens when one dies."""

from __future__ import annotations

import pickle
import signal
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import connection, current_process, get_context
from pathlib import Path
from typing import Any, Generic, NoReturn

from miner.errors import InternalError, UsageError
from miner.processes.child import BROKEN, DONE, LOADED, READY, serve
from miner.processes.tasks import C, Job, R, S, Task

HELD = 3
"""Chunks a process may hold: the one it works on and two more, so that it never waits for one while
a caller that works too is busy."""

_FAILED_STARTS = 3
"""So many processes killed while they start, one after another, are an error."""

_UNGUARDED = 78
"""Exit code of a process that found the script starting processes again."""


class _Worker(Generic[C, R]):
    """One process and what it holds."""

    def __init__(self, work: bytes, state: bytes, *, busy: bool) -> None:
        context = get_context("spawn")
        self.conn, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, work, busy), daemon=True)
        self.held: deque[Task[C, R]] = deque()
        self.ready = self.loaded = self.used = False
        self._outbox = [state]
        try:
            with _uninterrupted(), _importable_main():
                self.process.start()
        except RuntimeError:
            # what multiprocessing raises, and looks at, when a script is run again by a process
            if getattr(current_process(), "_inheriting", False):
                sys.exit(_UNGUARDED)
            raise
        finally:
            theirs.close()

    @property
    def room(self) -> bool:
        return len(self.held) < HELD and not any(task.alone for task in self.held)

    def take(self, task: Task[C, R]) -> None:
        try:
            self._outbox.append(pickle.dumps(task.chunk, protocol=5))
        except Exception as error:
            task.error = error
            return
        self.held.append(task)
        self.flush()

    def flush(self) -> None:
        """Send what waits; before the process has come up that would block."""
        if self.ready:
            with suppress(OSError):  # it died: its end of the pipe will say so
                for data in self._outbox:
                    self.conn.send_bytes(data)
            self._outbox.clear()

    def end(self, patience: float = 0) -> int | None:
        """End the process, if it doesn't by itself in so many seconds; return its exit code."""
        self.process.join(patience)
        self.process.kill()
        self.process.join()
        code = self.process.exitcode
        self.process.close()
        self.conn.close()
        return code


def _received(conn: connection.Connection) -> bytes | None:
    """Return the next message; None where the other end is gone."""
    try:
        return conn.recv_bytes()
    except (EOFError, OSError):
        return None


class Crew(Generic[S, C, R]):
    """The processes, and the chunks that wait for one.

    Parameters
    ----------
    most : processes to start at most.
    helped : the caller takes chunks too (`spare`), as long as there is no process that could.
    """

    def __init__(self, job: Job[S, C, R], most: int, *, helped: bool = False) -> None:
        self._job, self._most, self._helped = job, most, helped
        self._work, self._state = (pickle.dumps(one, protocol=5) for one in (job.work, job.state))
        self._workers: list[_Worker[C, R]] = []
        self._waiting: list[Task[C, R]] = []
        self._failed_starts = 0

    def give(self, task: Task[C, R]) -> None:
        """Have a task done: by a process with room, a new one or the next that is free."""
        self._waiting.append(task)
        self._hand_out()

    def spare(self) -> Task[C, R] | None:
        """Give the caller the first task that no process has room for; None if all have one."""
        self._hand_out()
        at = next((at for at, task in enumerate(self._waiting) if not task.alone), None)
        return None if at is None else self._waiting.pop(at)

    def listen(self, patience: float | None = None) -> None:
        """Wait for news of any process, so many seconds at most, and act on them."""
        self._hand_out()
        while self._heard(patience):
            patience = 0
            self._hand_out()

    def _heard(self, patience: float | None) -> bool:
        """Act on the next news of each process; return whether there were any."""
        by_door = {one.conn: one for one in self._workers}
        by_end = {one.process.sentinel: one for one in self._workers}
        heard = connection.wait([*by_door, *by_end], patience)
        talking = [one for door, one in by_door.items() if door in heard]
        for worker in talking:
            message = _received(worker.conn)
            if message is None:
                self._bury(worker)
            else:
                self._hear(worker, *pickle.loads(message))  # noqa: S301 - from our own process
        for end, worker in by_end.items():
            if end in heard and worker not in talking:
                self._bury(worker)
        return bool(heard)

    def close(self) -> None:
        """End all processes at once."""
        for worker in self._workers:
            worker.process.kill()
        while self._workers:
            self._workers.pop().end()

    def _hear(self, worker: _Worker[C, R], kind: int, data: Any) -> None:
        if kind == READY:
            worker.ready = True
            worker.flush()
        elif kind == LOADED:
            worker.loaded, self._failed_starts = True, 0
        elif kind == BROKEN:
            raise _noted(*data)
        else:
            task = worker.held.popleft()
            worker.used = True
            if kind == DONE:
                task.result.append(data)
            else:
                task.error = _noted(*data)

    def _hand_out(self) -> None:
        while self._waiting:
            worker = self._taker(self._waiting[0])
            if worker is None:
                return
            worker.take(self._waiting.pop(0))

    def _taker(self, task: Task[C, R]) -> _Worker[C, R] | None:
        """Return who takes the task: a process that did nothing yet where it must be alone."""
        up_only = self._helped and not task.alone  # while one starts the caller does it itself
        with_room = (one for one in self._workers if one.room and (one.loaded or not up_only))
        least = min(with_room, key=lambda one: len(one.held), default=None)
        if least is not None and not least.held:
            if not (task.alone and least.used):
                return least
            self._workers.remove(least)
            least.end()
        if len(self._workers) < self._most and (not up_only or self._enough):
            self._workers.append(_Worker(self._work, self._state, busy=self._helped))
            if not up_only:
                return self._workers[-1]
        return None if task.alone else least

    @property
    def _enough(self) -> bool:
        """Whether more waits than the caller and the processes that start will take."""
        return len(self._waiting) > 1 + sum(not one.loaded for one in self._workers)

    def _bury(self, worker: _Worker[C, R]) -> None:
        """Have what a dead process held done again."""
        self._workers.remove(worker)
        code = worker.end(patience=5)
        held = list(worker.held)
        if not worker.loaded:
            self._failed_starts += 1
            if code is None or code > 0 or self._failed_starts == _FAILED_STARTS:
                _cannot_start(code)
        elif held:
            if not held[0].alone:
                last = max(held, key=lambda task: task.place)
                last.again += [(task.start, task.chunk) for task in held]
            held[:1] = held[0].blame(self._job.cut)
        self._waiting = sorted([*held, *self._waiting], key=lambda task: task.place)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Start processes that Ctrl-C doesn't reach: whoever started them decides."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # comes with the first process, and unblocks the signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _importable_main() -> Iterator[None]:
    """Hide the name of a script that came by standard input: no process could import it."""
    main = sys.modules["__main__"]
    name = getattr(main, "__file__", None)
    if name != "<stdin>" or Path(name).exists():
        yield
        return
    del main.__file__
    try:
        yield
    finally:
        main.__file__ = name


def _cannot_start(code: int | None) -> NoReturn:
    if code == _UNGUARDED:
        raise UsageError(
            "The script asks for processes at its top level, which each process runs again.",
            hint='Put what it does under if __name__ == "__main__": or use workers=1.',
            slug="score.unguarded-script",
        )
    raise InternalError(
        f"A scoring process ended while it started (exit code {code}).",
        hint="Use one process (workers 1); if that ends too, memory may be short.",
        slug="score.worker-start",
        code=code,
    )


def _noted(error: BaseException, where: str) -> BaseException:
    error.add_note(f"In a scoring process:\n{where}")
    return error
