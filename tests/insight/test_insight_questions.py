"""Questions: their wording, who is like whom, groups that no order of rows changes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight.acting import BAD, acting, ids

from miner.insight.acting import questions as module
from miner.insight.acting.alike import Words, stars
from miner.insight.acting.asked import questions_in, worded
from miner.insight.acting.questions import questions
from miner.insight.facts.questions import Questions
from miner.insight.window import Window

OTHERS = (
    "When do you open on Sundays?", "Is my loyalty worth a discount?", "Where are you located?",
    "Which of our plans is cheapest?", "Who fits the cable?", "What is the password of my page?",
    "Why are our lights blinking?", "Where is the exit of your garage?",
)  # fmt: skip


def asking(*texts: str, **more: Any) -> list[dict[str, Any]]:
    return [{"verbatim": text, "signals": [("question", text)], **more} for text in texts]


def asked(rows: list[dict[str, Any]], order: list[int] | None = None) -> tuple[Questions, Window]:
    window, _ = acting(rows, order)
    return questions(window), window


def wordings(found: Questions, window: Window) -> list[tuple[int, str]]:
    said = {one.signal: one.wording for one in questions_in(window)}
    return [(group.n, said[group.signal]) for group in found.groups]


@pytest.mark.parametrize(
    ("text", "shown", "whole"),
    [
        ("When do you open? Thanks.", "When do you open?", "When do you open?"),
        ("Hi. Could you say when you open? Ta", "Could you say", "Could you say when you open?"),
        ("Could you say when. I asked twice?", "Could you say", "Could you say"),
        ("Could you call me\nor not?", "Could you call", "Could you call"),
        ("what is version 2.5 for??", "what is version", "what is version 2.5 for?"),
        ("Kettlonは何時に開きますか？はい", "Kettlonは何時に", "Kettlonは何時に開きますか？"),
        ("متى تفتحون Kettlon؟ شكرا", "متى", "متى تفتحون Kettlon؟"),
        ("Where " + "very " * 60 + "far?", "Where", "Where"),
    ],
)
def test_a_question_goes_on_to_its_mark(text: str, shown: str, whole: str) -> None:
    start = text.index(shown)
    assert worded(text, start, start + len(shown)) == whole


def test_a_request_is_a_question_only_with_its_mark() -> None:
    text = "Could you move the meter? Please send the form. Could you ring me."
    rows = [
        {"verbatim": text, "signals": [("request", words)]}
        for words in ("Could you move", "Please send", "Could you ring")
    ]
    found, window = asked(rows)
    assert wordings(found, window) == [(1, "Could you move the meter?")]
    assert found.asking == 1
    assert found.share.n == 3


def test_questions_alike_are_one_group_and_inflections_one_word() -> None:
    rows = asking(
        "Where is my parcel?", "where are our parcels??", "Where is the parcel",
        "Do you recycle old parcels and boxes of cardboard?", *OTHERS, language="en",
    )  # fmt: skip
    found, window = asked(rows)
    assert wordings(found, window)[0] == (3, "where are our parcels??")
    assert found.groups[0].words == ("parcel",), "as most of them write it"
    assert [group.n for group in found.groups] == [3] + [1] * 9
    assert (found.found, found.repeated, found.asking) == (1, 3, 12)
    assert ids(window, list(found.groups[0].examples)) == ["h1", "h0", "h2"]


def test_function_words_alone_make_no_two_questions_one() -> None:
    rows = asking("How can I get the invoice?", "How can I get the password?", language="en")
    found, _ = asked(rows)
    assert (found.found, len(found.groups)) == (0, 2)


def test_a_question_about_nothing_is_counted_and_in_no_group() -> None:
    found, _ = asked(asking("Is that it?", "is that it?", language="en"))
    assert (found.asking, found.groups, found.repeated) == (2, (), 0)


def test_who_asks_twice_counts_once() -> None:
    text = "Where is my refund? Where is my refund?"
    twice = {"verbatim": text, "signals": [("question", "Where is my refund?", 0)] * 2}
    once, _ = asked([twice])
    assert (once.asking, once.found, once.groups[0].n) == (1, 0, 1)
    both, _ = asked([twice, *asking("where is my refund?")])
    assert (both.asking, both.found, both.groups[0].n) == (2, 1, 2)


def test_the_theme_is_that_of_most_askers_where_they_ask() -> None:
    rows = asking("Where is my refund?", "where is my refund?", "Where IS my refund?")
    rows[0]["said"] = [BAD, ("product.price", "neutral")]
    rows[0]["signals"] = [("question", "Where is my refund?", 1)]
    rows[1]["said"] = [("product.price", "negative")]
    found, _ = asked([{**row, "verbatim": row["verbatim"]} for row in rows])
    assert found.groups[0].theme == "product.price"
    assert found.by_theme == {"product.price": 2}, "one of three speaks of no theme"


def test_those_asked_once_come_after_with_the_latest_first() -> None:
    rows = asking("Where is my hub?", "Who fits the cable?", "Is there a ladder?")
    for row, date in zip(rows, ("2026-01-01", "2026-03-01", None), strict=True):
        row["date"] = date
    found, window = asked([*rows, *asking("What is a splitter?", "what is a splitter")])
    assert [text for _, text in wordings(found, window)] == [
        "What is a splitter?", "Who fits the cable?", "Where is my hub?", "Is there a ladder?",
    ]  # fmt: skip


def test_more_wordings_than_are_compared_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_COMPARED", 1)
    found, window = asked(asking("Who fits cables?", "Where is my hub?", "where is my hub"))
    assert wordings(found, window) == [(2, "Where is my hub?")]
    assert found.not_compared == 1


def test_nobody_asks() -> None:
    found, _ = asked([{"verbatim": "Fine."}])
    assert (found.asking, found.groups, found.by_theme, found.share.value) == (0, (), {}, 0.0)
    empty, _ = asked([])
    assert (empty.asking, empty.share.value) == (0, None)


def test_other_scripts_emoji_and_marks_are_no_trouble() -> None:
    texts = (
        "返金はいつですか？",
        "返金はいつですか？",
        "👎👎?",
        "[e-mail]?",
        "https://a.example/?q=1?",
    )
    found, _ = asked(asking(*texts, language="ja"))
    assert found.groups[0].n == 2
    assert found.asking == 5


def bag(*words: str) -> Words:
    return Words(frozenset(words))


def test_a_star_is_its_centre_and_all_that_is_like_it() -> None:
    texts = [bag("a", "b"), bag("a", "b", "c"), bag("b", "a", "d"), bag("x"), bag("c", "y", "z")]
    found = stars(texts, [1] * 5, alike=0.6)
    assert [(one.centre, set(one.members)) for one in found] == [
        (0, {0, 1, 2}), (4, {4}), (3, {3}),
    ]  # fmt: skip


def test_what_is_said_more_often_weighs_more() -> None:
    texts = [bag("a", "b"), bag("b", "c"), bag("c", "d")]
    (first, *_) = stars(texts, [1, 1, 9], alike=0.4)
    assert first.centre == 1 or 2 in first.members
    assert stars([], [], alike=0.5) == []


WORDS = st.frozensets(st.sampled_from("abcdefgh"), min_size=1, max_size=4)
TEXTS = st.lists(
    st.builds(Words, WORDS, st.frozensets(st.sampled_from("xyz"), max_size=2)),
    unique=True, max_size=14,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False), st.sampled_from([0.3, 0.5, 0.9]))
def test_stars_part_the_texts_whatever_their_order(
    texts: list[Words], random: Any, alike: float
) -> None:
    found = stars(texts, [1] * len(texts), alike=alike)
    assert sorted(k for star in found for k in star.members) == list(range(len(texts)))
    for star in found:
        assert star.members[0] == star.centre
        assert all(texts[k].content & texts[star.centre].content for k in star.members)
    order = list(range(len(texts)))
    random.shuffle(order)
    shuffled = [texts[k] for k in order]
    again = stars(shuffled, [1] * len(texts), alike=alike)
    named = [[texts[k].name for k in star.members] for star in found]
    assert [[shuffled[k].name for k in star.members] for star in again] == named


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["Where is my hub?", "where are the hubs?", "Who fits cables", "cable fitting when?",
             "Is it?", "Do you fit hubs and cables?"]
        ),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_groups_count_every_asker_whatever_the_order(texts: list[str], random: Any) -> None:
    rows = asking(*texts, language="en")
    order = list(range(len(rows)))
    random.shuffle(order)
    (one, first), (two, second) = asked(rows), asked(rows, order)
    assert wordings(one, first) == wordings(two, second)
    assert [ids(first, list(group.examples)) for group in one.groups] == [
        ids(second, list(group.examples)) for group in two.groups
    ]
    assert (one.asking, one.repeated, one.by_theme) == (two.asking, two.repeated, two.by_theme)
    assert sum(group.n for group in one.groups) <= one.asking == len(rows)
    assert one.repeated == sum(group.n for group in one.groups if group.n > 1)
