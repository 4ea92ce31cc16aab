"""From texts to the columns of the stored tables; needs no pandas, so that one line is scored soon.

`miner.workflow.frames` makes tables of these columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from miner.learn.batches import ScoredBatch
from miner.learn.evidence import Evidence
from miner.scoring import BATCH, Scorer
from miner.text.language import languages_of
from miner.text.redact import Redacted, redact
from miner.types import POLARITIES, SIGNALS

Columns: TypeAlias = dict[str, Sequence[Any] | npt.NDArray[Any]]
"""A table by column, all of one length; texts are lists of str, numbers are arrays."""


class ScoredColumns(NamedTuple):
    """The columns that scoring adds to the stored tables; positions count from 0."""

    feedback: Columns
    mentions: Columns
    signals: Columns


@dataclass(frozen=True)
class RowScorer:
    """Scores texts to columns; picklable.

    `default` is the language of a row that names none and whose text is too short to tell.
    """

    scorer: Scorer
    default: str

    def columns(
        self, texts: Sequence[str], *, ids: Sequence[str], named: Iterable[object] | None = None
    ) -> ScoredColumns:
        """Return the columns of `miner.insight.mentions` that come from scoring.

        Parameters
        ----------
        ids : of the texts, same length.
        named : the language each row names, such as ``en-GB``, anything else for none; None where
            no row names any.
        """
        languages = self.languages(named, texts)
        ours = [language == self.scorer.language for language in languages]
        redacted = [
            redact(text, language=language) for text, language in zip(texts, languages, strict=True)
        ]
        starts = range(0, len(texts), BATCH) or (0,)
        parts = [self._batch(at, texts[at : at + BATCH], ours[at : at + BATCH]) for at in starts]
        feedback, mentions, signals = (_joined(tables) for tables in zip(*parts, strict=True))
        counts = np.bincount(np.asarray(mentions["feedback"]), minlength=len(texts))
        feedback |= {
            "feedback": np.arange(len(texts), dtype=np.int64),
            "language": languages,
            "scored": np.array(ours, dtype=np.bool_),
            "verbatim": [one.text for one in redacted],
            "n_mentions": counts.astype(np.int64),
        }
        return ScoredColumns(
            feedback,
            _pointed(mentions, redacted, ids, quote="quote"),
            _pointed(signals, redacted, ids, quote="words"),
        )

    def languages(self, named: Iterable[object] | None, texts: Sequence[str]) -> list[str]:
        """Return ISO 639-1 codes: the export's own where it names one, else identified."""
        return languages_of(texts, named, default=self.default)

    def _batch(self, offset: int, texts: Sequence[str], ours: Sequence[bool]) -> ScoredColumns:
        """Score one batch; a text in another language is kept, counted and left untagged."""
        batch = self.scorer.score_batch(
            [text if mine else "" for text, mine in zip(texts, ours, strict=True)]
        )
        evidence = self.scorer.evidence(batch)
        n_clauses = np.bincount(batch.clauses.document, minlength=len(texts))
        feedback: Columns = {
            "sentiment": _rounded(batch.text_sentiment),
            "polarity": batch.polarity_names(),
            "n_clauses": n_clauses.astype(np.int64),
        }
        return ScoredColumns(
            feedback,
            self._mentions(batch, evidence, offset),
            self._signals(batch, evidence, offset),
        )

    def _mentions(self, batch: ScoredBatch, evidence: Evidence, offset: int) -> Columns:
        keys = self.scorer.taxonomy.keys
        return {
            "feedback": batch.document + offset,
            "clause": _in_text(batch, batch.clause),
            "theme": [keys[theme] for theme in batch.theme.tolist()],
            "polarity": [POLARITIES[code] for code in batch.polarity.tolist()],
            "sentiment": _rounded(batch.sentiment),
            "confidence": batch.confidence.round(4),
            "start": batch.clauses.start[batch.clause].astype(np.int64),
            "end": batch.clauses.end[batch.clause].astype(np.int64),
            "evidence": [" · ".join(words) for words in evidence.words],
        }

    def _signals(self, batch: ScoredBatch, evidence: Evidence, offset: int) -> Columns:
        found = self.scorer.find_signals(batch, evidence)
        return {
            "feedback": batch.clauses.document[found.clause].astype(np.int64) + offset,
            "clause": _in_text(batch, found.clause),
            "kind": [SIGNALS[kind] for kind in found.kind.tolist()],
            "start": found.start,
            "end": found.end,
        }


def _rounded(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the values to four digits; there is one zero, for databases know no other."""
    return values.round(4) + 0.0


def _in_text(batch: ScoredBatch, clause: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return which clause of its text each is, counted from 0."""
    document = batch.clauses.document
    return (clause - np.searchsorted(document, document[clause])).astype(np.int64)


def _joined(parts: Sequence[Columns]) -> Columns:
    """Return the rows of several batches, one below the other."""
    if len(parts) == 1:
        return dict(parts[0])
    return {
        name: np.concatenate([part[name] for part in parts])
        if isinstance(column, np.ndarray)
        else [value for part in parts for value in part[name]]
        for name, column in parts[0].items()
    }


def _pointed(
    found: Columns, redacted: Sequence[Redacted], ids: Sequence[str], *, quote: str
) -> Columns:
    """Point every row into its redacted text; the column `quote` is what stands there."""
    documents, starts, ends = (
        np.asarray(found[name]).tolist() for name in ("feedback", "start", "end")
    )
    spans = [
        _shown(redacted[document], start, end)
        for document, start, end in zip(documents, starts, ends, strict=True)
    ]
    return found | {
        "id": [ids[document] for document in documents],
        "verbatim_start": np.array([start for start, _ in spans], dtype=np.int64),
        "verbatim_end": np.array([end for _, end in spans], dtype=np.int64),
        quote: [
            redacted[document].text[start:end]
            for document, (start, end) in zip(documents, spans, strict=True)
        ],
    }


def _shown(redacted: Redacted, start: int, end: int) -> tuple[int, int]:
    """Return the clause's offsets in the redacted text, without the white space around it."""
    left, right = start, end
    if redacted.spans:
        left, right = redacted.to_redacted(start), redacted.to_redacted(end)
    clause = redacted.text[left:right]
    left += len(clause) - len(clause.lstrip())
    return left, max(left, left + len(clause.strip()))
