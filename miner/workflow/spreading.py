"""Chunks of an export, or of lines, through the scorer: in this process or in several, in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from miner.processes import DeadlyError, Job, deadly, ordered, spoken, wanted, warn_repaired
from miner.workflow.rows import RowScorer, ScoredColumns

if TYPE_CHECKING:
    import pandas as pd

    from miner.workflow.frames import ScoredTables

Line: TypeAlias = tuple[int, str]
"""A text and its number, from 1."""

S = TypeVar("S")
C = TypeVar("C", "pd.DataFrame", list[Line])
R = TypeVar("R")


class _HasFeedback(Protocol):
    @property
    def feedback(self) -> pd.DataFrame: ...


H = TypeVar("H", bound=_HasFeedback)


class TableScorer(Protocol):
    """Scores rows of feedback to tables; picklable, so that a process can hold one."""

    def score(self, chunk: pd.DataFrame, /) -> ScoredTables:
        """Return the rows of one chunk."""
        ...


POOL_FROM_CHUNKS = 3
"""Below this many chunks starting processes costs more than it gains, unless asked for."""


def score_chunks(
    chunks: Iterator[H], scorer: TableScorer, workers: int
) -> Iterator[tuple[H, ScoredTables]]:
    """Yield each chunk with the tables of its feedback, in the order read.

    Parameters
    ----------
    workers : processes that score; 0 takes one per core once there is enough to do.

    Raises
    ------
    InternalError
        Some row ends any process that scores it.
    """
    processes, chunks = wanted(workers, chunks, enough=POOL_FROM_CHUNKS)
    if processes == 1:
        yield from ((chunk, scorer.score(chunk.feedback)) for chunk in chunks)
        return
    sent: deque[H] = deque()

    def frames() -> Iterator[pd.DataFrame]:
        for chunk in chunks:
            sent.append(chunk)
            yield chunk.feedback

    job = Job(_tables, scorer, cut=_cut_table, join=_join_tables)
    for tables in _in_processes(job, frames(), workers=processes, place=_rows_of):
        yield sent.popleft(), tables


def score_lines(
    parts: Iterator[tuple[range, list[str]]], scorer: RowScorer, workers: int
) -> Iterator[ScoredColumns]:
    """Yield the columns of texts, in the order read.

    Parameters
    ----------
    parts : texts and their numbers, which become their ids.
    workers : as in `score_chunks`.

    Raises
    ------
    InternalError
        Some text ends any process that scores it.
    """
    lines = (list(zip(numbers, texts, strict=True)) for numbers, texts in parts)
    processes, chunks = wanted(workers, lines, enough=POOL_FROM_CHUNKS)
    if processes == 1:
        yield from (one for chunk in chunks for one in _columns(scorer, chunk))
        return
    job = Job(_columns, scorer, cut=_cut_lines, join=_flat)
    for done in _in_processes(job, chunks, workers=processes, place=_lines_of):
        yield from done


def moved(tables: ScoredTables, by: int) -> ScoredTables:
    """Return the tables with the positions of feedback counted from `by` rows further ahead."""
    return type(tables)(*(one.assign(feedback=one["feedback"] + by) for one in tables))


def _in_processes(
    job: Job[S, C, R],
    chunks: Iterator[C],
    *,
    workers: int,
    place: Callable[[C, Sequence[range]], str],
) -> Iterator[R]:
    def say(held: Sequence[tuple[int, C]]) -> None:
        warn_repaired(" and ".join(place(chunk, [range(len(chunk))]) for _, chunk in held))

    try:
        with closing(ordered(job, chunks, workers=workers, repaired=say)) as done:
            yield from (result for _, result in done)
    except DeadlyError as error:
        where = place(error.chunk, error.rows)
        raise deadly(where, rows=where) from None


def _tables(scorer: TableScorer, feedback: pd.DataFrame) -> ScoredTables:
    return scorer.score(feedback)


def _cut_table(feedback: pd.DataFrame, start: int, stop: int) -> pd.DataFrame:
    return feedback.iloc[start:stop]


def _join_tables(parts: list[ScoredTables]) -> ScoredTables:
    import pandas as pd

    starts = accumulate((len(one.feedback) for one in parts), initial=0)
    tables = [moved(one, start) for one, start in zip(parts, starts, strict=False)]
    joined = (pd.concat(same, ignore_index=True) for same in zip(*tables, strict=True))
    return type(parts[0])(*joined)


def _columns(scorer: RowScorer, lines: list[Line]) -> list[ScoredColumns]:
    return [scorer.columns([text for _, text in lines], ids=[str(number) for number, _ in lines])]


def _flat(parts: list[list[ScoredColumns]]) -> list[ScoredColumns]:
    return list(chain.from_iterable(parts))


def _cut_lines(lines: list[Line], start: int, stop: int) -> list[Line]:
    return lines[start:stop]


def _rows_of(feedback: pd.DataFrame, rows: Sequence[range]) -> str:
    """Return the place of rows of a chunk as a spreadsheet numbers them.

    A range names its first and its last row; some between them may have been set aside.
    """
    if not len(feedback):
        return "no rows"
    numbers = [int(number) for number in feedback["row"]]
    places = [range(numbers[one.start], numbers[one.stop - 1] + 1) for one in rows]
    return f"{spoken('row', places)} of {feedback['source'].iloc[0]}"


def _lines_of(lines: list[Line], rows: Sequence[range]) -> str:
    places = [range(lines[one.start][0], lines[one.stop - 1][0] + 1) for one in rows]
    return spoken("line", places)
