"""Where it hurts: the ranked table."""

from __future__ import annotations

from typing import Final

from miner.report import headlines
from miner.report.bands.base import Source, band
from miner.report.model import Band
from miner.report.tables import findings as tables

COMPUTED: Final = (
    "Share = feedback with a negative mention of the theme / feedback counted, with"
    " its 95% Wilson interval; the gap is the score of feedback with such a mention minus that of"
    " other feedback with text (n: answers with such a mention), an association and never a cause."
    " The impact is the additive impact of these mentions on the score (see “Impact on the"
    " scores”); the tagging confidence is the mean over these mentions."
)


def pain_points(source: Source) -> Band:
    """Return the table of pain points."""
    found = source.insight.pain_points
    table = tables.findings(found, "negative", source.insight)
    headline = headlines.pain_points(found, source.tree, source.insight)
    return band(
        "pain-points",
        "Pain points",
        headline,
        computed=COMPUTED,
        tables=(table,),
        notes=(headlines.ranked_by(source.insight),) if found else (),
    )
