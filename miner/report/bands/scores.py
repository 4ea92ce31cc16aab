"""NPS, CSAT, CES and stars over the periods."""

from __future__ import annotations

from typing import Final

from miner.insight.types import Score
from miner.report import headlines
from miner.report.bands.base import Source, band, described
from miner.report.languages import t
from miner.report.model import Band, LineChart, Point
from miner.report.tables import scores as tables

COMPUTED: Final = (
    "Each score is computed over every answer, with or without a comment; duplicate and"
    " rejected rows are left out. The interval holds 95% of what chance alone would do to the"
    " figure."
)


def scores(source: Source) -> Band:
    """Return the scores with their lines over the periods."""
    insight = source.insight
    charts = [chart for score in insight.scores if (chart := score_chart(score, insight.periods))]
    found = (tables.scores(insight.scores), tables.score_trends(insight))
    return band(
        "scores",
        "Scores",
        headlines.scores(insight.scores, insight),
        computed=COMPUTED,
        tables=found,
        charts=tuple(charts),
    )


def score_chart(score: Score, periods: tuple[str, ...]) -> LineChart | None:
    """Return a score's line, None with fewer than two periods to draw."""
    if sum(one.value is not None for one in score.trend) < 2:
        return None
    points = tuple(map(Point, periods, score.trend))
    return LineChart(
        key=f"score-{score.key}",
        title=t(score.label),
        description=described(t(score.label), points),
        points=points,
        zero=score.estimate.unit == "share",
    )
