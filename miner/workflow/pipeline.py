"""Chunks of an export through the scorer, in this process or in several, in the order read."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import chain, islice
from multiprocessing import get_context
from typing import Any

import pandas as pd

from miner.config import Settings
from miner.errors import InternalError
from miner.ingest import Chunk, Export, ReadOptions
from miner.types import Ledger, RowProblem
from miner.workflow.frames import ChunkScorer, ScoredTables

Progress = Callable[[str, int, int | None], None]
"""Called with (what is being done, units done, units in all or None where unknown)."""

POOL_FROM_CHUNKS = 3
"""Below this many chunks starting processes (2-3 s each, mostly spaCy) costs more than it gains."""


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Take progress and say nothing."""


@dataclass
class Account:
    """What a run has counted so far: filled while the chunks stream by."""

    ledger: Ledger = field(default_factory=Ledger)
    problems: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    unscored: int = 0
    mentions: int = 0

    def add(self, chunk: Chunk, feedback: pd.DataFrame, mentions: pd.DataFrame) -> None:
        """Count one chunk of an export."""
        self.ledger = self.ledger + chunk.ledger
        self.problems.update(problem.reason for problem in chunk.problems)
        self.count(feedback, mentions)

    def count(self, feedback: pd.DataFrame, mentions: pd.DataFrame) -> None:
        """Count scored rows."""
        self.languages.update(feedback["language"].tolist())
        self.unscored += int((~feedback["scored"]).sum())
        self.mentions += len(mentions)


@dataclass(frozen=True)
class Tables:
    """The rows one chunk adds to the stored tables, positions counted over the whole export."""

    feedback: pd.DataFrame
    mentions: pd.DataFrame
    signals: pd.DataFrame
    ratings: pd.DataFrame
    problems: tuple[RowProblem, ...]


def read_options(settings: Settings) -> ReadOptions:
    """Return the part of the settings that says how to read."""
    return ReadOptions(
        encoding=settings.encoding,
        delimiter=settings.delimiter,
        sheet=settings.sheet,
        map=settings.map,
        now=settings.now,
    )


def stream(
    export: Export,
    scorer: ChunkScorer,
    *,
    workers: int,
    account: Account,
    progress: Progress = silent,
) -> Iterator[Tables]:
    """Yield the scored tables of each chunk, in the order read, and keep the account.

    Parameters
    ----------
    workers : processes that score; 0 takes one per core once there is enough to do.
    account : is added to, chunk by chunk.
    """
    offset = 0
    for chunk, (feedback, mentions, signals) in _scored(export.chunks(), scorer, workers):
        account.add(chunk, feedback, mentions)
        progress("Reading and tagging", account.ledger.received, None)
        yield Tables(
            feedback=feedback.assign(feedback=feedback["feedback"] + offset),
            mentions=mentions.assign(feedback=mentions["feedback"] + offset),
            signals=signals.assign(feedback=signals["feedback"] + offset),
            ratings=chunk.ratings,
            problems=chunk.problems,
        )
        offset += len(feedback)


def _scored(
    chunks: Iterator[Chunk], scorer: ChunkScorer, workers: int
) -> Iterator[tuple[Chunk, ScoredTables]]:
    first = list(islice(chunks, POOL_FROM_CHUNKS)) if workers == 0 else []
    enough = workers > 1 or len(first) == POOL_FROM_CHUNKS
    processes = workers or os.cpu_count() or 1
    everything = chain(first, chunks)
    if enough and processes > 1:
        return _in_processes(everything, scorer, processes)
    return ((chunk, scorer.score(chunk.feedback)) for chunk in everything)


_worker: ChunkScorer | None = None


def _start_worker(scorer: ChunkScorer) -> None:
    global _worker
    _worker = scorer


def _work(feedback: pd.DataFrame) -> ScoredTables:
    assert _worker is not None
    return _worker.score(feedback)


def _in_processes(
    chunks: Iterator[Chunk], scorer: ChunkScorer, workers: int
) -> Iterator[tuple[Chunk, ScoredTables]]:
    """Score in spawned processes, at most two chunks waiting each, so that memory stays bounded."""
    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(scorer,)
    ) as pool:

        def submit(chunk: Chunk) -> tuple[Chunk, Any]:
            return chunk, pool.submit(_work, chunk.feedback)

        waiting = deque(map(submit, islice(chunks, workers * 2)))
        try:
            while waiting:
                chunk, future = waiting.popleft()
                yield chunk, future.result()
                waiting.extend(map(submit, islice(chunks, 1)))
        except BrokenProcessPool as error:
            first = chunk.feedback["row"].iloc[0] if len(chunk.feedback) else "?"
            raise InternalError(
                f"A scoring process died (from row {first} on); nothing was written.",
                hint="Run again with --workers 1; if it dies again, memory may be short.",
                slug="score.worker-died",
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
