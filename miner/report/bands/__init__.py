"""The bands of the report, one idea and one file each, in reading order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from miner.report.bands.base import Source as Source
from miner.report.bands.base import link as link
from miner.report.bands.cohorts import cohorts
from miner.report.bands.data_quality import data_quality
from miner.report.bands.method import method
from miner.report.bands.pain_points import pain_points
from miner.report.bands.scores import score_chart as score_chart
from miner.report.bands.scores import scores
from miner.report.bands.strengths import strengths
from miner.report.bands.themes import themes
from miner.report.bands.trends import trends
from miner.report.bands.verbatims import verbatims
from miner.report.model import Band

BANDS: Final[tuple[Callable[[Source], Band | None], ...]] = (
    pain_points,
    trends,
    cohorts,
    strengths,
    themes,
    scores,
    data_quality,
    verbatims,
    method,
)
"""A band that has nothing to say (no customer table, no survey areas) returns None."""


def all_bands(source: Source) -> tuple[Band, ...]:
    """Return the bands that have something to say, in reading order."""
    return tuple(found for make in BANDS if (found := make(source)) is not None)
