"""From texts to an array of theme features, in this process or in several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from miner.learn.batches import ScoredBatch
from miner.processes import DeadlyError, Job, deadly, ordered, say_repaired, spoken, wanted
from miner.scoring import BATCH, PROCESSES_FROM, Scorer
from miner.types import POLARITIES, SIGNALS

Level = Literal["theme", "sub_theme"]
Values = Literal["count", "share", "binary", "sentiment"]
Floats = NDArray[np.float64]
Texts = Sequence[object]


@dataclass(frozen=True)
class Plan:
    """All that decides the features of a text; see `miner.engines.sklearn.ThemeFeatures`.

    Examples
    --------
    >>> from miner.engines.models import shared_scorer
    >>> plan = Plan(shared_scorer("en"), "theme", "sentiment", signals=False)
    >>> plan.names
    ('communication:sentiment', 'service:sentiment', 'product:sentiment', 'general:sentiment')
    >>> plan.block(["The courier was two days late."]).shape
    (1, 4)
    """

    scorer: Scorer
    level: Level
    values: Values
    signals: bool

    @cached_property
    def themes(self) -> tuple[str, ...]:
        """The keys of the themes that get features."""
        taxonomy = self.scorer.taxonomy
        return taxonomy.keys if self.level == "sub_theme" else tuple(taxonomy.top)

    @cached_property
    def column(self) -> NDArray[np.int64]:
        """Position in `themes` of each theme of the taxonomy."""
        names = self.themes
        return np.array(
            [
                names.index(theme.key if self.level == "sub_theme" else theme.top)
                for theme in self.scorer.taxonomy.themes
            ]
        )

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the features."""
        ends = ("sentiment",) if self.values == "sentiment" else POLARITIES
        kinds = self.scorer.signal_kinds if self.signals else ()
        return (
            *(f"{theme}:{end}" for theme in self.themes for end in ends),
            *(f"signal:{kind}" for kind in kinds),
        )

    def block(self, texts: Texts) -> Floats:
        """Return the features of a few texts, shape (n_texts, n_features)."""
        batch = self.scorer.score_batch([one if isinstance(one, str) else "" for one in texts])
        size = len(texts)
        count = np.zeros((size, len(self.themes), len(POLARITIES)))
        places = batch.document, self.column[batch.theme]
        np.add.at(count, (*places, batch.polarity), 1.0)
        blocks = [self._valued(count.reshape(size, -1))]
        if self.values == "sentiment":
            total = np.zeros(count.shape[:2])
            np.add.at(total, places, batch.sentiment)
            blocks = [total / np.maximum(count.sum(axis=2), 1.0)]
        if self.signals:
            blocks.append(self._valued(self._signal_counts(batch, size)))
        return np.hstack(blocks)

    def _signal_counts(self, batch: ScoredBatch, size: int) -> Floats:
        found = self.scorer.find_signals(batch, self.scorer.evidence(batch))
        count = np.zeros((size, len(SIGNALS)))
        np.add.at(count, (batch.clauses.document[found.clause], found.kind), 1.0)
        kept: Floats = count[:, [SIGNALS.index(kind) for kind in self.scorer.signal_kinds]]
        return kept

    def _valued(self, count: Floats) -> Floats:
        """Return counts as counts, shares of their row, or 1 and 0."""
        if self.values == "binary":
            return (count > 0).astype(np.float64)
        if self.values == "share":
            shares: Floats = count / np.maximum(count.sum(axis=1, keepdims=True), 1.0)
            return shares
        return count


def features_of(plan: Plan, texts: Texts, *, workers: int) -> Floats:
    """Return the features of texts, shape (n_texts, n_features).

    Parameters
    ----------
    workers : as in `miner.Scorer.score_many`; the numbers don't depend on it.

    Raises
    ------
    InternalError
        Some text ends any process that scores it.
    """
    return np.vstack(list(_blocks(plan, texts, workers)))


def _blocks(plan: Plan, texts: Texts, workers: int) -> Iterator[Floats]:
    chunks = iter([texts[at : at + BATCH] for at in range(0, len(texts), BATCH)])
    workers, chunks = wanted(workers, chunks, enough=-(-PROCESSES_FROM // BATCH))
    if workers == 1:
        yield from map(plan.block, chunks)
        return
    job = Job(_block, plan, cut=lambda chunk, start, stop: chunk[start:stop], join=np.vstack)
    try:
        with closing(
            ordered(job, chunks, workers=workers, repaired=say_repaired, helped=True)
        ) as done:
            for _, block in done:
                yield block
    except DeadlyError as error:
        first = error.start + 1
        rows = [range(first + one.start, first + one.stop) for one in error.rows]
        raise deadly(spoken("text", rows), rows=rows) from None


def _block(plan: Plan, texts: Texts) -> Floats:
    return plan.block(texts)
