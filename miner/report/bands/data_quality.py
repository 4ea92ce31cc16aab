"""What became of the rows read."""

from __future__ import annotations

from typing import Final

from miner.report import headlines
from miner.report.bands.base import Source, band
from miner.report.model import Band
from miner.report.plain import storable
from miner.report.sentences import say
from miner.report.tables import data_quality as tables

COMPUTED: Final = (
    "received = accepted + duplicate + empty + junk + rejected, and every row is in"
    " exactly one of the five; no opinion means no mention was found in the text."
)


def data_quality(source: Source) -> Band:
    """Return the ledger, the reasons rows were set aside for, languages and no-opinion share."""
    insight = source.insight
    found = (
        tables.ledger(source.ledger),
        tables.problems(source.problems),
        tables.languages(insight),
    )
    notes = [say("{note}", note=storable(str(note))) for note in source.manifest.get("notes", ())]
    if insight.undated:
        notes.append(
            say(
                "{undated} feedback {undated:carries|carry} no date: {undated:it counts|they"
                " count} in"
                " every total and in no period.",
                undated=insight.undated,
            )
        )
    if insight.partial:
        notes.append(
            say(
                "Not complete, so compare shares there, not volumes: {partial}.",
                partial=", ".join(insight.partial),
            )
        )
    headline = headlines.data_quality(source.ledger, insight)
    return band(
        "data-quality",
        "Data quality",
        headline,
        computed=COMPUTED,
        tables=found,
        notes=tuple(notes),
    )
