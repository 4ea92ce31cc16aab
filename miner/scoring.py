"""The importable module: a Scorer turns text into mentions.

Inside, a batch of texts is columns (`ScoredBatch`); the frozen objects of `miner.types` are built
from them only at the edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from miner.errors import UsageError
from miner.learn.bundle import Bundle, load_bundle
from miner.learn.explain import explain
from miner.learn.sentiment import text_polarity, text_sentiment
from miner.learn.signals import Evidence, SignalColumns, find_signals, leaning, signal_kinds
from miner.taxonomy import Taxonomy
from miner.text.clauses import ClauseBatch, Clauser
from miner.text.signals import SignalFinder
from miner.types import POLARITIES, Explanation, FeedbackPolarity, Mention, Scored, SignalKind

if TYPE_CHECKING:
    import pandas as pd

BATCH = 512
"""Texts scored at once: enough that numpy's overhead vanishes, few enough to stay in cache."""

_MENTION_COLUMNS = ("theme", "polarity", "sentiment", "confidence", "start", "end", "evidence")
_FEEDBACK_POLARITIES: tuple[FeedbackPolarity, ...] = ("negative", "neutral", "positive", "mixed")


@dataclass(frozen=True)
class ScoredBatch:
    """A batch of scored texts as columns.

    Mention columns have shape (n_mentions,), ordered by text, clause, theme:
    `clause` indexes `clauses`, `theme` the taxonomy, `polarity` `miner.types.POLARITIES`;
    `sentiment` in [-1, 1], `confidence` in [0, 1]. `text_sentiment` and `text_polarity`
    (index into negative, neutral, positive, mixed) have shape (n_texts,). `leaning`: shape
    (n_clauses,), in [-1, 1], how much each clause is for or against something.
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

    @cached_property
    def document(self) -> npt.NDArray[np.int64]:
        """Index of the text each mention belongs to, shape (n_mentions,)."""
        return self.clauses.document[self.clause].astype(np.int64)

    def polarity_names(self) -> list[FeedbackPolarity]:
        """Return the polarity of each text by name."""
        return [_FEEDBACK_POLARITIES[code] for code in self.text_polarity]


class Scorer:
    """Tags every statement of a text with themes, polarity and sentiment.

    Thread-safe after construction, picklable, deterministic: the same text, model and version give
    the same result, whatever it is batched with. Never uses the network.

    Parameters
    ----------
    bundle : an audited model, see `load`.

    Examples
    --------
    >>> scorer = load()
    >>> scored = scorer.score("Lovely food, but nobody answered my e-mails.")
    >>> [(m.theme, m.polarity) for m in scored.mentions]
    [('product.quality', 'positive'), ('communication.reachability', 'negative')]
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._tagger = bundle.tagger
        self._clauser = Clauser(bundle.language)
        self._finder = SignalFinder(self._clauser)

    @property
    def taxonomy(self) -> Taxonomy:
        """The theme tree the model was trained with."""
        return self.bundle.taxonomy

    @property
    def language(self) -> str:
        """The language the model reads, ISO 639-1."""
        return self.bundle.language

    @property
    def signal_kinds(self) -> tuple[SignalKind, ...]:
        """The kinds of signals that can be found: without rules, complaint and praise alone."""
        return signal_kinds(self._finder)

    def score(self, text: object) -> Scored:
        """Score one text. None, NaN and anything else that is no text give no mentions.

        Parameters
        ----------
        text : the feedback as received, any length (see `Scored.flags` for what was cut).

        Returns
        -------
        Scored with clauses that tile the text and mentions in text order.
        """
        return next(self.score_many([text]))

    def score_many(
        self, texts: Iterable[object], *, workers: int = 1, batch: int = BATCH
    ) -> Iterator[Scored]:
        """Yield one Scored per text, in input order, in constant memory.

        Parameters
        ----------
        texts : any iterable, also endless; values as in `score`.
        workers : processes to score in; 1 stays in this one.
        batch : texts scored at once, 1 or more.

        Raises
        ------
        UsageError
            `workers` or `batch` is below 1, or `texts` is a single string.
        """
        if isinstance(texts, str | bytes):
            raise UsageError(
                "score_many got one string, expected an iterable of texts.",
                hint="Call score(text), or score_many([text]).",
                slug="score.one-string",
            )
        for name, value in (("workers", workers), ("batch", batch)):
            if value < 1:
                raise UsageError(
                    f"{name}: got {value}, expected 1 or more.",
                    hint=f"Give {name}=1 or more.",
                    slug="score.out-of-range",
                )
        chunks = _chunks(texts, batch)
        if workers == 1:
            return (one for chunk in chunks for one in self._scored(chunk))
        return _in_processes(self, chunks, workers)

    def explain(self, text: object, *, all_themes: bool = False) -> Explanation:
        """Return why `score` gives what it gives for this text, as sums over its words.

        Parameters
        ----------
        text : as in `score`.
        all_themes : explain every theme in every clause, not only those mentioned, those
            overshadowed and the runner-up.

        Raises
        ------
        UsageError
            The model's figures are no sums over words.

        Examples
        --------
        >>> explained = load().explain("The courier was two days late.")
        >>> theme = explained.clauses[0].themes[0]
        >>> theme.theme, theme.reason
        ('service.delivery', 'theme.reached')
        >>> total = theme.sum.bias + sum(one.share for one in theme.sum.words)
        >>> abs(total - theme.sum.value) < 1e-4
        True
        """
        scored = self.score(text)
        located = self._clauser.locate(scored.text)
        return explain(scored, located, self.bundle, all_themes=all_themes)

    def score_batch(self, texts: Sequence[str]) -> ScoredBatch:
        """Score texts at once and return columns: what the tables are made from."""
        clauses = self._clauser.analyse(texts)
        tagged = self._tagger.tag(clauses.tokens, clauses.written(texts))
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
        )

    def evidence(self, batch: ScoredBatch) -> list[tuple[str, ...]]:
        """Return, per mention, the words that weighed most, strongest first."""
        tokens = [batch.clauses.tokens[index] for index in batch.clause]
        return self._tagger.evidence_many(tokens, batch.theme, polarity=batch.polarity)

    def find_signals(
        self, batch: ScoredBatch, evidence: Sequence[tuple[str, ...]]
    ) -> SignalColumns:
        """Return the signals of a batch as columns: what the signals table is made from.

        Parameters
        ----------
        evidence : per mention, as `evidence` gives it: the words that show complaint and praise.
        """
        heard = Evidence(batch.clause, batch.polarity, evidence)
        return find_signals(self._finder, batch.clauses, batch.leaning, heard)

    def mentions(self, frame_or_texts: Any, *, text: str = "text") -> pd.DataFrame:
        """Return a table with one row per mention.

        Parameters
        ----------
        frame_or_texts : a DataFrame with a text column (its index is kept as ``id``, or its
            column ``id`` where there is one), a Series (index kept) or any iterable of texts.
        text : name of the text column of a DataFrame.

        Returns
        -------
        DataFrame with columns id, theme, polarity, sentiment, confidence, start, end, evidence.

        Raises
        ------
        UsageError
            The DataFrame has no such text column.
        """
        import pandas as pd

        ids, texts = _ids_and_texts(frame_or_texts, text)
        rows = [
            (key, *(getattr(mention, name) for name in _MENTION_COLUMNS))
            for key, scored in zip(ids, self.score_many(texts), strict=True)
            for mention in scored.mentions
        ]
        frame = pd.DataFrame(rows, columns=["id", *_MENTION_COLUMNS])
        return frame.assign(evidence=frame["evidence"].map(" · ".join).astype("str"))

    def signals(self, frame_or_texts: Any, *, text: str = "text") -> pd.DataFrame:
        """Return a table with one row per signal.

        Parameters
        ----------
        frame_or_texts, text : as in `mentions`.

        Returns
        -------
        DataFrame with columns id, kind, start, end, words; the words show the signal.

        Raises
        ------
        UsageError
            The DataFrame has no such text column.

        Examples
        --------
        >>> found = load().signals(["Rang three times, no answer. I'm switching to another bank."])
        >>> found["kind"].tolist()
        ['complaint', 'effort', 'churn_risk']
        """
        import pandas as pd

        ids, texts = _ids_and_texts(frame_or_texts, text)
        rows = [
            (key, one.kind, one.start, one.end, scored.text[one.start : one.end])
            for key, scored in zip(ids, self.score_many(texts), strict=True)
            for one in scored.signals
        ]
        return pd.DataFrame(rows, columns=["id", "kind", "start", "end", "words"])

    def _scored(self, texts: Sequence[object]) -> list[Scored]:
        clean = [one if isinstance(one, str) else "" for one in texts]
        batch = self.score_batch(clean)
        evidence = self.evidence(batch)
        mentions: list[list[Mention]] = [[] for _ in clean]
        start, end = batch.clauses.start, batch.clauses.end
        for index, clause in enumerate(batch.clause):
            mentions[batch.clauses.document[clause]].append(
                Mention(
                    theme=self.taxonomy.keys[batch.theme[index]],
                    polarity=POLARITIES[batch.polarity[index]],
                    sentiment=round(float(batch.sentiment[index]), 4),
                    confidence=round(float(batch.confidence[index]), 4),
                    start=int(start[clause]),
                    end=int(end[clause]),
                    evidence=evidence[index],
                )
            )
        signals = self.find_signals(batch, evidence).by_text(batch.clauses)
        names = batch.polarity_names()
        found = [
            Scored(
                text=one,
                sentiment=round(float(batch.text_sentiment[index]), 4),
                polarity=names[index],
                mentions=tuple(mentions[index]),
                signals=tuple(signals.get(index, ())),
                clauses=batch.clauses.of(index),
                flags=_flags(texts[index], bool(batch.clauses.truncated[index])),
            )
            for index, one in enumerate(clean)
        ]
        return self._signed(found)

    def _signed(self, found: list[Scored]) -> list[Scored]:
        """Tell results who made them, for `Scored.explain`; a pickle does not carry that."""
        for one in found:
            one._scored_by(self)
        return found


def load(model: str | Path = "en") -> Scorer:
    """Return a Scorer for a shipped model by name, or for a model folder by path.

    Raises
    ------
    ModelError
        No such model, or its folder is damaged, too new or not what its manifest says.

    Examples
    --------
    >>> load("en").language
    'en'
    """
    return Scorer(load_bundle(model))


def _flags(given: object, truncated: bool) -> tuple[str, ...]:
    flags = [] if isinstance(given, str) else ["not-text"]
    if truncated:
        flags.append("truncated")
    return tuple(flags)


def _chunks(texts: Iterable[object], size: int) -> Iterator[list[object]]:
    iterator = iter(texts)
    while chunk := list(islice(iterator, size)):
        yield chunk


_worker: Scorer | None = None


def _start_worker(scorer: Scorer) -> None:
    global _worker
    _worker = scorer


def _work(texts: list[object]) -> list[Scored]:
    assert _worker is not None
    return _worker._scored(texts)


def _in_processes(scorer: Scorer, chunks: Iterator[list[object]], workers: int) -> Iterator[Scored]:
    """Score chunks in spawned processes, a few ahead of the reader, results in input order."""
    from collections import deque
    from multiprocessing import get_context

    with ProcessPoolExecutor(
        workers, mp_context=get_context("spawn"), initializer=_start_worker, initargs=(scorer,)
    ) as pool:
        waiting = deque(pool.submit(_work, chunk) for chunk in islice(chunks, workers * 3))
        while waiting:
            yield from scorer._signed(waiting.popleft().result())
            waiting.extend(pool.submit(_work, chunk) for chunk in islice(chunks, 1))


def _ids_and_texts(given: Any, column: str) -> tuple[Iterable[Any], Iterable[Any]]:
    columns = getattr(given, "columns", None)
    if columns is not None:
        if column not in columns:
            raise UsageError(
                f'The frame has no column "{column}" (it has: {", ".join(map(str, columns))}).',
                hint='Name it: scorer.mentions(frame, text="…").',
                slug="score.no-text-column",
            )
        return (given["id"] if "id" in columns else given.index), given[column]
    if hasattr(given, "index") and hasattr(given, "array"):
        return given.index, given
    texts = list(given)
    return range(len(texts)), texts
