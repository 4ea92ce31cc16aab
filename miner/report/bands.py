"""The bands of the report, one idea each: headline, charts, tables, how it is computed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from miner.insight.types import Insight, Score, ThemeFinding
from miner.report import headlines, quality, tables
from miner.report.model import (
    Band,
    DivergingBar,
    DivergingChart,
    LineChart,
    Point,
    Sentence,
    Table,
    Verbatim,
)
from miner.report.numbers import show
from miner.report.plain import storable
from miner.report.sentences import say, trend_words
from miner.taxonomy import Taxonomy
from miner.types import Ledger

TREND_CHARTS: Final = 6
"""Pain points drawn as small multiples; the table behind them holds all."""

_COMPUTED = {
    "data-quality": "received = accepted + duplicate + empty + junk + rejected, and every row is in"
    " exactly one of the five; no opinion means no mention was found in the text.",
    "scores": "Each score is computed over every answer, with or without a comment; duplicate and"
    " rejected rows are left out. The interval holds 95% of what chance alone would do to the"
    " figure.",
    "pain-points": "Share = feedback with a negative mention of the theme / feedback counted, with"
    " its 95% Wilson interval; the gap is the score of feedback with such a mention minus that of"
    " other feedback with text (n: answers with such a mention), an association and never a cause.",
    "trends": "Each point is the share of that period's feedback with a negative mention, the"
    " shaded band its 95% interval; rising and falling by a Cochran-Armitage test at p < 0.05,"
    " corrected for the number of themes.",
    "cohorts": "Each cell is the share of that cohort's feedback with a negative mention of the"
    " theme, with the cohort's size under it; cells below the stated minimum are hatched.",
    "strengths": "The same computation as for pain points, with positive mentions.",
    "themes": "A mention is one opinion about one theme in one clause; one feedback can hold"
    " several.",
    "verbatims": "Quotes are redacted; the clause that was counted is marked, the words that"
    " weighed most in it are set bold.",
    "method": "Every figure above follows from the stored mentions, the export's own columns and"
    " the settings listed here.",
}


@dataclass(frozen=True, slots=True)
class Source:
    """What the bands are written from."""

    insight: Insight
    tree: Taxonomy
    ledger: Ledger
    problems: Mapping[str, int]
    manifest: Mapping[str, Any]
    model_quality: Mapping[str, Any]


def all_bands(source: Source, verbatims: tuple[Verbatim, ...], most: int) -> tuple[Band, ...]:
    """Return the bands in reading order."""
    return (
        pain_points(source),
        trends(source),
        cohorts(source),
        strengths(source),
        themes(source),
        scores(source),
        data_quality(source),
        quotes(source, verbatims, most),
        method(source),
    )


def data_quality(source: Source) -> Band:
    """Return the ledger, the reasons rows were set aside for, languages and no-opinion share."""
    insight = source.insight
    found = (
        tables.ledger(source.ledger),
        tables.problems(source.problems),
        tables.languages(insight),
    )
    notes = [say("{note}", note=storable(str(note))) for note in source.manifest.get("notes", ())]
    if insight.undated:
        notes.append(
            say(
                "{undated} feedback carry no date: they count in every total and in no period.",
                undated=insight.undated,
            )
        )
    if insight.partial:
        notes.append(
            say(
                "Not complete, so compare shares there, not volumes: {partial}.",
                partial=", ".join(insight.partial),
            )
        )
    headline = headlines.data_quality(source.ledger, insight)
    return _band("data-quality", "Data quality", headline, found, notes=tuple(notes))


def scores(source: Source) -> Band:
    """Return the scores with their lines over the periods."""
    insight = source.insight
    charts = [chart for score in insight.scores if (chart := score_chart(score, insight.periods))]
    found = (tables.scores(insight.scores), tables.score_trends(insight))
    return _band("scores", "Scores", headlines.scores(insight.scores), found, charts=tuple(charts))


def score_chart(score: Score, periods: tuple[str, ...]) -> LineChart | None:
    """Return a score's line, None with fewer than two periods to draw."""
    if sum(one.value is not None for one in score.trend) < 2:
        return None
    points = tuple(map(Point, periods, score.trend))
    return LineChart(
        key=f"score-{score.key}",
        title=score.label,
        description=_described(score.label, points),
        points=points,
        zero=score.estimate.unit == "share",
    )


def _described(label: str, points: tuple[Point, ...]) -> str:
    known = [point for point in points if point.estimate.value is not None]
    if not known:
        return f"{label}: too few to say in every period."
    first, last = known[0], known[-1]
    return (
        f"{label} by period: {show(first.estimate)} in {first.label}, "
        f"{show(last.estimate)} in {last.label}."
    )


def pain_points(source: Source) -> Band:
    """Return the table of pain points."""
    found = source.insight.pain_points
    table = tables.findings(found, "negative", source.insight)
    headline = headlines.pain_points(found, source.tree, source.insight)
    return _band("pain-points", "Pain points", headline, (table,))


def strengths(source: Source) -> Band:
    """Return the table of strengths."""
    found = source.insight.strengths
    table = tables.findings(found, "positive", source.insight)
    headline = headlines.strengths(found, source.tree, source.insight)
    return _band("strengths", "Strengths", headline, (table,))


def trends(source: Source) -> Band:
    """Return small multiples: pain points that moved or peaked first, then the largest."""
    insight, found = source.insight, source.insight.pain_points
    drawable = [one for one in found if _points_known(one) > 1]
    drawn = sorted(drawable, key=lambda one: not headlines.moved(one))[:TREND_CHARTS]
    highs = [
        cell.share.high for one in drawn for cell in one.trend.cells if cell.share.high is not None
    ]
    top = max(highs, default=None)
    charts = tuple(_trend_chart(one, source.tree, top) for one in drawn)
    headline = headlines.trends(found, source.tree, insight)
    return _band("trends", "Change", headline, (tables.trends(insight),), charts=charts)


def _points_known(found: ThemeFinding) -> int:
    return sum(cell.share.value is not None for cell in found.trend.cells)


def _trend_chart(found: ThemeFinding, tree: Taxonomy, top: float | None) -> LineChart:
    label = headlines.name(tree, found.theme)
    points = tuple(Point(cell.period, cell.share) for cell in found.trend.cells)
    words = trend_words(found.trend).text
    return LineChart(
        key=f"trend-{found.theme}",
        title=label,
        description=f"{_described(f'Negative about {label}', points)} Trend: {words}.",
        points=points,
        tone="negative",
        top=top,
        mark=found.trend.since,
        link=link(theme=found.theme, polarity="negative"),
    )


def link(**filters: str) -> str:
    """Return the URL fragment that filters the verbatims.

    Examples
    --------
    >>> link(theme="service.billing", polarity="negative")
    '#theme=service.billing&polarity=negative'
    """
    return "#" + "&".join(f"{key}={_quoted(value)}" for key, value in filters.items())


def _quoted(value: str) -> str:
    return quote(value, safe=":.,-_~")


def cohorts(source: Source) -> Band:
    """Return the negative shares by theme and cohort."""
    found = source.insight.pain_points
    headline = headlines.cohorts(found, source.tree, source.insight)
    return _band("cohorts", "Cohorts", headline, (tables.cohorts(source.insight),))


def themes(source: Source) -> Band:
    """Return all themes by polarity, sub-themes first, then the top themes."""
    insight = source.insight
    ordered = sorted(insight.themes, key=lambda one: -one.mentions)
    bars = tuple(
        DivergingBar(
            headlines.name(source.tree, one.theme),
            one.negative,
            one.positive,
            link(theme=one.theme),
        )
        for one in ordered
        if one.mentions
    )
    charts = (
        (
            DivergingChart(
                "themes",
                "Mentions by theme",
                f"Negative and positive mentions of {len(bars)} themes; the table has the counts.",
                bars,
            ),
        )
        if bars
        else ()
    )
    table = tables.themes((*insight.themes, *insight.top_themes), insight.counted)
    headline = headlines.themes(insight, source.tree)
    return _band("themes", "All themes", headline, (table,), charts=charts)


def quotes(source: Source, verbatims: tuple[Verbatim, ...], most: int) -> Band:
    """Return the headline of the verbatims; the quotes themselves are `ReportData.verbatims`."""
    total = sum(one.mentions for one in source.insight.themes)
    return _band("verbatims", "Verbatims", headlines.verbatims(len(verbatims), total, most), ())


def method(source: Source) -> Band:
    """Return what the figures come from and the tagger's own measured error."""
    measured = quality.figures(source.model_quality)
    found = (
        measured if measured.rows else _unread(source.model_quality),
        quality.by_theme(source.model_quality),
        tables.flattened(
            {**source.manifest, "taxonomy sha256": source.tree.sha256},
            key="manifest",
            title="Where the figures come from",
        ),
    )
    notes = (
        say(
            "A theme needs a mention in at least {minimum} feedback to be ranked; below that the"
            " report says “too few to say”.",
            minimum=source.insight.minimum_n,
        ),
        say(
            "Pain points, and strengths alike, are ranked by {key}.",
            key=source.insight.ranking_key.replace(" %", "%"),
        ),
        say("Intervals cover the chance of sampling, not the tagger's errors."),
        quality.agreement(source.model_quality),
    )
    model = source.manifest.get("model")
    tagger = str(model.get("name", "") if isinstance(model, Mapping) else model or "")
    headline = quality.headline(tagger, source.model_quality)
    said = tuple(note for note in notes if note is not None)
    return _band("method", "Method", headline, found, notes=said)


def _unread(model_quality: Mapping[str, Any]) -> Table:
    """Figures in a form this program doesn't know, listed as they are."""
    return tables.flattened(model_quality, key="model_quality", title="The tagger's own error")


def _band(
    key: str,
    title: str,
    headline: Sentence,
    found: tuple[Table, ...],
    *,
    charts: tuple[Any, ...] = (),
    notes: tuple[Sentence, ...] = (),
) -> Band:
    return Band(
        key=key,
        title=title,
        headline=headline,
        computed=_COMPUTED[key],
        notes=notes,
        charts=charts,
        tables=found,
    )
