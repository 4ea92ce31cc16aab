"""The table of pain points, or of strengths."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from miner.insight.types import Estimate, Insight, ThemeFinding
from miner.report.languages import t
from miner.report.model import CohortCell, Column, Table
from miner.report.sentences import bare, say
from miner.report.tables.shared import cohort_cell, first

_FINDINGS_LABELS = {
    "negative": (
        "Worst cohort", "Share of feedback negative about it", "Negative among its mentions",
        "Pain points",
    ),
    "positive": (
        "Strongest cohort", "Share of feedback positive about it", "Positive among its mentions",
        "Strengths",
    ),
}  # fmt: skip


def findings(
    found: tuple[ThemeFinding, ...], side: Literal["negative", "positive"], insight: Insight
) -> Table:
    """Return pain points (`side` negative) or strengths (positive), one row a theme."""
    labels = {score.key: score.label for score in insight.scores}
    gap_keys = [key for key in labels if any(_gap(one, key) for one in found)]
    impact_keys = [key for key in labels if any(_impact(one, key) for one in found)]
    staged = side == "negative" and insight.journey is not None
    cohort, about, among, title = _FINDINGS_LABELS[side]
    columns = (
        Column("rank", "Rank", "int"),
        Column("theme", "Theme", "theme"),
        Column("share", about, "estimate", bar=side),
        Column("feedback", "Feedback", "int"),
        Column("side_share", among, "estimate"),
        Column("trend", "Trend", "trend"),
        Column("cohort", cohort, "cohort"),
        *(
            Column(f"gap_{key}", _gap_label(labels[key]), "estimate", signed=True)
            for key in gap_keys
        ),
        *(
            Column(f"impact_{key}", _impact_label(labels[key]), "estimate", signed=True)
            for key in impact_keys
        ),
        *((Column("stage", "Stage hit hardest", "cohort"),) if staged else ()),
        Column("confidence", "Tagging confidence", "share"),
        Column("example", "Example", "quote"),
        Column("counter_example", "Counter-example", "quote"),
    )
    rows = tuple(
        (
            *_finding_row(one, gap_keys),
            *(_impact(one, key) for key in impact_keys),
            *((stages_hit(insight).get(one.theme),) if staged else ()),
            one.confidence,
            first(one.verbatims, "example"),
            first(one.verbatims, "counter-example"),
        )
        for one in found
    )
    key = "pain_points" if side == "negative" else "strengths"
    return Table(key, title, columns, rows)


def _gap_label(score: str) -> str:
    return say("{score} gap", score=t(score)).text


def _finding_row(found: ThemeFinding, gap_keys: list[str]) -> tuple[Any, ...]:
    return (
        found.rank,
        found.theme,
        found.share,
        found.n,
        found.side_share,
        found.trend,
        cohort_cell(found.worst_cohorts[0]) if found.worst_cohorts else None,
        *(_gap(found, key) for key in gap_keys),
    )


def _impact_label(score: str) -> str:
    return say("{score} impact", score=t(score)).text


def _impact(found: ThemeFinding, key: str) -> Estimate | None:
    """The additive impact of the mentions on this side."""
    return next((one.additive for one in found.impacts if one.score == key), None)


def stages_hit(insight: Insight) -> dict[str, CohortCell]:
    """Return for each theme the journey stage with the negative share furthest above the rest.

    Only where both have enough feedback; a theme that no stage stands above in is left out.
    """
    found: dict[str, tuple[float, CohortCell]] = {}
    journey = insight.journey
    for cell in journey.cells if journey else ():
        if cell.cohort is not None or cell.share.value is None or cell.rest.value is None:
            continue
        above = cell.share.value - cell.rest.value
        if above > found.get(cell.theme, (0.0, None))[0]:
            name = bare(journey.cohort) if journey else ""
            one = CohortCell(name, cell.stage, cell.share, cell.rest, cell.p_value)
            found[cell.theme] = (above, one)
    return {theme: one for theme, (_, one) in found.items()}


def _gap(found: ThemeFinding, key: str) -> Estimate | None:
    """The difference of a score, with the number of answers that come with such a mention."""
    gap = next((gap for gap in found.gaps if gap.score == key), None)
    return replace(gap.estimate, n=gap.with_theme.n) if gap else None
