"""The words of an explanation add up to the figures, and its decisions are those of `score`."""

from __future__ import annotations

from math import atanh, fsum, tanh

import pytest
from explain_samples import SENTENCES, TOLERANCE, check_sums, logistic, make_scorer
from hypothesis import example, given, settings
from hypothesis import strategies as st

import miner
from miner.scoring import Scorer
from miner.text.clauses import Clauser
from miner.types import Explanation

PIECES = (
    "the parcel came late", "but the nurse was kind", "Rude staff and it was overpriced.",
    "nobody answers", "Paid £ 8.50", "10 EUR gone", "❤️", "👍🏽😡", "👩‍💻", "\u200b", "ﬁne eﬀort",
    "e\u0301te\u0301", "\ud800", "\x00", "!!!", "…", "no. never", "\n\n", "Kind regards,\nBo",
    "> quoted", "没有人接电话", "לא עובד", "don’t", "www.a.example/x", "1st", "ＡＢ", "I moved in",
)  # fmt: skip
anything = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(" .,!\ud83d\u0301")))
mixtures = st.lists(st.one_of(st.sampled_from(PIECES), anything), max_size=8).map(" ".join)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


@pytest.fixture(scope="module")
def swedish() -> Scorer:
    return make_scorer()


def decisions(found: Explanation) -> list[tuple[object, ...]]:
    """What the explained text mentions, as `score` would say it."""
    return sorted(
        (clause.start, clause.end, theme.theme, theme.polarity,
         round(theme.sentiment, 4), round(theme.probability, 4))
        for clause in found.clauses
        for theme in clause.themes
        if theme.decided
    )  # fmt: skip


@settings(max_examples=100)
@given(mixtures)
def test_sums_and_decisions_are_those_of_the_score(scorer: Scorer, text: str) -> None:
    scored, found = scorer.score(text), scorer.explain(text)
    assert decisions(found) == sorted(
        (m.start, m.end, m.theme, m.polarity, m.sentiment, m.confidence) for m in scored.mentions
    )
    assert (found.text, found.sentiment, found.polarity) == (
        scored.text, scored.sentiment, scored.polarity,
    )  # fmt: skip
    assert [(one.start, one.end, one.kind) for one in found.clauses] == [
        (one.start, one.end, one.kind) for one in scored.clauses
    ]
    check_sums(found)


@settings(max_examples=100)
@given(st.lists(st.one_of(st.sampled_from(SENTENCES), anything), max_size=4).map(" ".join))
def test_another_taxonomy_and_language(swedish: Scorer, text: str) -> None:
    found = swedish.explain(text, all_themes=True)
    check_sums(found)
    assert decisions(found) == sorted(
        (m.start, m.end, m.theme, m.polarity, m.sentiment, m.confidence)
        for m in swedish.score(text).mentions
    )
    for clause in found.clauses:
        assert len(clause.themes) == (4 if clause.opinion else 0)


@pytest.mark.parametrize("text", [*SENTENCES, " ".join(SENTENCES)])
def test_an_opinion_is_as_likely_as_it_was_scored(swedish: Scorer, text: str) -> None:
    """Its sum holds what the likeliest theme and the sign tell of it, word by word."""
    located = swedish.bundle.tagger.tag(Clauser("sv").analyse([text]).tokens)
    explained = [one.opinion.probability for one in swedish.explain(text).clauses if one.opinion]
    assert explained == pytest.approx([one for one in located.opinion.tolist() if one], abs=1e-6)


@settings(max_examples=60)
@example("Rude staff and it was overpriced.")  # two themes mentioned, the third far behind
@given(mixtures)
def test_a_probability_is_the_logistic_of_its_sum(scorer: Scorer, text: str) -> None:
    for clause in scorer.explain(text).clauses:
        for chance in (clause.opinion, clause.neutral):
            assert chance is None or abs(logistic(chance.sum.value) - chance.probability) < 1e-6
        for theme in clause.themes:
            assert abs(logistic(theme.sum.value) - theme.probability) < 1e-6
            assert theme.ratio == pytest.approx(theme.probability / theme.threshold, abs=1e-6)
            assert clause.neutral is not None
            direction = 2 * logistic(clause.degree * theme.sign.value) - 1
            sentiment = (1 - clause.neutral.probability) * direction
            assert theme.sentiment == pytest.approx(sentiment, abs=1e-6)


@settings(max_examples=60)
@given(mixtures)
def test_the_parts_make_the_sentiment_of_the_text(scorer: Scorer, text: str) -> None:
    found = scorer.explain(text)
    assert tanh(fsum(one.part for one in found.clauses)) == pytest.approx(
        found.sentiment, abs=TOLERANCE
    )
    assert fsum(one.weight for one in found.clauses) <= 1 + TOLERANCE
    for one in found.clauses:
        assert one.part == pytest.approx(one.weight * atanh(one.sentiment), abs=1e-3)


def test_a_theme_has_a_sign_of_its_own_where_several_are_mentioned(scorer: Scorer) -> None:
    [clause] = scorer.explain("Rude staff and it was overpriced.").clauses
    price, attitude = sorted(
        (one for one in clause.themes if one.decided), key=lambda one: one.theme
    )
    assert clause.sign is not None
    assert (price.theme, attitude.theme) == ("product.price", "service.attitude")
    assert len({attitude.sign.value, price.sign.value, clause.sign.value}) == 3
    of_price, of_attitude = (
        {word.word: abs(word.share) for word in one.sign.words} for one in (price, attitude)
    )
    assert of_attitude["Rude"] > of_price["Rude"]
    assert of_price["overpriced"] > of_attitude["overpriced"]
    [single] = scorer.explain("Rude staff.").clauses
    assert [one.sign for one in single.themes if one.decided] == [single.sign]


def test_a_long_text_adds_up(scorer: Scorer) -> None:
    found = scorer.explain("the parcel came late and nobody ever answered the phone " * 500)
    assert found.flags == ("truncated",)
    assert max(len(one.sign.words) for one in found.clauses if one.sign) > 1000
    assert check_sums(found) > 0
    assert found.clauses[-1].reason == "clause.beyond-limit"
