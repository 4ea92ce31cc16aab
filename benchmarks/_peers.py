"""The taggers that are compared: this project's models, VADER, TextBlob, a word list.

The peers know no themes: theirs come from a keyword list made of the words of the taxonomy's own
labels, definitions and examples. A peer's (theme, polarity) pairs are what one gets by joining
both sentence by sentence.
"""

from __future__ import annotations

import gzip
import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from _gold import CODES, Pair
from numpy.typing import NDArray

from miner.scoring import BATCH, ScoredBatch, Scorer
from miner.taxonomy import Taxonomy

Doubles = NDArray[np.float64]
Score = Callable[[str], float]

VADER_NEUTRAL: Final = 0.05
"""Neutral within this of 0, as VADER's authors write; TextBlob is given the same band."""

_WORD: Final = re.compile(r"[\w'-]+")
_KEYWORD: Final = re.compile(r"[^\W\d_]{3,}")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?…])\s+|\n+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a tagger says of texts; one entry a text.

    `scores`: its sign counts, shape (n,). `classes`: -1, 0 or 1, shape (n,). `calibrated`: a score
    stands for the probability (1 + score) / 2 of being positive. `themes`: top theme to
    confidence in [0, 1] (NaN: it states none); None where the tagger knows no themes. `pairs` and
    `both` (a positive and a negative opinion found): None where they were not asked for.
    """

    scores: Doubles
    classes: Doubles
    calibrated: bool = False
    themes: tuple[Mapping[str, float], ...] | None = None
    pairs: tuple[set[Pair], ...] | None = None
    both: NDArray[np.bool_] | None = None


class Tagger(Protocol):
    """Texts to a Reading, in the same order; `pairs` asks for `Reading.pairs` and `both`."""

    def __call__(self, texts: Sequence[str], *, pairs: bool = False) -> Reading: ...


@dataclass(frozen=True)
class Model:
    """A model of this project.

    A text's class is `text_polarity`, where `mixed` counts by the sign of the sentiment.
    """

    scorer: Scorer

    def __call__(self, texts: Sequence[str], *, pairs: bool = False) -> Reading:
        parts = [
            self._read(self.scorer.score_batch(texts[start : start + BATCH]), pairs)
            for start in range(0, len(texts), BATCH)
        ]
        return Reading(
            scores=np.concatenate([one.scores for one in parts]),
            classes=np.concatenate([one.classes for one in parts]),
            calibrated=True,
            themes=tuple(row for one in parts for row in one.themes or ()),
            pairs=tuple(row for one in parts for row in one.pairs or ()) if pairs else None,
            both=np.concatenate([one.both for one in parts if one.both is not None]),
        )

    def _read(self, batch: ScoredBatch, pairs: bool) -> Reading:
        names = batch.polarity_names()
        codes = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
        sign = np.sign(batch.text_sentiment)
        themes: list[dict[str, float]] = [{} for _ in names]
        found: list[set[Pair]] = [set() for _ in names]
        tops = [key.split(".")[0] for key in self.scorer.taxonomy.keys]
        columns = (batch.document, batch.theme, batch.confidence, batch.polarity)
        for text, theme, sure, polarity in zip(*(one.tolist() for one in columns), strict=True):
            top = tops[theme]
            themes[text][top] = max(sure, themes[text].get(top, 0.0))
            if pairs:
                found[text].add((top, polarity - 1))
        return Reading(
            scores=batch.text_sentiment,
            classes=np.array([codes.get(n, one) for n, one in zip(names, sign, strict=True)]),
            themes=tuple(themes),
            pairs=tuple(found),
            both=np.array([name == "mixed" for name in names]),
        )


@dataclass(frozen=True)
class Peer:
    """A tagger made of a score a text, neutral strictly within ± `neutral`.

    `tells_themes`: the keyword list's themes are shown as this tagger's.
    """

    score: Score
    neutral: float
    keywords: Mapping[str, str] = field(repr=False)
    tells_themes: bool = False

    def __call__(self, texts: Sequence[str], *, pairs: bool = False) -> Reading:
        scores = np.array([self.score(text) for text in texts], dtype=np.float64)
        classes = np.where(np.abs(scores) < self.neutral, 0.0, np.sign(scores))
        themes = (
            tuple(dict.fromkeys(sorted(self._themes(text)), float("nan")) for text in texts)
            if self.tells_themes
            else None
        )
        if not pairs:
            return Reading(scores, classes, themes=themes)
        by_sentence = [self._sentences(text) for text in texts]
        return Reading(
            scores,
            classes,
            themes=themes,
            pairs=tuple(
                {(theme, sign) for sentence, sign in one for theme in self._themes(sentence)}
                for one in by_sentence
            ),
            both=np.array([{-1, 1} <= {sign for _, sign in one} for one in by_sentence]),
        )

    def _sentences(self, text: str) -> list[tuple[str, int]]:
        """Return each sentence with the class of its own score."""
        sentences = [one for one in _SENTENCE_END.split(text) if one.strip()]
        scores = [(one, self.score(one)) for one in sentences]
        return [
            (one, 0 if abs(score) < self.neutral else int(np.sign(score))) for one, score in scores
        ]

    def _themes(self, text: str) -> set[str]:
        words = _KEYWORD.findall(text.lower())
        return {self.keywords[word] for word in words if word in self.keywords}


def make_peers(lexicon: Path, taxonomy: Taxonomy) -> tuple[dict[str, Tagger], list[str]]:
    """Return VADER, TextBlob and the word list by name, and a line for each that is missing.

    Parameters
    ----------
    lexicon : the word list's words, see `word_list`.
    """
    keywords = keyword_list(taxonomy)
    found: dict[str, Tagger] = {}
    missing = []
    for name, make in (("VADER", _vader), ("TextBlob", _textblob)):
        try:
            found[name] = Peer(make(), VADER_NEUTRAL, keywords)
        except ImportError:
            missing.append(f'{name}: not installed. pip install "feedback-miner[bench]".')
    found["word list"] = Peer(word_list(lexicon), 0.5, keywords, tells_themes=True)
    return found, missing


def keyword_list(taxonomy: Taxonomy) -> dict[str, str]:
    """Return words and their top theme: those of labels, definitions and examples.

    Left out: words under three letters, stop words of the taxonomy's language (spaCy's), and words
    that stand under more than one top theme.
    """
    import spacy

    stops = spacy.blank(taxonomy.language).Defaults.stop_words
    tops: dict[str, set[str]] = {}
    for theme in taxonomy.themes:
        for text in (theme.label, theme.definition, *theme.examples):
            for word in _KEYWORD.findall(text.lower()):
                tops.setdefault(word, set()).add(theme.top)
    return {
        word: next(iter(found))
        for word, found in sorted(tops.items())
        if len(found) == 1 and word not in stops
    }


def word_list(path: Path) -> Score:
    """Return positive less negative words of a text.

    Parameters
    ----------
    path : a TOML file with the lists `positive` and `negative`, or JSON lines (also gzipped) with
        `text` and `polarity`, a word each.
    """
    if path.suffix == ".toml":
        lists = tomllib.loads(path.read_text(encoding="utf-8"))
        values = dict.fromkeys(lists["positive"], 1) | dict.fromkeys(lists["negative"], -1)
    else:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as handle:
            rows = [json.loads(line) for line in handle]
        values = {row["text"].lower(): CODES[row["polarity"]] for row in rows}
    return lambda text: sum(values.get(word, 0) for word in _WORD.findall(text.lower()))


def _vader() -> Score:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return lambda text: float(analyser.polarity_scores(text)["compound"])


def _textblob() -> Score:
    from textblob import TextBlob

    return lambda text: float(TextBlob(text).sentiment.polarity)
