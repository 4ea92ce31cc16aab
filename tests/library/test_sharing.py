"""One scorer in many threads, in an event loop, in copies: always the same answers."""

from __future__ import annotations

import asyncio
import copy
import pickle
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

import miner
from miner.scoring import Scorer

THREADS = 8
OPENINGS = ("The courier", "Nobody there", "This app", "The nurse", "Your invoice", "Das Essen")
MIDDLES = ("was two days late", "answers the phone", "crashes all the time", "was so kind",
           "charged me twice", "is brilliant", "war kalt")  # fmt: skip
ENDINGS = (".", "!!!", ", but the price is fair.", " 😡", "\n\nKind regards\nKim", ". Never again.")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


def mixed_texts(seed: int, count: int) -> list[object]:
    """Texts of all sorts: short, long, empty, none at all, with words nobody has seen yet."""
    rng = random.Random(seed)

    def one(at: int) -> object:
        if at % 11 == 0:
            return (None, "", " \n", float("nan"), "😀" * 50)[at // 11 % 5]
        word = "".join(rng.choices("abcdefghij", k=6))
        parts = [f"{rng.choice(OPENINGS)} {rng.choice(MIDDLES)}{rng.choice(ENDINGS)}"]
        return " ".join(parts * rng.choice((1, 1, 2, 30)) + [word])

    return [one(at) for at in range(count)]


@pytest.fixture
def often() -> Iterator[None]:
    """Make Python switch threads as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_eight_threads_share_a_scorer(often: None) -> None:
    fresh = miner.load()  # its caches are filled by the threads themselves
    texts = [mixed_texts(seed, 60) for seed in range(THREADS)]
    together = Barrier(THREADS)

    def work(at: int) -> list[object]:
        together.wait(timeout=60)
        mine = texts[at]
        one_by_one = [fresh.score(text) for text in mine[:20]]
        return [*one_by_one, *fresh.score_many(mine[20:], batch=7 + at)]

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(work, range(THREADS)))
    alone = miner.load()
    for at in range(THREADS):
        assert found[at] == list(alone.score_many(texts[at]))


def test_threads_make_tables_and_explanations(scorer: Scorer, often: None) -> None:
    texts = mixed_texts(99, 40)
    table = scorer.mentions(texts)
    reasons = [scorer.explain(text) for text in texts[:6]]

    def work(at: int) -> bool:
        if at % 2:
            return scorer.mentions(texts).equals(table)
        return [scorer.explain(text) for text in texts[:6]] == reasons

    with ThreadPoolExecutor(THREADS) as pool:
        assert all(pool.map(work, range(THREADS)))


def test_an_event_loop_stays_free(scorer: Scorer) -> None:
    texts = mixed_texts(5, 24)

    async def main() -> tuple[list[object], int]:
        ticks = 0

        async def clock() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        beat = asyncio.create_task(clock())
        found = await asyncio.gather(*(asyncio.to_thread(scorer.score, text) for text in texts))
        beat.cancel()
        return list(found), ticks

    found, ticks = asyncio.run(main())
    assert found == list(scorer.score_many(texts))
    assert ticks > 1


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles_of_every_protocol_score_the_same(scorer: Scorer, protocol: int) -> None:
    texts = mixed_texts(7, 20)
    twin = pickle.loads(pickle.dumps(scorer, protocol))
    assert list(twin.score_many(texts)) == list(scorer.score_many(texts))
    assert twin.bundle.sha256 == scorer.bundle.sha256


def test_a_deep_copy_scores_the_same(scorer: Scorer) -> None:
    texts = mixed_texts(8, 20)
    twin = copy.deepcopy(scorer)
    assert twin is not scorer
    assert list(twin.score_many(texts)) == list(scorer.score_many(texts))
