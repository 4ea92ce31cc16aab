"""What moved: small multiples of the themes that rose, fell or peaked."""

from __future__ import annotations

from typing import Final

from miner.insight.types import ThemeFinding
from miner.report import headlines
from miner.report.bands.base import Source, band, described, link
from miner.report.model import Band, LineChart, Point
from miner.report.sentences import say, trend_words
from miner.report.tables import trends as tables
from miner.taxonomy import Taxonomy

TREND_CHARTS: Final = 6
"""Pain points drawn as small multiples; the table behind them holds all."""

TITLES: Final = {"month": "Month by month", "week": "Week by week", "none": "Over time"}

COMPUTED: Final = (
    "Each point is the share of that period's feedback with a negative mention, the"
    " shaded band its 95% interval; rising and falling by a Cochran-Armitage test at p < 0.05,"
    " corrected for the number of themes."
)


def trends(source: Source) -> Band:
    """Return small multiples: pain points that moved or peaked first, then the largest."""
    insight, found = source.insight, source.insight.pain_points
    drawable = [one for one in found if _points_known(one) > 1]
    drawn = sorted(drawable, key=lambda one: not headlines.moved(one))[:TREND_CHARTS]
    highs = [
        cell.share.high for one in drawn for cell in one.trend.cells if cell.share.high is not None
    ]
    top = max(highs, default=None)
    charts = tuple(_trend_chart(one, source.tree, top) for one in drawn)
    headline = headlines.trends(found, source.tree, insight)
    return band(
        "trends",
        TITLES[insight.grain],
        headline,
        computed=COMPUTED,
        tables=(tables.trends(insight),),
        charts=charts,
    )


def _points_known(found: ThemeFinding) -> int:
    return sum(cell.share.value is not None for cell in found.trend.cells)


def _trend_chart(found: ThemeFinding, tree: Taxonomy, top: float | None) -> LineChart:
    label = headlines.name(tree, found.theme)
    points = tuple(Point(cell.period, cell.share) for cell in found.trend.cells)
    about = say("Negative about {label}", label=label).text
    movement = say("Trend: {words}.", words=trend_words(found.trend))
    return LineChart(
        key=f"trend-{found.theme}",
        title=label,
        description=f"{described(about, points)} {movement}",
        points=points,
        tone="negative",
        top=top,
        mark=found.trend.since,
        link=link(theme=found.theme, polarity="negative"),
    )
