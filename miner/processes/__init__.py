"""An ordered map over spawned processes that outlives the death of any of them.

`multiprocessing` starts the processes and carries the bytes; which process holds which chunk is
kept here. A pool of `concurrent.futures` would not do: when one of its processes dies all are
lost, it can't tell which chunk was at fault, nor end at once on Ctrl-C.

`ordered` is the map; `tasks` keeps what became of a chunk, `crew` the processes, `child` is what
runs in one.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, islice
from multiprocessing import current_process
from pathlib import Path
from typing import Any, TypeVar

from miner.errors import InternalError, UsageError
from miner.processes.crew import Crew
from miner.processes.tasks import C, DeadlyError, Job, R, Repaired, Rows, S, Task, spoken

__all__ = [
    "AHEAD", "DeadlyError", "Job", "Repaired", "Rows", "cores", "deadly", "ordered",
    "say_repaired", "spoken", "wanted", "warn_repaired",
]  # fmt: skip

T = TypeVar("T")

_LOG = logging.getLogger("miner")
_CPU_MAX = Path("/sys/fs/cgroup/cpu.max")

AHEAD = 5
"""Chunks read ahead per process, those held and those done but not yet asked for included: with 3
a caller at work waited .2 s of 5.3 for another's long texts (200,000 texts, two processes), with 5
.02 s."""


def ordered(
    job: Job[S, C, R],
    chunks: Iterable[C],
    *,
    workers: int,
    repaired: Repaired[C] | None = None,
    helped: bool = False,
) -> Generator[tuple[C, R], None, None]:
    """Yield each chunk with its result, in input order; the processes end with the iterator.

    At most `AHEAD` chunks per process are read ahead. An exception that `job.work` raises comes
    through, as it is, where its result would. What a process held when it died is done again by
    a new one; a chunk that ends that one too is halved until the rows at fault stand alone.

    Parameters
    ----------
    workers : processes, 1 or more; fewer are started where there is less to do.
    repaired : told of the chunks that a process which died had held, once they are done again.
    helped : this process is one of the workers: it works where it would only wait, from the start,
        while the others come up. It has no one to outlive it: where a chunk must not end the
        caller, or the caller has work of its own, don't.

    Raises
    ------
    DeadlyError
        Rows that end any process; the caller says them in the words of its input.
    UsageError
        The script starts processes while it is imported, or this is a daemonic process.
    InternalError
        The processes can't be started.
    """
    if current_process().daemon:
        raise UsageError(
            "This process is itself a daemonic worker, which may start none.",
            hint="Use workers=1 here.",
            slug="score.nested-workers",
        )
    crew: Crew[S, C, R] = Crew(job, workers - helped, helped=helped)
    order: deque[Task[C, R]] = deque()
    tasks = _tasks(chunks)
    try:
        while True:
            while len(order) < AHEAD * workers and (new := next(tasks, None)):
                order.append(new)
                crew.give(new)
            if not order:
                return
            task = order.popleft()
            while not task.finished:
                own = crew.spare() if helped else None
                if own is None:
                    crew.listen()
                else:
                    own.do(job)
                    crew.listen(patience=0)
            yield task.chunk, task.answer(job)
            if task.again and repaired:
                repaired(task.again)
    finally:
        crew.close()


def _tasks(chunks: Iterable[C]) -> Iterator[Task[C, Any]]:
    position = 0
    for chunk in chunks:
        yield Task(chunk, position)
        position += len(chunk)


def cores() -> int:
    """Return how many cores this process may use, by its affinity and its container's quota.

    Examples
    --------
    >>> 1 <= cores() <= os.cpu_count()
    True
    """
    if hasattr(os, "process_cpu_count"):
        count = int(os.process_cpu_count() or 1)
    elif hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    with suppress(OSError, ValueError):
        count = min(count, _quota(_CPU_MAX.read_text(encoding="ascii")))
    return count


def _quota(cpu_max: str) -> int:
    """Return the cores that a control group's ``quota period`` in microseconds comes to."""
    quota, period = map(int, cpu_max.split())  # "max" is no number: no limit
    return max(1, -(-quota // period))


def wanted(workers: int, chunks: Iterator[T], *, enough: int) -> tuple[int, Iterator[T]]:
    """Return how many processes to take, and the chunks.

    Parameters
    ----------
    workers : as asked for; 0: one per core if there are `enough` chunks to be worth it, else 1.
    """
    if workers:
        return workers, chunks
    first = list(islice(chunks, enough))
    return (cores() if len(first) == enough else 1), chain(first, chunks)


def say_repaired(chunks: Sequence[tuple[int, Rows]]) -> None:
    """Log that a process died and which texts, counted from 1, were scored again."""
    places = [range(start + 1, start + 1 + len(chunk)) for start, chunk in chunks]
    warn_repaired(spoken("text", places))


def warn_repaired(rows: str) -> None:
    """Log that a process died; `rows` says what was scored again, such as ``rows 2-5,001``."""
    _LOG.warning("A scoring process died; %s were scored again.", rows)


def deadly(what: str, **facts: Any) -> InternalError:
    """Return the error for rows that end any process; `what` names them, such as ``row 17``."""
    return InternalError(
        f"Every process that scored {what} died.",
        hint="Leave that out and run again; please report it, unless memory is short.",
        slug="score.worker-died",
        **facts,
    )
