"""Whom to thank: customers who praise or recommend, with nothing to complain about."""

from __future__ import annotations

from typing import Final

import numpy as np

from miner.insight.acting.evidence import (
    best_mentions,
    clauses_of,
    dates_of,
    day,
    recent,
    signals_of,
    stable_order,
    theme_key,
)
from miner.insight.acting.sides import ScoreSides
from miner.insight.facts.followup import Advocate, Advocates
from miner.insight.verbatims import READABLE
from miner.insight.window import Bools, Ints, Window
from miner.types import POLARITIES

MOST_ADVOCATES: Final = 2000
"""Advocates listed at most: as many as follow-up cases, more than anybody writes to in a month."""


def advocates(window: Window, sides: ScoreSides, *, days: int) -> Advocates:
    """Return the feedback of the last days to thank for; those who recommend, then the latest.

    Notes
    -----
    A positive text without a complaint, a question, a request, a warning or a wish to leave, no low
    score, and either a recommendation or a high score with praise worth quoting: of something in
    particular, or long enough for a sentence (a bare "good" is not).
    """
    polarity = window.tables.feedback["polarity"].to_numpy()[window.position]
    recommends = window.signalled("advocacy")
    warm = recommends | (sides.high & window.signalled("praise") & _quotable(window))
    but = window.signalled("complaint", "churn_risk", "question", "request", "warning")
    inside, since = recent(window, days)
    keep = warm & (polarity == "positive") & ~but & ~sides.any_low & inside
    rows = np.flatnonzero(keep)
    newest = -dates_of(window)[rows].astype(np.int64)
    order = stable_order(window, rows, ~recommends[rows], newest)[:MOST_ADVOCATES]
    return Advocates(people=_people(window, rows[order]), found=len(rows), since=since)


def _quotable(window: Window) -> Bools:
    """Return which feedback has praise that says what was good, shape (n_counted,)."""
    mentions = window.mentions
    frame = window.tables.mentions.take(mentions.position)
    length = (frame["verbatim_end"] - frame["verbatim_start"]).to_numpy()
    particular = np.array([window.taxonomy.ranked(key) for key in window.themes], dtype=bool)
    worth = (length >= READABLE[0]) | particular[mentions.theme]
    praise = mentions.polarity == POLARITIES.index("positive")
    found = np.zeros(window.n, dtype=bool)
    found[mentions.row[worth & praise]] = True
    return found


def _people(window: Window, rows: Ints) -> tuple[Advocate, ...]:
    signals = signals_of(window, rows, ("advocacy",))
    mention, theme = best_mentions(
        window, rows, polarity="positive", clause=clauses_of(window, signals)
    )
    dates = dates_of(window)[rows]
    return tuple(
        Advocate(
            feedback=int(window.position[rows[k]]),
            recommends=bool(len(signals[k])),
            theme=theme_key(window, int(theme[k])),
            signals=tuple(signals[k].tolist()),
            mention=int(mention[k]) if mention[k] >= 0 else None,
            date=day(dates[k]),
        )
        for k in range(len(rows))
    )
