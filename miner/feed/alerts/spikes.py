"""Themes whose negative mentions spike, for everybody or in a cohort: one finding a theme."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

import numpy as np

from miner.feed.alerts.finding import Finding, Place
from miner.feed.alerts.inputs import AlertInputs
from miner.feed.alerts.rates import Forecast, forecast
from miner.feed.alerts.rule import AlertRule
from miner.feed.alerts.windows import Span, cut
from miner.insight.significance import adjust

MORE: Final = 1.2
"""Least seen / mean count of the history's windows. A share rises also when other feedback stays
away (a source gone silent, a quiet month); a spike is more mentions, too."""

CARRIES: Final = 0.5
"""Part of everybody's excess from which on a cohort may be said to explain it: most of it."""

OVER: Final = 1.5
"""… and how many times the part that it has in what was expected, as a cohort of eight customers
in ten has eight tenths of any excess."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """One theme in one cohort and one window, with what was found there."""

    theme: str
    cohort: str
    span: Span
    row: int
    forecast: Forecast
    q: float

    @property
    def p(self) -> float:
        return float(self.forecast.p[self.row])

    @property
    def seen(self) -> float:
        return float(self.forecast.seen[self.row])

    @property
    def expected(self) -> float:
        return float(self.forecast.expected[self.row])

    @property
    def excess(self) -> float:
        return self.seen - self.expected


def spikes(inputs: AlertInputs, *, on: date, rule: AlertRule) -> tuple[Finding, ...]:
    """Return one finding a theme that spikes, in the order of the themes' names.

    Every theme in everybody and in each cohort is compared with its own history, over the window
    and over the short one; Benjamini-Hochberg over all of these. Cells of one theme are one
    finding: everybody's where everybody shows it, else that of the cohort with the largest excess.

    Examples
    --------
    >>> import pandas as pd
    >>> days = pd.date_range("2026-01-01", "2026-03-31")
    >>> volume = pd.DataFrame({"day": days, "cohort": "", "feedback": 50, "untagged": 5})
    >>> themes = pd.DataFrame({"day": days, "cohort": "", "theme": "service.speed",
    ...                        "negative": 4, "mentioned": 6})
    >>> themes.loc[themes["day"] > "2026-03-25", "negative"] = 12
    >>> found = spikes(AlertInputs(volume, themes), on=date(2026, 3, 31), rule=AlertRule())
    >>> [(one.subject, one.seen, round(one.expected)) for one in found]
    [('spike:service.speed', 76.0, 28)]
    """
    looked = [one for length in rule.lengths for one in _looked(inputs, Span.of(rule, on, length))]
    sizes = [len(one.p) for _, _, one in looked]
    q = np.split(adjust(np.concatenate([one.p for _, _, one in looked])), np.cumsum(sizes)[:-1])
    cells = [
        _Cell(theme, cohort, span, row, found, float(own[row]))
        for (span, keys, found), own in zip(looked, q, strict=True)
        for row, (cohort, theme) in enumerate(keys)
    ]
    clear = [cell for cell in cells if _clear(cell, rule)]
    clear.sort(key=lambda cell: cell.theme)
    return tuple(
        _finding(theme, list(own)) for theme, own in groupby(clear, lambda cell: cell.theme)
    )


def _looked(
    inputs: AlertInputs, span: Span
) -> Iterator[tuple[Span, tuple[tuple[str, ...], ...], Forecast]]:
    """Yield what was looked at: a window, its cells (cohort, theme), and their forecasts."""
    themes = cut(inputs.themes, span, ("cohort", "theme"), ("negative",))
    volume = cut(inputs.volume, span, ("cohort",), ("feedback",))
    place = {name: row for row, (name,) in enumerate(volume.keys)}
    nothing = len(volume.keys)
    n = np.vstack([volume.counts["feedback"], np.zeros(1 + span.history)])
    n = n[[place.get(cohort, nothing) for cohort, _ in themes.keys]]
    hits = np.minimum(themes.counts["negative"], n)
    yield span, themes.keys, forecast(hits, n)


def _clear(cell: _Cell, rule: AlertRule) -> bool:
    found, row = cell.forecast, cell.row
    return bool(
        cell.q < rule.rate
        and cell.seen >= rule.minimum_n
        and cell.seen >= rule.ratio * cell.expected
        and cell.seen >= MORE * found.usual[row]
    )


def _finding(theme: str, clear: list[_Cell]) -> Finding:
    everybody = [cell for cell in clear if not cell.cohort]
    best = min(everybody or clear, key=lambda cell: (cell.p, -cell.excess, cell.cohort))
    others = sorted(
        {cell.cohort for cell in clear if cell.cohort not in ("", best.cohort)},
        key=lambda name: max(c.excess for c in clear if c.cohort == name),
        reverse=True,
    )
    found, row = best.forecast, best.row
    return Finding(
        kind="spike",
        subject=f"spike:{theme}",
        measure="mentions",
        seen=best.seen,
        expected=best.expected,
        low=float(found.low[row]),
        high=float(found.high[row]),
        n=int(found.n[row]),
        p=best.p,
        q=best.q,
        first=best.span.first,
        last=best.span.on,
        theme=theme,
        cohort=best.cohort,
        place=_place(best, clear) if everybody else None,
        also=() if everybody else tuple(others),
    )


def _place(everybody: _Cell, clear: list[_Cell]) -> Place | None:
    """Return the cohort that explains everybody's excess, None where it is everybody's."""
    explains = [
        cell
        for cell in clear
        if cell.cohort
        and cell.span == everybody.span
        and cell.excess >= CARRIES * everybody.excess
        and cell.excess * everybody.expected >= OVER * everybody.excess * cell.expected
    ]
    if not explains:
        return None
    best = max(explains, key=lambda cell: (cell.excess, cell.cohort))
    return Place(best.cohort, best.seen, best.expected)
