"""The headline over the quotes; the quotes themselves are `ReportData.verbatims`."""

from __future__ import annotations

from typing import Final

from miner.report import headlines
from miner.report.bands.base import Source, band
from miner.report.model import Band

COMPUTED: Final = (
    "Quotes are redacted; the clause that was counted is marked, the words that"
    " weighed most in it are set bold."
)


def verbatims(source: Source) -> Band:
    """Return how many of all mentions are shown."""
    total = sum(one.mentions for one in source.insight.themes)
    headline = headlines.verbatims(len(source.verbatims), total, source.most)
    notes = (headlines.cut(source.cut),) if source.cut else ()
    return band("verbatims", "Verbatims", headline, computed=COMPUTED, notes=notes)
