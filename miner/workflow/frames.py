"""From a chunk of feedback to its rows of the feedback, mentions and signals tables."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.insight.mentions import (
    FEEDBACK_COLUMNS,
    MENTION_COLUMNS,
    SIGNAL_COLUMNS,
    empty_table,
)
from miner.scoring import BATCH, ScoredBatch, Scorer
from miner.text.language import identify_many
from miner.text.redact import Redacted, redact
from miner.types import POLARITIES, SIGNALS

_CODE = re.compile(r"[a-z]{2,3}\Z")


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
        languages = self._languages(chunk["language"], texts)
        ours = [language == self.scorer.language for language in languages]
        redacted = [
            redact(text, language=language) for text, language in zip(texts, languages, strict=True)
        ]
        parts = [
            self._batch(at, texts[at : at + BATCH], ours[at : at + BATCH])
            for at in range(0, len(texts), BATCH)
        ]
        ids = list(chunk["id"])
        mentions = _pointed([one.mentions for one in parts], redacted, ids, MENTION_COLUMNS)
        signals = _pointed([one.signals for one in parts], redacted, ids, SIGNAL_COLUMNS)
        feedback = chunk.drop(columns="text").reset_index(drop=True)
        feedback = feedback.assign(
            feedback=np.arange(len(feedback), dtype=np.int64),
            language=pd.array(languages, dtype="str"),
            scored=np.array(ours, dtype=bool),
            verbatim=pd.array([one.text for one in redacted], dtype="str"),
            n_mentions=np.bincount(mentions["feedback"], minlength=len(feedback)).astype(np.int64),
            **_columns([one.feedback for one in parts]),
        )
        cohorts = [name for name in feedback.columns if name not in FEEDBACK_COLUMNS]
        return ScoredTables(feedback[[*FEEDBACK_COLUMNS, *cohorts]], mentions, signals)

    def _languages(self, named: pd.Series, texts: list[str]) -> list[str]:
        """Return ISO 639-1 codes: the export's own where it names one, else identified."""
        known = [_code(value) for value in named]
        missing = [index for index, code in enumerate(known) if code is None]
        found = identify_many([texts[index] for index in missing], default=self.default)
        for index, code in zip(missing, found, strict=True):
            known[index] = code
        return [code or self.default for code in known]

    def _batch(self, offset: int, texts: list[str], ours: list[bool]) -> ScoredTables:
        """Score one batch; a text in another language is kept, counted and left untagged."""
        batch = self.scorer.score_batch(
            [t if mine else "" for t, mine in zip(texts, ours, strict=True)]
        )
        n_clauses = np.bincount(batch.clauses.document, minlength=len(texts))
        columns = pd.DataFrame(
            {
                "sentiment": batch.text_sentiment.round(4),
                "polarity": pd.array(batch.polarity_names(), dtype="str"),
                "n_clauses": n_clauses.astype(np.int64),
            }
        )
        evidence = self.scorer.evidence(batch)
        mentions = self._mention_columns(batch, evidence, offset)
        return ScoredTables(columns, mentions, self._signal_columns(batch, evidence, offset))

    def _mention_columns(
        self, batch: ScoredBatch, words: Sequence[tuple[str, ...]], offset: int
    ) -> pd.DataFrame:
        keys = np.array(self.scorer.taxonomy.keys, dtype=object)
        names = np.array(POLARITIES, dtype=object)
        evidence = [" · ".join(one) for one in words]
        return pd.DataFrame(
            {
                "feedback": batch.document + offset,
                "clause": _in_text(batch, batch.clause),
                "theme": pd.array(keys[batch.theme], dtype="str"),
                "polarity": pd.array(names[batch.polarity], dtype="str"),
                "sentiment": batch.sentiment.round(4),
                "confidence": batch.confidence.round(4),
                "start": batch.clauses.start[batch.clause].astype(np.int64),
                "end": batch.clauses.end[batch.clause].astype(np.int64),
                "evidence": pd.array(evidence, dtype="str"),
            }
        )

    def _signal_columns(
        self, batch: ScoredBatch, words: Sequence[tuple[str, ...]], offset: int
    ) -> pd.DataFrame:
        found = self.scorer.find_signals(batch, words)
        kinds = np.array(SIGNALS, dtype=object)
        return pd.DataFrame(
            {
                "feedback": batch.clauses.document[found.clause].astype(np.int64) + offset,
                "clause": _in_text(batch, found.clause),
                "kind": pd.array(kinds[found.kind], dtype="str"),
                "start": found.start,
                "end": found.end,
            }
        )


def _in_text(batch: ScoredBatch, clause: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return which clause of its text each is, counted from 0."""
    document = batch.clauses.document
    return (clause - np.searchsorted(document, document[clause])).astype(np.int64)


def _pointed(
    parts: list[pd.DataFrame], redacted: list[Redacted], ids: list[str], columns: Mapping[str, str]
) -> pd.DataFrame:
    """Join the batches and point every row into its redacted text; the last column quotes it."""
    found = pd.concat(parts, ignore_index=True) if parts else empty_table(columns)
    spans = [
        _shown(redacted[document], start, end)
        for document, start, end in zip(
            found["feedback"], found["start"], found["end"], strict=True
        )
    ]
    quotes = [
        redacted[document].text[start:end]
        for document, (start, end) in zip(found["feedback"], spans, strict=True)
    ]
    found = found.assign(
        id=pd.array([ids[document] for document in found["feedback"]], dtype="str"),
        verbatim_start=np.array([start for start, _ in spans], dtype=np.int64),
        verbatim_end=np.array([end for _, end in spans], dtype=np.int64),
        **{list(columns)[-1]: pd.array(quotes, dtype="str")},
    )
    return found[list(columns)]


def _shown(redacted: Redacted, start: int, end: int) -> tuple[int, int]:
    """Return the clause's offsets in the redacted text, without the white space around it."""
    left, right = redacted.to_redacted(start), redacted.to_redacted(end)
    clause = redacted.text[left:right]
    left += len(clause) - len(clause.lstrip())
    return left, max(left, left + len(clause.strip()))


def _columns(frames: list[pd.DataFrame]) -> dict[str, pd.Series]:
    if not frames:
        return {
            name: pd.Series(dtype=FEEDBACK_COLUMNS[name])
            for name in ("sentiment", "polarity", "n_clauses")
        }
    joined = pd.concat(frames, ignore_index=True)
    return {str(name): joined[name] for name in joined.columns}


def _code(value: object) -> str | None:
    """Return the ISO code a cell such as ``en-GB`` or ``EN`` names, None where it names none."""
    if not isinstance(value, str):
        return None
    code = re.split(r"[-_]", value.strip().lower(), maxsplit=1)[0]
    return code if _CODE.match(code) else None
