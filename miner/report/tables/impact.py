"""Tables of impact: the steps that sum to a score, each theme's impact, and the quadrant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from miner.insight.facts.impact import Quadrant, Remainder, ScoreImpact, ThemeImpact
from miner.insight.figures import Estimate
from miner.report.model import Column, Table

PARTS: Final = {
    "baseline": "baseline",
    "theme": "one theme",
    "too few": "themes with too few answers",
    "no theme": "no theme mentioned",
    "not scored": "comments in a language that is not scored",
    "no comment": "answers without a comment",
    "score": "the score",
}
"""What a step from the baseline to the score stands for, in words."""

Step = tuple[str, str | None, Estimate]
"""Key into `PARTS`, theme key (None for the others), additive impact."""


def steps(impact: ScoreImpact) -> list[Step]:
    """Return the steps from baseline to score: themes from the largest loss to the largest gain.

    They sum to ``value - baseline``; themes with too few answers are one step.
    """
    enough = [one for one in impact.themes if one.side == "any" and one.additive.value is not None]
    enough.sort(key=lambda one: one.points)
    found: list[Step] = [("theme", one.theme, exact(one, impact)) for one in enough]
    rest = ([impact.few] if impact.few else []) + list(impact.remainders)
    return found + [(one.kind, None, exact(one, impact)) for one in rest]


def exact(one: ThemeImpact | Remainder, impact: ScoreImpact) -> Estimate:
    """Return the term of the sum, with its interval where there are enough answers for one."""
    known = one.additive
    return Estimate(one.points, known.low, known.high, one.n, impact.unit, known.method)


def steps_table(impacts: tuple[ScoreImpact, ...]) -> Table:
    """Return one row a step of each score, with where the sum stands after it."""
    columns = (
        Column("score", "Score", "word"),
        Column("part", "Step", "word"),
        Column("theme", "Theme", "theme"),
        Column("impact", "Additive impact", "estimate", signed=True),
        Column("total", "Sum so far", "estimate"),
    )
    rows = tuple(row for impact in impacts for row in _step_rows(impact))
    return Table("impact_steps", "From the baseline to the score", columns, rows)


def _step_rows(impact: ScoreImpact) -> Iterator[tuple[Any, ...]]:
    total = impact.baseline
    yield impact.label, PARTS["baseline"], None, None, _sum(total, impact)
    for part, theme, estimate in steps(impact):
        total += estimate.value or 0.0
        yield impact.label, PARTS[part], theme, estimate, _sum(total, impact)
    yield impact.label, PARTS["score"], None, None, _sum(impact.value, impact)


def _sum(total: float, impact: ScoreImpact) -> Estimate:
    return Estimate(total, None, None, impact.n, impact.unit, "sum")


def impact_table(impacts: tuple[ScoreImpact, ...], examples: Mapping[Any, int | None]) -> Table:
    """Return one row a score and theme, each top theme followed by its own themes.

    The impacts of negative, neutral and positive mentions sum to that of all mentions; `examples`:
    mention position by theme and side.
    """
    columns = (
        Column("score", "Score", "word"),
        Column("theme", "Theme", "theme"),
        Column("answers", "Answers that mention it", "int"),
        Column("score_of", "Their score", "estimate"),
        Column("impact", "Additive impact", "estimate", signed=True),
        Column("negative", "of negative mentions", "estimate", signed=True),
        Column("neutral", "of neutral mentions", "estimate", signed=True),
        Column("positive", "of positive mentions", "estimate", signed=True),
        Column("leave_one_out", "Leave-one-out impact", "estimate", signed=True),
        Column("example", "Example", "quote"),
    )
    rows = tuple(
        (impact.label, *_impact_row(sides), _example(sides, examples))
        for impact in impacts
        for sides in _grouped(impact)
    )
    return Table("impact", "Impact by theme", columns, rows)


Sides = dict[str, ThemeImpact]


def _impact_row(sides: Sides) -> tuple[Any, ...]:
    whole = sides["any"]
    parts = (
        sides[side].additive if sides[side].n else None
        for side in ("negative", "neutral", "positive")
    )
    return whole.theme, whole.n, whole.own, whole.additive, *parts, whole.leave_one_out


def _example(sides: Sides, examples: Mapping[Any, int | None]) -> int | None:
    """The best quote of the side that the impact is made of."""
    whole = sides["any"]
    order = ("negative", "positive") if whole.points < 0 else ("positive", "negative")
    found = (examples.get((whole.theme, side)) for side in order)
    return next((one for one in found if one is not None), None)


def _grouped(impact: ScoreImpact) -> Iterator[Sides]:
    """Top themes from the largest loss to the largest gain, each with its themes likewise."""
    themes = _by_theme(impact.themes)
    for top in _by_theme(impact.tops):
        yield top
        name = top["any"].theme + "."
        yield from (one for one in themes if one["any"].theme.startswith(name))


def _by_theme(found: tuple[ThemeImpact, ...]) -> list[Sides]:
    sides: dict[str, Sides] = {}
    for one in found:
        sides.setdefault(one.theme, {})[one.side] = one
    return sorted(sides.values(), key=lambda one: one["any"].points)


def quadrant_table(quadrant: Quadrant, examples: Mapping[Any, int | None]) -> Table:
    """Return one row a pain point or strength: what to do, impact, change of share, an example."""
    columns = (
        Column("verb", "What to do", "word"),
        Column("theme", "Theme", "theme"),
        Column("side", "Side", "word"),
        Column("impact", "Impact", "estimate", signed=True),
        Column("change", "Change of its share", "estimate", signed=True),
        Column("clear", "Beyond chance", "word"),
        Column("eased", "After a peak", "word"),
        Column("example", "Example", "quote"),
    )
    order = ("fix now", "monitor", "watch", "celebrate")
    rows = tuple(
        (
            one.verb,
            one.theme,
            one.side,
            one.impact,
            Estimate(one.change, None, None, one.impact.n, "share", "fitted line"),
            "yes" if one.clear else "no",
            "yes" if one.eased else None,
            examples.get((one.theme, one.side)),
        )
        for one in sorted(quadrant.themes, key=lambda one: order.index(one.verb))
    )
    return Table("quadrant", "What to fix, monitor, watch and celebrate", columns, rows)
