"""Tiny drawings for table cells, written by hand: a bar with its interval, a sparkline.

They carry no words of their own: the figure stands beside them in the cell, so that they are
hidden from assistive technology.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from miner.insight.types import Estimate

BAR_WIDTH: Final = 96
BAR_HEIGHT: Final = 12
SPARK_WIDTH: Final = 88
SPARK_HEIGHT: Final = 22
"""Px. Drawings that stand in a table's row: no higher than its line, so that rows stay even."""


def trusted(markup: str) -> Markup:
    """Mark text as markup: only for what this package wrote or escaped itself."""
    return Markup(markup)  # noqa: S704 - no caller passes on text from the data unescaped


def bar(
    value: float,
    scale: tuple[float, float],
    *,
    tone: str,
    reach: tuple[float, float] | None = None,
) -> Markup:
    """Return a bar from zero to `value` on a scale (lowest, highest), with interval whiskers.

    Examples
    --------
    >>> 'width="48"' in bar(5, (0, 10), tone="negative")
    True
    """
    low, high = min(scale[0], 0.0), max(scale[1], 0.0)
    size = BAR_WIDTH / (high - low) if high > low else 0.0
    left, right = sorted(((0.0 - low) * size, (value - low) * size))
    drawn = _rect(_at(left), _at(right - left), tone)
    if low < 0:
        zero = _at(-low * size)
        drawn += f'<path d="M{zero},0V{BAR_HEIGHT}" class="base"/>'
    if reach is not None:
        start, end = (_at((bound - low) * size) for bound in reach)
        drawn += f'<path d="M{start},6H{end}M{start},3V9M{end},3V9" class="whisker"/>'
    return trusted(_svg(BAR_WIDTH, BAR_HEIGHT, drawn, "bar"))


def _rect(left: str, width: str, tone: str) -> str:
    at = f' x="{left}"' if left != "0" else ""
    return f'<rect{at} width="{width}" height="{BAR_HEIGHT}" class="fill-{tone}"/>'


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where periods and figures fall on a sparkline."""

    step: float
    low: float
    high: float

    def place(self, at: int, value: float) -> str:
        share = (value - self.low) / ((self.high - self.low) or 1.0)
        return f"{_at(at * self.step + 1)},{_at((SPARK_HEIGHT - 4) * (1 - share) + 2)}"


def sparkline(estimates: Sequence[Estimate], *, tone: str, zero: bool = True) -> Markup:
    """Return a line over the periods, its interval as a pale band.

    `zero` starts the scale at a drawn zero line, as shares do; else it spans the figures. Periods
    without a figure leave a gap; fewer than two figures draw nothing.
    """
    runs = _runs(estimates)
    known = [one for run in runs for _, one in run]
    if len(known) < 2:
        return Markup("")
    bounds = [
        bound for one in known for bound in (one.low, one.value, one.high) if bound is not None
    ]
    frame = _Frame(
        (SPARK_WIDTH - 6) / (len(estimates) - 1), 0.0 if zero else min(bounds), max(bounds)
    )
    base = f'<path d="M0,{SPARK_HEIGHT - 2}H{SPARK_WIDTH}" class="base"/>' if zero else ""
    drawn = base + "".join(_run(run, frame, tone) for run in runs)
    at, last = runs[-1][-1]
    x, y = frame.place(at, last.value or 0.0).split(",")
    drawn += f'<circle cx="{x}" cy="{y}" r="2.2" class="fill-{tone}"/>'
    return trusted(_svg(SPARK_WIDTH, SPARK_HEIGHT, drawn, "spark"))


def _run(run: list[tuple[int, Estimate]], frame: _Frame, tone: str) -> str:
    line = " ".join(frame.place(at, one.value or 0.0) for at, one in run)
    there = [frame.place(at, one.high) for at, one in run if one.high is not None]
    back = [frame.place(at, one.low) for at, one in run if one.low is not None]
    shape = " ".join([*there, *reversed(back)])
    band = f'<polygon points="{shape}" class="band-{tone}"/>' if len(there) > 1 else ""
    return f'{band}<polyline points="{line}" class="line-{tone}"/>'


def _runs(estimates: Sequence[Estimate]) -> list[list[tuple[int, Estimate]]]:
    """Stretches of periods that have a figure, each with its positions."""
    runs: list[list[tuple[int, Estimate]]] = [[]]
    for at, one in enumerate(estimates):
        if one.value is None:
            runs.append([])
        else:
            runs[-1].append((at, one))
    return [run for run in runs if run]


def strip(parts: Sequence[tuple[str, int]]) -> Markup:
    """Return one bar cut into parts that add up, each (tone, count)."""
    total = sum(number for _, number in parts)
    drawn, left = "", 0.0
    for tone, number in parts:
        width = 100 * number / total if total else 0.0
        drawn += f'<rect x="{_at(left)}" width="{_at(width)}" height="10" class="fill-{tone}"/>'
        left += width
    return trusted(
        '<svg class="strip" viewBox="0 0 100 10" preserveAspectRatio="none"'
        f' aria-hidden="true" focusable="false">{drawn}</svg>'
    )


def _at(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _svg(width: int, height: int, drawn: str, name: str) -> str:
    return (
        f'<svg class="{name}" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' aria-hidden="true" focusable="false">{drawn}</svg>'
    )
