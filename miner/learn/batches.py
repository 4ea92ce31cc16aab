"""A batch of texts to columns: clauses, tags, evidence, signals.

Objects are built from them only at the edge, by `miner.packing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from miner.learn.evidence import Evidence
from miner.learn.sentiment import text_polarity, text_sentiment
from miner.learn.signals import Heard, SignalColumns, find_signals, leaning
from miner.learn.tagging import ClauseTagger, Tagged, evidence_for, tag_clauses
from miner.packing import Packed
from miner.taxonomy import Taxonomy
from miner.text.clauses import KINDS, ClauseBatch, Clauser
from miner.text.signals import SignalFinder
from miner.types import POLARITIES, SIGNALS, FeedbackPolarity

_DECIMALS = 4  # of what is shown
_FEEDBACK_POLARITIES: tuple[FeedbackPolarity, ...] = ("negative", "neutral", "positive", "mixed")


@dataclass(frozen=True)
class ScoredBatch:
    """A batch of scored texts as columns.

    Mention columns have shape (n_mentions,), ordered by text, clause, theme:
    `clause` indexes `clauses`, `theme` the taxonomy, `polarity` `miner.types.POLARITIES`;
    `sentiment` in [-1, 1], `confidence` in [0, 1]. `text_sentiment` and `text_polarity`
    (index into negative, neutral, positive, mixed) have shape (n_texts,). `leaning`: shape
    (n_clauses,), in [-1, 1], how much each clause is for or against something. `tagged`: what they
    were made from.
    """

    clauses: ClauseBatch
    clause: npt.NDArray[np.int64]
    theme: npt.NDArray[np.int64]
    polarity: npt.NDArray[np.int64]
    sentiment: npt.NDArray[np.float64]
    confidence: npt.NDArray[np.float64]
    text_sentiment: npt.NDArray[np.float64]
    text_polarity: npt.NDArray[np.int64]
    leaning: npt.NDArray[np.float64]
    tagged: Tagged

    @cached_property
    def document(self) -> npt.NDArray[np.int64]:
        """Index of the text each mention belongs to, shape (n_mentions,)."""
        return self.clauses.document[self.clause].astype(np.int64)

    def polarity_names(self) -> list[FeedbackPolarity]:
        """Return the polarity of each text by name."""
        return [_FEEDBACK_POLARITIES[code] for code in self.text_polarity]


@dataclass(frozen=True)
class BatchScorer:
    """What scores batches: a cutter of clauses, a tagger and a finder of signals. Thread-safe."""

    clauser: Clauser
    tagger: ClauseTagger
    finder: SignalFinder
    taxonomy: Taxonomy

    def score(self, texts: Sequence[str]) -> ScoredBatch:
        """Return the texts as columns."""
        clauses = self.clauser.analyse(texts)
        tagged = tag_clauses(self.tagger, clauses, texts)
        clause, theme = np.nonzero(tagged.decided)
        sentiment = tagged.sentiment[clause, theme].astype(np.float64)
        confidence = tagged.probability[clause, theme].astype(np.float64)
        polarity = tagged.polarity[clause, theme].astype(np.int64)
        return ScoredBatch(
            clauses=clauses,
            clause=clause,
            theme=theme,
            polarity=polarity,
            sentiment=sentiment,
            confidence=confidence,
            text_sentiment=text_sentiment(clauses.document, tagged, len(texts)),
            text_polarity=text_polarity(clauses.document[clause], polarity, len(texts)),
            leaning=leaning(tagged),
            tagged=tagged,
        )

    def evidence(self, batch: ScoredBatch) -> Evidence:
        """Return, per mention, the words that weighed most, strongest first, and their place."""
        mentions = batch.clause, batch.theme, batch.polarity
        return evidence_for(self.tagger, batch.clauses.tokens, batch.tagged, mentions)

    def find_signals(self, batch: ScoredBatch, evidence: Evidence) -> SignalColumns:
        """Return the signals of a batch as columns: what the signals table is made from.

        Parameters
        ----------
        evidence : as `evidence` gives it: the words that show complaint and praise.
        """
        heard = Heard(batch.clause, batch.polarity, evidence)
        return find_signals(self.finder, batch.clauses, batch.leaning, heard)

    def packed(self, given: Sequence[object], texts: Sequence[str]) -> Packed:
        """Return the scored texts as columns, in the order of the fields of their types."""
        batch = self.score(texts)
        evidence = self.evidence(batch)
        signals = self.find_signals(batch, evidence)
        clauses, truncated = batch.clauses, batch.clauses.truncated.tolist()
        owners = (batch.document, clauses.document[signals.clause], clauses.document)
        keys = self.taxonomy.keys
        return Packed(
            own=[
                batch.text_sentiment.round(_DECIMALS).tolist(),
                batch.polarity_names(),
                [_flags(one, cut) for one, cut in zip(given, truncated, strict=True)],
            ],
            counts=[np.bincount(owner, minlength=len(texts)).tolist() for owner in owners],
            parts=[
                [
                    [keys[theme] for theme in batch.theme.tolist()],
                    [POLARITIES[code] for code in batch.polarity.tolist()],
                    batch.sentiment.round(_DECIMALS).tolist(),
                    batch.confidence.round(_DECIMALS).tolist(),
                    clauses.start[batch.clause].tolist(),
                    clauses.end[batch.clause].tolist(),
                    evidence.words,
                ],
                [
                    [SIGNALS[kind] for kind in signals.kind.tolist()],
                    signals.start.tolist(),
                    signals.end.tolist(),
                ],
                [
                    clauses.start.tolist(),
                    clauses.end.tolist(),
                    [KINDS[code] for code in clauses.kind.tolist()],
                ],
            ],
        )


def _flags(given: object, truncated: bool) -> tuple[str, ...]:
    flags = [] if isinstance(given, str) else ["not-text"]
    if truncated:
        flags.append("truncated")
    return tuple(flags)
