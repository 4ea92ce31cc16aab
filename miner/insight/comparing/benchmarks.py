"""How far the export lies from averages of an industry or a competitor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from miner.insight import intervals
from miner.insight.comparing.contrasts import (
    Contrast,
    mean_against,
    nps_against,
    share_against,
)
from miner.insight.estimates import Unit, estimate, share, too_few
from miner.insight.facts.benchmarks import Benchmark, BenchmarkGap
from miner.insight.figures import Estimate
from miner.insight.intervals import Promotion
from miner.insight.metrics import Measure
from miner.insight.significance import adjust, known
from miner.insight.window import Window

Problem = Literal["", "no answers", "scale", "too few"]
_UNITS: Final[Mapping[str, Unit]] = {
    "nps": "points", "csat": "share", "ces": "score", "stars": "score",
}  # fmt: skip


class _Found(NamedTuple):
    ours: Estimate
    theirs: Estimate
    contrast: Contrast | None
    method: str
    problem: Problem


def benchmark_gaps(
    window: Window, measures: Sequence[Measure], benchmarks: Sequence[Benchmark] | None
) -> tuple[BenchmarkGap, ...]:
    """Return one gap a benchmark, in the order given.

    Notes
    -----
    A benchmark without an ``n`` is a fixed value (one-sample test); with one, its own chance counts
    too (two-sample). Where it has an ``n`` and no ``sd``, its answers are taken to spread as those
    of the export do.
    """
    by_key = {measure.key: measure for measure in measures}
    found = [_found(window, by_key, one) for one in benchmarks or ()]
    raw = [one.contrast[1] if one.contrast and not one.problem else math.nan for one in found]
    return tuple(
        BenchmarkGap(
            benchmark=benchmark,
            ours=one.ours,
            theirs=one.theirs,
            gap=_gap(one),
            p_value=known(p),
            problem=one.problem,
        )
        for benchmark, one, p in zip(benchmarks or (), found, adjust(raw).tolist(), strict=True)
    )


def _gap(found: _Found) -> Estimate:
    ours = found.ours
    if found.contrast is None or found.problem:
        return too_few(ours.n, ours.unit, found.method)
    return estimate(found.contrast[0], ours.n, unit=ours.unit, method=found.method)


def _found(window: Window, measures: Mapping[str, Measure], one: Benchmark) -> _Found:
    if one.theme is not None:
        return _theme_share(window, one)
    measure = measures.get(one.measure)
    unit = _UNITS[one.measure]
    if measure is None:
        nothing = too_few(0, unit, "none")
        return _Found(nothing, _theirs(one, unit), None, "none", "no answers")
    answers = measure.total
    ours = measure.headline(answers, window.minimum_n)
    theirs = _theirs(one, unit)
    if not _same_scale(measure, one):
        return _Found(ours, theirs, None, ours.method, "scale")
    problem: Problem = "too few" if ours.value is None else ""
    if measure.key == "nps":
        return _nps(one, measure.promotion(answers), (ours, theirs), problem)
    if measure.key == "csat":
        hits = measure.satisfied(answers)
        return _share(one, (hits, ours.n), (ours, theirs), problem)
    moments = measure.moments(answers)
    sd = moments.sd if one.sd is None else one.sd
    contrast = mean_against(moments, one.value, sd=sd, n=one.n)
    return _Found(ours, theirs, contrast, "t" if one.n is None else "Welch", problem)


def _nps(
    one: Benchmark,
    answers: Promotion,
    figures: tuple[Estimate, Estimate],
    problem: Problem,
) -> _Found:
    p, d = (part / answers.n for part in answers[:2])
    sd = 100 * math.sqrt(p + d - (p - d) ** 2) if one.sd is None else one.sd
    contrast = nps_against(answers, one.value, sd=sd, n=one.n)
    return _Found(*figures, contrast, "adjusted Wald", problem)


def _theme_share(window: Window, one: Benchmark) -> _Found:
    theme = window.themes.index(window.taxonomy.resolve(one.theme or "").key)
    hits = int(window.said[one.measure][theme].sum())
    ours = share(hits, window.n, window.minimum_n)
    problem: Problem = "too few" if ours.value is None else ""
    return _share(one, (hits, window.n), (ours, _theirs(one, "share")), problem)


def _share(
    one: Benchmark, counts: tuple[int, int], figures: tuple[Estimate, Estimate], problem: Problem
) -> _Found:
    contrast = share_against(*counts, one.value, n=one.n)
    return _Found(*figures, contrast, "Wilson" if one.n is None else "Newcombe", problem)


def _same_scale(measure: Measure, one: Benchmark) -> bool:
    """Whether the benchmark was asked on the export's scale, or may have been."""
    if one.scale is not None:
        return tuple(one.scale) == tuple(measure.scale)
    low, high = measure.scale
    return measure.unit != "score" or low <= one.value <= high


def _theirs(one: Benchmark, unit: Unit) -> Estimate:
    """Return the benchmark as an estimate; its interval where `n` (and `sd`) tell one."""
    n = one.n or 0
    if one.n is not None and unit == "share":
        around = intervals.wilson(one.value * n, n)
        return estimate(around, n, unit=unit, method="Wilson")
    if one.n is not None and one.sd is not None:
        interval = intervals.mean(one.value, one.sd, one.n)
        return estimate(interval, n, unit=unit, method="t")
    return Estimate(one.value, None, None, n, unit, "as given")
