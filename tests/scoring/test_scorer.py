"""What `miner.load` promises to those who build on it."""

from __future__ import annotations

import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import islice, repeat

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import miner
from miner.errors import ModelError, UsageError
from miner.scoring import Scorer, _chunks
from miner.types import Scored

TEXTS = [
    "Love the shampoo but the delivery took three weeks.",
    "Nobody answers the phone. The nurse was kind and patient!",
    "",
    "We moved in on Tuesday.",
    "Charged twice for May, still no refund; the app is easy to use though.",
]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


def test_two_opinions_in_one_sentence(scorer: Scorer) -> None:
    scored = scorer.score(TEXTS[0])
    *liked, late = scored.mentions
    assert {(one.theme.split(".")[0], one.polarity) for one in liked} == {("product", "positive")}
    assert (late.theme, late.polarity) == ("service.delivery", "negative")
    assert TEXTS[0][late.start : late.end] == "but the delivery took three weeks."
    assert all(late.sentiment < 0 < one.sentiment for one in liked)
    assert "delivery" in late.evidence
    assert scored.polarity == "mixed"


@pytest.mark.parametrize(
    "given_value",
    [None, "", math.nan, 17, b"bytes", " \n\t", "\ud800 broken", "😀" * 250_000, "​" * 1000],
)
def test_anything_is_answered(given_value: object, scorer: Scorer) -> None:
    scored = scorer.score(given_value)
    assert -1 <= scored.sentiment <= 1
    assert ("not-text" in scored.flags) == (not isinstance(given_value, str))
    if scored.clauses:
        assert scored.clauses[0].start == 0
        assert scored.clauses[-1].end == len(scored.text)


def test_what_was_cut_is_flagged(scorer: Scorer) -> None:
    assert "truncated" in scorer.score("bad " * 20_000).flags
    assert scorer.score("bad").flags == ()


def test_no_opinion_is_no_mention_and_no_sentiment(scorer: Scorer) -> None:
    scored = scorer.score("")
    assert (scored.mentions, scored.sentiment, scored.polarity) == ((), 0.0, "neutral")


@pytest.mark.parametrize(
    ("texts", "sizes"),
    [
        ([], []),
        (["a", None, "b", 3.5, "c"], [4, 1]),
        (["x" * 80_000] * 5, [2, 2, 1]),  # a long text fills a batch
        (["x" * 900_000, "a", "b"], [1, 2]),
    ],
)
def test_a_batch_is_so_many_texts_or_fewer_long_ones(texts: list[object], sizes: list[int]) -> None:
    chunks = list(_chunks(iter(texts), 4))
    assert [len(one) for one in chunks] == sizes
    assert [text for one in chunks for text in one] == texts


@settings(max_examples=30)
@given(st.permutations(range(len(TEXTS))), st.integers(1, 4))
def test_order_and_batch_change_nothing(order: list[int], batch: int) -> None:
    scorer = miner.load()
    alone = [scorer.score(TEXTS[at]) for at in order]
    assert list(scorer.score_many([TEXTS[at] for at in order], batch=batch)) == alone


def test_threads_and_pickles_agree(scorer: Scorer) -> None:
    expected = [scorer.score(text) for text in TEXTS]
    copy = pickle.loads(pickle.dumps(scorer))
    assert [copy.score(text) for text in TEXTS] == expected
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: [scorer.score(text) for text in TEXTS], range(24)):
            assert found == expected


@pytest.mark.slow
def test_two_workers_give_the_same_in_order(scorer: Scorer) -> None:
    texts = TEXTS * 30
    assert list(scorer.score_many(texts, workers=2, batch=16)) == list(scorer.score_many(texts))


def test_an_endless_iterable_is_read_as_needed(scorer: Scorer) -> None:
    first = list(islice(scorer.score_many(repeat("Too slow."), batch=8), 20))
    assert len(first) == 20
    assert isinstance(first[0], Scored)


def test_a_table_keeps_its_ids(scorer: Scorer) -> None:
    frame = pd.DataFrame({"text": TEXTS[:2]}, index=["x", "y"])
    found = scorer.mentions(frame)
    assert set(found["id"]) == {"x", "y"}
    with_ids = scorer.mentions(frame.assign(id=[7, 9]))
    assert set(with_ids["id"]) == {7, 9}
    assert list(scorer.mentions(TEXTS[:2])["theme"]) == list(found["theme"])
    assert scorer.mentions([]).empty


def test_wrong_use_says_what_to_do(scorer: Scorer) -> None:
    with pytest.raises(UsageError, match=r"score_many got one string.*Call score\(text\)"):
        scorer.score_many("one string")
    frame = pd.DataFrame({"comment": ["Too slow."]})
    with pytest.raises(
        UsageError, match=r'score_many got a table.*score_many\(frame\["comment"\]\)'
    ):
        scorer.score_many(frame)
    with pytest.raises(UsageError, match="workers: got -1, expected 0 or more"):
        scorer.score_many([], workers=-1)
    with pytest.raises(UsageError, match='has no column "text"'):
        scorer.mentions(pd.DataFrame({"words": ["a"]}))
    with pytest.raises(ModelError, match='No model "nowhere"'):
        miner.load("nowhere")


def test_scored_is_plain_data(scorer: Scorer) -> None:
    data = scorer.score(TEXTS[0]).to_dict()
    assert data["mentions"][0]["theme"].count(".") == 1
    assert set(data) == {
        "text", "sentiment", "polarity", "mentions", "signals", "clauses", "flags",
    }  # fmt: skip


def test_mine_is_what_run_writes(demo_out: object, demo_csv: object) -> None:
    mined = miner.mine(demo_csv)  # type: ignore[arg-type]
    stored = pd.read_parquet(f"{demo_out}/mentions.parquet")
    assert list(mined.mentions["theme"]) == list(stored["theme"])
    assert mined.ledger.received == 994
    assert mined.report.to_json()["ledger"] == mined.ledger.to_dict()


def test_read_gives_table_and_account(demo_csv: object) -> None:
    feedback, ledger = miner.read(demo_csv)  # type: ignore[arg-type]
    assert len(feedback) == ledger.accepted
    assert {"id", "text", "date", "nps", "csat", "cohort.Region"} <= set(feedback.columns)
