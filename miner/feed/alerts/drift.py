"""Feedback that isn't what it was: other themes, other words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import special

from miner.feed.alerts.finding import Finding
from miner.feed.alerts.inputs import AlertInputs
from miner.feed.alerts.rates import forecast
from miner.feed.alerts.rule import FEWEST_WINDOWS, AlertRule
from miner.feed.alerts.shares import share_finding
from miner.feed.alerts.windows import Span, cut
from miner.insight.intervals import LEVEL, Array

Ints = npt.NDArray[np.int64]

_SHOWN_THEMES: Final = 3
_SHOWN_WORDS: Final = 10
_SAID: Final = 3  # texts that say a word before it is shown: one that few say may be a name


def mix_drift(
    inputs: AlertInputs, *, on: date, rule: AlertRule, without: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Return that the mix of themes moved away from that of the history; at most one finding.

    Parameters
    ----------
    without : themes that have a story of their own (they spike): the mix is that of the others.

    Notes
    -----
    The figure is the total variation distance, the least part of the mentions that would have to
    change their theme to turn one mix into the other, less what chance alone would give in windows
    of this size. That of the window against its history is compared with that of each window of the
    history against the others: t with one degree of freedom less than there are windows.
    """
    span = Span.of(rule, on, rule.window)
    frame = inputs.themes
    frame = frame[(frame["cohort"] == "") & ~frame["theme"].isin(list(without))]
    rows = cut(frame, span, ("theme",), ("mentioned",))
    counts = rows.counts["mentioned"]
    past = np.flatnonzero(counts[:, 1:].sum(axis=0) > 0) + 1
    n = int(counts[:, 0].sum())
    if len(past) < FEWEST_WINDOWS or n < rule.minimum_answers:
        return ()
    whole = counts[:, past].sum(axis=1)
    moved = np.array([_moved(counts[:, k], whole - counts[:, k]) for k in past])
    seen, mean = _moved(counts[:, 0], whole), float(moved.mean())
    # windows that all sit at the floor of 0 would call any move odd
    error = max(float(moved.std(ddof=1)), 1e-3) * np.sqrt(1 + 1 / len(past))
    free = len(past) - 1
    p = float(special.stdtr(free, (mean - seen) / error))
    if p >= rule.rate or seen < rule.moved:
        return ()
    half = float(special.stdtrit(free, 0.5 + LEVEL / 2)) * error
    gained = counts[:, 0] / n - whole / whole.sum()
    order = np.argsort(-gained, kind="stable")[:_SHOWN_THEMES]
    return (
        Finding(
            kind="drift_mix",
            subject="drift_mix",
            measure="share",
            seen=seen,
            expected=mean,
            low=max(0.0, mean - half),
            high=min(1.0, mean + half),
            n=n,
            p=p,
            q=p,
            first=span.first,
            last=on,
            words=tuple(rows.keys[at][0] for at in order if gained[at] > 0),
        ),
    )


def _moved(counts: Array, others: Array) -> float:
    """Return the total variation distance of two mixes beyond that of chance, at least 0."""
    n, rest = counts.sum(), others.sum()
    if not n or not rest:
        return 0.0
    share = (counts + others) / (n + rest)
    chance = np.sqrt(2 / np.pi * share * (1 - share) * (1 / n + 1 / rest))
    return float(max(0.0, (np.abs(counts / n - others / rest) - chance).sum() / 2))


def vocabulary_drift(inputs: AlertInputs, *, on: date, rule: AlertRule) -> tuple[Finding, ...]:
    """Return that more words are new than was usual; at most one finding.

    The figure is the share of the window's words that no text of the history says. What is usual is
    the same share of each window of the history, against its other windows. Words with a digit
    don't count, as most numbers are new. Scripts without spaces count pairs of characters; no
    language is assumed.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.DataFrame({"day": pd.date_range("2026-01-01", "2026-03-31"),
    ...                      "text": "the parcel came late and nobody called"})
    >>> days.loc[days["day"] > "2026-03-24", "text"] = "zásilka přišla late and nobody volal"
    >>> found = vocabulary_drift(AlertInputs(words=days), on=date(2026, 3, 31), rule=AlertRule())
    >>> [(one.seen, one.words) for one in found]
    [(0.5, ('přišla', 'volal', 'zásilka'))]
    """
    span = Span.of(rule, on, rule.window)
    column = span.columns(inputs.words["day"])
    keep = column >= 0
    texts = inputs.words["text"].to_numpy(dtype=object)[keep]
    if not len(texts):
        return ()
    counts, said, names = _word_counts(texts.tolist(), column[keep], 1 + span.history)
    used = (counts[:, 1:] > 0).sum(axis=1)
    new = np.where(used == 1, 1.0, 0.0)[:, None] * counts
    new[:, 0] = counts[:, 0] * (used == 0)
    found = forecast(new.sum(axis=0)[None, :], counts.sum(axis=0)[None, :])
    clear = found.p[0] < rule.rate and found.seen[0] >= rule.minimum_n
    if not clear or found.seen[0] < rule.ratio * found.expected[0]:
        return ()
    shown = np.flatnonzero((new[:, 0] > 0) & (said >= _SAID)).tolist()
    ranked = sorted(shown, key=lambda at: (-said[at], names[at]))
    words = tuple(names[at] for at in ranked[:_SHOWN_WORDS])
    p = float(found.p[0])
    return (
        share_finding("drift_vocabulary", "drift_vocabulary", found, 0, span, q=p, words=words),
    )


def _word_counts(
    texts: list[str], column: Ints, columns: int
) -> tuple[Array, Ints, tuple[str, ...]]:
    """Return how often each word is said in each window, in how many texts of the first, and it."""
    from miner.insight.wording.spelled import spelled
    from miner.text.word_spans import word_spans

    whole = "\n".join(texts)
    spans = word_spans(whole)
    spellings, place = spelled(whole, spans)
    folded = [word.casefold() for word in spellings]
    names = sorted({word for word in folded if not any(char.isdigit() for char in word)})
    number = {word: at for at, word in enumerate(names)}
    word = np.array([number.get(one, -1) for one in folded], dtype=np.int64)[place]
    begins = np.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
    text = np.searchsorted(begins, spans.start, side="right") - 1
    known = word >= 0
    word, text = word[known], text[known]
    flat = np.bincount(word * columns + column[text], minlength=len(names) * columns)
    recent = column[text] == 0
    pairs = np.unique(word[recent] * len(texts) + text[recent]) // len(texts)
    said = np.bincount(pairs, minlength=len(names))
    return flat.reshape(len(names), columns).astype(np.float64), said, tuple(names)
