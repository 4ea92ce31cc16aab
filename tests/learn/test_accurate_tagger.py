"""A network tags like any tagger: alone or in company, in threads, after a pickle."""

from __future__ import annotations

import pickle
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from accurate_samples import PIECES, tiny_bundle, tiny_network
from hypothesis import given
from hypothesis import strategies as st

from miner.errors import ModelError, UsageError
from miner.learn.network import NetworkTagger
from miner.learn.tagging import ClauseTagger
from miner.learn.weights import Neighbours, Rules
from miner.scoring import Scorer

WORDS = [piece for piece in PIECES if piece.isalpha()] + [",", ".", "!"]
SENTENCES = st.lists(st.sampled_from(WORDS), max_size=20).map(tuple)


@pytest.fixture(scope="module")
def tagger() -> NetworkTagger:
    return NetworkTagger(tiny_network())


def test_it_is_a_clause_tagger(tagger: NetworkTagger) -> None:
    assert isinstance(tagger, ClauseTagger)
    assert tagger.n_themes == 2


@given(clauses=st.lists(SENTENCES, min_size=1, max_size=30))
def test_a_clause_never_depends_on_its_company(
    tagger: NetworkTagger, clauses: list[tuple[str, ...]]
) -> None:
    together = tagger.tag(clauses)
    for row, clause in enumerate(clauses):
        alone = tagger.tag([clause])
        for name in ("probability", "decided", "sentiment", "polarity", "opinion"):
            assert (getattr(alone, name)[0] == getattr(together, name)[row]).all(), name


def test_a_clause_without_words_mentions_nothing(tagger: NetworkTagger) -> None:
    tagged = tagger.tag([(), ("lovely", "soup"), ()])
    assert not tagged.decided[[0, 2]].any()
    assert tagged.opinion[[0, 2]].tolist() == [0, 0]
    assert tagger.tag([]).probability.shape == (0, 2)


def test_the_text_is_read_where_it_is_known(tagger: NetworkTagger) -> None:
    tokens = [("the", "queues")]
    written = tagger.tag(tokens, ["never the queues!"])
    assert (written.probability != tagger.tag(tokens).probability).any()
    assert (written.probability == tagger.tag([("x",)], ["never the queues!"]).probability).all()


def test_what_is_beyond_the_limit_is_not_read() -> None:
    short = NetworkTagger(tiny_network(max_pieces=6))
    one, other = short.scores(["the soup was cold " + word for word in ("slow", "lovely")])
    assert (one == other).all()
    whole = NetworkTagger(tiny_network())
    one, other = whole.scores(["the soup was cold " + word for word in ("slow", "lovely")])
    assert (one != other).any()


@pytest.mark.parametrize("text", ["\ud800 soup", "\x00", "😡" * 3_000, " \n ", "ﬁne", "a" * 30_000])
def test_odd_texts_are_answered(tagger: NetworkTagger, text: str) -> None:
    assert np.isfinite(tagger.scores([text])).all()


def test_curly_quotes_are_plain_ones(tagger: NetworkTagger) -> None:
    one, other = tagger.scores(["‘soup’", "'soup'"])
    assert (one == other).all()


def test_a_pickle_tags_the_same(tagger: NetworkTagger) -> None:
    clauses = [("lovely", "soup"), ("never", "paid")]
    again = pickle.loads(pickle.dumps(tagger))
    assert (again.tag(clauses).probability == tagger.tag(clauses).probability).all()


def test_threads_tag_the_same(tagger: NetworkTagger) -> None:
    clauses = [tuple(WORDS[at : at + 4]) for at in range(10)] * 3
    expected = tagger.tag(clauses)
    evidence = NetworkTagger(tiny_network()).evidence_many(clauses, [0] * len(clauses))
    with ThreadPoolExecutor(4) as pool:
        for tagged in pool.map(tagger.tag, [clauses] * 8):
            assert (tagged.sentiment == expected.sentiment).all()
        fresh = NetworkTagger(tiny_network())
        for found in pool.map(lambda _: fresh.evidence_many(clauses, [0] * len(clauses)), range(8)):
            assert found == evidence


def test_evidence_is_words_of_the_clause_strongest_first(tagger: NetworkTagger) -> None:
    clause = ("the", "lovely", "soup", ",", "never", "cold", "!", "soup")
    found = tagger.evidence_many([clause, ("soup",), ()], [0, 1, 0], top=2)
    assert len(found) == 3
    assert len(found[0]) == 2
    assert set(found[0]) <= set(clause) - {",", "!"}
    assert found[2] == ()
    words = sorted(set(clause) - {",", "!"})
    alone = tagger.scores(words)[:, 0] - tagger.scores([""])[0, 0]
    ranked = [words[at] for at in np.argsort(-alone) if alone[at] > 0]
    assert found[0] == tuple(ranked[:2])


def test_function_words_are_no_evidence_while_others_are_left(tagger: NetworkTagger) -> None:
    clauses = [("the", "lovely", "soup", "never", "cold"), ("the",)]
    every = tagger.evidence_many(clauses, [0, 0], top=9)
    english = NetworkTagger(tagger.network, "en")
    for one in (english, pickle.loads(pickle.dumps(english))):
        found = one.evidence_many(clauses, [0, 0], top=9)
        assert found == [tuple(word for word in every[0] if word != "the"), every[1]]


def test_evidence_leans_on_the_polarity_decided(tagger: NetworkTagger) -> None:
    words = [word for word in WORDS if word.isalpha()]
    moved = tagger.scores(words) - tagger.scores([""])
    firsts = []
    for code, direction in ((0, -1), (1, 0), (2, 1)):
        share = moved[:, 1] + direction * moved[:, -1]
        best = (words[int(share.argmax())],) if share.max() > 0 else ()
        assert tagger.evidence_many([tuple(words)], [1], polarity=[code], top=1) == [best]
        firsts.append(best)
    assert len(set(firsts)) > 1


def test_stretches_of_opposite_sign_give_themes_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {  # speed, taste, opinion, neutral, sign
        "cold soup, rude waiter": (2, 2, 3, -5, -1),
        "cold soup,": (-2, 3, 3, -5, 2),
        "rude waiter": (3, -2, 3, -5, -2),
        "cold soup, the waiter": (2, 2, 3, -5, -1),
        "the waiter": (3, -2, -3, -5, 2),  # holds no opinion: its sign counts for nothing
    }
    tagger = NetworkTagger(tiny_network(rules=Rules((0.5, 0.5), 0.2, 0.7, 0.0, 0.9)))
    monkeypatch.setattr(
        tagger, "scores", lambda texts: np.array([said[text] for text in texts], dtype=np.float32)
    )
    tagged = tagger.tag([("x",), ("x",)], ["cold soup, rude waiter", "cold soup, the waiter"])
    assert tagged.decided.all()
    assert (tagged.sentiment[0] > 0).tolist() == [False, True]
    assert (tagged.sentiment[1] < 0).all()


def test_the_sign_leans_on_the_clauses_around(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"queue": (3, -2, 9, -5, -0.2), "soup": (-2, 3, 9, -5, 2), "": (0, 0, -9, 0, 5)}
    rules = Rules((0.5, 0.5), 0.2, 0.7, 0.0, 0.9, Neighbours(before=0.2, before_turned=-0.4))
    tagger = NetworkTagger(tiny_network(rules=rules), "en")
    monkeypatch.setattr(
        tagger, "scores", lambda texts: np.array([said[text] for text in texts], dtype=np.float32)
    )
    tokens = [("soup",), ("queue",), (), ("soup",), ("but", "soup")]
    written = ["soup", "queue", "", "soup", "soup"]
    tagged = tagger.tag_texts(tokens, np.array([0, 0, 0, 0, 1]), written)
    # 2, then -0.2 + 0.2 x 2; the clause without words says nothing; the last text is another one
    assert (tagged.clause_sentiment[[0, 1, 3, 4]] > 0).all()
    assert (tagger.tag(tokens, written).clause_sentiment[1]) < 0
    turned = tagger.tag_texts([("soup",), ("but", "soup")], np.array([0, 0]), ["soup", "soup"])
    assert 0 < turned.clause_sentiment[1] < turned.clause_sentiment[0]


@pytest.mark.parametrize("name", ["onnxruntime", "tokenizers"])
def test_a_missing_extra_names_the_next_keystroke(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tiny_bundle()
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModelError, match="needs onnxruntime and tokenizers") as missing:
        Scorer(bundle)
    assert missing.value.hint.startswith("Run: pip install 'feedback-miner[accurate]'")
    assert missing.value.slug == "model.missing-extra"


def test_the_scorer_takes_it_like_any_model() -> None:
    scorer = Scorer(tiny_bundle())
    texts = ["The soup was cold, but the waiter was lovely.", "Never paid!", "", None]
    alone = [scorer.score(text) for text in texts]
    assert alone == list(scorer.score_many(texts, batch=2))
    assert any(one.mentions for one in alone)
    for one in alone:
        for mention in one.mentions:
            assert mention.theme in ("service.speed", "product.taste")


def test_workers_give_what_one_process_gives() -> None:
    scorer = Scorer(tiny_bundle())
    texts = [f"The soup was cold, queue {at}, never slow." for at in range(6)]
    assert list(scorer.score_many(texts, workers=2, batch=2)) == list(scorer.score_many(texts))


def test_it_can_not_say_what_each_word_adds() -> None:
    with pytest.raises(UsageError, match=r'"tiny" can\'t say what each word adds') as refused:
        Scorer(tiny_bundle()).explain("The soup was cold.")
    assert refused.value.slug == "explain.no-word-shares"
