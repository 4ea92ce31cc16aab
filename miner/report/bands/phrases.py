"""What people have begun to say, and what they no longer do."""

from __future__ import annotations

from typing import Final

from miner.insight.facts.phrases import PhraseChange, PhraseChanges
from miner.insight.wording.phrase_changes import SHOWN
from miner.report.bands.base import Source, band, link
from miner.report.model import Band, Pair, PairChart, Sentence
from miner.report.plain import storable
from miner.report.sentences import say
from miner.report.tables import phrases as tables

DRAWN: Final = 10
"""Phrases of the chart."""

COMPUTED: Final = (
    "Share of the counted feedback of each window that says the phrase, inflections as one. New:"
    " nobody said it before; gone: nobody says it now. Chosen by a test of equal shares"
    " (chi-squared, Fisher's exact test for small counts), p corrected for the number of phrases"
    " (Benjamini-Hochberg); z is the log-odds with an informative prior (Monroe, Colaresi and Quinn"
    " 2008) and gives the order."
)
_SAID: Final = {
    "new": "New: “{phrase}”, said in {after} of feedback and never in the window before.",
    "growing": "Said more often: “{phrase}”, in {after} of feedback, up from {before:short}.",
    "fading": "Said less often: “{phrase}”, in {after} of feedback, down from {before:short}.",
    "gone": "No longer said: “{phrase}”, in {before} of feedback in the window before.",
}


def phrases(source: Source) -> Band | None:
    """Return the phrases said more or less than before; None where no windows are compared."""
    found = source.insight.phrases
    if found is None or found.changes.later is None or not found.changes.tested:
        return None
    changes = found.changes
    return band(
        "phrases",
        "New and fading phrases",
        _headline(changes),
        computed=COMPUTED,
        tables=(tables.changes(changes, source),) if changes.phrases else (),
        charts=_charts(changes),
        notes=_notes(changes),
    )


def _headline(changes: PhraseChanges) -> Sentence:
    if not changes.phrases:
        return say(
            "None of the {tested} phrases tested is said clearly more or less often than before.",
            tested=changes.tested,
        )
    best = min(changes.phrases, key=lambda one: one.p_value)
    return say(_SAID[best.kind], phrase=storable(best.phrase), before=best.before, after=best.after)


def _charts(changes: PhraseChanges) -> tuple[PairChart, ...]:
    clearest = sorted(changes.phrases, key=lambda one: one.p_value)[:DRAWN]
    pairs = tuple(map(_pair, clearest))
    if not pairs:
        return ()
    said = say(
        "Shares of feedback that say each of {n} phrases before and after; the table has the"
        " figures.",
        n=len(pairs),
    )
    title = "Phrases before and after"
    return (PairChart("phrases-change", title, said.text, ("Before", "After"), pairs),)


def _pair(one: PhraseChange) -> Pair:
    return Pair(storable(one.phrase), one.before, one.after, link(q=storable(one.phrase)))


def _notes(changes: PhraseChanges) -> tuple[Sentence, ...]:
    if changes.earlier is None or changes.later is None:
        return ()
    compared = say(
        "Compared: {later} (n = {n}) with {earlier} (n = {n_before}); {tested} phrases that at"
        " least {fewest} feedback say were tested.",
        later=_dates(changes.later.first, changes.later.last),
        earlier=_dates(changes.earlier.first, changes.earlier.last),
        n=changes.later.counted,
        n_before=changes.earlier.counted,
        tested=changes.tested,
        fewest=changes.fewest,
    )
    if not changes.phrases:
        return (compared,)
    counts = say(
        "{new} new, {growing} growing, {fading} fading, {gone} gone.",
        **{str(kind): number for kind, number in changes.found.items()},
    )
    cut = say("At most {most} of each kind are listed.", most=SHOWN)
    return (compared, counts, *((cut,) if max(changes.found.values()) > SHOWN else ()))


def _dates(start: str, end: str) -> Sentence:
    return say("{start} to {end}", start=start, end=end)
