"""Questions people keep asking: the gaps of a FAQ."""

from __future__ import annotations

from typing import Final

from miner.insight.acting.questions import MOST_GROUPS
from miner.insight.facts.questions import Questions
from miner.report.bands.base import Source, band
from miner.report.cells import clip
from miner.report.model import Band, Sentence, Table
from miner.report.sentences import say
from miner.report.tables import followup as tables

QUOTED: Final = 90
"""Characters of a question in the headline."""

OFTEN: Final = 3
"""Feedback that must ask a question for the headline to name it."""

COMPUTED: Final = (
    "A question is a clause with the signal of one, or a request that ends in a question mark."
    " Questions are alike when the cosine of their words (rare ones weigh more, those of grammar"
    " half, inflections are one word) is at least 0.6; each group stands around the question most"
    " others are like. A feedback counts once in a group."
)


def questions(source: Source) -> Band | None:
    """Return what people ask, None where nobody does."""
    found = source.insight.questions
    if found is None or not found.asking:
        return None
    asked = tables.questions(found, source)
    made = (asked, tables.question_themes(found))
    return band(
        "questions",
        "Questions",
        _headline(found, asked),
        computed=COMPUTED,
        tables=tuple(table for table in made if table.rows),
        notes=_notes(found),
    )


def _headline(found: Questions, asked: Table) -> Sentence:
    if not found.found:
        return say(
            "{asking} feedback {asking:asks|ask} something ({share:short}); no question came"
            " twice in like"
            " words.",
            asking=found.asking,
            share=found.share,
        )
    if found.groups[0].n < min(OFTEN, found.asking):
        return say(
            "{asking} feedback {asking:asks|ask} something ({share:short}); hardly any asks"
            " what others ask too.",
            asking=found.asking,
            share=found.share,
        )
    return say(
        "{asking} feedback {asking:asks|ask} something ({share:short}); the most asked, {n}"
        " times: “{question}”",
        asking=found.asking,
        share=found.share,
        n=found.groups[0].n,
        question=clip(asked.rows[0][1], QUOTED),
    )


def _notes(found: Questions) -> tuple[Sentence, ...]:
    """What is grouped, and what is cut."""
    notes = [say("Whether they got an answer, the export does not say.")]
    if found.found:
        template = "{repeated} of {asking} feedback ask what others ask too, in {groups} groups."
        if found.found == 1:
            template = "{repeated} of {asking} feedback ask the same."
        figures = {"repeated": found.repeated, "asking": found.asking, "groups": found.found}
        notes.insert(0, say(template, **figures))
    if len(found.groups) == MOST_GROUPS:
        notes.append(say("At most {most} questions are listed.", most=MOST_GROUPS))
    if found.not_compared:
        notes.append(
            say(
                "The {left} oldest wordings were not compared with others.",
                left=found.not_compared,
            )
        )
    return tuple(notes)
