"""In which words people speak of each theme."""

from __future__ import annotations

from typing import Final

from miner.insight.facts.phrases import Keyphrase, Phrases, ThemePhrases
from miner.insight.window import SIDES
from miner.insight.wording.grams import LONGEST
from miner.report import headlines
from miner.report.bands.base import Source, band
from miner.report.model import Band, Sentence
from miner.report.plain import storable
from miner.report.sentences import joined, say
from miner.report.tables import phrases as tables

NAMED: Final = 3
"""Phrases of a headline."""

COMPUTED: Final = (
    f"Phrases of one to {LONGEST} words, function words not counted, inflections as one; each"
    " counts once a feedback. Shown where the clauses on this side of the theme hold a phrase more"
    " often than all other clauses: z of the log-odds with an informative prior (Monroe, Colaresi"
    " and Quinn 2008), p corrected for the number of phrases (Benjamini-Hochberg). A phrase inside"
    " another is left out where the longer one says as much."
)


def keyphrases(source: Source) -> Band | None:
    """Return the phrases of pain points and strengths; None where no theme has any."""
    found = source.insight.phrases
    if found is None or not any(one.phrases for one in found.keyphrases):
        return None
    made = [tables.keyphrases(found, side, source.order) for side in SIDES]
    return band(
        "keyphrases",
        "Phrases by theme",
        _headline(found, source),
        computed=COMPUTED,
        tables=tuple(table for table in made if table.rows),
        notes=(
            say(
                "A phrase needs {fewest} feedback on that side of the theme to be looked at.",
                fewest=found.fewest,
            ),
        ),
    )


def _headline(found: Phrases, source: Source) -> Sentence:
    """Return what is said of the worst pain point that has phrases, else of a strength."""
    place = {theme: number for number, theme in enumerate(source.order)}
    spoken = [one for one in found.keyphrases if one.phrases]
    ranked = [one for one in spoken if source.tree.ranked(one.theme)] or spoken
    best = min(ranked, key=lambda one: (one.side, place[one.theme]))
    return say(
        "Negative about {label}, people speak of {phrases}."
        if best.side == "negative"
        else "Positive about {label}, people speak of {phrases}.",
        label=headlines.name(source.tree, best.theme),
        phrases=_named(best),
    )


def _named(group: ThemePhrases) -> Sentence:
    """Return the clearest phrases with their counts."""
    return joined(map(_phrase, group.phrases[:NAMED]))


def _phrase(one: Keyphrase) -> Sentence:
    return say("“{phrase}” ({n})", phrase=storable(one.phrase), n=one.n)
