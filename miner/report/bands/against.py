"""This export beside another one: scores and themes that differ."""

from __future__ import annotations

from typing import Any, Final

from miner.insight.facts.against import Against
from miner.insight.metrics import LABELS
from miner.report import headlines
from miner.report.bands.base import Source, band, link
from miner.report.languages import t
from miner.report.model import Band, Column, Pair, PairChart, Sentence, Table, beyond_chance
from miner.report.sentences import say
from miner.report.tables.shared import examples, rounded
from miner.taxonomy import Taxonomy

MOST: Final = 12
"""Themes drawn; the table holds all."""

COMPUTED: Final = (
    "Difference = here - there. Scores: over every answer, with or without a comment; themes: share"
    " of feedback with such a mention (Newcombe). p-values are corrected for the number of scores,"
    " and for the number of themes and sides (Benjamini-Hochberg). The two exports were tagged by"
    " the same model and count as different customers; who was asked may differ."
)


def against(source: Source) -> Band | None:
    """Return where this export differs from the other one, None where none was given."""
    found = source.insight.against
    if found is None:
        return None
    return band(
        "against",
        "Against another export",
        _headline(found, source.tree),
        computed=COMPUTED,
        tables=(_scores(found), _themes(found, source)),
        charts=tuple(_charts(found, source.tree)),
        notes=_notes(found, source),
    )


def _headline(found: Against, tree: Taxonomy) -> Sentence:
    name = found.other.name
    tested = [one for one in found.themes if one.p_value is not None]
    clear = [one for one in tested if beyond_chance(one.p_value)]
    if clear:
        template = {
            "negative": "{label} differs most from {name}: {here:short} of feedback is negative"
            " about it here, {there:short} there; {clear} of {all} shares of themes differ beyond"
            " chance.",
            "positive": "{label} differs most from {name}: {here:short} of feedback is positive"
            " about it here, {there:short} there; {clear} of {all} shares of themes differ beyond"
            " chance.",
        }[clear[0].side]
        return say(
            template, label=headlines.name(tree, clear[0].theme), name=name, here=clear[0].here,
            there=clear[0].there, clear=len(clear), all=len(tested),
        )  # fmt: skip
    score = next((one for one in found.scores if beyond_chance(one.p_value)), None)
    if score is not None:
        return say(
            "{label} is {here:short} here and {there:short} in {name}, a difference beyond chance;"
            " no share of a theme differs.",
            label=t(score.label),
            here=score.here,
            there=score.there,
            name=name,
        )
    if tested or any(one.p_value is not None for one in found.scores):
        return say("No score and no theme differs from {name} beyond chance.", name=name)
    return say("Too few answers to compare with {name}.", name=name)


def _notes(found: Against, source: Source) -> tuple[Sentence, ...]:
    other = found.other
    size = {"here": source.insight.counted, "there": other.counted, "name": other.name}
    if other.first is None or other.last is None:
        notes = [say("{here} feedback counted here, {there} in {name}.", **size)]
    else:
        notes = [
            say(
                "{here} feedback counted here, {there} in {name}, from {first} to {last}.",
                **size,
                first=other.first,
                last=other.last,
            )
        ]
    for key, here, there in found.scales:
        notes.append(
            say(
                "{label} is not compared: asked on {here} here and on {there} in {name}.",
                label=LABELS[key],
                here=_ends(here),
                there=_ends(there),
                name=other.name,
            )
        )
    return tuple(notes)


def _ends(scale: tuple[float, float]) -> str:
    return f"{scale[0]:g}-{scale[1]:g}"


def _charts(found: Against, tree: Taxonomy) -> list[PairChart]:
    charts = []
    for side, title in (("negative", "Negative shares"), ("positive", "Positive shares")):
        drawn = [
            one for one in found.themes if one.side == side and one.difference.value is not None
        ][:MOST]
        if not drawn:
            continue
        top = drawn[0]
        said = say(
            "{n} themes, the clearest differences first: {label} {here} here, {there} in {name}.",
            n=len(drawn),
            label=headlines.name(tree, top.theme),
            here=top.here,
            there=top.there,
            name=found.other.name,
        )
        pairs = tuple(
            Pair(
                headlines.name(tree, one.theme),
                one.there,
                one.here,
                link(theme=one.theme, polarity=one.side),
            )
            for one in drawn
        )
        charts.append(
            PairChart(f"against-{side}", title, said.text, (found.other.name, "Here"), pairs)
        )
    return charts


def _scores(found: Against) -> Table:
    columns = (
        Column("score", "Score", "word"),
        Column("here", "Here", "estimate"),
        Column("there", "There", "estimate"),
        Column("difference", "Difference", "estimate", signed=True),
        Column("p_value", "p-value", "number"),
    )
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (one.label, one.here, one.there, one.difference, rounded(one.p_value))
        for one in found.scores
    )
    return Table("against_scores", "Scores against another export", columns, rows)


def _themes(found: Against, source: Source) -> Table:
    quoted = examples(source.insight)
    columns = (
        Column("theme", "Theme", "theme"),
        Column("side", "Side", "word"),
        Column("here", "Here", "estimate"),
        Column("there", "There", "estimate"),
        Column("difference", "Difference", "estimate", signed=True),
        Column("p_value", "p-value", "number"),
        Column("hits", "Feedback here", "int"),
        Column("other_hits", "Feedback there", "int"),
        Column("example", "Example", "quote"),
    )
    rows: tuple[tuple[Any, ...], ...] = tuple(
        (
            one.theme,
            one.side,
            one.here,
            one.there,
            one.difference,
            rounded(one.p_value),
            one.hits,
            one.other_hits,
            quoted.get((one.theme, one.side)),
        )
        for one in found.themes
    )
    return Table("against_themes", "Themes against another export", columns, rows)
