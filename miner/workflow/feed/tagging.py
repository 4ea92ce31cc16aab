"""Tagging for a feed: with or without personal data, as rows of its store."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

import pandas as pd

from miner.engines.models import shared_scorer
from miner.feed.reading import Portion
from miner.feed.settings import FeedSettings
from miner.feed.store.batch import Batch
from miner.feed.store.records import MENTION, SIGNAL, TAGS, Tags
from miner.insight.mentions import MENTION_COLUMNS, SIGNAL_COLUMNS, empty_table
from miner.text.redact import redact
from miner.workflow.frames import ChunkScorer, ScoredTables, chunk_scorer
from miner.workflow.manifest import model_facts, taxonomy_data, tree_of
from miner.workflow.rows import RowScorer
from miner.workflow.spreading import TableScorer

_Row: TypeAlias = tuple[Any, ...]
_ANY: Final = "und"
"""A row set aside names no language: check sums and forms are looked for, no words."""
_STORED = {"start": "start_at", "end": "end_at"}


@dataclass(frozen=True)
class FeedScorer:
    """Tags rows of a feed; picklable, so that a process can hold one.

    `redact`: take personal data out of the words first, so that nothing stored holds any and
    tagging the stored words again gives the same.
    """

    chunks: ChunkScorer
    redact: bool = False

    def score(self, feedback: pd.DataFrame) -> ScoredTables:
        """Return the rows that tagging adds, as `ChunkScorer.score`; none for none."""
        if not len(feedback):
            return ScoredTables(feedback, empty_table(MENTION_COLUMNS), empty_table(SIGNAL_COLUMNS))
        if self.redact:
            feedback = self._redacted(feedback)
        return self.chunks.score(feedback)

    def _redacted(self, feedback: pd.DataFrame) -> pd.DataFrame:
        texts = [str(text) for text in feedback["text"]]
        rows = RowScorer(self.chunks.scorer, self.chunks.default)
        codes = rows.languages(feedback["language"], texts)
        clean = [redact(text, language=code).text for text, code in zip(texts, codes, strict=True)]
        return feedback.assign(text=clean, language=pd.array(codes, dtype="str"))


@dataclass(frozen=True)
class Tagging:
    """A model at work for a feed: what tags rows, and what the store keeps of model and taxonomy.

    `facts`: ``model`` (`miner.workflow.manifest.model_facts`), ``taxonomy`` (as plain data) and
    ``taxonomy_sha256``: enough to draw reports without the model.
    """

    rows: TableScorer
    facts: Mapping[str, Any]


def load_tagging(settings: FeedSettings) -> Tagging:
    """Return the model a feed's settings name, loaded once a process however many runs it does.

    Raises
    ------
    ModelError, UsageError
        The model or the taxonomy can't be loaded.
    """
    scorer = shared_scorer(settings.model)
    tree = tree_of(settings.scoring(), scorer)
    return Tagging(
        FeedScorer(chunk_scorer(scorer, settings.scoring()), settings.redact),
        {
            "model": model_facts(scorer),
            "taxonomy": taxonomy_data(tree),
            "taxonomy_sha256": tree.sha256,
        },
    )


def without_personal_data(batch: Batch, settings: FeedSettings) -> Batch:
    """Return a batch whose rejects hold no personal data either."""
    code = settings.language or _ANY
    problems = [
        replace(
            one,
            value=redact(one.value, language=code).text,
            message=redact(one.message, language=code).text,
        )
        for one in batch.problems
    ]
    return replace(batch, problems=problems)


def tagged(portion: Portion, tables: ScoredTables, tagger: int, *, redact: bool) -> Batch:
    """Return what is written of a portion after tagging.

    Parameters
    ----------
    redact : the words are stored as they were tagged, without personal data, and so is the
        language they were read in; else as they came.
    """
    source = tables.feedback if redact else portion.feedback
    words = source["verbatim" if redact else "text"].tolist()
    languages = [one if isinstance(one, str) else None for one in source["language"]]
    return portion.records(tags_of(tables, tagger), words, languages)


def tags_of(tables: ScoredTables, tagger: int) -> list[Tags]:
    """Return what tagging says of each row, in their order."""
    mentions = _by_feedback(tables.mentions, MENTION)
    signals = _by_feedback(tables.signals, SIGNAL)
    columns = [_plain(tables.feedback, name) for name in TAGS] if len(tables.feedback) else []
    return [
        Tags(values, mentions[at], signals[at], tagger)
        for at, values in enumerate(zip(*columns, strict=True))
    ]


def _by_feedback(table: pd.DataFrame, columns: Sequence[str]) -> Mapping[int, list[_Row]]:
    names = {stored: name for name, stored in _STORED.items()}
    wanted = [_plain(table, names.get(name, name)) for name in columns[2:]]
    found: dict[int, list[_Row]] = defaultdict(list)
    for at, values in zip(table["feedback"].tolist(), zip(*wanted, strict=True), strict=True):
        found[at].append(values)
    return found


def _plain(table: pd.DataFrame, name: str) -> list[Any]:
    values = table[name].tolist()
    if table[name].dtype == bool:
        return [int(value) for value in values]
    return [None if value != value else value for value in values]  # NaN is no number to SQL
