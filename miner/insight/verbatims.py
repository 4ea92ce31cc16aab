"""Which quotes to show for a theme: chosen by rule, the same ones on every run.

Quality comes first (a length one reads at a glance, a confident tagger, a clear polarity), then
variety (one per feedback, other customers first, spread over the periods), then recency.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd

from miner.insight.intervals import Array
from miner.insight.types import VerbatimRef
from miner.insight.window import OPPOSITE, Bools, Ints, Side, Window
from miner.text.arrays import times_before
from miner.types import POLARITIES

Role = Literal["example", "counter-example", "more"]

READABLE: Final = (40, 240)
"""Characters of a quote that needs no context and fits on a card."""

PER_THEME: Final = 40
"""Further verbatims kept for one theme and side."""


PICKED: Final = 3
"""Quotes of a change, a story or a cell: enough to see that it is one thing."""


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Mentions ordered for choosing: best first within each theme and polarity.

    `mentions`: positions into `Window.mentions`; `starts`: where each (theme, polarity) begins, at
    ``theme * 3 + polarity``; `recency`: shape (n_counted,), 0 = newest feedback; `customer`: the
    same shape, a number for each customer, where unknown its own.
    """

    window: Window
    mentions: Ints
    starts: Ints
    recency: Ints
    customer: Ints

    def best_first(self, theme: int, side: Side) -> Ints:
        """Return the mentions of one theme and polarity, best first, one a feedback."""
        group = theme * len(POLARITIES) + POLARITIES.index(side)
        chosen = self.mentions[self.starts[group] : self.starts[group + 1]]
        _, first = np.unique(self.window.mentions.row[chosen], return_index=True)
        return chosen[np.sort(first)]


def make_shelf(window: Window) -> Shelf:
    """Sort all mentions once by theme, polarity, quality and recency."""
    frame = window.tables.mentions.take(window.mentions.position)
    feedback = window.tables.feedback.take(window.position)
    recency = _recency(feedback)
    readable, quality = legible(frame)
    group = window.mentions.theme * len(POLARITIES) + window.mentions.polarity
    place = recency[window.mentions.row]
    order = np.lexsort((frame["start"].to_numpy(), place, -quality, ~readable, group))
    starts = np.searchsorted(group[order], np.arange(len(window.themes) * len(POLARITIES) + 1))
    customer = pd.factorize(feedback["customer"])[0].astype(np.int64)
    unknown = np.flatnonzero(customer < 0)
    customer[unknown] = len(customer) + unknown
    return Shelf(window, order, starts.astype(np.int64), recency, customer)


def legible(mentions: pd.DataFrame) -> tuple[Bools, Array]:
    """Return which quotes are of a readable length, and how clear each is, in steps of a tenth.

    Steps: quality that a reader can't tell apart leaves the choice to what else speaks for it.
    """
    length = (mentions["verbatim_end"] - mentions["verbatim_start"]).to_numpy()
    readable = (length >= READABLE[0]) & (length <= READABLE[1])
    clear = mentions["confidence"].to_numpy() * np.abs(mentions["sentiment"].to_numpy())
    return readable, np.round(np.nan_to_num(clear), 1)


def _recency(feedback: pd.DataFrame) -> Ints:
    """Rank the feedback, newest first, undated last; ids (then rows) break ties."""
    date = feedback["date"].to_numpy().astype("datetime64[us]").astype(np.int64)
    identity = pd.factorize(feedback["id"], sort=True)[0]
    keys = (feedback["row"].to_numpy(), feedback["source"].cat.codes.to_numpy(), identity, -date)
    undated = np.isnat(feedback["date"].to_numpy())
    order = np.lexsort((*keys, undated))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return rank


def choose(
    shelf: Shelf, theme: int, side: Side, *, per_theme: int = PER_THEME
) -> tuple[VerbatimRef, ...]:
    """Return the example, the counter-example and up to `per_theme` more, in this order.

    Parameters
    ----------
    theme : position in the taxonomy.

    Notes
    -----
    Each may be absent: the counter-example where nobody said the opposite about the theme.
    """
    best = shelf.best_first(theme, side)
    counter = shelf.best_first(theme, OPPOSITE[side])[:1]
    picked: tuple[tuple[Role, Ints], ...] = (
        ("example", best[:1]),
        ("counter-example", counter),
        ("more", _varied(shelf, best)[:per_theme]),
    )
    mentions, rows = shelf.window.mentions, shelf.window.position
    return tuple(
        VerbatimRef(int(mentions.position[k]), int(rows[mentions.row[k]]), role)
        for role, chosen in picked
        for k in chosen
    )


def pick(
    shelf: Shelf, theme: int, side: Side, *, among: Bools, most: int = PICKED
) -> tuple[VerbatimRef, ...]:
    """Return the best quotes of one theme and side among some feedback: an example, then more.

    Parameters
    ----------
    among : shape (n_counted,), the feedback to choose from.
    """
    best = shelf.best_first(theme, side)
    return references(shelf.window, best[among[shelf.window.mentions.row[best]]][:most])


def references(window: Window, mentions: Ints) -> tuple[VerbatimRef, ...]:
    """Return these mentions as quotes: the first is the example.

    Parameters
    ----------
    mentions : positions in `Window.mentions`, best first.
    """
    table = window.mentions
    return tuple(
        VerbatimRef(
            int(table.position[one]),
            int(window.position[table.row[one]]),
            "more" if at else "example",
        )
        for at, one in enumerate(mentions.tolist())
    )


def _varied(shelf: Shelf, best: Ints) -> Ints:
    """Order all but the first: new customers first, then in rounds over the periods."""
    row = shelf.window.mentions.row[best]
    again = np.ones(len(best), dtype=bool)
    again[np.unique(shelf.customer[row], return_index=True)[1]] = False
    order = np.argsort(again, kind="stable")
    order = order[order > 0]
    again, row = again[order], row[order]
    turn = times_before(2 * shelf.window.period[row] + again)
    return best[order[np.lexsort((shelf.recency[row], turn, again))]]
