"""The later window against the one before: which shares moved, why the scores did, what has a date.

"Before" and "after" are the two windows of `miner.insight.changes.compare`.
"""

from __future__ import annotations

import numpy as np

from miner.insight import intervals, significance
from miner.insight.changes.compare import Comparison
from miner.insight.changes.decomposition import score_changes
from miner.insight.changes.stories import stories
from miner.insight.estimates import estimate, share
from miner.insight.facts.change import Change, ShareChange
from miner.insight.figures import VerbatimRef
from miner.insight.metrics import Measure
from miner.insight.verbatims import Shelf, pick
from miner.insight.window import SIDES, Ints, Side, Window


def change(window: Window, windows: Comparison, found: tuple[Measure, ...], shelf: Shelf) -> Change:
    """Return what changed from the window before to the later one, and the stories with dates.

    Parameters
    ----------
    windows : the two that are compared. Stories always look at all periods.
    """
    return Change(
        earlier=windows.earlier,
        later=windows.later,
        rule=windows.rule,
        reason=windows.reason,
        shares=share_changes(window, windows, shelf),
        scores=score_changes(window, windows, found),
        stories=stories(window, shelf),
    )


def share_changes(window: Window, windows: Comparison, shelf: Shelf) -> tuple[ShareChange, ...]:
    """Return the change of every particular theme's shares, both sides, clearest first.

    Tested where both windows have `minimum_n` counted feedback and the theme has a mention on this
    side in either; Benjamini-Hochberg over all of these, both sides together. Themes without such
    a mention in the two windows are left out.
    """
    place = windows.counted(window)
    if windows.later is None:
        return ()
    n0, n1 = (int((place == number).sum()) for number in (0, 1))
    ranked = np.array([window.taxonomy.ranked(theme) for theme in window.themes], dtype=bool)
    rows = [
        (theme, side)
        for side in SIDES
        for theme in np.flatnonzero(ranked & window.said[side][:, place >= 0].any(axis=1)).tolist()
    ]
    hits = np.array(
        [[int(window.said[s][t, place == k].sum()) for k in (0, 1)] for t, s in rows]
    ).reshape(-1, 2)
    enough = min(n0, n1) >= window.minimum_n
    p = significance.adjust(significance.two_shares(hits[:, 1], n1, hits[:, 0], n0))
    gap = intervals.share_difference(hits[:, 1], n1, hits[:, 0], n0)
    changes = [
        ShareChange(
            theme=window.themes[theme],
            side=side,
            before=share(int(hits[row, 0]), n0, window.minimum_n),
            after=share(int(hits[row, 1]), n1, window.minimum_n),
            difference=estimate(
                gap.at(row),
                n0 + n1,
                unit="share",
                method="Newcombe",
                enough=enough,
            ),
            p_value=float(p[row]) if enough else None,
            verbatims=_examples(shelf, (theme, side), place, hits[row] / np.maximum((n0, n1), 1)),
        )
        for row, (theme, side) in enumerate(rows)
    ]
    return tuple(sorted(changes, key=_clearest))


def _clearest(one: ShareChange) -> tuple[float, float]:
    return (1.0 if one.p_value is None else one.p_value, -abs(one.difference.value or 0.0))


def _examples(
    shelf: Shelf, said: tuple[int, Side], place: Ints, shares: intervals.Array
) -> tuple[VerbatimRef, ...]:
    fuller = int(shares[1] >= shares[0])
    return pick(shelf, *said, among=place == fuller)
