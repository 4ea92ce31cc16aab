"""From a chunk of feedback to its rows of the feedback, mentions and signals tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from miner.config import Settings
from miner.insight.mentions import FEEDBACK_COLUMNS, MENTION_COLUMNS, SIGNAL_COLUMNS
from miner.scoring import Scorer
from miner.workflow.rows import Columns, RowScorer


class ScoredTables(NamedTuple):
    """The rows one chunk adds to the stored tables; positions count from 0."""

    feedback: pd.DataFrame
    mentions: pd.DataFrame
    signals: pd.DataFrame


@dataclass(frozen=True)
class ChunkScorer:
    """Scores chunks of an export; picklable, so that a process can hold one.

    `default` is the language of a row that names none and whose text is too short to tell.
    """

    scorer: Scorer
    default: str

    def tables(self, chunk: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the feedback and mention rows of `score`."""
        feedback, mentions, _ = self.score(chunk)
        return feedback, mentions

    def score(self, chunk: pd.DataFrame) -> ScoredTables:
        """Return the rows of one chunk.

        Parameters
        ----------
        chunk : columns as `miner.ingest` gives them; not changed.
        """
        texts = [str(text) for text in chunk["text"]]
        found = RowScorer(self.scorer, self.default).columns(
            texts, ids=list(chunk["id"]), named=chunk["language"]
        )
        feedback = chunk.drop(columns="text").reset_index(drop=True)
        feedback = feedback.assign(
            **{name: _column(found.feedback, name, FEEDBACK_COLUMNS) for name in found.feedback}
        )
        cohorts = [name for name in feedback.columns if name not in FEEDBACK_COLUMNS]
        return ScoredTables(
            feedback[[*FEEDBACK_COLUMNS, *cohorts]],
            _table(found.mentions, MENTION_COLUMNS),
            _table(found.signals, SIGNAL_COLUMNS),
        )


def chunk_scorer(scorer: Scorer, settings: Settings) -> ChunkScorer:
    """Return the scorer of chunks that the settings ask for."""
    return ChunkScorer(scorer, default=settings.language or scorer.language)


def _table(columns: Columns, dtypes: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame({name: _column(columns, name, dtypes) for name in dtypes})


def _column(columns: Columns, name: str, dtypes: Mapping[str, str]) -> Any:
    return pd.array(columns[name], dtype="str") if dtypes[name] == "str" else columns[name]
