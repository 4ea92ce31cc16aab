"""Want versus now: how far each survey area falls short, and what is said about its theme."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

import numpy as np

from miner.columns import AREA_PREFIX, AREA_SCALE
from miner.insight import intervals
from miner.insight.comparing.contrasts import mean_against
from miner.insight.estimates import estimate, share
from miner.insight.facts.wants import AreaGap, AreaSpec
from miner.insight.figures import Estimate
from miner.insight.intervals import Array, moments
from miner.insight.mentions import AREA_NOW, AREA_WANTED, area_names
from miner.insight.significance import adjust, known
from miner.insight.window import Window
from miner.taxonomy import Taxonomy, Theme

ALIKE: Final = 0.85
"""Likeness of two names from which they mean the same: "Prices" and "Price" have 0.91."""


def area_gaps(window: Window, specs: Sequence[AreaSpec] | None = None) -> tuple[AreaGap, ...]:
    """Return every area somebody rated, largest gap first; those with too few answers last.

    Parameters
    ----------
    specs : what the run was told; an area of the tables that is missing here has no theme of its
        own. Without a theme, the one whose label or key is (nearly) the area's name is taken.

    Notes
    -----
    gap = mean(wanted - now) over the answers that give both, with the t interval of paired
    differences; all answers count, those without a comment too.
    """
    told = {spec.name: spec for spec in specs or ()}
    tables = window.tables
    names = area_names(tables.feedback, tables.ratings)
    pairs = [
        (_answers(window, name, AREA_NOW), _answers(window, name, AREA_WANTED)) for name in names
    ]
    raw = [_p_value(*pair, window.minimum_n) for pair in pairs]
    found = [
        _gap(window, told.get(name, AreaSpec(name)), pair, p)
        for name, pair, p in zip(names, pairs, adjust(raw).tolist(), strict=True)
        if np.isfinite(pair).any()
    ]
    return tuple(sorted(found, key=_order))


def _order(found: AreaGap) -> tuple[bool, float, str]:
    value = found.gap.value
    return value is None, -(value or 0.0), found.area


def _answers(window: Window, name: str, end: str) -> Array:
    column = f"{AREA_PREFIX}{name}{end}"
    parts = [
        frame[column].to_numpy(dtype=np.float64) if column in frame else np.full(len(frame), np.nan)
        for frame in (window.tables.feedback, window.tables.ratings)
    ]
    return np.concatenate(parts)


def _differences(now: Array, wanted: Array) -> Array:
    difference = wanted - now
    return difference[np.isfinite(difference)]


def _p_value(now: Array, wanted: Array, minimum_n: int) -> float:
    gap = moments(_differences(now, wanted))
    return mean_against(gap, 0.0)[1] if gap.n >= max(minimum_n, 2) else np.nan


def _gap(window: Window, spec: AreaSpec, answers: tuple[Array, Array], p_value: float) -> AreaGap:
    now, wanted = answers
    both = np.isfinite(now) & np.isfinite(wanted)
    theme = _theme(spec, window.taxonomy)
    hits = 0 if theme is None else int(window.said["negative"][window.themes.index(theme)].sum())
    minimum = window.minimum_n
    span = AREA_SCALE[1] - AREA_SCALE[0]
    return AreaGap(
        area=spec.name,
        kind=spec.kind,
        now=_mean(now[both], minimum, AREA_SCALE),
        wanted=_mean(wanted[both], minimum, AREA_SCALE),
        gap=_mean(_differences(now, wanted), minimum, (-span, span)),
        p_value=known(p_value),
        one_answer=int((np.isfinite(now) ^ np.isfinite(wanted)).sum()),
        theme=theme,
        negative=None if theme is None else share(hits, window.n, minimum),
        negative_n=hits,
    )


def _mean(values: Array, minimum_n: int, bounds: tuple[float, float]) -> Estimate:
    """Return a mean whose interval is cut at the ends of what is possible."""
    answers = moments(values)
    interval = intervals.mean(*answers, bounds=bounds)
    return estimate(interval, answers.n, unit="score", method="t", enough=answers.n >= minimum_n)


def _theme(spec: AreaSpec, taxonomy: Taxonomy) -> str | None:
    """Return the theme said by hand, else the only one that goes by this name, or nearly."""
    if spec.theme is not None:
        return taxonomy.resolve(spec.theme).key
    alike = [theme.key for theme in taxonomy.themes if _alike(spec.name, theme)]
    return alike[0] if len(alike) == 1 else None


def _alike(name: str, theme: Theme) -> bool:
    names = (theme.label, theme.key.rpartition(".")[2])
    wanted = name.casefold()
    return any(SequenceMatcher(None, wanted, one.casefold()).ratio() >= ALIKE for one in names)
