"""Two exports compared: what is kept of the other one, and where this one differs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from miner.insight import intervals
from miner.insight.comparing.contrasts import mean_against, two_nps
from miner.insight.estimates import estimate, share
from miner.insight.facts.against import Against, Answers, Other, ScoreAgainst, ThemeAgainst
from miner.insight.metrics import LABELS, Measure
from miner.insight.significance import ALPHA, adjust, known, two_shares
from miner.insight.window import SIDES, Ints, Side, Window


def summary_of(window: Window, measures: Sequence[Measure], *, name: str) -> Other:
    """Return an export in counts, to be compared with later.

    `name`: what a reader knows the export by.
    """
    negative, positive = (window.said[side].sum(axis=1).tolist() for side in SIDES)
    hits = {
        theme: pair
        for theme, pair in zip(window.themes, zip(negative, positive, strict=True), strict=True)
        if any(pair)
    }
    return Other(
        name=name,
        counted=window.n,
        first=window.calendar.first,
        last=window.calendar.last,
        answers={measure.key: _answers(measure) for measure in measures},
        hits=hits,
    )


def against(window: Window, measures: Sequence[Measure], other: Other | None) -> Against | None:
    """Return where this export differs from the other one, None where there is none.

    Notes
    -----
    Scores: the differences of `Measure.difference`; themes: Newcombe's interval for the difference
    of two shares. The two exports count as different customers.
    """
    if other is None:
        return None
    scales = [
        (one.key, one.scale, other.answers[one.key].scale)
        for one in measures
        if one.key in other.answers and one.scale != other.answers[one.key].scale
    ]
    apart = {key for key, _, _ in scales}
    shared = [one for one in measures if one.key in other.answers and one.key not in apart]
    scores = [_score(one, other.answers[one.key], window.minimum_n) for one in shared]
    p_values = _corrected([p for _, p in scores])
    return Against(
        other=other,
        scores=tuple(
            replace(figures, p_value=p) for (figures, _), p in zip(scores, p_values, strict=True)
        ),
        themes=_themes(window, other),
        scales=tuple(scales),
    )


def _answers(measure: Measure) -> Answers:
    counts = measure.total
    return Answers(measure.scale, tuple(measure.values.tolist()), tuple(counts.tolist()))


def _corrected(p_values: Sequence[float]) -> list[float | None]:
    return [known(p) for p in adjust(list(p_values)).tolist()]


def _score(measure: Measure, there: Answers, minimum_n: int) -> tuple[ScoreAgainst, float]:
    """Return one score in both exports, and the p-value before it is corrected."""
    both, first, second = _side_by_side(measure, there)
    figures = ScoreAgainst(
        score=measure.key,
        label=LABELS[measure.key],
        here=both.headline(first, minimum_n),
        there=both.headline(second, minimum_n),
        difference=both.difference(first, second, minimum_n),
        p_value=None,
    )
    enough = figures.difference.value is not None
    return figures, _p_value(both, first, second) if enough else math.nan


def _side_by_side(measure: Measure, there: Answers) -> tuple[Measure, Ints, Ints]:
    """Return both histograms over the same values, and the measure they belong to."""
    values = np.union1d(measure.values, there.values)
    first = np.zeros(len(values), dtype=np.int64)
    second = np.zeros(len(values), dtype=np.int64)
    first[np.searchsorted(values, measure.values)] = measure.total
    second[np.searchsorted(values, there.values)] = there.counts
    return Measure(measure.key, measure.scale, values, np.zeros(0, np.int64)), first, second


def _p_value(both: Measure, first: Ints, second: Ints) -> float:
    if both.key == "nps":
        return two_nps(both.promotion(first), both.promotion(second))[1]
    if both.key == "csat":
        hits = [both.satisfied(one) for one in (first, second)]
        return float(two_shares(hits[0], first.sum(), hits[1], second.sum()))
    ours, theirs = (both.moments(one) for one in (first, second))
    return mean_against(ours, theirs.mean, sd=theirs.sd, n=theirs.n)[1]


def _themes(window: Window, other: Other) -> tuple[ThemeAgainst, ...]:
    """Return every theme and side somebody mentioned here or there."""
    counts = {
        (theme, side): (int(window.said[side][at].sum()), _pair(other, theme)[code])
        for at, theme in enumerate(window.themes)
        for code, side in enumerate(SIDES)
    }
    named = {key: pair for key, pair in counts.items() if any(pair)}
    enough = min(window.n, other.counted) >= window.minimum_n
    first, second = (np.array([pair[at] for pair in named.values()]) for at in (0, 1))
    raw = (
        two_shares(first, window.n, second, other.counted)
        if enough
        else np.full(len(named), np.nan)
    )
    found = [
        _theme(window, other, key, pair, p)
        for (key, pair), p in zip(named.items(), _corrected(raw.tolist()), strict=True)
    ]
    return tuple(sorted(found, key=_order))


def _pair(other: Other, theme: str) -> tuple[int, int]:
    return other.hits.get(theme, (0, 0))


def _theme(
    window: Window, other: Other, key: tuple[str, Side], hits: tuple[int, int],
    p_value: float | None,
) -> ThemeAgainst:  # fmt: skip
    sizes, minimum = (window.n, other.counted), window.minimum_n
    gap = intervals.share_difference(hits[0], sizes[0], hits[1], sizes[1])
    return ThemeAgainst(
        theme=key[0],
        side=key[1],
        hits=hits[0],
        other_hits=hits[1],
        here=share(hits[0], sizes[0], minimum),
        there=share(hits[1], sizes[1], minimum),
        difference=estimate(
            gap, sum(sizes), unit="share", method="Newcombe", enough=min(sizes) >= minimum
        ),
        p_value=p_value,
    )


def _order(found: ThemeAgainst) -> tuple[bool, float]:
    """Sort differences beyond chance first, then larger ones; the sort is stable."""
    clear = found.p_value is not None and found.p_value < ALPHA
    return not clear, -abs(found.difference.value or 0.0)
