"""Where the figures come from and the tagger's own measured error."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from miner.report import quality
from miner.report.bands.base import Source, band
from miner.report.languages import t
from miner.report.model import Band, Table
from miner.report.sentences import say
from miner.report.tables import method as tables

COMPUTED: Final = (
    "Every figure above follows from the stored mentions, the export's own columns and"
    " the settings listed here."
)


def method(source: Source) -> Band:
    """Return what the figures come from and the tagger's own measured error."""
    measured = quality.figures(source.model_quality)
    found = (
        measured if measured.rows else _unread(source.model_quality),
        quality.by_theme(source.model_quality),
        tables.flattened(
            {**source.manifest, "taxonomy sha256": source.tree.sha256},
            key="manifest",
            title="Where the figures come from",
        ),
    )
    notes = (
        say(
            "A theme needs a mention in at least {minimum} feedback to be ranked; below that the"
            " report says “too few to say”.",
            minimum=source.insight.minimum_n,
        ),
        say(
            "Pain points, and strengths alike, are ranked by {key}.",
            key=t(source.insight.ranking_key.replace(" %", "%")),
        ),
        say("Intervals cover the chance of sampling, not the tagger's errors."),
        quality.agreement(source.model_quality),
    )
    model = source.manifest.get("model")
    tagger = str(model.get("name", "") if isinstance(model, Mapping) else model or "")
    headline = quality.headline(tagger, source.model_quality)
    said = tuple(note for note in notes if note is not None)
    return band("method", "Method", headline, computed=COMPUTED, tables=found, notes=said)


def _unread(model_quality: Mapping[str, Any]) -> Table:
    """Figures in a form this program doesn't know, listed as they are."""
    return tables.flattened(model_quality, key="model_quality", title="The tagger's own error")
