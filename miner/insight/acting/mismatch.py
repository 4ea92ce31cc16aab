"""Scores and words that disagree: a high score with angry words, a low score with praise."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from miner.insight.acting.evidence import best_mentions, dates_of, day, stable_order
from miner.insight.acting.sides import ScoreSides
from miner.insight.estimates import share
from miner.insight.facts.mismatch import Mismatch, MismatchCase, MismatchSide
from miner.insight.window import OPPOSITE, Bools, Ints, Side, Window
from miner.types import POLARITIES

SENTIMENT: Final = 0.5
"""How far from 0 a whole text must be to contradict a score: a plain opinion, not a hint of one."""

CONFIDENCE: Final = 0.8
"""Confidence that one mention of the text's side must have: at .8 few of them are misread."""

MOST_MISMATCHES: Final = 2000
"""Cases listed at most, as of the follow-up list; the shares count all of them."""

_WORDS: Final[dict[str, Side]] = {"high": "negative", "low": "positive"}
_SIGNAL: Final[dict[Side, str]] = {"negative": "complaint", "positive": "praise"}


def mismatch(window: Window, sides: ScoreSides) -> Mismatch:
    """Return the feedback whose score and words disagree, the strongest words first.

    Notes
    -----
    A feedback disagrees when no score of it is on the side of its words (`ScoreSides`), its
    sentiment lies at least `SENTIMENT` from 0, and it has a mention on that side of at least
    `CONFIDENCE` and none on the side of its score. Its signals must say so too: a complaint
    (praise) and no praise (complaint); a mere wish is no anger.
    """
    return Mismatch(
        high=_side(window, "high", sides.high),
        low=_side(window, "low", sides.low),
        sentiment=SENTIMENT,
        confidence=CONFIDENCE,
    )


def plainly(window: Window, said: Side) -> Bools:
    """Return which feedback says one thing and nothing of the other, shape (n_counted,).

    `said` negative: angry words without any praise; positive: praise without any complaint.
    """
    sentiment = _sentiment(window)
    away = np.nan_to_num(-sentiment if said == "negative" else sentiment) >= SENTIMENT
    other = OPPOSITE[said]
    agrees = window.said[other].any(axis=0) | window.signalled(_SIGNAL[other])
    return away & window.signalled(_SIGNAL[said]) & _sure(window, said) & ~agrees


def _sentiment(window: Window) -> npt.NDArray[np.float64]:
    found: npt.NDArray[np.float64] = window.tables.feedback["sentiment"].to_numpy(dtype=np.float64)
    return found[window.position]


def _side(window: Window, score: Literal["high", "low"], scored: Bools) -> MismatchSide:
    said = _WORDS[score]
    sentiment = _sentiment(window)
    rows = np.flatnonzero(scored & plainly(window, said))
    order = stable_order(window, rows, -np.round(np.abs(sentiment[rows]), 6))
    n = int(scored.sum())
    return MismatchSide(
        score=score,
        n=n,
        hits=len(rows),
        share=share(len(rows), n, window.minimum_n),
        cases=_cases(window, rows[order][:MOST_MISMATCHES], said),
    )


def _sure(window: Window, said: Side) -> Bools:
    """Return which feedback has a confident mention of this polarity, shape (n_counted,)."""
    mentions = window.mentions
    confidence = window.tables.mentions["confidence"].to_numpy()[mentions.position]
    sure = (mentions.polarity == POLARITIES.index(said)) & (confidence >= CONFIDENCE)
    found = np.zeros(window.n, dtype=bool)
    found[mentions.row[sure]] = True
    return found


def _cases(window: Window, rows: Ints, said: Side) -> tuple[MismatchCase, ...]:
    mention, theme = best_mentions(window, rows, polarity=said)
    sentiment = _sentiment(window)[rows]
    dates = dates_of(window)[rows]
    return tuple(
        MismatchCase(
            feedback=int(window.position[rows[k]]),
            mention=int(mention[k]),
            theme=window.themes[theme[k]],
            sentiment=float(sentiment[k]),
            date=day(dates[k]),
        )
        for k in range(len(rows))
    )
