"""Building the report's data from what was mined: a pure function, no model, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from miner.insight.slices import days_of
from miner.insight.store import MinedTables
from miner.insight.types import Insight, ThemeFinding
from miner.report import headlines
from miner.report.bands import Source, all_bands, score_chart
from miner.report.bands import verbatims as verbatims_band
from miner.report.languages import ENGLISH, speaking, spoken, t
from miner.report.localise import localised
from miner.report.model import Card, Cited, ReportData, ScoreView, ThemeInfo, Verbatim
from miner.report.outline import ordered
from miner.report.plain import storable
from miner.report.sentences import (
    among_them,
    association,
    bare,
    cohort_words,
    impact_of,
    peak_words,
    reading,
    say,
    share_of,
    trend_words,
)
from miner.report.tables.cohorts import heat_map
from miner.report.tables.shared import first
from miner.report.verbatims import citations, collect, collect_cited, cut_texts
from miner.taxonomy import Taxonomy
from miner.types import Ledger

CARDS: Final = 3
"""Pain points that open the report on a card each: what one meeting can act on."""

_SHOWN_ELSEWHERE: Final = (
    "schema", "taxonomy", "ledger", "problems", "languages", "generated", "areas", "benchmarks",
    "against", "logo",
)  # fmt: skip
VERBATIMS_PER_THEME: Final = 40
"""Quotes a theme and side: enough to read in a quarter of an hour, and a page of about 1 MB."""


def build(  # noqa: PLR0913 - each is one artefact a run stores, all but two by keyword
    insight: Insight,
    tables: MinedTables,
    *,
    taxonomy: Taxonomy,
    manifest: Mapping[str, Any],
    ledger: Ledger,
    problems_by_reason: Mapping[str, int],
    model_quality: Mapping[str, Any],
    verbatims: int = VERBATIMS_PER_THEME,
    language: str = ENGLISH,
    covers: tuple[str, str] | None = None,
) -> ReportData:
    """Return everything the renderers show.

    Parameters
    ----------
    insight : the findings of one window.
    tables : fetches mentions and feedback by row position, for the quotes.
    taxonomy : names the themes and gives their order.
    manifest : where the figures come from; ``title`` names the report, ``model`` its tagger.
    ledger : the account of the rows read.
    problems_by_reason : how many rows or values each reason set aside.
    model_quality : the model's measured figures by split, as in its ``metrics.json``.

    verbatims : the most quotes shown for each theme and side.
    language : of the report's own words; what customers said stays as they said it.
    covers : first and last day of the export (ISO), where none of it lies in the period asked for.

    Examples
    --------
    >>> import pandas as pd
    >>> from miner.insight import MinedTables, analyse
    >>> from miner.insight.mentions import FEEDBACK_COLUMNS, MENTION_COLUMNS
    >>> from miner.taxonomy import parse_taxonomy
    >>> tree = parse_taxonomy({"top": {"service": "Service"}, "theme": [
    ...     {"key": "service.speed", "label": "Speed", "definition": "Waiting."}]})
    >>> empty = [pd.DataFrame({c: pd.Series(dtype=t) for c, t in columns.items()})
    ...          for columns in (FEEDBACK_COLUMNS, MENTION_COLUMNS)]
    >>> tables = MinedTables.from_frames(*empty)
    >>> data = build(analyse(tables, taxonomy=tree, scales={}), tables, taxonomy=tree,
    ...     manifest={}, ledger=Ledger(received=3, accepted=0, empty=3), problems_by_reason={},
    ...     model_quality={})
    >>> data.reading.text
    '3 rows read, 0 counted, 3 set aside: 3 empty.'
    """
    known = _provenance(manifest)
    source = Source(
        insight=insight,
        tables=tables,
        tree=taxonomy.in_language(language),
        ledger=ledger,
        problems=problems_by_reason,
        manifest=known,
        model_quality=model_quality,
        most=verbatims,
        logo=manifest.get("logo"),
        covers=covers,
    )
    with speaking(language):
        return _report(source)


def _report(source: Source) -> ReportData:
    insight, tables, ledger = source.insight, source.tables, source.ledger
    bands = all_bands(source)
    cited = citations(bands)
    quoted = collect(insight, tables, most=source.most, cited=cited)
    beside = collect_cited(insight, tables, cited)
    source = replace(source, verbatims=quoted, cut=cut_texts(tables, (*quoted, *beside)))
    bands = ordered((*bands, localised(verbatims_band(source))))
    return ReportData(
        language=spoken().code,
        title=storable(str(source.manifest.get("title") or t("What customers tell us"))),
        period=_period(source),
        reading=reading(ledger, insight, int((~tables.feedback["scored"]).sum())),
        ledger=ledger.to_dict(),
        lead=headlines.lead(insight),
        cards=tuple(_card(found, source) for found in insight.pain_points[:CARDS]),
        scores=_scores(insight),
        bands=bands,
        heat=heat_map(insight, source.order),
        polarity=dict(insight.polarity),
        counted=insight.counted,
        minimum_n=insight.minimum_n,
        themes=_themes(source, source.verbatims),
        cohorts=_cohorts(insight, (*source.verbatims, *beside)),
        periods=insight.periods,
        verbatims=source.verbatims,
        manifest=source.manifest,
        model_quality=dict(source.model_quality),
        cited=beside,
        logo=source.logo,
    )


def _provenance(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """The manifest without what the report shows elsewhere: themes, ledger, the model's figures."""
    kept = {key: value for key, value in manifest.items() if key not in _SHOWN_ELSEWHERE}
    model = kept.get("model")
    if isinstance(model, Mapping):
        kept["model"] = {key: value for key, value in model.items() if key != "quality"}
    return kept


def _period(source: Source) -> str:
    insight = source.insight
    if source.covers:
        covered = _days(*source.covers)
        return say("no feedback in the period; the export covers {days}", days=covered).text
    if insight.first_date and insight.last_date:
        return _days(insight.first_date[:10], insight.last_date[:10])
    days = days_of(source.tables)
    return _days(*days) if days else t("no dates in the export")


def _days(first: str, last: str) -> str:
    return first if first == last else say("{first} to {last}", first=first, last=last).text


def _card(found: ThemeFinding, source: Source) -> Card:
    labels = {score.key: t(score.label) for score in source.insight.scores}
    gap = next((one for one in found.gaps if one.estimate.value is not None), None)
    cohort = next((one for one in found.worst_cohorts if headlines.stands_out(one)), None)
    label = headlines.name(source.tree, found.theme)
    score = labels.get(found.impacts[0].score, "") if found.impacts else ""
    beside = association(gap, labels.get(gap.score, gap.score)) if gap else None
    if gap and impact_of(found):
        beside = among_them(gap, labels.get(gap.score, gap.score), found.side)
    return Card(
        rank=found.rank,
        theme=found.theme,
        sentence=share_of(found, label, score),
        association=beside,
        trend=found.trend,
        trend_words=trend_words(found.trend),
        peak_words=peak_words(found.trend),
        cohort_words=cohort_words(cohort) if cohort else None,
        n=found.n,
        verbatim=first(found.verbatims, "example"),
    )


def _scores(insight: Insight) -> tuple[ScoreView, ...]:
    return tuple(
        ScoreView(
            key=one.key,
            label=t(one.label),
            formula=t(one.formula),
            estimate=one.estimate,
            mean=one.mean,
            parts=dict(one.parts),
            n_without_text=one.n_without_text,
            chart=score_chart(one, insight.periods),
        )
        for one in insight.scores
    )


def _themes(source: Source, verbatims: tuple[Verbatim, ...]) -> tuple[ThemeInfo, ...]:
    counts = {one.theme: one.mentions for one in source.insight.themes}
    known = {one.key: one for one in source.tree.themes}
    keys = dict.fromkeys((*known, *counts))
    subs = [
        ThemeInfo(
            key=key,
            label=headlines.name(source.tree, key),
            top=headlines.name(source.tree, key.split(".", 1)[0]),
            definition=known[key].definition if key in known else "",
            mentions=counts.get(key, 0),
            shown=sum(one.theme == key for one in verbatims),
        )
        for key in keys
    ]
    tops = {one.theme: one.mentions for one in source.insight.top_themes}
    return (
        *subs,
        *(
            ThemeInfo(key, label, "", "", tops.get(key, 0), 0)
            for key, label in source.tree.top.items()
        ),
    )


def _cohorts(
    insight: Insight, verbatims: tuple[Verbatim | Cited, ...]
) -> dict[str, tuple[str, ...]]:
    """The cohort values a reader can filter the quotes by, in the heat map's order first."""
    values: dict[str, dict[str, None]] = {}
    for cell in insight.heat:
        values.setdefault(bare(cell.cohort), {})[cell.value] = None
    for one in verbatims:
        for cohort, value in one.cohorts.items():
            values.setdefault(cohort, {})[value] = None
    return {cohort: tuple(found) for cohort, found in values.items()}
