"""What is to be done with a chunk, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar


class Rows(Protocol):
    """Anything with a number of rows: a list of texts, a table."""

    def __len__(self) -> int: ...


S = TypeVar("S")
C = TypeVar("C", bound=Rows)
R = TypeVar("R")

MOST_ROWS = 3
"""Deadly rows of one chunk that are searched for: a search takes two processes per halving."""

Repaired = Callable[[Sequence[tuple[int, C]]], None]
"""Called with the chunks that a dead process held, each with its position in rows."""


@dataclass(frozen=True)
class Job(Generic[S, C, R]):
    """What is done with a chunk, and how chunks are cut and results joined.

    Parameters
    ----------
    work : called in a process with (state, chunk); a function of a module, no lambda.
    state : sent once to each process, pickled.
    cut : returns the rows from start to stop, counted from 0, of a chunk.
    join : returns the result of a chunk from those of its pieces, in order.
    """

    work: Callable[[S, C], R]
    state: S
    cut: Callable[[C, int, int], C]
    join: Callable[[list[R]], R]


class DeadlyError(Exception):
    """Rows that end any process that works on them.

    `chunk`: the chunk they are in; `start`: its position in the input, in rows; `rows`: the rows,
    counted from 0 within the chunk; more than one in a range where the search was given up.
    `before`: the pieces of the chunk ahead of them with their results, in order.
    """

    def __init__(
        self, chunk: Any, start: int, rows: Sequence[range], before: list[tuple[Any, Any]]
    ) -> None:
        super().__init__(f"{spoken('row', rows)} of the chunk at {start}: they end any process")
        self.chunk, self.start, self.rows, self.before = chunk, start, tuple(rows), before


@dataclass(eq=False)
class Task(Generic[C, R]):
    """A chunk or a piece of one: `start` counts rows of the input, or those of the chunk `root`.

    `alone`: it is to have a new process of its own. `again`: chunks done again when this one is.
    """

    chunk: C
    start: int
    root: Task[C, R] | None = None
    alone: bool = False
    deadly: bool = False
    result: list[R] = field(default_factory=list)
    error: BaseException | None = None
    parts: tuple[Task[C, R], ...] = ()
    n_deadly: int = 0
    again: list[tuple[int, C]] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether every piece has a result, an error or a verdict."""
        if self.parts:
            return all(part.finished for part in self.parts)
        return bool(self.result) or self.deadly or self.error is not None

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the order of the input."""
        return (self.root.start, self.start) if self.root else (self.start, 0)

    @property
    def rows(self) -> range:
        """Its rows, counted within the chunk."""
        first = self.start if self.root else 0
        return range(first, first + len(self.chunk))

    def do(self, job: Job[Any, C, R]) -> None:
        """Do it here and now."""
        try:
            self.result.append(job.work(job.state, self.chunk))
        except Exception as error:
            self.error = error

    def blame(self, cut: Callable[[C, int, int], C]) -> list[Task[C, R]]:
        """Take note that a process died over this; return what is to be tried next."""
        if not self.alone:
            self.alone = True
            return [self]
        root = self.root or self
        if len(self.chunk) < 2 or root.n_deadly >= MOST_ROWS:
            self.deadly = True
            root.n_deadly += 1
            return []
        middle, size = len(self.chunk) // 2, len(self.chunk)
        self.parts = tuple(
            Task(cut(self.chunk, start, stop), self.rows[start], root=root, alone=True)
            for start, stop in ((0, middle), (middle, size))
        )
        return list(self.parts)

    def answer(self, job: Job[Any, C, R]) -> R:
        """Return the result of a finished chunk, or raise what came instead."""
        leaves = list(self._leaves())
        for leaf in leaves:
            if leaf.error is not None:
                raise leaf.error
        dead = [leaf for leaf in leaves if leaf.deadly]
        if dead:
            ahead = leaves[: leaves.index(dead[0])]
            before = [(leaf.chunk, leaf.result[0]) for leaf in ahead]
            raise DeadlyError(self.chunk, self.start, [leaf.rows for leaf in dead], before)
        results = [leaf.result[0] for leaf in leaves]
        return results[0] if len(results) == 1 else job.join(results)

    def _leaves(self) -> Iterator[Task[C, R]]:
        if not self.parts:
            yield self
        for part in self.parts:
            yield from part._leaves()


def spoken(what: str, rows: Iterable[range]) -> str:
    """Return ranges of rows as a person writes them, neighbours joined; `what` names one row.

    Examples
    --------
    >>> spoken("row", [range(1, 5001), range(5001, 10001), range(20000, 20001)])
    'rows 1-10,000, 20,000'
    """
    joined: list[range] = []
    for one in rows:
        if joined and joined[-1].stop == one.start:
            joined[-1] = range(joined[-1].start, one.stop)
        else:
            joined.append(one)
    places = ", ".join(
        f"{one.start:,}" if len(one) == 1 else f"{one.start:,}-{one.stop - 1:,}" for one in joined
    )
    return f"{what} {places}" if sum(map(len, joined)) == 1 else f"{what}s {places}"
