"""What the themes don't cover: topics among clauses without one."""

from __future__ import annotations

from typing import Final

from miner.insight.facts.phrases import Emerging
from miner.insight.wording.emerging import COMMON, MOSTLY, SHOWN, TOGETHER
from miner.report.bands.base import Source, band
from miner.report.model import Band, Sentence
from miner.report.plain import storable
from miner.report.sentences import say
from miner.report.tables import phrases as tables

COMPUTED: Final = (
    "Looked at: stretches of text in which no theme was found, or none surely, with two words that"
    " say something. A topic is a phrase that is said more often there than in other clauses, and"
    f" in at least {MOSTLY:.0%} of its clauses there, with the phrases of which at least"
    f" {TOGETHER:.0%} of the feedback hold it; one word alone is no topic, nor is what"
    f" {COMMON:.0%} of all feedback say. The same feedback gives the same topics in any order."
)


def emerging(source: Source) -> Band | None:
    """Return the topics without a theme; None where every clause that says something has one."""
    found = source.insight.phrases
    if found is None or not found.emerging.open:
        return None
    topics = found.emerging
    return band(
        "emerging",
        "Topics without a theme",
        _headline(topics),
        computed=COMPUTED,
        tables=(tables.topics(topics, source),) if topics.topics else (),
        notes=_notes(topics),
    )


def _headline(found: Emerging) -> Sentence:
    if not found.topics:
        return say(
            "{open} feedback {open:says|say} something that no theme was surely found for;"
            " no topic in it is"
            " shared by {smallest} of them.",
            open=found.open,
            smallest=found.smallest,
        )
    return say(
        "{open} feedback {open:says|say} something that no theme was surely found for; the"
        " largest topic in"
        " it: “{label}” ({n} feedback).",
        open=found.open,
        label=storable(found.topics[0].label),
        n=found.topics[0].n,
    )


def _notes(found: Emerging) -> tuple[Sentence, ...]:
    unsure = say("A mention counts as unsure below a confidence of {sure}.", sure=found.sure_from)
    if not found.topics:
        return (unsure,)
    notes = [
        say(
            "In a topic: {covered} of these {open} feedback ({coverage:short}); the others are in"
            " none. A topic needs {smallest} feedback.",
            covered=found.covered,
            open=found.open,
            coverage=found.coverage,
            smallest=found.smallest,
        ),
        unsure,
    ]
    if found.found > SHOWN:
        notes.append(
            say("The {most} largest of {found} topics are listed.", most=SHOWN, found=found.found)
        )
    return tuple(notes)
