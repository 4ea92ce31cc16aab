"""Where it hurts whom: shares by theme and cohort."""

from __future__ import annotations

from typing import Final

from miner.report import headlines
from miner.report.bands.base import Source, band
from miner.report.model import Band
from miner.report.tables import cohorts as tables

COMPUTED: Final = (
    "Each cell is the share of that cohort's feedback with a negative mention of the"
    " theme, with the cohort's size under it; cells below the stated minimum are hatched. A cell is"
    " marked where its share differs from that of all other feedback at p < 0.05, corrected for the"
    " number of cells (Benjamini-Hochberg)."
)


def cohorts(source: Source) -> Band:
    """Return the negative shares by theme and cohort."""
    found = source.insight.pain_points
    headline = headlines.cohorts(found, source.tree, source.insight)
    return band(
        "cohorts", "Cohorts", headline, computed=COMPUTED, tables=(tables.cohorts(source.insight),)
    )
