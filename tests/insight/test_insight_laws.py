"""Laws: shares equal a slow count, cuts sum to the total, order of rows means nothing."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.synthetic import SCALES, THEMES, make_tables, make_taxonomy, tables_of

from miner.insight import Insight, MinedTables, analyse
from miner.insight.figures import VerbatimRef
from miner.types import POLARITIES

TAXONOMY = make_taxonomy()
PLACES = {
    "FollowUpCase": ("feedback", "mention"),
    "Advocate": ("feedback", "mention"),
    "MismatchCase": ("feedback", "mention"),
    "Excerpt": ("feedback",),
    "Keyphrase": ("feedback",),
    "PhraseChange": ("feedback",),
    "Topic": ("feedback",),
    "CustomerSummary": ("last",),
}
"""Facts that point to rows: the fields that hold a position (a mention's, else a feedback's)."""

FEW_THEMES = ("service.delivery", "service.speed", "product.price", "general.overall")

days = st.integers(0, 400).map(lambda day: pd.Timestamp("2025-01-01") + pd.Timedelta(days=day))
opinions = st.tuples(st.sampled_from(FEW_THEMES), st.sampled_from(POLARITIES))
answers = st.one_of(st.none(), st.integers(0, 10).map(float))
feedback_rows = st.fixed_dictionaries(
    {
        "date": st.one_of(st.just(pd.NaT), days),
        "nps": answers,
        "csat": st.one_of(st.none(), st.sampled_from([1.0, 2.5, 4.0, 5.0])),
        "channel": st.sampled_from([None, "web", "app"]),
        "customer": st.sampled_from([None, "a", "b", "c"]),
        "cohort.region": st.sampled_from([None, "north", "south", "east"]),
        "scored": st.sampled_from([True, True, True, False]),
        "said": st.lists(opinions, max_size=4),
    }
)
tables_rows = st.lists(feedback_rows, max_size=25)


def run(feedback: pd.DataFrame, mentions: pd.DataFrame, **options: Any) -> Insight:
    tables = MinedTables.from_frames(feedback, mentions)
    return analyse(tables, taxonomy=TAXONOMY, scales=SCALES, **options)


@dataclasses.dataclass(frozen=True)
class Named:
    """Names rows by what they say instead of where they stand."""

    feedback: pd.DataFrame
    mentions: pd.DataFrame

    def of(self, fact: Any) -> Any:
        if isinstance(fact, VerbatimRef):
            return (*self.mention(fact.mention, fact.feedback), fact.role)
        if isinstance(fact, tuple | list):
            return tuple(map(self.of, fact))
        if not dataclasses.is_dataclass(fact):
            return fact
        kind = type(fact).__name__
        pointing = PLACES.get(kind, ())
        parts = {one.name: getattr(fact, one.name) for one in dataclasses.fields(fact)}
        named = {
            name: self.place(name, value) if name in pointing else self.of(value)
            for name, value in parts.items()
        }
        return (kind, named)

    def place(self, name: str, at: Any) -> Any:
        if at is None or isinstance(at, tuple):
            return at and tuple(self.place(name, one) for one in at)
        return self.mention(at) if name == "mention" else self.feedback["id"].iloc[at]

    def mention(self, at: int, feedback: int | None = None) -> Any:
        row = self.mentions.iloc[at]
        assert feedback is None or row["id"] == self.feedback["id"].iloc[feedback]
        return (row["id"], row["clause"], row["theme"], row["polarity"])


def comparable(insight: Insight, feedback: pd.DataFrame, mentions: pd.DataFrame) -> Any:
    """Return the insight with verbatims named by what they say instead of where they stand."""
    return Named(feedback, mentions).of(insight)


@given(tables_rows, st.randoms(use_true_random=False))
@settings(max_examples=10)
def test_the_order_of_rows_means_nothing(rows: list[dict[str, Any]], chance: Any) -> None:
    feedback, mentions = tables_of(rows)
    seed = chance.randrange(1000)
    shuffled = (
        feedback.sample(frac=1, random_state=seed),
        mentions.sample(frac=1, random_state=seed),
    )
    one = comparable(run(feedback, mentions, minimum_n=2), feedback, mentions)
    other = comparable(run(*shuffled, minimum_n=2), *shuffled)
    assert one == other


def test_the_order_of_many_rows_means_nothing() -> None:
    feedback, mentions, _ = make_tables(seed=4, n=1500)
    shuffled = feedback.sample(frac=1, random_state=1), mentions.sample(frac=1, random_state=2)
    one = comparable(run(feedback, mentions), feedback, mentions)
    assert one == comparable(run(*shuffled), *shuffled)


def slow_count(rows: list[dict[str, Any]], theme: str, polarity: str) -> int:
    return sum(
        any(said == (theme, polarity) for said in row["said"]) for row in rows if row["scored"]
    )


@given(tables_rows)
@settings(max_examples=10)
def test_shares_equal_a_slow_count(rows: list[dict[str, Any]]) -> None:
    insight = run(*tables_of(rows), minimum_n=1)
    counted = sum(row["scored"] for row in rows)
    assert insight.counted == counted
    for side, findings in (("negative", insight.pain_points), ("positive", insight.strengths)):
        assert {f.theme for f in findings} == {t for t in THEMES if slow_count(rows, t, side)}
        for finding in findings:
            hits = slow_count(rows, finding.theme, side)
            assert finding.n == hits
            assert finding.share.value == pytest.approx(hits / counted)
            assert finding.share.low <= finding.share.value <= finding.share.high
        lows = [(-f.share.low, -f.n) for f in findings]
        assert lows == sorted(lows)
        assert [f.rank for f in findings] == list(range(1, len(findings) + 1))


@given(tables_rows)
@settings(max_examples=10)
def test_cuts_sum_to_the_total(rows: list[dict[str, Any]]) -> None:
    insight = run(*tables_of(rows), minimum_n=1)
    scored = [row for row in rows if row["scored"]]
    assert sum(insight.volume) + insight.undated == insight.counted
    for finding in insight.pain_points:
        dated = [row for row in scored if not pd.isna(row["date"])]
        assert [cell.period for cell in finding.trend.cells] == list(insight.periods)
        assert sum(cell.hits for cell in finding.trend.cells) == slow_count(
            dated, finding.theme, "negative"
        )
        assert tuple(cell.n for cell in finding.trend.cells) == insight.volume
    for cohort in {cell.cohort for cell in insight.heat}:
        column = cohort if cohort == "channel" else f"cohort.{cohort}"
        known = [row for row in scored if row[column] is not None]
        for theme in {cell.theme for cell in insight.heat}:
            cells = [c for c in insight.heat if c.cohort == cohort and c.theme == theme]
            assert sum(cell.n for cell in cells) == len(known)
            assert sum(cell.hits for cell in cells) == slow_count(known, theme, "negative")


@given(tables_rows)
@settings(max_examples=10)
def test_theme_counts_equal_a_slow_count(rows: list[dict[str, Any]]) -> None:
    insight = run(*tables_of(rows))
    scored = [row["said"] for row in rows if row["scored"]]
    mentions = Counter(said for row in scored for said in row)
    for count in insight.themes:
        assert count.feedback == sum(any(t == count.theme for t, _ in row) for row in scored)
        assert (count.negative, count.neutral, count.positive) == tuple(
            mentions[count.theme, polarity] for polarity in POLARITIES
        )
        assert count.mentions == count.negative + count.neutral + count.positive
    for top in insight.top_themes:
        below = [c for c in insight.themes if c.theme.startswith(top.theme + ".")]
        assert top.mentions == sum(c.mentions for c in below)
        assert top.feedback == sum(
            any(t.startswith(top.theme + ".") for t, _ in row) for row in scored
        )
    assert insight.with_opinion == sum(bool(row) for row in scored)


@given(tables_rows)
@settings(max_examples=10)
def test_score_parts_partition_n_and_give_the_figure(rows: list[dict[str, Any]]) -> None:
    insight = run(*tables_of(rows), minimum_n=1)
    for score in insight.scores:
        given_scores = [row[score.key] for row in rows if row[score.key] is not None]
        assert sum(score.parts.values()) == score.estimate.n == len(given_scores)
        assert score.estimate.low <= score.estimate.value <= score.estimate.high
        if len(given_scores) > 1:
            assert score.mean.value == pytest.approx(np.mean(given_scores))
        if score.key == "nps":
            part = {name: count / len(given_scores) for name, count in score.parts.items()}
            assert part["promoters"] == pytest.approx(np.mean([s >= 9 for s in given_scores]))
            assert part["detractors"] == pytest.approx(np.mean([s <= 6 for s in given_scores]))
            expected = 100 * (part["promoters"] - part["detractors"])
            assert score.estimate.value == pytest.approx(expected)
        if insight.periods:
            dated = sum(not pd.isna(r["date"]) and r[score.key] is not None for r in rows)
            assert sum(estimate.n for estimate in score.trend) == dated


@given(tables_rows, st.integers(1, 12))
@settings(max_examples=10)
def test_below_the_minimum_there_is_no_figure(rows: list[dict[str, Any]], least: int) -> None:
    insight = run(*tables_of(rows), minimum_n=least)
    estimates = list(found(dataclasses.asdict(insight)))
    for estimate in estimates:
        if estimate["n"] < least:
            assert estimate["value"] is estimate["low"] is estimate["high"] is None
    for finding in (*insight.pain_points, *insight.strengths):
        for cohort in finding.worst_cohorts:
            assert cohort.n >= least
            assert insight.counted - cohort.n >= least
        for gap in finding.gaps:
            parts = gap.with_theme, gap.without_theme
            if min(part.n for part in parts) < least:
                assert gap.estimate.value is None


def found(data: Any) -> Any:
    """Yield every Estimate in nested plain data."""
    if isinstance(data, dict):
        if {"value", "low", "high", "n", "unit"} <= data.keys():
            yield data
        data = list(data.values())
    if isinstance(data, list | tuple):
        for item in data:
            yield from found(item)


@given(tables_rows)
@settings(max_examples=8)
def test_saying_it_twice_counts_once(rows: list[dict[str, Any]]) -> None:
    once = run(*tables_of(rows), minimum_n=1)
    twice = run(*tables_of([{**row, "said": row["said"] * 2} for row in rows]), minimum_n=1)
    for one, two in zip(once.pain_points, twice.pain_points, strict=True):
        assert (one.theme, one.n, one.share, one.gaps) == (two.theme, two.n, two.share, two.gaps)
        assert two.n_mentions == 2 * one.n_mentions
        assert one.trend == two.trend
