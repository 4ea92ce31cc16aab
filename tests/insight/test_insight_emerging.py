"""Topics among clauses without a theme: found, stable, never junk, with their coverage."""

from __future__ import annotations

from typing import Any

import numpy as np
from insight.phrase_samples import bad, frames_of, text_of
from insight.synthetic import make_taxonomy

from miner.insight import MinedTables
from miner.insight.changes.compare import compare
from miner.insight.facts.phrases import Emerging
from miner.insight.verbatims import make_shelf
from miner.insight.window import make_window
from miner.insight.wording.emerging import FEW, SURE_FROM, emerging
from miner.insight.wording.phrases import find_phrases

SIDEWALKS = ("our street dug up", "they dug up the street", "the street was dug up for cable")
PANELS = ("solar panel on my roof", "a solar panel and its inverter", "my solar panels")
JUNK = ("no comment", "n/a", "don't know", "thanks a lot", "as above", "ok", "x", "👍", "12345")


def mixed(extra: int = 0) -> list[dict[str, Any]]:
    """Return 90 feedback with a theme, 24 about digging, 15 about panels, 40 of junk."""
    rows: list[dict[str, Any]] = []
    for at in range(90):
        rows.append({"clauses": [bad("charged twice on the invoice"), "I rang the desk in town"]})
        rows[-1]["date"] = f"2026-{1 + at % 6:02d}-05"
    for at in range(24 + extra):
        later = f"2026-{5 + at % 2:02d}-07"
        rows.append({"clauses": [SIDEWALKS[at % 3], bad("invoice")], "date": later})
    others = [PANELS[at % 3] for at in range(15)] + [JUNK[at % len(JUNK)] for at in range(40)]
    return rows + [
        {"clauses": [words], "date": f"2026-{1 + at % 6:02d}-11"} for at, words in enumerate(others)
    ]


def found_in(rows: list[dict[str, Any]], minimum_n: int = 10) -> Emerging:
    text = text_of(rows, minimum_n=minimum_n)
    return emerging(text, compare(text.window))


def test_planted_topics_are_found_and_junk_is_none() -> None:
    found = found_in(mixed())
    labels = [one.label for one in found.topics]
    assert len(labels) == 3
    assert any("dug up the street" in one or "street" in one for one in labels)
    assert any("solar panel" in one for one in labels)
    words = " ".join(labels).lower()
    assert not any(junk in words for junk in ("comment", "know", "thank", "above", "ok"))


def test_counts_and_coverage_by_hand() -> None:
    found = found_in(mixed())
    sizes = {one.phrases[0]: one.n for one in found.topics}
    digging = next(one for one in found.topics if "street" in one.label)
    solar = next(one for one in found.topics if "solar" in one.label)
    assert (digging.n, solar.n) == (24, 15)
    assert found.open == 90 + 24 + 15, "junk says nothing"
    assert found.covered == sum(sizes.values()) == 129
    assert found.coverage.value == 1.0 and found.coverage.n == found.open
    assert digging.share.value == 24 / 129


def test_a_topic_says_whether_it_is_new() -> None:
    topics = found_in(mixed()).topics
    digging = next(one for one in topics if "street" in one.label)
    solar = next(one for one in topics if "solar" in one.label)
    assert digging.direction == "new" and digging.first_period == "2026-05"
    assert digging.p_value is not None and digging.p_value < 0.001
    assert solar.direction == "steady" and solar.first_period == "2026-01"


def test_without_dates_a_topic_has_no_direction() -> None:
    rows = [{key: row[key] for key in ("clauses",)} for row in mixed()]
    topics = found_in(rows).topics
    assert {(one.direction, one.before, one.first_period) for one in topics} == {
        ("too few", None, None)
    }


def test_below_the_minimum_there_is_no_topic() -> None:
    labels = [one.label for one in found_in(mixed(), minimum_n=16).topics]
    assert labels and not any("solar" in one for one in labels)


def test_a_single_word_is_no_topic() -> None:
    rows = [{"clauses": [bad("charged twice")]} for _ in range(40)]
    rows += [{"clauses": [f"{word} lamppost"]} for word in ("yellow", "narrow", "silver") * 4]
    found = found_in(rows)
    assert found.open == 12 and found.topics == () and found.covered == 0


def test_what_is_said_of_themes_too_is_no_topic() -> None:
    rows = [{"clauses": [bad("solar panel broke")]} for _ in range(40)]
    rows += [{"clauses": ["my solar panel"]} for _ in range(20)]
    assert found_in(rows).topics == ()


def test_an_unsure_mention_settles_nothing() -> None:
    rows = [{"clauses": [bad("charged twice")]} for _ in range(40)]
    rows += [{"clauses": [bad("the solar panel")]} for _ in range(15)]
    feedback, mentions = frames_of(rows)
    counts = []
    for confidence in (SURE_FROM - 0.01, SURE_FROM):
        mentions.loc[40:, "confidence"] = confidence
        window = make_window(MinedTables.from_frames(feedback, mentions), make_taxonomy())
        counts.append(find_phrases(window, compare(window), make_shelf(window)).emerging.open)
    assert counts == [15, 0]


def test_rows_in_another_order_give_the_same_topics() -> None:
    rows = mixed()
    order = np.random.default_rng(3).permutation(len(rows)).tolist()
    one, other = found_in(rows), found_in([rows[at] for at in order])
    assert [(t.label, t.n, t.p_value) for t in one.topics] == [
        (t.label, t.n, t.p_value) for t in other.topics
    ]


def test_a_little_more_feedback_keeps_the_topics() -> None:
    before, after = found_in(mixed()), found_in(mixed(extra=3))
    assert {one.label for one in before.topics} == {one.label for one in after.topics}


def test_an_excerpt_is_the_stretch_that_says_it() -> None:
    text = text_of(mixed(), minimum_n=10)
    topics = emerging(text, compare(text.window)).topics
    solar = next(one for one in topics if "solar" in one.label)
    rows = text.window.tables.fetch_feedback([one.feedback for one in solar.examples])
    said = [
        text_[one.start : one.end]
        for text_, one in zip(rows["verbatim"], solar.examples, strict=True)
    ]
    assert len(said) == 5 and set(said) <= set(PANELS)


def test_what_everybody_speaks_of_is_no_topic() -> None:
    rows: list[dict[str, Any]] = [
        {"clauses": [bad("invoice"), "our ferry crossing left" if at % 3 else "the tide was low"]}
        for at in range(FEW)
    ]
    rows += [{"clauses": ["the seagull colony nests here"]} for _ in range(20)]
    labels = [one.label for one in found_in(rows).topics]
    assert any("seagull" in label for label in labels)
    assert not any("ferry" in label for label in labels), "said by two in three"
    assert any("ferry" in one.label for one in found_in(rows[: FEW // 10]).topics), "too few to say"


def test_no_part_of_a_label_holds_another() -> None:
    rows: list[dict[str, Any]] = [{"clauses": [bad("charged twice")]} for _ in range(60)]
    rows += [{"clauses": ["the harbour gate"]} for _ in range(12)]
    others = ("a harbour seal", "harbour lights", "harbour wind", "harbour smell")
    rows += [{"clauses": [others[at % 4]]} for at in range(16)]
    assert [(one.label, one.n) for one in found_in(rows).topics] == [("harbour gate", 28)]
