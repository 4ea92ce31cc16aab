"""What customers praise: the ranked table."""

from __future__ import annotations

from typing import Final

from miner.report import headlines
from miner.report.bands.base import Source, band
from miner.report.model import Band
from miner.report.tables import findings as tables

COMPUTED: Final = "The same computation as for pain points, with positive mentions."


def strengths(source: Source) -> Band:
    """Return the table of strengths."""
    found = source.insight.strengths
    table = tables.findings(found, "positive", source.insight)
    headline = headlines.strengths(found, source.tree, source.insight)
    return band("strengths", "Strengths", headline, computed=COMPUTED, tables=(table,))
