"""Tables of what changed: shares, the parts of a score's change, and stories with dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from miner.insight.facts.change import ScoreChange, ShareChange, Story
from miner.report.model import Column, Table
from miner.report.sentences import bare
from miner.report.tables.shared import first, rounded

PARTS: Final = {
    "theme": "one theme",
    "few": "themes with too few answers",
    "other": "other themes",
    "no theme": "no theme mentioned",
    "no comment": "answers without a comment",
}
"""What a term of a score's change belongs to, in words."""


def shares(found: tuple[ShareChange, ...]) -> Table:
    """Return one row a theme and side: its share before and after, clearest change first."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("side", "Side", "word"),
        Column("before", "Before", "estimate"),
        Column("after", "After", "estimate"),
        Column("difference", "Difference", "estimate", signed=True),
        Column("p_value", "p", "number"),
        Column("example", "Example", "quote"),
    )
    rows = tuple(
        (
            one.theme,
            one.side,
            one.before,
            one.after,
            one.difference,
            rounded(one.p_value),
            first(one.verbatims, "example"),
        )
        for one in found
    )
    return Table("share_changes", "Shares before and after", columns, rows)


def scores(found: tuple[ScoreChange, ...]) -> Table:
    """Return one row a score and part of its change; the parts of a score sum to its change."""
    columns = (
        Column("score", "Score", "word"),
        Column("theme", "Theme", "theme"),
        Column("part", "Part", "word"),
        Column("total", "Change", "estimate", signed=True),
        Column("mix", "Mix", "estimate", signed=True),
        Column("rate", "Rate", "estimate", signed=True),
    )
    rows = tuple(
        (change.label, one.theme, PARTS[one.kind], one.total, one.mix, one.rate)
        for change in found
        for one in change.terms
    )
    return Table("score_changes", "Change of the scores by theme", columns, rows)


def stories(found: tuple[Story, ...]) -> Table:
    """Return one row a story, largest first."""
    columns: tuple[tuple[Column, Callable[[Story], Any]], ...] = (
        (Column("theme", "Theme", "theme"), lambda one: one.theme),
        (Column("side", "Side", "word"), lambda one: one.side),
        (Column("kind", "What", "word"), lambda one: one.kind),
        (Column("cohort", "Cohort", "text"), lambda one: one.cohort and bare(one.cohort)),
        (Column("value", "Value", "text"), lambda one: one.value),
        (Column("from", "From", "text"), lambda one: one.period),
        (Column("until", "Until", "text"), lambda one: one.until),
        (Column("before", "Before", "estimate"), lambda one: one.before),
        (Column("after", "After", "estimate"), lambda one: one.after),
        (Column("excess", "Feedback more or less", "int"), lambda one: round(one.excess)),
        (Column("p_value", "p", "number"), lambda one: rounded(one.p_value)),
        (Column("apart", "p apart from others", "number"), lambda one: rounded(one.apart_p_value)),
        (Column("example", "Example", "quote"), lambda one: first(one.verbatims, "example")),
    )
    rows = tuple(tuple(cell(one) for _, cell in columns) for one in found)
    heads = tuple(column for column, _ in columns)
    return Table("stories", "Shifts and peaks with their dates", heads, rows)
