"""Phrases: what is one, which are particular to a theme, which come and go."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from insight.phrase_samples import BILLING, SPEED, bad, frames_of, good, text_of, window_of
from insight.synthetic import SCALES, make_tables, make_taxonomy

from miner.insight import MinedTables, analyse
from miner.insight.changes.compare import compare
from miner.insight.facts.phrases import PhraseChange, Phrases
from miner.insight.significance import adjust, two_shares
from miner.insight.verbatims import make_shelf
from miner.insight.window import make_window
from miner.insight.wording.keyphrases import keyphrases
from miner.insight.wording.log_odds import FLOOR, PRIOR, log_odds
from miner.insight.wording.nesting import unnested
from miner.insight.wording.phrase_changes import phrase_changes
from miner.insight.wording.phrase_text import PhraseText, written
from miner.insight.wording.phrases import find_phrases


def said(text: PhraseText) -> dict[str, int]:
    """Return each phrase as most people write it, and the feedback that holds it."""
    names = written(text, range(len(text)))
    return {names[one][0]: int(text.grams.feedback[one]) for one in range(len(text))}


# --- what is a phrase --------------------------------------------------------------------------


def test_a_phrase_spans_function_words_and_stops_at_marks() -> None:
    rows = [{"clauses": [bad("a waste of my time, queue again")]} for _ in range(4)]
    assert said(text_of(rows)) == {"waste": 4, "waste of my time": 4, "queue": 4}


def test_inflections_and_negations_are_one_phrase_written_as_most_write_it() -> None:
    clauses = ["refunds never arrived", "refund not arrived", "Refund didn't arrive"]
    rows = [{"clauses": [bad(one)]} for one in [*clauses, clauses[1]]]
    text = text_of(rows)
    assert said(text)["refund not arrived"] == 4
    [phrase] = [one for one in range(len(text)) if len(text.parts(one)) == 3]
    assert written(text, [phrase])[phrase] == (
        "refund not arrived",
        "refund didn't arrive",
        "refunds never arrived",
    )


def test_a_negation_ends_a_phrase_only_where_the_language_puts_it_after_the_verb() -> None:
    rows = [{"clauses": [bad("the parcel shop is not")]} for _ in range(4)]
    assert set(said(text_of(rows))) == {"parcel", "shop", "parcel shop"}
    rows = [{"clauses": [bad("spelaren fungerar inte")], "language": "sv"} for _ in range(4)]
    assert "fungerar inte" in said(text_of(rows))
    rows = [{"clauses": [bad("not a parcel")]} for _ in range(4)]
    assert "not a parcel" in said(text_of(rows)), "it may open one"


def test_a_phrase_counts_once_a_feedback() -> None:
    rows = [{"clauses": [bad("router router"), bad("the router broke"), "router"]}] * 3
    text = text_of(rows)
    assert said(text) == {"router": 3, "router broke": 3, "broke": 3}
    assert text.rows(list(said(text)).index("router")).tolist() == [0, 1, 2]


def test_phrases_stay_within_a_clause() -> None:
    rows = [{"clauses": [bad("slow router"), good("friendly staff")]} for _ in range(5)]
    for row in rows:
        row["verbatim"] = ""
    feedback, mentions = frames_of(rows)
    feedback["verbatim"] = "slow router friendly staff"
    mentions["verbatim_start"] = [0, 12] * 5
    mentions["verbatim_end"] = [11, 26] * 5
    tables = MinedTables.from_frames(feedback, mentions)
    window = make_window(tables, make_taxonomy(), minimum_n=5)
    found = find_phrases(window, compare(window), make_shelf(window)).keyphrases
    names = {one.phrase for group in found for one in group.phrases}
    assert "router friendly" not in names


@pytest.mark.parametrize(
    "junk",
    [
        "the of and with",
        "24 7 365",
        "[e-mail] [number]",
        "thanks yesterday",
        "not never no",
        "👍 👍",
    ],
)
def test_junk_is_no_phrase(junk: str) -> None:
    assert len(text_of([{"clauses": [bad(junk)]} for _ in range(6)])) == 0


def test_what_was_redacted_parts_two_words() -> None:
    rows = [{"clauses": [bad("parcel [number] missing")]} for _ in range(4)]
    assert set(said(text_of(rows))) == {"parcel", "missing"}


def test_each_word_is_read_in_the_language_of_its_feedback() -> None:
    rows = [{"clauses": [bad("die Rechnung")], "language": "de"} for _ in range(3)]
    rows += [{"clauses": [bad("die Rechnung")], "language": "en"} for _ in range(3)]
    assert set(said(text_of(rows))) == {"Rechnung", "die", "die Rechnung"}


def test_rows_that_are_not_scored_and_empty_texts_say_nothing() -> None:
    rows = [{"clauses": ["parcel missing"], "scored": False} for _ in range(5)]
    rows += [{"clauses": []} for _ in range(5)]
    feedback, mentions = frames_of(rows)
    feedback.loc[7, "verbatim"] = None
    window = make_window(MinedTables.from_frames(feedback, mentions), make_taxonomy())
    found = find_phrases(window, compare(window), make_shelf(window))
    assert found.emerging.open == 0 and found.keyphrases == ()


# --- log-odds ----------------------------------------------------------------------------------


def test_log_odds_by_hand() -> None:
    a = PRIOR * 40 / 400
    delta = math.log((30 + a) / (70 + PRIOR - a)) - math.log((10 + a) / (290 + PRIOR - a))
    spread = 1 / (30 + a) + 1 / (90 - a) + 1 / (10 + a) + 1 / (310 - a)
    assert log_odds(30, 100, 10, 300) == pytest.approx(delta / math.sqrt(spread), abs=1e-12)


def test_log_odds_where_nobody_said_it_on_one_side() -> None:
    a, b = FLOOR, PRIOR - FLOOR
    delta = math.log((9 + a) / (991 + b)) - math.log(a / (1000 + b))
    spread = 1 / (9 + a) + 1 / (991 + b) + 1 / a + 1 / (1000 + b)
    assert log_odds(9, 1000, 0, 1000) == pytest.approx(delta / math.sqrt(spread), abs=1e-12)
    assert np.isnan(log_odds(3, 10, 0, 0)) and log_odds(0, 10, 0, 10) == 0


@given(st.integers(0, 50), st.integers(0, 50), st.integers(50, 200), st.integers(50, 200))
def test_log_odds_change_their_sign_with_the_sides(x: int, y: int, n: int, m: int) -> None:
    assert log_odds(x, n, y, m) == pytest.approx(-log_odds(y, m, x, n), abs=1e-9)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(50, 200))
def test_log_odds_lean_to_where_it_is_said_more(x: int, y: int, n: int) -> None:
    assert np.sign(log_odds(x, n, y, n).round(9)) == np.sign(x - y)


# --- nesting -----------------------------------------------------------------------------------

PARTS = {0: (1,), 1: (1, 2), 2: (2, 3), 3: (9,)}


def rows_of(**sizes: int) -> dict[int, frozenset[int]]:
    return {int(name[1:]): frozenset(range(size)) for name, size in sizes.items()}


@pytest.mark.parametrize(
    ("order", "sizes", "kept"),
    [
        ([0, 1], {"p0": 10, "p1": 8}, [1]),
        ([0, 1], {"p0": 10, "p1": 7}, [0, 1]),
        ([0, 1], {"p0": 10, "p1": 1}, [0]),
        ([1, 0], {"p0": 10, "p1": 8}, [1]),
        ([1, 0], {"p0": 10, "p1": 1}, [1, 0]),
        ([1, 2], {"p1": 10, "p2": 9}, [1]),
        ([1, 2], {"p1": 10, "p2": 2}, [1, 2]),
        ([0, 3], {"p0": 10, "p3": 10}, [0, 3]),
        ([], {}, []),
    ],
)
def test_which_of_nested_phrases_stay(
    order: list[int], sizes: dict[str, int], kept: list[int]
) -> None:
    assert unnested(order, PARTS, rows_of(**sizes)) == kept


# --- keyphrases --------------------------------------------------------------------------------


def themed() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"clauses": [bad("the hold time is endless", SPEED), good("friendly staff")]}
        for _ in range(8)
    ]
    rows += [{"clauses": [bad("long hold times", SPEED), bad("hold time", SPEED)]}] * 4
    rows += [{"clauses": [bad("a charge nobody explained"), good("quick desk", SPEED)]}] * 9
    return rows


def test_a_theme_has_its_phrases_counted_once_a_feedback() -> None:
    found = {(one.theme, one.side): one for one in keyphrases(text_of(themed()))}
    speed = found[SPEED, "negative"]
    best = next(one for one in speed.phrases if one.phrase == "hold time")
    assert (speed.n, best.n, best.forms) == (12, 12, ("hold times",))
    assert best.share.value == 1.0 and best.share.n == 12
    assert best.z > 0 and best.p_value < 0.05
    assert "hold" not in {one.phrase for one in speed.phrases}
    billing = {one.phrase for one in found[BILLING, "negative"].phrases}
    assert billing == {"charge nobody explained"}
    assert not {"hold time", "charge"} & {one.phrase for one in found[SPEED, "positive"].phrases}


def test_a_keyphrase_leads_to_quotes_that_hold_it() -> None:
    text = text_of(themed())
    [speed] = [one for one in keyphrases(text) if (one.theme, one.side) == (SPEED, "negative")]
    best = next(one for one in speed.phrases if one.phrase == "hold time")
    rows = text.window.tables.fetch_mentions([ref.mention for ref in best.verbatims])
    assert len(rows) == 5 and set(rows["theme"]) == {SPEED}
    assert rows["quote"].str.contains("hold time").all()
    assert best.verbatims[0].role == "example"


def test_a_side_with_too_few_feedback_has_no_phrases() -> None:
    found = keyphrases(text_of(themed(), minimum_n=10))
    assert {(one.theme, one.side) for one in found} == {(SPEED, "negative")}


def test_what_all_themes_say_alike_is_no_keyphrase() -> None:
    rows = [
        {"clauses": [bad("router box", theme)]} for theme in (BILLING, SPEED) for _ in range(20)
    ]
    assert all(not one.phrases for one in keyphrases(text_of(rows)))


# --- new, growing, fading, gone ----------------------------------------------------------------

MONTHS = [f"2026-{month:02d}" for month in range(1, 7)]


def dated(month: str, words: str, times: int) -> list[dict[str, Any]]:
    return [
        {"clauses": [bad(words), bad("router")], "date": f"{month}-{1 + at % 27:02d}"}
        for at in range(times)
    ]


def moving() -> list[dict[str, Any]]:
    """Six months of 40 feedback each: the last two are compared with the two before."""
    counts = {
        "exit fee": (0, 12),
        "paper bill": (14, 0),
        "late invoice": (4, 20),
        "wrong tariff": (22, 5),
        "meter reading": (10, 10),
    }
    rows = dated("2026-01", "exit fee", 20) + dated("2026-02", "paper bill", 20)
    for words, (before, after) in counts.items():
        for month, times in zip(MONTHS[2:], (before, before, after, after), strict=True):
            rows += dated(month, words, times)
    return rows


def changed() -> dict[str, PhraseChange]:
    text = text_of(moving())
    return {one.phrase: one for one in phrase_changes(text, compare(text.window)).phrases}


def test_phrases_come_and_go() -> None:
    found = changed()
    kinds = {phrase: one.kind for phrase, one in found.items()}
    assert kinds == {
        "exit fee": "new",
        "late invoice": "growing",
        "wrong tariff": "fading",
        "paper bill": "gone",
    }
    counts = {phrase: (one.hits_before, one.hits_after) for phrase, one in found.items()}
    assert counts["exit fee"] == (0, 24) and counts["wrong tariff"] == (44, 10)
    assert found["exit fee"].z > 0 > found["paper bill"].z


def test_the_figures_of_a_change_are_those_of_its_test() -> None:
    text = text_of(moving())
    found = phrase_changes(text, compare(text.window))
    assert found.earlier and found.later
    n = (found.earlier.counted, found.later.counted)
    assert n == (100, 94)
    # "late" and "wrong" are light: they make no phrase alone; "router" is said by all
    hits = 3 * [(0, 24)] + 3 * [(28, 0)] + 2 * [(8, 40)] + 2 * [(44, 10)] + 3 * [(20, 20)] + [n]
    before, after = np.array(hits).T
    p = adjust(two_shares(after, n[1], before, n[0]))
    [late] = [one for one in found.phrases if one.phrase == "late invoice"]
    assert found.tested == 14
    assert late.p_value == pytest.approx(p[6], rel=1e-12)
    assert late.before.n == 100 and late.before.value == 0.08
    assert late.z == pytest.approx(float(log_odds(40, 94, 8, 100)))


def test_a_change_leads_to_the_window_where_it_is_said() -> None:
    text = text_of(moving())
    for one in phrase_changes(text, compare(text.window)).phrases:
        dates = text.window.tables.feedback["date"].take(list(one.feedback))
        later = (dates >= "2026-05-01").all()
        assert later == (one.kind in ("new", "growing")) and dates.is_monotonic_decreasing
        assert one.theme == BILLING
        quotes = text.window.tables.fetch_mentions([ref.mention for ref in one.verbatims])
        assert len(quotes) == 5 and set(quotes["quote"]) == {one.phrase}


def test_without_dates_nothing_is_compared() -> None:
    rows = [{"clauses": [bad("exit fee")]} for _ in range(20)]
    text = text_of(rows)
    found = phrase_changes(text, compare(text.window))
    assert (found.reason, found.later, found.tested, found.phrases) == ("no dates", None, 0, ())


def test_windows_with_too_few_feedback_are_not_compared() -> None:
    text = text_of(moving(), minimum_n=95)
    found = phrase_changes(text, compare(text.window))
    assert found.later is not None and found.later.counted == 94
    assert (found.tested, found.phrases) == (0, ())


def test_noise_brings_no_change() -> None:
    rng = np.random.default_rng(4)
    words = [f"word{chr(97 + at)}" for at in range(20)]
    rows = [
        {
            "clauses": [bad(" ".join(rng.choice(words, 4, replace=False)))],
            "date": f"2026-{1 + at % 6:02d}-10",
        }
        for at in range(600)
    ]
    text = text_of(rows)
    found = phrase_changes(text, compare(text.window))
    assert found.tested > 100 and found.phrases == ()


# --- the whole ---------------------------------------------------------------------------------


def known(found: Phrases | None) -> list[Any]:
    """Return all but the places in the tables, which go with the rows' order."""
    assert found is not None
    return [
        [(group.theme, group.side, group.n, [replace(one, verbatims=()) for one in group.phrases])
         for group in found.keyphrases],
        replace(found.changes, phrases=()),
        [replace(one, verbatims=(), feedback=()) for one in found.changes.phrases],
        replace(found.emerging, topics=()),
        [replace(one, examples=()) for one in found.emerging.topics],
    ]  # fmt: skip


def test_the_order_of_the_rows_changes_nothing() -> None:
    feedback, mentions, _ = make_tables(seed=5, n=700)
    tables = MinedTables.from_frames(feedback, mentions)
    one = analyse(tables, taxonomy=make_taxonomy(), scales=SCALES).phrases
    order = np.random.default_rng(1).permutation(len(feedback))
    shuffled = feedback.take(order).reset_index(drop=True)
    again = analyse(
        MinedTables.from_frames(shuffled, mentions), taxonomy=make_taxonomy(), scales=SCALES
    ).phrases
    assert any(group.phrases for group in one.keyphrases) if one else False
    assert known(one) == known(again)


def test_the_stories_of_the_synthetic_tables_are_told_in_phrases() -> None:
    feedback, mentions, _ = make_tables(seed=5, n=900)
    tables = MinedTables.from_frames(feedback, mentions)
    found = analyse(tables, taxonomy=make_taxonomy(), scales=SCALES).phrases
    assert found is not None
    gone = {one.phrase for one in found.changes.phrases if one.kind in ("gone", "fading")}
    assert any("crashed" in one or "freezes" in one for one in gone)
    billing = next(one for one in found.keyphrases if one.theme == BILLING)
    assert any("billed again" in one.phrase or "invoice" in one.phrase for one in billing.phrases)


def test_one_feedback_and_none() -> None:
    for rows in ([], [{"clauses": [bad("exit fee")], "date": "2026-01-01"}]):
        window = window_of(rows)
        found = find_phrases(window, compare(window), make_shelf(window))
        assert found.keyphrases == () and found.emerging.topics == ()
        assert found.changes.phrases == ()
