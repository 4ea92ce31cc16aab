"""Tables of phrases: particular to a theme, said more or less than before, without a theme."""

from __future__ import annotations

from typing import Literal

from miner.insight.facts.phrases import Emerging, PhraseChange, PhraseChanges, Phrases, Topic
from miner.report.bands.base import Source
from miner.report.cells import CLIPPED, clip
from miner.report.model import Column, FeedbackCell, Table
from miner.report.plain import storable
from miner.report.tables.shared import first, rounded


def keyphrases(
    found: Phrases, side: Literal["negative", "positive"], order: tuple[str, ...]
) -> Table:
    """Return one row a phrase of one side: themes in `order`, clearest phrase first."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("phrase", "Phrase", "text"),
        Column("forms", "Also written", "text"),
        Column("feedback", "Feedback", "int", bar=side),
        Column("share", "Share of that side", "estimate"),
        Column("z", "z", "number"),
        Column("p_value", "p", "number"),
        Column("example", "Example", "quote"),
    )
    place = {theme: number for number, theme in enumerate(order)}
    groups = [one for one in found.keyphrases if one.side == side]
    rows = tuple(
        (
            group.theme,
            storable(one.phrase),
            _joined(one.forms),
            one.n,
            one.share,
            round(one.z, 1),
            rounded(one.p_value),
            first(one.verbatims, "example"),
        )
        for group in sorted(groups, key=lambda one: place[one.theme])
        for one in group.phrases
    )
    if side == "negative":
        return Table("pain_point_phrases", "Phrases of pain points", columns, rows)
    return Table("strength_phrases", "Phrases of strengths", columns, rows)


def changes(found: PhraseChanges, source: Source) -> Table:
    """Return one row a phrase that is said more or less: new, growing, fading, gone."""
    columns = (
        Column("kind", "What", "word"),
        Column("phrase", "Phrase", "text"),
        Column("forms", "Also written", "text"),
        Column("theme", "Mostly about", "theme"),
        Column("hits_before", "Feedback before", "int"),
        Column("hits_after", "Feedback after", "int"),
        Column("before", "Before", "estimate"),
        Column("after", "After", "estimate"),
        Column("z", "z", "number"),
        Column("p_value", "p", "number"),
        Column("example", "Example", "quote"),
        Column("id", "Feedback", "feedback"),
    )
    cells = _cells([one.feedback[0] for one in found.phrases], source)
    rows = tuple(_change(one, cells[one.feedback[0]]) for one in found.phrases)
    return Table("phrases", "New, growing, fading and gone phrases", columns, rows)


def _change(one: PhraseChange, cell: FeedbackCell) -> tuple[object, ...]:
    return (
        one.kind,
        storable(one.phrase),
        _joined(one.forms),
        one.theme,
        one.hits_before,
        one.hits_after,
        one.before,
        one.after,
        round(one.z, 1),
        rounded(one.p_value),
        first(one.verbatims, "example"),
        cell,
    )


def topics(found: Emerging, source: Source) -> Table:
    """Return one row a topic, the largest first, with a stretch of text and where it is from."""
    columns = (
        Column("topic", "Topic", "text"),
        Column("feedback", "Feedback", "int", bar="neutral"),
        Column("share", "Share of feedback without a theme", "estimate"),
        Column("before", "Before", "estimate"),
        Column("after", "After", "estimate"),
        Column("direction", "Direction", "word"),
        Column("p_value", "p", "number"),
        Column("since", "First said", "text"),
        Column("example", "Example", "text"),
        Column("id", "From", "feedback"),
    )
    texts = _excerpts(found, source)
    rows = tuple(_topic(one, *texts[at]) for at, one in enumerate(found.topics))
    return Table("emerging", "Topics without a theme", columns, rows)


def _topic(one: Topic, text: str, cell: FeedbackCell) -> tuple[object, ...]:
    return (
        storable(one.label),
        one.n,
        one.share,
        one.before,
        one.after,
        one.direction,
        rounded(one.p_value),
        one.first_period,
        text,
        cell,
    )


def _excerpts(found: Emerging, source: Source) -> list[tuple[str, FeedbackCell]]:
    places = [topic.examples[0] for topic in found.topics]
    frame = source.tables.fetch_feedback([one.feedback for one in places])
    return [
        (
            clip(storable(str(text)[one.start : one.end]), CLIPPED),
            FeedbackCell(one.feedback, storable(str(name))),
        )
        for one, text, name in zip(places, frame["verbatim"], frame["id"], strict=True)
    ]


def _cells(positions: list[int], source: Source) -> dict[int, FeedbackCell]:
    names = source.tables.feedback["id"].take(positions)
    return {
        at: FeedbackCell(at, storable(str(name))) for at, name in zip(positions, names, strict=True)
    }


def _joined(forms: tuple[str, ...]) -> str | None:
    return storable(", ".join(forms)) or None
