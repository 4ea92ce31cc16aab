"""What shows a case: the mention and the signals a reader should see first, and a stable order."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.insight.window import Bools, Ints, Window
from miner.types import POLARITIES, SIGNALS

Days = npt.NDArray[np.datetime64]


def best_mentions(
    window: Window, rows: Ints, *, polarity: str | None, clause: Ints | None = None
) -> tuple[Ints, Ints]:
    """Return for each of these feedback the mention that shows a polarity best, and its theme.

    A mention of this polarity (None: of any) comes before others, one in the given clause before
    others, then the most confident one, then the first in the text.

    Parameters
    ----------
    rows : shape (n_rows,), distinct positions among the counted feedback.
    clause : the same shape, the clause that matters; None for no such preference.

    Returns
    -------
    Both of shape (n_rows,): row in the mentions table and position in `Window.themes`; -1 where the
    feedback has no mention.
    """
    place = np.full(window.n, -1)
    place[rows] = np.arange(len(rows))
    mentions = window.mentions
    keep = np.flatnonzero(place[mentions.row] >= 0)
    at = place[mentions.row[keep]]
    frame = window.tables.mentions.take(mentions.position[keep])
    other = outside = np.zeros(len(keep), dtype=bool)
    if polarity is not None:
        other = mentions.polarity[keep] != POLARITIES.index(polarity)
    if clause is not None:
        outside = frame["clause"].to_numpy() != clause[at]
    doubt = -np.nan_to_num(frame["confidence"].to_numpy())
    order = np.lexsort((mentions.theme[keep], frame["start"].to_numpy(), doubt, outside, other, at))
    found, first = np.unique(at[order], return_index=True)
    chosen = keep[order[first]]
    best, theme = (np.full(len(rows), -1) for _ in range(2))
    best[found], theme[found] = mentions.position[chosen], mentions.theme[chosen]
    return best, theme


def signals_of(window: Window, rows: Ints, kinds: tuple[str, ...]) -> list[Ints]:
    """Return for each of these feedback the rows in the signals table of these kinds.

    Kinds in the order given, then as they stand in the text.

    Parameters
    ----------
    rows : distinct positions among the counted feedback.
    """
    rank = np.full(len(SIGNALS) + 1, -1)  # the last place stands for unknown kinds, coded -1
    rank[[SIGNALS.index(kind) for kind in kinds]] = np.arange(len(kinds))
    place = np.full(window.n, -1)
    place[rows] = np.arange(len(rows))
    signals = window.signals
    keep = np.flatnonzero((rank[signals.kind] >= 0) & (place[signals.row] >= 0))
    at, kind = place[signals.row[keep]], rank[signals.kind[keep]]
    start = window.tables.signals["start"].to_numpy()[signals.position[keep]]
    order = np.lexsort((start, kind, at))
    ends = np.searchsorted(at[order], np.arange(len(rows) + 1))
    found = signals.position[keep[order]]
    return [found[ends[k] : ends[k + 1]] for k in range(len(rows))]


def clauses_of(window: Window, signals: list[Ints]) -> Ints:
    """Return the clause of the first signal of each list, -1 where there is none."""
    clause = window.tables.signals["clause"].to_numpy()
    return np.array([clause[found[0]] if len(found) else -1 for found in signals], dtype=np.int64)


def theme_key(window: Window, theme: int) -> str | None:
    """Return a theme's key by its position, None for -1."""
    return window.themes[theme] if theme >= 0 else None


def dates_of(window: Window) -> Days:
    """Return the time of each counted feedback, NaT where unknown, shape (n_counted,)."""
    return window.tables.feedback["date"].to_numpy().astype("datetime64[us]")[window.position]


def recent(window: Window, days: int) -> tuple[Bools, str | None]:
    """Return which counted feedback lies in the last days, and the ISO day they begin.

    The last day is that of the latest answer, with or without a comment; without any date all
    feedback is recent, and undated feedback is only then.
    """
    if window.calendar.last is None:
        return np.ones(window.n, dtype=bool), None
    last = np.datetime64(window.calendar.last, "D")
    since = last - np.timedelta64(days - 1, "D")
    return dates_of(window) >= since, str(since)


def stable_order(window: Window, rows: Ints, *keys: npt.NDArray[np.generic]) -> Ints:
    """Return the order of these feedback by `keys`, the first weighs most.

    Ties go by id, source and row, so that the order of the table decides nothing. A time of NaT
    comes last.

    Parameters
    ----------
    rows : positions among the counted feedback; each key has their shape.
    """
    frame = window.tables.feedback[["id", "source", "row"]].take(window.position[rows])
    identity = pd.factorize(frame["id"], sort=True)[0]
    ties = (frame["row"].to_numpy(), frame["source"].cat.codes.to_numpy(), identity)
    return np.lexsort((*ties, *(_sortable(key) for key in reversed(keys))))


def _sortable(key: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    if key.dtype.kind != "M":
        return key
    number = key.astype(np.int64)
    return np.where(np.isnat(key), np.iinfo(np.int64).max, number)


def minute(time: np.datetime64) -> str | None:
    """Return ``2026-03-09 14:05``, None for NaT."""
    return None if np.isnat(time) else str(time.astype("datetime64[m]")).replace("T", " ")


def day(time: np.datetime64) -> str | None:
    """Return ``2026-03-09``, None for NaT."""
    return None if np.isnat(time) else str(time.astype("datetime64[D]"))
