"""The bands of the report, one idea and one file each, in reading order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from miner.report.bands.against import against
from miner.report.bands.base import Source as Source
from miner.report.bands.base import link as link
from miner.report.bands.benchmarks import benchmarks
from miner.report.bands.cohorts import cohorts
from miner.report.bands.customers import customers
from miner.report.bands.data_quality import data_quality
from miner.report.bands.emerging import emerging
from miner.report.bands.follow_up import advocates, follow_up
from miner.report.bands.impact import impact
from miner.report.bands.journey import journey
from miner.report.bands.keyphrases import keyphrases
from miner.report.bands.method import method
from miner.report.bands.mismatch import mismatch
from miner.report.bands.pain_points import pain_points
from miner.report.bands.phrases import phrases
from miner.report.bands.quadrant import quadrant
from miner.report.bands.questions import questions
from miner.report.bands.scores import score_chart as score_chart
from miner.report.bands.scores import scores
from miner.report.bands.strengths import strengths
from miner.report.bands.themes import themes
from miner.report.bands.trends import trends
from miner.report.bands.verbatims import verbatims as verbatims
from miner.report.bands.wants import wants
from miner.report.bands.what_changed import what_changed
from miner.report.bands.word_of_mouth import word_of_mouth
from miner.report.localise import localised
from miner.report.model import Band

BANDS: Final[tuple[Callable[[Source], Band | None], ...]] = (
    pain_points,
    impact,
    quadrant,
    keyphrases,
    what_changed,
    trends,
    phrases,
    emerging,
    cohorts,
    journey,
    strengths,
    themes,
    scores,
    customers,
    word_of_mouth,
    follow_up,
    advocates,
    questions,
    mismatch,
    wants,
    benchmarks,
    against,
    data_quality,
    method,
)
"""A band that has nothing to say (no customer table, no survey areas) returns None.

The verbatims' own band is made last, by `all_bands`' caller: it counts what the others point to.
"""


def all_bands(source: Source) -> tuple[Band, ...]:
    """Return the bands that have something to say, all but the verbatims."""
    return tuple(localised(found) for make in BANDS if (found := make(source)) is not None)
