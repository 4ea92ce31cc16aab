"""The competitors by name: each reads a list of texts and keeps nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from benchmarks._speed_timing import Run

MINER: Final = "miner score_many"
COLUMNS: Final = "miner score_batch (columns only)"
TWO: Final = "miner score_many, 2 workers"
VADER: Final = "VADER"
TEXTBLOB: Final = "TextBlob"
TOKENIZER: Final = "spaCy tokenizer"
SENTENCES: Final = "spaCy tokenizer + sentencizer"
TFIDF: Final = "TF-IDF + logistic regression"

_KEYWORDS: Final = frozenset(
    ("good", "great", "love", "nice", "best", "thanks", "friendly", "easy")
)


def make_peer(name: str, warm: Sequence[str], scorer: Any = None) -> Run:
    """Return a competitor, loaded. `warm`: what TF-IDF is fitted on; others are not touched."""
    if name in _MINER:
        return _MINER[name](scorer or _load())
    return _MAKERS[name](warm)


def peer_names() -> list[str]:
    """Return the names of all competitors that read in this process, miner last."""
    return [*_MAKERS, COLUMNS, MINER]


def _load() -> Any:
    import miner

    return miner.load()


def _drain(values: Iterable[object]) -> None:
    deque(values, maxlen=0)


def _many(scorer: Any) -> Run:
    return lambda texts: _drain(scorer.score_many(texts))


def _two(scorer: Any) -> Run:
    return lambda texts: _drain(scorer.score_many(texts, workers=2))


def _columns(scorer: Any) -> Run:
    from miner.scoring import BATCH

    def run(texts: Sequence[str]) -> None:
        for start in range(0, len(texts), BATCH):
            scorer.score_batch(texts[start : start + BATCH])

    return run


def _vader(_: Sequence[str]) -> Run:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    score = SentimentIntensityAnalyzer().polarity_scores
    return lambda texts: _drain(map(score, texts))


def _textblob(_: Sequence[str]) -> Run:
    from textblob import TextBlob

    return lambda texts: _drain(TextBlob(text).sentiment for text in texts)


def _tokenizer(_: Sequence[str]) -> Run:
    import spacy

    tokenizer = spacy.blank("en").tokenizer
    return lambda texts: _drain(map(tokenizer, texts))


def _sentences(_: Sequence[str]) -> Run:
    import spacy

    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    return lambda texts: _drain(nlp.pipe(texts))


def _tfidf(warm: Sequence[str]) -> Run:
    """Fit on made-up labels, whether a text has one of a few words: the cost is the same."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    labels = [not _KEYWORDS.isdisjoint(text.lower().split()) for text in warm]
    if len(set(labels)) < 2:
        labels = [at % 2 == 0 for at in range(len(warm))]
    vectorizer = TfidfVectorizer(ngram_range=(1, 2))
    model = LogisticRegression(max_iter=200).fit(vectorizer.fit_transform(warm), labels)
    return lambda texts: model.predict_proba(vectorizer.transform(texts))


_MAKERS: Final[dict[str, Callable[[Sequence[str]], Run]]] = {
    VADER: _vader,
    TEXTBLOB: _textblob,
    TOKENIZER: _tokenizer,
    SENTENCES: _sentences,
    TFIDF: _tfidf,
}
_MINER: Final[dict[str, Callable[[Any], Run]]] = {COLUMNS: _columns, MINER: _many, TWO: _two}
