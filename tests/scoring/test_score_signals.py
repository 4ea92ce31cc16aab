"""Signals of scored texts: which kinds, which words, and that only the clause itself matters."""

from __future__ import annotations

import pickle
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import miner
from miner.config import Settings
from miner.insight.mentions import SIGNAL_COLUMNS
from miner.scoring import Scorer
from miner.types import SIGNALS, Scored
from miner.workflow.frames import chunk_scorer
from miner.workflow.lines import chunks_of

TEXTS = [
    "The staff were rude and the room was filthy. Please refund the second night by Friday!",
    "Wonderful cooks, lovely garden. I’d recommend it to anybody 👍🏽",
    "😀😀 Does the “family” ticket cover four children?",
    "Rang you three times, nobody ever answers, so I'm switching to another bank.",
    "We moved in on Tuesday.",
    "",
]


@cache
def loaded() -> Scorer:
    """The shipped model, loaded once."""
    return miner.load()


@pytest.fixture
def scorer() -> Scorer:
    return loaded()


def words(scored: Scored) -> dict[str, str]:
    return {one.kind: scored.text[one.start : one.end] for one in scored.signals}


def test_each_kind_comes_with_the_words_that_show_it(scorer: Scorer) -> None:
    angry = words(scorer.score(TEXTS[0]))
    assert set(angry) == {"complaint", "request", "urgency"}
    assert angry["request"] == "Please refund the second night by Friday"
    assert angry["urgency"] == "by Friday"
    happy = words(scorer.score(TEXTS[1]))
    assert set(happy) == {"praise", "advocacy"}
    assert happy["advocacy"] == "recommend it to anybody"


def test_emoji_and_curly_quotes_move_nothing(scorer: Scorer) -> None:
    assert words(scorer.score(TEXTS[2])) == {
        "question": "Does the “family” ticket cover four children?"
    }
    plain, dressed = "I won't be back.", "😀 ﬁne\u200b! I won’t be back."
    assert words(scorer.score(plain))["churn_risk"] == "won't be back"
    assert words(scorer.score(dressed))["churn_risk"] == "won’t be back"


def test_complaint_and_praise_stand_on_the_words_behind_them(scorer: Scorer) -> None:
    text = "The nurse was very kind, but the waiting room was disgusting."
    found = words(scorer.score(text))
    assert "kind" in found["praise"]
    assert "disgusting" not in found["praise"]
    assert "disgusting" in found["complaint"]


def test_a_wish_or_a_question_is_no_complaint(scorer: Scorer) -> None:
    for text in ("Please add a night mode.", "What time do you open on Sunday?", "Avoid."):
        assert "complaint" not in words(scorer.score(text)), text


def test_furniture_and_texts_without_words_show_nothing(scorer: Scorer) -> None:
    for given_value in (None, "", "!!!", "Hi team,\n\nRegards,\nPriya"):
        assert scorer.score(given_value).signals == ()


@given(st.text(max_size=80), st.sampled_from(TEXTS))
def test_spans_lie_inside_their_clause(noise: str, text: str) -> None:
    scored = loaded().score(noise + text)
    clauses = [(one.start, one.end) for one in scored.clauses]
    assert len(set(scored.signals)) == len(scored.signals)
    for signal in scored.signals:
        assert signal.kind in SIGNALS
        assert any(low <= signal.start < signal.end <= high for low, high in clauses)


@given(st.permutations(range(len(TEXTS))), st.integers(1, 4))
def test_the_rest_of_the_batch_changes_nothing(order: list[int], batch: int) -> None:
    scorer = loaded()
    alone = [scorer.score(TEXTS[at]).signals for at in order]
    together = scorer.score_many([TEXTS[at] for at in order], batch=batch)
    assert [one.signals for one in together] == alone


def test_a_pickled_scorer_finds_the_same(scorer: Scorer) -> None:
    copy = pickle.loads(pickle.dumps(scorer))
    assert [copy.score(one).signals for one in TEXTS] == [
        scorer.score(one).signals for one in TEXTS
    ]
    assert copy.signal_kinds == scorer.signal_kinds == SIGNALS


def test_a_table_of_signals_keeps_ids(scorer: Scorer) -> None:
    frame = pd.DataFrame({"text": TEXTS[:4], "id": ["a", "b", "c", "d"]})
    table = scorer.signals(frame)
    assert list(table.columns) == ["id", "kind", "start", "end", "words"]
    texts = dict(zip(frame["id"], frame["text"], strict=True))
    assert [texts[r.id][r.start : r.end] for r in table.itertuples()] == table["words"].tolist()
    assert {"effort", "churn_risk"} <= set(table.loc[table["id"] == "d", "kind"])
    assert scorer.signals([]).empty


def test_the_stored_table_points_into_both_texts_and_hides_numbers(scorer: Scorer) -> None:
    text = "Please ring me on 0161 496 0312 today, nobody ever answers your phone."
    (chunk,) = chunks_of([TEXTS[4], text])
    feedback, _, signals = chunk_scorer(scorer, Settings(language="en")).score(chunk)
    assert list(signals.columns) == list(SIGNAL_COLUMNS)
    assert set(signals["feedback"]) == {1}
    verbatim = feedback["verbatim"].iloc[1]
    for row in signals.itertuples():
        assert verbatim[row.verbatim_start : row.verbatim_end] == row.words
    request = signals[signals["kind"] == "request"].iloc[0]
    assert text[request["start"] : request["end"]] == "Please ring me on 0161 496 0312 today"
    assert request["words"] == "Please ring me on [phone] today"
    assert np.issubdtype(signals["clause"].dtype, np.int64)
