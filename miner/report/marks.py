"""Tiny drawings for table cells, written by hand: a bar with its interval, a sparkline.

They carry no words of their own: the figure stands beside them in the cell, so that they are
hidden from assistive technology.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from miner.insight.types import Estimate

BAR_WIDTH: Final = 96
BAR_HEIGHT: Final = 12
SPARK_WIDTH: Final = 88
SPARK_HEIGHT: Final = 22


def bar(value: float, top: float, *, tone: str, reach: tuple[float, float] | None = None) -> Markup:
    """Return a bar from zero to `value` on a scale that ends at `top`, with interval whiskers.

    Examples
    --------
    >>> 'width="48"' in bar(5, 10, tone="negative")
    True
    """
    scale = BAR_WIDTH / top if top > 0 else 0.0
    drawn = _rect(_at(value * scale), tone)
    if reach is not None:
        low, high = (_at(bound * scale) for bound in reach)
        drawn += f'<path d="M{low},6H{high}M{low},3V9M{high},3V9" class="whisker"/>'
    return Markup(_svg(BAR_WIDTH, BAR_HEIGHT, drawn, "bar"))


def _rect(width: str, tone: str) -> str:
    return f'<rect width="{width}" height="{BAR_HEIGHT}" class="fill-{tone}"/>'


def sparkline(estimates: Sequence[Estimate], *, tone: str) -> Markup:
    """Return a line over the periods from a zero baseline, its interval as a pale band.

    Periods without a figure leave a gap; fewer than two figures draw nothing.
    """
    known = [one for one in estimates if one.value is not None]
    if len(known) < 2:
        return Markup("")
    top = max(one.high if one.high is not None else one.value or 0.0 for one in known) or 1.0
    step = (SPARK_WIDTH - 6) / (len(estimates) - 1)
    drawn = f'<path d="M0,{SPARK_HEIGHT - 1}H{SPARK_WIDTH}" class="base"/>'
    for run in _runs(estimates):
        drawn += _band(run, step, top, tone)
        line = " ".join(f"{_at(at * step + 1)},{_y(one.value or 0.0, top)}" for at, one in run)
        drawn += f'<polyline points="{line}" class="line-{tone}"/>'
    at, end = max((at, one) for at, one in _placed(estimates))
    drawn += f'<circle cx="{_at(at * step + 1)}" cy="{_y(end, top)}" r="2" class="fill-{tone}"/>'
    return Markup(_svg(SPARK_WIDTH, SPARK_HEIGHT, drawn, "spark"))


def _placed(estimates: Sequence[Estimate]) -> list[tuple[int, float]]:
    return [(at, one.value) for at, one in enumerate(estimates) if one.value is not None]


def _runs(estimates: Sequence[Estimate]) -> list[list[tuple[int, Estimate]]]:
    """Stretches of periods that have a figure, each with its positions."""
    runs: list[list[tuple[int, Estimate]]] = [[]]
    for at, one in enumerate(estimates):
        if one.value is None:
            runs.append([])
        else:
            runs[-1].append((at, one))
    return [run for run in runs if run]


def _band(run: list[tuple[int, Estimate]], step: float, top: float, tone: str) -> str:
    there = [
        f"{_at(at * step + 1)},{_y(one.high, top)}" for at, one in run if one.high is not None
    ]
    back = [f"{_at(at * step + 1)},{_y(one.low, top)}" for at, one in run if one.low is not None]
    if len(there) < 2:
        return ""
    return f'<polygon points="{" ".join([*there, *reversed(back)])}" class="band-{tone}"/>'


def _y(value: float, top: float) -> str:
    return _at((SPARK_HEIGHT - 2) * (1 - value / top) + 1)


def _at(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _svg(width: int, height: int, drawn: str, name: str) -> str:
    return (
        f'<svg class="{name}" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' aria-hidden="true" focusable="false">{drawn}</svg>'
    )
