"""Where in the customer's journey it hurts, and whom there."""

from __future__ import annotations

from typing import Any, Final

from miner.insight.facts.journey import Journey, StageCell
from miner.report import headlines
from miner.report.bands.base import Source, band, link
from miner.report.languages import cohort_name
from miner.report.model import Band, BarChart, Column, IntervalBar, Sentence, Table
from miner.report.sentences import bare, say
from miner.report.tables.shared import differing, first, rounded

COMPUTED: Final = (
    "Each cell is the share of that stage's feedback (and within it, that cohort's) with a negative"
    " mention of the theme; it differs where its share is not that of all other feedback at"
    " p < 0.05, corrected for the number of cells (Benjamini-Hochberg). The bars are the shares"
    " with a negative mention of any theme."
)


def journey(source: Source) -> Band | None:
    """Return negative shares by stage and by cohort within stages; None without stages."""
    found = source.insight.journey
    if found is None:
        return None
    everybody = [cell for cell in found.cells if cell.cohort is None]
    within = [cell for cell in found.cells if cell.cohort is not None]
    by_theme = {theme: place for place, theme in enumerate(source.order)}
    everybody.sort(key=lambda cell: by_theme[cell.theme])
    within.sort(key=_clearest)
    return band(
        "journey",
        "Journey",
        _headline(everybody, within, source),
        computed=COMPUTED,
        tables=(_by_stage(everybody), *((_by_cohort(within),) if within else ())),
        charts=(_chart(found),),
    )


def _clearest(cell: StageCell) -> tuple[bool, float]:
    """Cells that differ first, those furthest above the rest before those below it."""
    return not cell.differs, -_above(cell)


def _above(cell: StageCell) -> float:
    if cell.share.value is None or cell.rest.value is None:
        return float("-inf")
    return cell.share.value - cell.rest.value


def _headline(everybody: list[StageCell], within: list[StageCell], source: Source) -> Sentence:
    clear = [cell for cell in everybody if cell.differs and _above(cell) > 0]
    if not clear:
        return say("No stage of the journey stands out clearly from the others on any theme.")
    worst = max(clear, key=_above)
    figures: dict[str, Any] = {
        "label": headlines.name(source.tree, worst.theme),
        "stage": worst.stage,
        "share": worst.share,
        "rest": worst.rest,
    }
    inside = [
        cell
        for cell in within
        if cell.differs
        and (cell.theme, cell.stage) == (worst.theme, worst.stage)
        and _above(cell) > _above(worst)
    ]
    if not inside:
        return say(
            "{label} hurts most at the stage {stage}: {share} of feedback, against {rest:short}"
            " elsewhere.",
            **figures,
        )
    hit = max(inside, key=_above)
    return say(
        "{label} hurts most at the stage {stage}: {share} of feedback, against {rest:short}"
        " elsewhere; hit hardest there is {cohort} {value}, with {own}.",
        cohort=cohort_name(bare(hit.cohort or "")),
        value=hit.value,
        own=hit.share,
        **figures,
    )


def _chart(found: Journey) -> BarChart:
    bars = tuple(
        IntervalBar(
            one.stage,
            one.share,
            "negative",
            link(cohort=f"{bare(found.cohort)}:{one.stage}", polarity="negative"),
        )
        for one in found.stages
    )
    text = say("Share of feedback with anything negative in it, by {n} stages.", n=len(bars)).text
    return BarChart("journey", "Feedback with anything negative, by stage", text, bars)


def _by_stage(cells: list[StageCell]) -> Table:
    rows = tuple((cell.theme, cell.stage, *_figures(cell)) for cell in cells)
    columns = (
        Column("theme", "Theme", "theme"),
        Column("stage", "Stage", "text"),
        *_columns(),
    )
    return Table("journey", "Negative share by theme and stage", columns, rows)


def _by_cohort(cells: list[StageCell]) -> Table:
    rows = tuple(
        (cell.theme, cell.stage, bare(cell.cohort or ""), cell.value, *_figures(cell))
        for cell in cells
    )
    columns = (
        Column("theme", "Theme", "theme"),
        Column("stage", "Stage", "text"),
        Column("cohort", "Cohort", "text"),
        Column("value", "Value", "text"),
        *_columns(),
    )
    title = "Negative share by theme, stage and cohort"
    return Table("journey_cohorts", title, columns, rows)


def _columns() -> tuple[Column, ...]:
    return (
        Column("hits", "Hits", "int"),
        Column("share", "Negative share", "estimate"),
        Column("rest", "All other feedback", "estimate"),
        Column("differs", "Differs from the rest", "word"),
        Column("p_value", "p", "number"),
        Column("example", "Example", "quote"),
    )


def _figures(cell: StageCell) -> tuple[Any, ...]:
    return (
        cell.hits,
        cell.share,
        cell.rest,
        differing(cell.differs, cell.p_value),
        rounded(cell.p_value),
        first(cell.examples, "example"),
    )
