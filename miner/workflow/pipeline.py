"""Chunks of an export through the scorer, in this process or in several, in the order read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from miner.config import Settings
from miner.types import Ledger, RowProblem

if TYPE_CHECKING:  # one line is scored without them
    import pandas as pd

    from miner.ingest import Chunk, Export, ReadOptions
    from miner.insight.customers.customer_base import CustomerBase
    from miner.workflow.frames import ChunkScorer

Progress = Callable[[str, int, int | None], None]
"""Called with (what is being done, units done, units in all or None where unknown)."""


def silent(_what: str, _done: int, _total: int | None) -> None:
    """Take progress and say nothing."""


@dataclass
class Account:
    """What a run has counted so far: filled while the chunks stream by.

    `customers`: the customer table read before them, None without one.
    """

    ledger: Ledger = field(default_factory=Ledger)
    problems: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    unscored: int = 0
    mentions: int = 0
    customers: CustomerBase | None = None

    def add(self, chunk: Chunk, feedback: pd.DataFrame, mentions: pd.DataFrame) -> None:
        """Count one chunk of an export."""
        self.ledger = self.ledger + chunk.ledger
        self.problems.update(problem.reason for problem in chunk.problems)
        self.count(feedback["language"].tolist(), feedback["scored"].tolist(), len(mentions))

    def count(self, languages: Iterable[str], scored: Iterable[bool], mentions: int) -> None:
        """Count rows by language, those left unscored, and mentions."""
        self.languages.update(languages)
        self.unscored += sum(not one for one in scored)
        self.mentions += mentions


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
    from miner.ingest import ReadOptions, declared_areas

    return ReadOptions(
        encoding=settings.encoding,
        delimiter=settings.delimiter,
        sheet=settings.sheet,
        map=settings.map,
        areas=declared_areas(settings.areas),
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

    Raises
    ------
    InternalError
        Some row ends any process that scores it.
    """
    from miner.workflow.spreading import moved, score_chunks

    offset = 0
    for chunk, tables in score_chunks(export.chunks(), scorer, workers):
        account.add(chunk, tables.feedback, tables.mentions)
        progress("Reading and tagging", account.ledger.received, None)
        yield Tables(*moved(tables, offset), ratings=chunk.ratings, problems=chunk.problems)
        offset += len(tables.feedback)
