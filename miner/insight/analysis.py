"""The one entry point: the stored tables in, everything a report shows out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from miner.insight.acting.advocates import advocates
from miner.insight.acting.followup import follow_up
from miner.insight.acting.mismatch import mismatch
from miner.insight.acting.questions import questions
from miner.insight.acting.sides import score_sides
from miner.insight.changes.change import change
from miner.insight.changes.compare import compare
from miner.insight.changes.journey import journey
from miner.insight.cohorts import heat_map
from miner.insight.comparing.against import against
from miner.insight.comparing.benchmarks import benchmark_gaps
from miner.insight.comparing.wants import area_gaps
from miner.insight.customers.customers import customers
from miner.insight.customers.word_of_mouth import word_of_mouth
from miner.insight.extras import Extras
from miner.insight.facts.followup import FollowUpRule
from miner.insight.impacts.impact import impacts
from miner.insight.impacts.quadrant import quadrant
from miner.insight.impacts.ranking import make_ranking
from miner.insight.metrics import measures, scores
from miner.insight.painpoints import findings, theme_counts, top_theme_counts
from miner.insight.store import MinedTables
from miner.insight.types import Insight
from miner.insight.verbatims import make_shelf
from miner.insight.window import OPPOSITE, Window, make_window
from miner.insight.wording.phrases import find_phrases
from miner.taxonomy import Taxonomy

POLARITY_ORDER = ("negative", "neutral", "positive", "mixed")


def analyse(
    tables: MinedTables,
    *,
    taxonomy: Taxonomy,
    scales: Mapping[str, tuple[float, float]],
    grain: str = "auto",
    minimum_n: int = 10,
    extras: Extras | None = None,
) -> Insight:
    """Return scores, pain points, strengths, trends and cohorts of one window.

    Pure and deterministic: the same tables give the same result, in whatever order their rows come
    (apart from the positions the verbatims point to).

    Parameters
    ----------
    tables : the stored tables; rows that no model has read (``scored`` false) count in the scores
        and languages only; answers without a comment count in the scores only, and their dates in
        the periods.
    taxonomy : the one the mentions were scored with; merged keys lead to their heir.
    scales : (lowest, highest) answer of each score; a score that is missing here takes its usual
        scale (NPS 0-10, CSAT 1-5, CES 1-7, stars 1-5).
    grain : ``auto``, ``month`` or ``week``; ``auto`` takes weeks below ten weeks.
    minimum_n : estimates from fewer feedback are None ("too few").
    extras : inputs of single parts; None for none.

    Raises
    ------
    DataError
        A theme in the table is not in the taxonomy.
    UsageError
        `grain` or `minimum_n` is not valid.

    Examples
    --------
    >>> import pandas as pd
    >>> from miner.insight.mentions import FEEDBACK_COLUMNS, MENTION_COLUMNS
    >>> from miner.taxonomy import parse_taxonomy
    >>> tree = parse_taxonomy({"top": {"service": "Service"}, "theme": [
    ...     {"key": "service.speed", "label": "Speed", "definition": "Waiting."}]})
    >>> empty = [pd.DataFrame({c: pd.Series(dtype=t) for c, t in columns.items()})
    ...          for columns in (FEEDBACK_COLUMNS, MENTION_COLUMNS)]
    >>> analyse(MinedTables.from_frames(*empty), taxonomy=tree, scales={}).counted
    0
    """
    window = make_window(tables, taxonomy, grain=grain, minimum_n=minimum_n)
    found = measures(tables, scales)
    shelf = make_shelf(window)
    sides = score_sides(window, found)
    dates = window.calendar
    given = extras or Extras()
    rule = given.follow_up or FollowUpRule()
    moved = impacts(window, found)
    ranking = make_ranking(given.rank_by, moved)
    pain_points, strengths = (
        findings(window, side, measures=found, shelf=shelf, impacts=moved, ranking=ranking)
        for side in OPPOSITE
    )
    windows = compare(window, given.compare_from)
    return Insight(
        counted=window.n,
        with_opinion=len(np.unique(window.mentions.row)),
        first_date=dates.first,
        last_date=dates.last,
        grain=dates.grain,
        periods=dates.labels,
        volume=tuple(window.volume.tolist()),
        ranking_key=ranking.key,
        minimum_n=minimum_n,
        scores=scores(window, found),
        themes=theme_counts(window),
        top_themes=top_theme_counts(window),
        pain_points=pain_points,
        strengths=strengths,
        heat=heat_map(window),
        polarity=_polarity(window),
        languages=_languages(tables),
        partial=dates.partial,
        undated=int((window.period < 0).sum()),
        customers=customers(window, given.customers),
        word_of_mouth=word_of_mouth(window),
        follow_up=follow_up(window, sides, rule),
        advocates=advocates(window, sides, days=rule.days),
        mismatch=mismatch(window, sides),
        questions=questions(window),
        change=change(window, windows, found, shelf),
        journey=journey(window, shelf, given.stage),
        areas=area_gaps(window, given.areas),
        benchmarks=benchmark_gaps(window, found, given.benchmarks),
        against=against(window, found, given.other),
        impacts=moved,
        ranked_by=ranking.by,
        quadrant=quadrant(window, pain_points, strengths),
        phrases=find_phrases(window, windows, shelf),
    )


def _polarity(window: Window) -> dict[str, int]:
    counts = window.tables.feedback["polarity"].take(window.position).value_counts()
    return {name: int(counts.get(name, 0)) for name in POLARITY_ORDER}


def _languages(tables: MinedTables) -> dict[str, int]:
    """Count all feedback, scored or not, by language, most frequent first."""
    counts = tables.feedback["language"].value_counts()
    pairs = [(str(name), int(count)) for name, count in counts.items() if count]
    return dict(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))
