"""Compare this project's sentiment with VADER, TextBlob and a word list on public feedback.

    python benchmarks/sentiment.py --data FOLDER

FOLDER holds gzipped JSON lines (`text`, and `polarity` or `polarity_weak`: positive, neutral,
negative): airline_tweets, uber_play_2024, amazon_alexa. None of them trains or tunes a model.
Stars count as positive (4, 5), neutral (3), negative (1, 2).

A document's sentiment is `text_sentiment` of `miner.Scorer`: the mean over its clauses, each
weighted by the probability that the clause holds an opinion; its class is `text_polarity`, where
`mixed` counts by the sign of the sentiment. Two figures: the sign alone (texts
that are positive or negative) and three classes. A sign of 0 counts as negative; VADER and
TextBlob are neutral within 0.05 of 0, as VADER's authors write, the word list where its hits
cancel out.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from miner.scoring import BATCH, load

SETS = ("airline_tweets", "uber_play_2024", "amazon_alexa")
CODES = {"negative": -1, "neutral": 0, "positive": 1}
POSITIVE = """
    amazing awesome best clean comfortable easy enjoy enjoyed excellent fast fantastic favorite
    friendly fun good great happy helpful impressed liked love loved loves nice perfect pleasant
    pleased quick recommend reliable satisfied smooth thank thanks useful wonderful works worth
"""
NEGATIVE = """
    annoying awful bad broken bug bugs cancelled cancel complaint crash crashes delay delayed
    difficult dirty disappointed disappointing error expensive fail failed fault hate horrible
    lost never nightmare pathetic poor problem problems refund rude scam slow stuck stupid
    terrible unacceptable unable useless waste worse worst wrong
"""

Scores = NDArray[np.float64]
Tagger = Callable[[Sequence[str]], tuple[Scores, Scores]]
"""Texts to (score whose sign counts, class -1, 0 or 1), one a text."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the sets, run every tagger, print one table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with <set>.jsonl.gz")
    parser.add_argument("--model", default="en", help="name or folder of a model (default: en)")
    parser.add_argument(
        "--lexicon", type=Path, help="JSON lines with text and polarity, a word each"
    )
    chosen = parser.parse_args(arguments)
    taggers = make_taggers(chosen.model, chosen.lexicon)
    print(
        f"{'set':16}{'tagger':11}{'sign acc':>9}{'sign F1':>9}{'3 acc':>7}{'3 F1':>7}{'texts/s':>9}"
    )
    for name in SETS:
        texts, gold = read(chosen.data / f"{name}.jsonl.gz")
        for label, tagger in taggers.items():
            start = time.perf_counter()
            scores, classes = tagger(texts)
            speed = len(texts) / (time.perf_counter() - start)
            figures = " ".join(
                f"{value:>{width}.3f}"
                for value, width in zip(measure(gold, scores, classes), (8, 8, 6, 6), strict=True)
            )
            print(f"{name:16}{label:11} {figures}{speed:>9,.0f}")


def make_taggers(model: str, lexicon: Path | None) -> dict[str, Tagger]:
    """Return the taggers by name; VADER and TextBlob need the extra ``bench``."""
    from textblob import TextBlob
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    vader = SentimentIntensityAnalyzer()
    return {
        "miner": miner_tagger(model),
        "VADER": scored(lambda text: vader.polarity_scores(text)["compound"], 0.05),
        "TextBlob": scored(lambda text: TextBlob(text).sentiment.polarity, 0.05),
        "word list": scored(word_list(lexicon), 0.5),
    }


def miner_tagger(model: str) -> Tagger:
    """Return the project's tagger: the sentiment and the polarity `miner.Scorer` gives a text."""
    scorer = load(model)

    def tag(texts: Sequence[str]) -> tuple[Scores, Scores]:
        scores, classes = [], []
        for start in range(0, len(texts), BATCH):
            batch = scorer.score_batch(texts[start : start + BATCH])
            scores.append(batch.text_sentiment)
            by_name = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}
            sign = np.sign(batch.text_sentiment)
            names = zip(batch.polarity_names(), sign, strict=True)
            classes.append(np.array([by_name.get(name, one) for name, one in names]))
        return np.concatenate(scores), np.concatenate(classes)

    return tag


def scored(score: Callable[[str], float], neutral: float) -> Tagger:
    """Return a tagger made of a score a text, neutral strictly within ± `neutral`."""

    def tag(texts: Sequence[str]) -> tuple[Scores, Scores]:
        scores = np.array([score(text) for text in texts], dtype=np.float64)
        return scores, np.where(np.abs(scores) < neutral, 0.0, np.sign(scores))

    return tag


def word_list(path: Path | None) -> Callable[[str], float]:
    """Return positive less negative words of a text; None means the short list above."""
    if path is None:
        values = dict.fromkeys(POSITIVE.split(), 1) | dict.fromkeys(NEGATIVE.split(), -1)
    else:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8") as handle:  # type: ignore[operator]
            rows = [json.loads(line) for line in handle]
        values = {row["text"].lower(): CODES[row["polarity"]] for row in rows}
    return lambda text: sum(values.get(word, 0) for word in re.findall(r"[\w'-]+", text.lower()))


def read(path: Path) -> tuple[list[str], NDArray[np.int64]]:
    """Return the texts that have a polarity, and its code."""
    texts, codes = [], []
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        for row in map(json.loads, handle):
            polarity = row.get("polarity") or row.get("polarity_weak")
            if polarity in CODES:
                texts.append(str(row["text"]))
                codes.append(CODES[polarity])
    return texts, np.array(codes)


def measure(gold: NDArray[np.int64], scores: Scores, classes: Scores) -> tuple[float, ...]:
    """Return accuracy and macro-F1 of the sign, then of the three classes."""
    signed = gold != 0
    sign = np.where(scores[signed] > 0, 1, -1)
    return (
        float((sign == gold[signed]).mean()),
        macro_f1(gold[signed], sign, (-1, 1)),
        float((classes == gold).mean()),
        macro_f1(gold, classes, (-1, 0, 1)),
    )


def macro_f1(gold: NDArray[np.int64], found: Scores, kinds: Iterable[int]) -> float:
    """Return the mean F1 over the kinds."""
    values = []
    for kind in kinds:
        asked, given = gold == kind, found == kind
        values.append(2 * (asked & given).sum() / max(asked.sum() + given.sum(), 1))
    return float(np.mean(values))


if __name__ == "__main__":
    main()
