"""What clauses take over from those beside them: shares of their sign, in their text alone."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.learn.bundle import load_bundle
from miner.learn.neighbours import Turns, fit_neighbours, heard
from miner.learn.sentiment import text_sentiment
from miner.learn.tagger import Tagger
from miner.learn.tagging import NEGATIVE, POSITIVE
from miner.learn.weights import Neighbours
from miner.text.clauses import Clauser
from miner.text.words import TokenRows

SHARES = Neighbours(0.2, -0.6, 0.1, -1.5, 1.2, 0.5)


@pytest.mark.parametrize(
    ("language", "clause", "turns"),
    [
        ("en", ("but", "slow"), True),
        ("en", ("although", "slow"), True),
        ("en", ("shame", "about", "the", "soup"), True),
        ("en", ("slow", "but", "kind"), False),
        ("en", (), False),
        ("sv", ("men", "segt"), True),
        ("sv", ("but", "segt"), False),
        ("de", ("aber", "langsam"), True),
        ("fr", ("mais", "lent"), True),
        ("fr", ("bien", "reçu"), False),
        ("es", ("pero", "lento"), True),
        ("nl", ("maar", "traag"), True),
        ("fi", ("mutta", "hidas"), False),  # a language without data
    ],
)
def test_a_clause_turns_by_its_first_word(
    language: str, clause: tuple[str, ...], turns: bool
) -> None:
    rows = TokenRows.of([("slow",), clause, ("kind",)])
    assert Turns(language).of(rows).tolist() == [False, turns, False]


clause = st.tuples(
    st.integers(0, 3),  # text, sorted below
    st.lists(
        st.floats(-9, 9, width=32), min_size=5, max_size=5
    ),  # two themes, facts, the sign last
    st.floats(0, 1, width=32),  # opinion
    st.booleans(),  # turns
)


@given(st.lists(clause, max_size=12).map(lambda rows: sorted(rows, key=lambda row: row[0])))
def test_what_is_heard_is_what_the_definition_says(
    rows: list[tuple[int, list[float], float, bool]],
) -> None:
    document = np.array([row[0] for row in rows], dtype=np.int32)
    scores = np.array([row[1] for row in rows], dtype=np.float32).reshape(-1, 5)
    opinion = np.array([row[2] for row in rows], dtype=np.float32)
    turns = np.array([row[3] for row in rows], dtype=np.bool_)
    found = heard(scores, opinion, document, turns, SHARES)
    expected = np.zeros((len(rows), 2, 5))
    for at, (text, _, _, turned) in enumerate(rows):
        if at and rows[at - 1][0] == text:
            expected[at, 0] = said(
                rows[at - 1], SHARES.before_turned if turned else SHARES.before, SHARES.theme_before
            )
        if at + 1 < len(rows) and rows[at + 1][0] == text:
            share = SHARES.after_turned if rows[at + 1][3] else SHARES.after
            expected[at, 1] = said(rows[at + 1], share, SHARES.theme_after)
    assert found.shape == (len(rows), 2, 5)
    assert np.allclose(found, expected, atol=1e-5)


def said(row: tuple[int, list[float], float, bool], sign: float, theme: float) -> list[float]:
    """What a neighbour adds to two themes, opinion, neutral and sign."""
    _, scores, opinion, _ = row
    themes = [theme * opinion / (1 + np.exp(-one)) for one in scores[:2]]
    moved = sign * min(max(scores[-1], -3), 3) * opinion
    return [*themes, 0, 0, min(max(moved, -1), 1)]


def drawn(n: int, shares: Neighbours) -> tuple[np.ndarray, ...]:
    """Texts of three clauses whose labels follow from their own and their neighbours' odds."""
    rng = np.random.default_rng(7)
    document = np.arange(n) // 3
    scores = rng.normal(0, 0.5, (n, 4)).astype(np.float32)  # one theme, opinion, neutral, sign
    opinion = rng.uniform(0.3, 1, n).astype(np.float32)
    turns = rng.random(n) < 0.3
    odds = scores + heard(scores, opinion, document, turns, shares).sum(axis=1)
    yes = rng.random((n, 4)) < 1 / (1 + np.exp(-2 * odds))
    labels = np.where(yes[:, -1], POSITIVE, NEGATIVE)[:, None]
    return scores, opinion, document, turns, np.where(yes[:, :1], labels, -1).astype(np.int8)


def test_shares_are_found_again() -> None:
    found = fit_neighbours(*drawn(90_000, SHARES))
    assert np.allclose(astuple(found), astuple(SHARES), atol=0.15)


def test_nobody_listens_where_neighbours_say_nothing() -> None:
    found = fit_neighbours(*drawn(90_000, Neighbours()))
    assert np.allclose(astuple(found), 0, atol=0.08)


def test_without_enough_to_learn_from_there_are_no_shares() -> None:
    scores, opinion, document, turns, labels = drawn(12_000, SHARES)
    few = slice(900)
    against = scores * np.float32(-1)
    for short in (
        (scores[few], opinion[few], document[few], turns[few], labels[few]),
        (scores, opinion, np.arange(12_000), turns, labels),
        (scores, opinion, document, turns, np.full_like(labels, -1)),
        (against, opinion, document, turns, labels),
    ):
        assert fit_neighbours(*short) == Neighbours()
    one_sided = np.where(labels >= 0, POSITIVE, -1).astype(np.int8)
    found = astuple(fit_neighbours(scores, opinion, document, turns, one_sided))
    assert found[:4] == (0, 0, 0, 0)
    assert any(found[4:])


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    """The shipped weights, with neighbours that matter whatever was fitted."""
    shipped = load_bundle("en").weights
    return Tagger(replace(shipped, rules=replace(shipped.rules, neighbours=SHARES)), "en")


PARTS = [
    "Lovely staff.", "The parcel came late.", "But the soup was fine.", "Never again!", "Hm.",
    "Although the app crashes", "we waited an hour", "though nobody said why", "", "qzxv wvq",
]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PARTS), max_size=5), min_size=1, max_size=5))
def test_a_text_reads_the_same_beside_any_others(tagger: Tagger, texts: list[list[str]]) -> None:
    cutter = Clauser("en")
    written = [" ".join(parts) for parts in texts]
    batch = cutter.analyse(written)
    together = tagger.tag_texts(batch.tokens, batch.document)
    alone = [cutter.analyse([text]) for text in written]
    each = [tagger.tag_texts(one.tokens, one.document) for one in alone]
    for name in ("probability", "decided", "sentiment", "polarity", "clause_sentiment"):
        parts = [getattr(one, name) for one in each]
        assert (getattr(together, name) == np.concatenate(parts)).all()


def test_themes_and_sign_lean_on_neighbours(tagger: Tagger) -> None:
    batch = Clauser("en").analyse(["It was what it was. But the queue was awful."])
    alone, within = tagger.tag(batch.tokens), tagger.tag_texts(batch.tokens, batch.document)
    assert (alone.opinion == within.opinion).all()
    assert within.own_sentiment is not None
    assert (alone.clause_sentiment == within.own_sentiment).all()
    assert within.clause_sentiment[0] > alone.clause_sentiment[0]  # the next one turns to bad
    assert within.sentiment[0].max() > alone.sentiment[0].max()
    queue = alone.probability[1].argmax()
    assert within.probability[0, queue] > alone.probability[0, queue]
    assert text_sentiment(batch.document, within, 1) == text_sentiment(batch.document, alone, 1)


def test_what_words_say_plainly_stands(tagger: Tagger) -> None:
    rows = [("breakfast", "was", "cold"), ("shame", "about", "the", "awful", "coffee")]
    document = np.zeros(2, dtype=np.int32)
    assert np.abs(tagger.neighbour_shares(rows, document)[0, :, -1]).max() == 1
    assert (tagger.tag_texts(rows, document).clause_sentiment < 0).all()


def test_clauses_of_different_texts_are_strangers(tagger: Tagger) -> None:
    rows = [("great", "food"), ("but", "slow"), ("fine",)]
    alone, apart = tagger.tag(rows), tagger.tag_texts(rows, np.arange(3))
    assert (alone.sentiment == apart.sentiment).all()
    assert (tagger.neighbour_shares(rows, np.arange(3)) == 0).all()


@pytest.mark.parametrize(("share", "positive"), [(60.0, True), (-60.0, False)])
def test_the_words_shown_are_those_of_the_side_decided(
    tagger: Tagger, share: float, positive: bool
) -> None:
    """Where neighbours turn a clause, its evidence is what speaks for the side it turned to."""
    rules = replace(tagger.weights.rules, neighbours=Neighbours(before_turned=share))
    rows = [("excellent", "staff"), ("but", "cold", "lovely", "soup")]
    alone = tagger.tag(rows[1:]).clause_sentiment[0]
    bias = tagger.weights.bias.copy()
    bias[-1] -= 2 * np.arctanh(alone)  # so that the clause by itself is neither
    even = replace(tagger.weights, rules=rules, bias=bias)
    turned = Tagger(even, "en").tag_texts(rows, np.zeros(2, int))
    assert bool(turned.clause_sentiment[1] > 0) is positive
    assert turned.evidence is not None
    strange = np.flatnonzero(turned.probability[1] < 0.05)[:1]  # its own words say little
    (words,) = turned.evidence(np.array([1]), strange, 1).words
    assert words == (("lovely",) if positive else ("cold",))
