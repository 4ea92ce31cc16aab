"""Everything that was spoken of, by polarity."""

from __future__ import annotations

from typing import Final

from miner.report import headlines
from miner.report.bands.base import Source, band, link
from miner.report.model import Band, DivergingBar, DivergingChart
from miner.report.sentences import say
from miner.report.tables import themes as tables

COMPUTED: Final = (
    "A mention is one opinion about one theme in one clause; one feedback can hold several."
)


def themes(source: Source) -> Band:
    """Return all themes by polarity, sub-themes first, then the top themes."""
    insight = source.insight
    ordered = sorted(insight.themes, key=lambda one: -one.mentions)
    bars = tuple(
        DivergingBar(
            headlines.name(source.tree, one.theme),
            one.negative,
            one.positive,
            link(theme=one.theme),
        )
        for one in ordered
        if one.mentions
    )
    charts = (
        (
            DivergingChart(
                "themes",
                "Mentions by theme",
                say(
                    "Negative and positive mentions of {n} themes; the table has the counts.",
                    n=len(bars),
                ).text,
                bars,
            ),
        )
        if bars
        else ()
    )
    table = tables.themes((*insight.themes, *insight.top_themes), insight.counted)
    headline = headlines.themes(insight, source.tree)
    return band("themes", "All themes", headline, computed=COMPUTED, tables=(table,), charts=charts)
