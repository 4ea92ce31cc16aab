"""The report's tables: findings laid out as rows under typed columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from miner.insight.types import (
    CohortShare,
    Estimate,
    Insight,
    Score,
    ThemeCount,
    ThemeFinding,
    VerbatimRef,
)
from miner.report.languages import t
from miner.report.model import CohortCell, Column, HeatMap, Table
from miner.report.numbers import count
from miner.report.plain import storable
from miner.report.sentences import bare, say
from miner.types import Ledger

_LEDGER_WORDS = {
    "received": "rows read",
    "accepted": "kept as feedback",
    "duplicate": "set aside: the same text from the same source twice",
    "empty": "set aside: no text",
    "junk": "set aside: no words in the text",
    "rejected": "set aside: a value that can't be right",
}


def ledger(account: Ledger) -> Table:
    """Return the account of rows: received = accepted + duplicate + empty + junk + rejected."""
    columns = (
        Column("part", "Part", "word"),
        Column("meaning", "Meaning", "word"),
        Column("rows", "Rows", "int", bar="neutral"),
    )
    rows = tuple((key, _LEDGER_WORDS[key], number) for key, number in account.to_dict().items())
    return Table("rows_read", "What became of the rows", columns, rows)


def problems(by_reason: Mapping[str, int]) -> Table:
    """Return the reasons rows or single values were set aside for, most frequent first."""
    columns = (
        Column("meaning", "Why", "word"),
        Column("rows", "Rows", "int", bar="neutral"),
        Column("reason", "Reason in rejects.csv", "text"),
    )
    ordered = sorted(by_reason.items(), key=lambda item: (-item[1], item[0]))
    rows = tuple(
        (reason.rpartition(".")[2].replace("-", " "), number, reason) for reason, number in ordered
    )
    return Table("problems", "Why rows or values were set aside", columns, rows)


def languages(insight: Insight) -> Table:
    """Return feedback by language, most frequent first."""
    columns = (
        Column("language", "Language", "text"),
        Column("feedback", "Feedback", "int", bar="neutral"),
    )
    ordered = sorted(insight.languages.items(), key=lambda item: (-item[1], item[0]))
    return Table("languages", "Languages", columns, tuple(ordered))


def scores(found: tuple[Score, ...]) -> Table:
    """Return one row a score: headline figure, mean, answers, formula, counts of its parts."""
    columns = (
        Column("score", "Score", "word"),
        Column("estimate", "Value", "estimate"),
        Column("mean", "Mean", "estimate"),
        Column("answers", "Answers", "int"),
        Column("n_without_text", "Without a comment", "int"),
        Column("formula", "Formula", "word"),
        Column("parts", "Parts", "text"),
    )
    rows = tuple(
        (
            one.label,
            one.estimate,
            one.mean,
            one.estimate.n,
            one.n_without_text,
            one.formula,
            parts(one.parts),
        )
        for one in found
    )
    return Table("scores", "Scores", columns, rows)


def parts(counts: Mapping[str, int]) -> str:
    """Return named counts as words: ``promoters: 120 · passives: 40``."""
    return " · ".join(f"{t(name)}: {count(number)}" for name, number in counts.items())


def score_trends(insight: Insight) -> Table:
    """Return one row a score and period."""
    columns = (
        Column("score", "Score", "word"),
        Column("period", "Period", "text"),
        Column("estimate", "Value", "estimate"),
    )
    rows = tuple(
        (score.label, period, estimate)
        for score in insight.scores
        for period, estimate in zip(insight.periods, score.trend, strict=False)
    )
    return Table("score_trends", "Scores by period", columns, rows)


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


def first(refs: tuple[VerbatimRef, ...], role: str) -> int | None:
    """Return the mention position of the first reference with this role."""
    return next((ref.mention for ref in refs if ref.role == role), None)


def examples(insight: Insight) -> dict[tuple[str | None, str], int | None]:
    """Return the mention position of the best example by theme and side."""
    found = (*insight.pain_points, *insight.strengths)
    return {(one.theme, one.side): first(one.verbatims, "example") for one in found}


def cohort_cell(cohort: CohortShare) -> CohortCell:
    """Return a cohort's share beside everybody else's, as one table cell."""
    return CohortCell(bare(cohort.cohort), cohort.value, cohort.share, cohort.rest, cohort.p_value)


def trends(insight: Insight) -> Table:
    """Return one row a theme, side and period: feedback counted, hits, share with interval."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("side", "Side", "word"),
        Column("period", "Period", "text"),
        Column("hits", "Hits", "int"),
        Column("share", "Share", "estimate"),
    )
    rows = tuple(
        (found.theme, found.side, cell.period, cell.hits, cell.share)
        for found in (*insight.pain_points, *insight.strengths)
        for cell in found.trend.cells
    )
    return Table("trends", "Shares by period", columns, rows)


def cohorts(insight: Insight) -> Table:
    """Return one row a theme and cohort value: the negative share with its interval."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("cohort", "Cohort", "text"),
        Column("value", "Value", "text"),
        Column("hits", "Hits", "int"),
        Column("share", "Negative share", "estimate"),
        Column("differs", "Differs from the rest", "word"),
        Column("p_value", "p", "number"),
    )
    rows = tuple(
        (
            cell.theme,
            bare(cell.cohort),
            cell.value,
            cell.hits,
            cell.share,
            differing(cell.differs, cell.p_value),
            rounded(cell.p_value),
        )
        for cell in insight.heat
    )
    return Table("cohorts", "Negative share by theme and cohort", columns, rows)


def differing(differs: bool, p_value: float | None) -> str | None:
    """Return whether a cell differs beyond chance, in a word; None where it was not tested."""
    return None if p_value is None else "yes" if differs else "no"


def rounded(p_value: float | None) -> float | None:
    """Return a p-value with two significant digits.

    Examples
    --------
    >>> rounded(0.012345), rounded(None)
    (0.012, None)
    """
    return None if p_value is None else float(f"{p_value:.2g}")


def heat_map(insight: Insight, order: tuple[str, ...]) -> HeatMap:
    """Return the negative shares as a matrix: themes in `order`, cohort values as first met.

    Themes nobody was negative about are left out: their rows would be empty.
    """
    found = {(cell.theme, bare(cell.cohort), cell.value): cell for cell in insight.heat}
    columns = tuple(dict.fromkeys((cohort, value) for _, cohort, value in found))
    present = {cell.theme for cell in insight.heat if cell.hits}
    rows = tuple(theme for theme in order if theme in present)
    matrix = [[found.get((theme, *column)) for column in columns] for theme in rows]
    return HeatMap(
        rows,
        columns,
        tuple(tuple(cell.share if cell else None for cell in row) for row in matrix),
        tuple(tuple(cell is not None and cell.differs for cell in row) for row in matrix),
    )


def themes(counts: tuple[ThemeCount, ...], counted: int) -> Table:
    """Return one row a theme: feedback, mentions by polarity, share of feedback that names it."""
    columns = (
        Column("theme", "Theme", "theme"),
        Column("feedback", "Feedback", "int"),
        Column("of_counted", "Of feedback counted", "share"),
        Column("mentions", "Mentions", "int"),
        Column("negative", "Negative", "int", bar="negative"),
        Column("neutral", "Neutral", "int", bar="neutral"),
        Column("positive", "Positive", "int", bar="positive"),
        Column("negative_share", "Negative among mentions", "share"),
    )
    rows = tuple(
        (
            one.theme,
            one.feedback,
            one.feedback / counted if counted else None,
            one.mentions,
            one.negative,
            one.neutral,
            one.positive,
            one.negative / one.mentions if one.mentions else None,
        )
        for one in counts
    )
    return Table("themes", "All themes", columns, rows)


def flattened(facts: Mapping[str, Any], *, key: str, title: str) -> Table:
    """Return nested facts (a manifest, a model's metrics) as rows of section, name and value."""
    columns = (
        Column("section", "Section", "text"),
        Column("name", "Name", "text"),
        Column("value", "Value", "text"),
    )
    return Table(key, title, columns, tuple(_leaves(facts, ())))


def _leaves(value: Any, path: tuple[str, ...]) -> list[tuple[str, str, str]]:
    if isinstance(value, Mapping):
        return [leaf for name, item in value.items() for leaf in _leaves(item, (*path, str(name)))]
    if isinstance(value, (list, tuple)) and any(
        isinstance(item, (Mapping, list)) for item in value
    ):
        return [
            leaf for at, item in enumerate(value, 1) for leaf in _leaves(item, (*path, str(at)))
        ]
    section, name = " / ".join(path[:-1]), path[-1] if path else ""
    return [] if section == "" and name in ("title", "notes") else [(section, name, _leaf(value))]


def _leaf(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, (list, tuple)):
        return ", ".join(_leaf(item) for item in value)
    return storable(str(value))
