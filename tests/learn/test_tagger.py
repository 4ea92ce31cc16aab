"""The tagger: columns that fit together, exact evidence, decisions by rule."""

import pickle
from concurrent.futures import ThreadPoolExecutor
from math import exp

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from miner.learn.bundle import load_bundle
from miner.learn.decisions import Logits, Texts, decide, hinted, polarity_of, sentiment_of
from miner.learn.decisions import tagged as decided_by
from miner.learn.evidence import strongest
from miner.learn.features import FeatureSettings, fit_featurizer
from miner.learn.tagger import Tagger
from miner.learn.tagging import NEGATIVE, NEUTRAL, POSITIVE, Tagged
from miner.learn.weights import Hints, Rules, Weights
from miner.text.words import TokenRows

VOCABULARY = ["the", "soup", "was", "cold", "lovely", "waiter", "!", "late", "again", "☕"]
N_THEMES = 3
clauses = st.lists(st.lists(st.sampled_from(VOCABULARY), max_size=7).map(tuple), max_size=8)


def make_tagger(*, bits: int = 12, **rules: object) -> Tagger:
    """A tagger of random weights over a small vocabulary."""
    rng = np.random.default_rng(3)
    texts = [tuple(rng.choice(VOCABULARY, size=6)) for _ in range(200)]
    featurizer = fit_featurizer(texts, FeatureSettings(bits=bits), min_count=1)
    n = len(featurizer.buckets)
    plain = {
        "themes": (0.5,) * N_THEMES,
        "opinion": 0.3,
        "fallback": 1.0,
        "rival": 0.0,
        "neutral": 0.6,
    }
    return Tagger(
        Weights.rounded(
            settings=featurizer.settings,
            buckets=featurizer.buckets,
            idf=featurizer.idf,
            weights=rng.normal(size=(n, N_THEMES + 3)).astype(np.float32),
            bias=rng.normal(size=N_THEMES + 3).astype(np.float32),
            rules=Rules(**(plain | rules)),  # type: ignore[arg-type]
        )
    )


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return make_tagger()


@pytest.mark.parametrize(
    ("clause", "read"),
    [
        (("soup",), True),
        (("qzxvw",), False),
        (("qzxvw", "!", "!"), False),  # a mark is no word
        (("!", "!"), True),  # nothing that is unknown either
        (("soup", "qzxvw", "jqkzx"), True),
        (("soup", "qzxvw", "jqkzx", "vwqzk"), False),
        (("☕", "qzxvw"), True),
        ((), False),
    ],
)
def test_a_clause_is_read_where_a_third_of_its_words_are_known(
    clause: tuple[str, ...], read: bool
) -> None:
    sure = make_tagger(bits=20, themes=(1e-6,) * N_THEMES, opinion=0.0)
    found = sure.tag([("soup",), clause])
    assert (found.opinion > 0).tolist() == [True, read]
    assert found.decided.any(axis=1).tolist() == [True, read]


@given(clauses)
def test_columns_fit_together(tagger: Tagger, tokens: list[tuple[str, ...]]) -> None:
    tagged = tagger.tag(tokens)
    shape = (len(tokens), N_THEMES)
    for column in (tagged.probability, tagged.decided, tagged.sentiment, tagged.polarity):
        assert column.shape == shape
    assert tagged.probability.dtype == np.float32
    assert ((tagged.probability >= 0) & (tagged.probability <= 1)).all()
    assert (np.abs(tagged.sentiment) <= 1).all()
    assert set(np.unique(tagged.polarity)) <= {NEGATIVE, NEUTRAL, POSITIVE}


def test_a_clause_without_words_mentions_nothing() -> None:
    eager = make_tagger(themes=(0.0001,) * N_THEMES, opinion=0.0)
    assert eager.tag([("soup",)]).decided.any()
    assert not eager.tag([()]).decided.any()
    assert eager.tag([]).decided.shape == (0, N_THEMES)


@settings(max_examples=50)
@given(clauses, st.randoms(use_true_random=False))
def test_results_do_not_depend_on_order_or_batch(
    tagger: Tagger, tokens: list[tuple[str, ...]], random: object
) -> None:
    order = list(range(len(tokens)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = tagger.scores([tokens[at] for at in order])
    whole = tagger.scores(tokens)
    assert (shuffled == whole[order]).all()
    for at, row in enumerate(tokens):
        assert (tagger.scores([row])[0] == whole[at]).all()


@given(clauses.filter(lambda rows: any(rows)), st.integers(0, N_THEMES - 1))
def test_contributions_sum_to_the_scores(
    tagger: Tagger, tokens: list[tuple[str, ...]], theme: int
) -> None:
    share = tagger.contributions(tokens, [theme] * len(tokens))
    owner = np.repeat(np.arange(len(tokens)), [len(row) for row in tokens])
    found = np.bincount(owner, share, minlength=len(tokens))
    scores = tagger.scores(tokens)
    direction = np.where(scores[:, -1] < 0, -1, 1)
    free = scores - tagger.weights.bias
    assert np.allclose(found, free[:, theme] + direction * free[:, -1], atol=1e-3)


def test_one_theme_has_the_sentiment_of_its_clause() -> None:
    picky = make_tagger(themes=(0.99999,) * N_THEMES, fallback=0.0, opinion=0.0)
    tagged = picky.tag([("cold", "soup"), ("lovely", "waiter")])
    assert (tagged.decided.sum(axis=1) == 1).all()
    assert (tagged.sentiment == tagged.clause_sentiment[:, None]).all()


def test_of_several_themes_each_listens_to_the_words_near_its_own() -> None:
    """A theme said by one word, beside a word of each sign, far apart."""
    clause = ("waiter", "lovely", *("the",) * 9, "soup", "cold")
    featurizer = fit_featurizer([clause], FeatureSettings(bits=14, words=(1, 1)), min_count=1)

    def column(word: str) -> int:
        return int(featurizer.ngrams([(word,)]).indices[0])

    weights = np.zeros((len(featurizer.buckets), 5), np.float32)
    weights[column("waiter"), 0] = weights[column("soup"), 1] = 20.0
    weights[column("lovely"), 4], weights[column("cold"), 4] = 9.0, -9.0
    rules = Rules(themes=(0.6, 0.6), opinion=0.0, fallback=1.0, rival=0.0, neutral=0.9)
    settings, buckets, idf = featurizer.settings, featurizer.buckets, featurizer.idf
    bias = np.array([0, 0, 0, -9, 0], np.float32)
    known = Weights.rounded(
        settings=settings, buckets=buckets, idf=idf, weights=weights, bias=bias, rules=rules
    )
    tagged = Tagger(known).tag([clause])
    assert tagged.decided.tolist() == [[True, True]]
    assert abs(tagged.clause_sentiment[0]) < 1e-3
    assert tagged.polarity.tolist() == [[POSITIVE, NEGATIVE]]


def test_evidence_is_the_words_that_weigh_most(tagger: Tagger) -> None:
    clause = ("the", "soup", "was", "cold", "!", "☕")
    share = tagger.contributions([clause], [1])
    best = [clause[at] for at in np.argsort(-share) if share[at] > 0 and clause[at] != "!"]
    assert tagger.evidence(clause, 1, top=2) == tuple(best[:2])
    assert "!" not in tagger.evidence(clause, 1, top=9)


@given(clauses.filter(any), st.integers(0, N_THEMES - 1))
def test_function_words_are_evidence_only_where_nothing_else_is(
    rows: list[tuple[str, ...]], theme: int
) -> None:
    told = {"the", "was", "again"}
    every = make_tagger()
    english = Tagger(every.weights, "en")
    themes = [theme] * len(rows)
    found = english.evidence_many(rows, themes, top=9)
    for words, all_words in zip(found, every.evidence_many(rows, themes, top=9), strict=True):
        assert words == (tuple(one for one in all_words if one not in told) or all_words)
    tagged = english.tag(rows)
    assert tagged.evidence is not None
    assert tagged.evidence(np.arange(len(rows)), np.array(themes), 9).words == found


def test_a_negation_is_evidence_and_half_a_word_is_none() -> None:
    # where they stand is that of the three strongest words, whatever they are
    rows = TokenRows.of([("we", "'ve", "never", "had", "soup", "!"), ("it", "'s", "."), ()])
    share = np.ones(len(rows.word))
    weighed = rows.row, np.arange(len(share)), share
    found = strongest(rows, np.arange(3), weighed, top=3, language="en-GB")
    assert found.words == [("never", "soup"), ("it", "'s"), ()]
    assert (found.first.tolist(), found.last.tolist()) == ([0, 0, -1], [2, 1, -1])
    found = strongest(rows, np.arange(3), weighed, top=3, language="tlh")
    assert found.words[0] == ("we", "'ve", "never")


@given(st.lists(st.tuples(st.sampled_from(["soup", "the", "!", "late"]), st.integers(-2, 3))))
def test_many_words_are_weighed_as_few_are(words: list[tuple[str, int]]) -> None:
    words = [*words, ("soup", 1)]
    rows = TokenRows.of([tuple(word for word, _ in words)] * 80)
    share = np.tile(np.array([one for _, one in words], dtype=np.float32), 80)
    every = np.arange(len(share))
    many = strongest(rows, np.arange(80), (rows.row, every, share), top=3, language="en")
    mine = rows.row == 7
    weighed = np.zeros(len(words), dtype=np.int64), every[mine], share[mine]
    one = strongest(rows, np.array([7]), weighed, top=3, language="en")
    assert one.words == [many.words[7]]
    assert (one.first[0], one.last[0]) == (many.first[7], many.last[7])


def test_evidence_of_many_is_that_of_each(tagger: Tagger) -> None:
    rows = [("cold", "soup"), ("lovely", "waiter", "lovely"), (), ("late", "again")]
    themes = [0, 2, 1, 1]
    each = [tagger.evidence(row, theme) for row, theme in zip(rows, themes, strict=True)]
    assert tagger.evidence_many(rows, themes) == each
    assert each[2] == ()
    assert tagger.evidence_many(rows * 20, themes * 20) == each * 20  # sorted in another way
    assert tagger.evidence_many([], []) == []


def test_a_pickled_tagger_scores_the_same(tagger: Tagger) -> None:
    rows = [("cold", "soup"), ("lovely",)]
    before = tagger.scores(rows)
    assert (pickle.loads(pickle.dumps(tagger)).scores(rows) == before).all()


def test_threads_do_not_disturb_each_other() -> None:
    tagger = make_tagger()
    rows = [[(f"w{n}", "soup", f"v{n * 7 % 50}")] for n in range(400)]
    alone = [make_tagger().scores(row) for row in rows[:40]]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(tagger.scores, rows))
    assert all((a == b).all() for a, b in zip(alone, found, strict=False))


RULES = Rules(themes=(0.4, 0.6), opinion=0.5, fallback=0.5, rival=0.5, neutral=0.4)


@pytest.mark.parametrize(
    ("probability", "opinion", "decided"),
    [
        ((0.4, 0.6), 0.9, (True, True)),  # both reach their thresholds
        ((0.39, 0.59), 0.9, (False, True)),  # neither does: the nearer one, .98 against .975
        ((0.19, 0.29), 0.9, (False, False)),  # too far from both
        ((0.9, 0.9), 0.49, (False, False)),  # no opinion, no mention
        ((0.44, 0.9), 0.9, (False, True)),  # reaches its threshold, but under half of the likelier
    ],
)
def test_decisions_follow_the_rules(
    probability: tuple[float, float], opinion: float, decided: tuple[bool, bool]
) -> None:
    found = decide(np.array([probability], np.float32), np.array([opinion], np.float32), RULES)
    assert tuple(found[0]) == decided


def test_what_is_plainly_about_something_or_plainly_good_holds_an_opinion() -> None:
    scores = np.array([[2.0, 5.0, -1.0, 0.3, -4.0], [-3.0, -2.0, 1.0, 0.0, 1.0]], np.float32)
    found = hinted(scores, Hints(theme=0.5, sign=0.25))
    assert found[:, 2].tolist() == [-1.0 + 2.5 + 1.0, 1.0 - 1.0 + 0.25]
    assert (np.delete(found, 2, axis=1) == np.delete(scores, 2, axis=1)).all()
    assert (hinted(scores, Hints()) == scores).all()


def test_hints_are_heard_alone_and_in_a_text() -> None:
    """The sums over words themselves stay without them."""
    clauses = [("soup", "cold"), ("waiter", "lovely")]
    plain, told = make_tagger(), make_tagger(hints=Hints(theme=2.0, sign=2.0))
    assert (told.scores(clauses) == plain.scores(clauses)).all()
    together = np.zeros(2, dtype=np.int64)
    for tag in (told.tag(clauses), told.tag_texts(clauses, together)):
        sure = 1 / (1 + np.exp(-hinted(plain.scores(clauses), Hints(2.0, 2.0))[:, N_THEMES]))
        assert tag.opinion == pytest.approx(sure, abs=1e-6)


def test_polarity_is_neutral_from_a_probability_on_else_the_sign() -> None:
    sign = np.array([-3.0, 3.0, -3.0, 3.0], np.float32)
    neutral = np.array([0.39, 0.39, 0.4, 0.9], np.float32)
    assert polarity_of(sign, neutral, RULES.neutral).tolist() == [
        NEGATIVE,
        POSITIVE,
        NEUTRAL,
        NEUTRAL,
    ]


def test_sentiment_shrinks_as_neutral_grows() -> None:
    sign = np.array([2.0, 2.0, -2.0], np.float32)
    values = sentiment_of(sign, np.array([0.0, 0.5, 1.0], np.float32))
    assert values[1] == pytest.approx(values[0] / 2)
    assert values[0] == pytest.approx(np.tanh(1.0))
    assert values[2] == 0


def test_a_clause_without_words_holds_no_opinion() -> None:
    tagged = load_bundle("en").tagger.tag([(), ("awful",)])
    assert tagged.opinion[0] == 0
    assert tagged.opinion[1] > 0
    assert not tagged.decided[0].any()


def two_minds(
    second: float, signs: tuple[float, float, float] = (3.0, -2.0, 1.0), rival: float = 0.0
) -> Tagged:
    """One clause, three themes: the first is mentioned, the second has this probability."""
    odds = np.log(np.array([0.9, second, 0.1]) / (1 - np.array([0.9, second, 0.1])))
    scores = np.array([[*odds, 4.0, -4.0, 1.0]], dtype=np.float32)
    logits = Logits(scores, np.array([True]), np.ones(1, dtype=np.float32))
    rules = Rules((0.5, 0.5, 0.5), opinion=0.5, fallback=1.0, rival=rival, neutral=0.9)
    own = np.array(signs, dtype=np.float32)
    return decided_by(logits, rules, lambda rows, _: np.tile(own, (len(rows), 1)))


def test_the_other_side_of_two_minds_is_mentioned_too() -> None:
    found = two_minds(0.35)
    assert found.decided.tolist() == [[True, True, False]]
    assert found.polarity[0, :2].tolist() == [POSITIVE, NEGATIVE]
    assert found.sentiment[0, 0] > 0.8
    assert found.sentiment[0, 1] < -0.7


@pytest.mark.parametrize(
    "found",
    [
        two_minds(0.25),  # too far from its threshold
        two_minds(0.35, (3.0, 2.0, 1.0)),  # says the same
        two_minds(0.35, (3.0, -0.4, 1.0)),  # hardly says the opposite
        two_minds(0.35, (0.4, -2.0, 1.0)),  # the first is hardly a side
    ],
)
def test_no_other_side(found: Tagged) -> None:
    assert found.decided.tolist() == [[True, False, False]]
    assert found.polarity[0, 0] == POSITIVE
    assert (found.sentiment == found.clause_sentiment[:, None]).all()


def test_one_more_side_at_most() -> None:
    assert two_minds(0.35, (3.0, -2.0, -2.0)).decided.tolist() == [[True, True, False]]
    shadowed = two_minds(0.6, rival=0.9)  # far less likely than the first, but against it
    assert shadowed.decided.tolist() == [[True, True, False]]
    assert two_minds(0.6, (3.0, 2.0, 1.0), rival=0.9).decided.tolist() == [[True, False, False]]


NEARBY = (",", ".", "late", "parcel", "lovely", "food", "rude", "waiter", "price", "the", "not")


def test_words_beyond_a_mark_hardly_count_for_a_theme() -> None:
    bundle = load_bundle("en")
    tagger = bundle.tagger
    assert isinstance(tagger, Tagger)
    delivery = bundle.taxonomy.keys.index("service.delivery")

    def weight(words: tuple[str, ...]) -> float:
        """How far the first word counts for the theme, beside how far for the clause."""
        _, share = tagger.shares([words])
        _, near = tagger.sign_shares([words])
        return float(near[0, delivery] / share[0, -1])

    assert weight(("lovely", "food", ",", "late", "parcel")) < 0.3
    assert weight(("lovely", "food", "late", "parcel")) > 0.5


@given(st.lists(st.lists(st.sampled_from(NEARBY), max_size=30), min_size=1, max_size=4))
def test_words_count_for_a_theme_by_how_near_they_stand_to_its_own(rows: list[list[str]]) -> None:
    tagger = load_bundle("en").tagger
    assert isinstance(tagger, Tagger)
    clauses = [tuple(row) for row in rows]
    clause, share = tagger.shares(clauses)
    _, found = tagger.sign_shares(clauses)
    for number, row in enumerate(clauses):
        ours = share[clause == number]
        for theme in (0, 4, 9):
            speaks = np.maximum(ours[:, theme], 0).astype(float)
            weight = np.array([summed(row, speaks, at) for at in range(len(row))])
            total = weight.sum()
            weight = weight * len(row) / total if total > 0 else np.ones(len(row))
            expected = weight * ours[:, -1]
            np.testing.assert_allclose(found[clause == number, theme], expected, atol=1e-4)


def summed(row: tuple[str, ...], speaks: NDArray[np.float64], at: int) -> float:
    """What speaks for a theme around a word, as `Tagger.sign_shares` says it in words."""
    total = 0.0
    for other in range(max(at - 12, 0), min(at + 13, len(row))):
        low, high = sorted((at, other))
        marks = sum(word in ",." for word in row[low + 1 : high + 1])
        total += exp(-(high - low) / 12 - 3 * marks) * speaks[other]
    return total


odds = st.integers(-12, 12).map(lambda third: third / 3)


@given(
    st.lists(
        st.lists(st.tuples(odds, odds, odds, st.integers(1, 9), st.booleans()), max_size=4),
        max_size=5,
    )
)
def test_where_texts_have_one_theme_each_mentions_its_likeliest(
    given_texts: list[list[tuple[float, float, float, int, bool]]],
) -> None:
    rows = [row for text in given_texts for row in text]
    document = np.repeat(np.arange(len(given_texts)), list(map(len, given_texts)))
    themes = np.array([row[:3] for row in rows], np.float32).reshape(-1, 3)
    facts = np.tile(np.array([-9.0, -4.0, 1.0], np.float32), (len(rows), 1))
    spoken = np.array([row[4] for row in rows], dtype=np.bool_)
    logits = Logits(np.hstack([themes, facts]), spoken, np.ones(len(rows), np.float32))
    rules = Rules((0.5, 0.5, 0.5), opinion=0.0, fallback=1.0, rival=0.0, neutral=0.9, single=True)
    texts = Texts(document, np.array([row[3] for row in rows], dtype=np.int64))
    found = decided_by(logits, rules, unasked, texts=texts).decided
    for at, text in enumerate(given_texts):
        mentioned = found[document == at]
        read = [place for place, row in enumerate(text) if row[4]]
        if not read:
            assert not mentioned.any()
            continue
        heard = [sum(text[place][theme] * text[place][3] for place in read) for theme in range(3)]
        theme = int(np.flatnonzero(mentioned.any(axis=0))[0])
        assert mentioned.any(axis=0).sum() == 1
        assert heard[theme] == pytest.approx(max(heard), abs=1e-4)
        top = max(text[place][theme] for place in read)
        for place, row in enumerate(text):
            alone = row[4] and row[theme] > 0 and theme == int(np.argmax(row[:3]))
            assert mentioned[place].any() >= alone
            assert not mentioned[place].any() or alone or row[theme] == top
        others = [place for place in read if int(np.argmax(text[place][:3])) != theme]
        assert sum(mentioned[place].any() for place in others) <= 1


def test_one_theme_a_text_where_a_tagger_is_asked_so() -> None:
    tagger = make_tagger(single=True, opinion=0.0)
    rows = [("soup", "cold"), ("waiter", "lovely"), ("late", "again"), ()]
    alone = tagger.tag(rows).decided
    assert alone.sum(axis=1).tolist() == [1, 1, 1, 0]
    together = tagger.tag_texts(rows, np.array([0, 0, 0, 1])).decided
    assert together.any(axis=0).sum() == 1


def unasked(rows: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Signs by theme, which nobody asks for where no clause mentions two."""
    raise AssertionError
