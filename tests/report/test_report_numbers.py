"""The one rounding rule, and sentences that say exactly their figures."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.report_samples import empty, half_silent, nasty, silent, small, stories

from miner.insight.types import Estimate, Gap, PeriodCell, Trend
from miner.report.model import ReportData, Sentence
from miner.report.numbers import count, decimals, percent, places, show, write
from miner.report.sentences import association, peak_words, reading, say, trend_words
from miner.types import Ledger

NUMBER = re.compile(r"(?<![A-Za-z])\d[\d,]*(?:\.\d+)?")


def estimate(value: float, low: float, high: float, unit: Any = "share", n: int = 400) -> Estimate:
    return Estimate(value, low, high, n, unit, "test")


@given(st.floats(1e-4, 500), st.integers(0, 3))
def test_the_last_digit_shown_is_one_the_interval_supports(half: float, most: int) -> None:
    found = decimals(half, most=most)
    assert 0 <= found <= most
    if found < most:
        assert half < 10 or found == 0
    if found > 0:
        assert 10 ** -(found - 1) > half * 0.999999, "one digit fewer would have been enough"
    if found < most:
        assert 10**-found <= half * 1.000001 or half >= 1, "a digit finer than the interval"


@given(st.floats(0, 1), st.floats(0.001, 0.3))
def test_a_written_share_stays_within_its_interval_s_reach(value: float, half: float) -> None:
    one = estimate(value, max(0.0, value - half), min(1.0, value + half))
    said = float(show(one, "short").rstrip("%"))
    assert abs(said - value * 100) <= 0.5 * 10 ** -places(one) + 1e-9


def test_figures_are_written_as_promised() -> None:
    assert show(estimate(0.0923, 0.0871, 0.0976)) == "9.2% (8.7 to 9.8)"
    assert show(estimate(0.25, 0.14, 0.4)) == "25% (14 to 40)"
    assert show(estimate(-26.4, -40.2, -9.7, "points"), "size") == "26 points (10 to 40)"
    assert show(estimate(-0.12, -0.28, 0.02), "signed") == "−12 (−28 to +2)"
    assert show(estimate(-0.12, -0.18, -0.06), "size") == "12 percentage points (6 to 18)"
    assert show(estimate(3.9, 3.8, 3.99, "score")) == "3.90 (3.80 to 3.99)"
    assert show(Estimate(None, None, None, 12, "share", "Wilson")) == "too few to say (n = 12)"
    assert show(Estimate(0.5, None, None, 3, "share", "")) == "50%"
    assert (count(14212), percent(None), write(-0.04, 1)) == ("14,212", "–", "0.0")


def test_say_writes_each_kind_of_figure() -> None:
    one = estimate(0.5, 0.4, 0.6)
    said = say("{n} · {part} · {one:short} · {word}", n=1308, part=0.25, one=one, word="x")
    assert said.text == "1,308 · 25% · 50% · x"
    assert said.figures["n"] == 1308


@pytest.mark.parametrize("make", [stories, small, half_silent, silent, empty, nasty])
def test_every_number_in_a_sentence_is_one_of_its_figures(make: Any) -> None:
    data = make()
    sentences = list(_sentences(data))
    assert len(sentences) >= 10
    for sentence in sentences:
        known = " ".join(_written(figure) for figure in sentence.figures.values())
        for number in NUMBER.findall(sentence.text):
            assert number in NUMBER.findall(known), (number, sentence.text, known)


def _sentences(data: ReportData) -> Any:
    yield data.reading
    yield data.lead
    for card in data.cards:
        yield from filter(
            None,
            (
                card.sentence,
                card.association,
                card.trend_words,
                card.peak_words,
                card.cohort_words,
            ),
        )
    for band in data.bands:
        yield band.headline
        yield from band.notes


def _written(figure: Any) -> str:
    if isinstance(figure, Estimate):
        forms = ("full", "signed", "size")
        return " ".join(show(figure, form) for form in forms)  # type: ignore[arg-type]
    if isinstance(figure, float):
        return percent(figure)
    return count(figure) if isinstance(figure, int) else str(figure)


def test_the_figures_in_the_sentences_are_those_of_the_tables() -> None:
    data = stories()
    table = data.table("pain_points")
    assert table is not None
    first = dict(zip([column.key for column in table.columns], table.rows[0], strict=True))
    headline = data.band("pain-points").headline
    assert show(first["share"]) in headline.text
    assert data.cards[0].sentence.figures["share"] == first["share"]
    assert data.theme(first["theme"]).label in headline.text
    total = sum(row[3] for row in data.table("themes").rows if "." in row[0])  # type: ignore[union-attr]
    assert data.band("themes").headline.figures["total"] == total


def test_a_changed_figure_changes_the_sentence() -> None:
    data = stories()
    text = data.cards[0].sentence.text
    one = data.cards[0].sentence.figures["share"]
    other = show(replace(one, value=one.value / 2, low=one.low / 2, high=one.high / 2))
    assert show(one) in text
    assert other not in text


@given(st.lists(st.integers(0, 10_000), min_size=5, max_size=5), st.integers(0, 400))
def test_the_reading_line_adds_up(parts: list[int], unscored: int) -> None:
    accepted, duplicate, empty_rows, junk, rejected = parts
    unscored = min(unscored, accepted)
    ledger = Ledger(sum(parts), accepted, duplicate, empty_rows, junk, rejected)
    insight: Any = type("Insight", (), {"counted": accepted - unscored})
    sentence = reading(ledger, insight, unscored)
    numbers = [int(word.replace(",", "")) for word in NUMBER.findall(sentence.text)]
    assert numbers[0] == ledger.received
    if len(numbers) > 2:
        assert numbers[1] + numbers[2] == numbers[0]
        assert sum(numbers[3:]) == numbers[2]
    else:
        assert numbers[1] == numbers[0]


def test_an_association_is_never_worded_as_a_cause() -> None:
    low = estimate(-26.0, -40.0, -10.0, "points")
    gap = Gap("nps", low, low, low)
    assert association(gap, "NPS").text == "Associated with NPS lower by 26 points (10 to 40)."
    none = replace(low, high=12.0)
    unclear = association(replace(gap, estimate=none), "NPS").text
    assert unclear == "No clear difference in NPS: −26 (−40 to +12)."
    few = Estimate(None, None, None, 4, "points", "")
    assert "too few to say (n = 4)" in association(replace(gap, estimate=few), "NPS").text
    for sentence in _sentences(stories()):
        assert not re.search(r"\b(caus|because|due to|drives?|leads? to)", sentence.text), sentence


def test_trend_words_name_their_test() -> None:
    trend = Trend("rising", 0.0004, (), None, None, None, None)
    assert trend_words(trend).text == "rising (p\u00a0<\u00a00.001)"
    assert trend_words(replace(trend, p_value=0.0321)).text == "rising (p\u00a0=\u00a00.032)"
    assert trend_words(replace(trend, direction="too few")).text == "trend: too few to say"
    assert trend_words(replace(trend, direction="steady", p_value=None)).text == "steady"


def test_a_sentence_reads_as_its_text() -> None:
    assert str(Sentence("Fine.")) == "Fine."


def test_peak_words_name_the_period_that_stands_out() -> None:
    share = Estimate(0.3, 0.2, 0.4, 50, "share", "wilson")
    trend = Trend(
        "steady", 0.4, (PeriodCell("2026-03", 50, 15, share),), "2026-03", None, None, None
    )
    assert str(peak_words(trend)) == "peak in 2026-03: 30%"
    assert peak_words(replace(trend, peak=None)) is None
