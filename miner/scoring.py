"""The importable module: a Scorer turns text into mentions.

Inside, a batch of texts is columns (`ScoredBatch`); the frozen objects of `miner.types` are built
from them only at the edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from miner.errors import UsageError
from miner.learn.batches import BatchScorer, ScoredBatch
from miner.learn.bundle import Bundle, load_bundle
from miner.learn.evidence import Evidence
from miner.learn.explain import explain
from miner.learn.own_tagger import check_tagger
from miner.learn.signals import SignalColumns, signal_kinds
from miner.learn.tagging import ClauseTagger
from miner.packing import Packed, collector_paused, in_processes, unpack
from miner.taxonomy import Taxonomy
from miner.text.clauses import Clauser
from miner.text.signals import SignalFinder
from miner.types import Explanation, Scored, SignalKind

if TYPE_CHECKING:
    import pandas as pd

BATCH = 1024
"""Texts scored at once: enough that numpy's overhead vanishes, few enough to stay in cache."""

# Bytes of UTF-8 from which on a batch is full: 1,024 long responses at once take a sixth more time,
# their n-grams no longer fit into a processor's cache (5,180 texts a second for 5,990, 32 MB).
# Bytes, since an emoji is a token of its own: so a batch of them does not hold many more tokens.
_BYTES = 150_000

PROCESSES_FROM = 16_384
"""Below this many texts starting processes costs more than it gains, unless asked for."""


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
        self._bundle: Bundle | None = bundle
        self._set_up(bundle.tagger, bundle.taxonomy, bundle.language)

    @classmethod
    def from_tagger(
        cls, tagger: ClauseTagger, *, taxonomy: Taxonomy, language: str | None = None
    ) -> Scorer:
        """Return a Scorer around a tagger of your own, which is tried on a few words first.

        Parameters
        ----------
        tagger : does what `miner.ClauseTagger` says.
        taxonomy : the themes of its columns, in their order.
        language : ISO 639-1, its rules cut texts into clauses; None means the taxonomy's.

        Raises
        ------
        UsageError
            The tagger is none, or knows other themes than the taxonomy.

        Examples
        --------
        >>> shipped = load()
        >>> mine = Scorer.from_tagger(shipped.bundle.tagger, taxonomy=shipped.taxonomy)
        >>> mine.score("Too slow.") == shipped.score("Too slow.")
        True
        """
        scorer = cls.__new__(cls)
        scorer._bundle = None
        scorer._set_up(check_tagger(tagger, taxonomy), taxonomy, language or taxonomy.language)
        return scorer

    def _set_up(self, tagger: ClauseTagger, taxonomy: Taxonomy, language: str) -> None:
        clauser = Clauser(language)
        self._batches = BatchScorer(clauser, tagger, SignalFinder(clauser), taxonomy)

    @property
    def bundle(self) -> Bundle:
        """The model folder behind it; UsageError where it was made from a tagger."""
        if self._bundle is None:
            raise UsageError(
                "This scorer was made from a tagger and has no model folder, which explanations "
                "and reports need.",
                hint="Use a scorer of miner.load().",
                slug="score.no-bundle",
            )
        return self._bundle

    @property
    def taxonomy(self) -> Taxonomy:
        """The theme tree the model was trained with."""
        return self._batches.taxonomy

    @property
    def language(self) -> str:
        """The language the model reads, ISO 639-1."""
        return self._batches.clauser.language

    @property
    def signal_kinds(self) -> tuple[SignalKind, ...]:
        """The kinds of signals that can be found: without rules, complaint and praise alone."""
        return signal_kinds(self._batches.finder)

    def score(self, text: object) -> Scored:
        """Score one text. None, NaN and anything else that is no text give no mentions.

        Parameters
        ----------
        text : the feedback as received, any length (see `Scored.flags` for what was cut).

        Returns
        -------
        Scored with clauses that tile the text and mentions in text order.
        """
        return self._scored([text])[0]

    def score_many(
        self, texts: Iterable[object], *, workers: int = 1, batch: int = BATCH
    ) -> Iterator[Scored]:
        """Yield one Scored per text, in input order, in constant memory.

        Parameters
        ----------
        texts : any iterable, also endless; values as in `score`.
        workers : processes to score in, this one included; 0 takes one per core once there is
            enough to do. A script that asks for several needs ``if __name__ == "__main__":``.
        batch : texts scored at once, and sent to a process at once, 1 or more; fewer where they
            are long.

        Raises
        ------
        UsageError
            `workers` is below 0 or `batch` below 1, or `texts` is a single string or a table.
        InternalError
            Some text ends any process that was started for it; those before it were yielded.

        Notes
        -----
        This process scores too while results are waited for. What another held when it died is
        scored again by a new one, and logged. At most 5 batches per process are read ahead. An
        interrupt ends the processes at once.
        """
        if isinstance(texts, str | bytes):
            raise UsageError(
                "score_many got one string, expected an iterable of texts.",
                hint="Call score(text), or score_many([text]).",
                slug="score.one-string",
            )
        if hasattr(texts, "columns"):  # walking through a frame gives the names of its columns
            raise UsageError(
                "score_many got a table, expected an iterable of texts.",
                hint='Name its column: score_many(frame["comment"]), or call mentions(frame).',
                slug="score.table",
            )
        for name, value, least in (("workers", workers, 0), ("batch", batch, 1)):
            if value < least:
                raise UsageError(
                    f"{name}: got {value}, expected {least} or more.",
                    hint=f"Give {name}={least} or more.",
                    slug="score.out-of-range",
                )
        return self._spread(_chunks(texts, batch), workers, enough=-(-PROCESSES_FROM // batch))

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
        located = self._batches.clauser.locate(scored.text)
        return explain(scored, located, self.bundle, all_themes=all_themes)

    def packed(self, texts: Sequence[object]) -> Packed:
        """Score texts at once and return what `score_many` gives as columns, for other engines.

        Parameters
        ----------
        texts : as in `score_many`; they are not part of what is returned.
        """
        with collector_paused():
            return self._packed(texts, [one if isinstance(one, str) else "" for one in texts])

    def score_batch(self, texts: Sequence[str]) -> ScoredBatch:
        """Score texts at once and return columns: what the tables are made from."""
        return self._batches.score(texts)

    def evidence(self, batch: ScoredBatch) -> Evidence:
        """Return, per mention, the words that weighed most, strongest first, and their place."""
        return self._batches.evidence(batch)

    def find_signals(self, batch: ScoredBatch, evidence: Evidence) -> SignalColumns:
        """Return the signals of a batch as columns: what the signals table is made from.

        Parameters
        ----------
        evidence : as `evidence` gives it: the words that show complaint and praise.
        """
        return self._batches.find_signals(batch, evidence)

    def mentions(
        self, frame_or_texts: Any, *, text: str = "text", workers: int = 1
    ) -> pd.DataFrame:
        """Return a table with one row per mention.

        Parameters
        ----------
        frame_or_texts : a DataFrame with a text column (its index is kept as ``id``, or its
            column ``id`` where there is one), a Series (index kept) or any iterable of texts
            (counted from 0). Missing texts have no mentions.
        text : name of the text column of a DataFrame.
        workers : as in `score_many`.

        Returns
        -------
        DataFrame with columns id (of the type given; tuples for a MultiIndex), theme, polarity,
        evidence (str), sentiment, confidence (float64), start, end (int64), also without rows.

        Raises
        ------
        UsageError
            The DataFrame has no such text column, or two.

        Examples
        --------
        >>> found = load().mentions(["The courier was two days late.", None])
        >>> found[["id", "theme", "polarity"]].values.tolist()
        [[0, 'service.delivery', 'negative']]
        """
        from miner.insight.scored_tables import mention_table, read_given

        given = read_given(frame_or_texts, text)
        return mention_table(given, self.score_many(given.texts, workers=workers))

    def signals(self, frame_or_texts: Any, *, text: str = "text", workers: int = 1) -> pd.DataFrame:
        """Return a table with one row per signal.

        Parameters
        ----------
        frame_or_texts, text, workers : as in `mentions`.

        Returns
        -------
        DataFrame with columns id (as in `mentions`), kind, words (str), start, end (int64); the
        words show the signal.

        Raises
        ------
        UsageError
            The DataFrame has no such text column, or two.

        Examples
        --------
        >>> found = load().signals(["Rang three times, no answer. I'm switching to another bank."])
        >>> found["kind"].tolist()
        ['complaint', 'effort', 'churn_risk']
        """
        from miner.insight.scored_tables import read_given, signal_table

        given = read_given(frame_or_texts, text)
        return signal_table(given, self.score_many(given.texts, workers=workers))

    def _scored(self, texts: Sequence[object]) -> list[Scored]:
        clean = [one if isinstance(one, str) else "" for one in texts]
        with collector_paused():
            return self._signed(unpack(self._packed(texts, clean), clean))

    def _packed(self, given: Sequence[object], texts: Sequence[str]) -> Packed:
        return self._batches.packed(given, texts)

    def _spread(
        self, chunks: Iterator[list[object]], workers: int, *, enough: int
    ) -> Iterator[Scored]:
        if workers != 1:
            from miner.processes import wanted

            workers, chunks = wanted(workers, chunks, enough=enough)
        if workers > 1:
            scored = map(self._signed, in_processes(Scorer.packed, self, chunks, workers))
        else:
            scored = map(self._scored, chunks)
        for found in scored:
            yield from found

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
    with collector_paused():  # a thirteenth of the time
        return Scorer(load_bundle(model))


def _chunks(texts: Iterable[object], size: int) -> Iterator[list[object]]:
    """Yield so many texts at once, fewer where they are long."""
    chunk: list[object] = []
    n_bytes = 0
    for text in texts:
        chunk.append(text)
        n_bytes += len(text.encode(errors="surrogatepass")) if isinstance(text, str) else 0
        if len(chunk) == size or n_bytes >= _BYTES:
            yield chunk
            chunk, n_bytes = [], 0
    if chunk:
        yield chunk
