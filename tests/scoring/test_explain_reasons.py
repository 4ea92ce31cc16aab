"""Why a theme is there or is not: each reason, its sentence, and the runner-up."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterator
from copy import copy
from dataclasses import asdict, replace

import pytest
from explain_samples import SENTENCES, make_scorer
from hypothesis import given, settings
from hypothesis import strategies as st

import miner
from miner.errors import UsageError
from miner.scoring import Scorer
from miner.types import ClauseExplanation, Scored, ThemeExplanation

LATE = "The courier was two days late."


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


def themes(scorer: Scorer) -> Iterator[ThemeExplanation]:
    for text in SENTENCES:
        for clause in scorer.explain(text, all_themes=True).clauses:
            yield from clause.themes


def reasons(**rules: object) -> dict[str, ThemeExplanation]:
    return {one.reason: one for one in themes(make_scorer(**rules))}


def test_a_theme_that_reached_its_threshold() -> None:
    found = reasons(themes=(1e-9,) * 4, rival=0.0, opinion=0.0)
    assert set(found) == {"theme.reached"}
    one = found["theme.reached"]
    assert one.decided
    assert one.sentence == f"{one.probability:.2f} reaches its threshold 0.00."


def test_the_nearest_theme_where_none_reached() -> None:
    found = reasons(themes=(0.9999,) * 4, fallback=0.0001, opinion=0.0)
    assert set(found) == {"theme.nearest", "theme.below-threshold"}
    assert found["theme.nearest"].decided
    assert "came nearest" in found["theme.nearest"].sentence
    below = found["theme.below-threshold"]
    assert not below.decided
    assert below.ratio < 1
    assert "is below its threshold" in below.sentence


def test_a_theme_overshadowed_by_a_likelier_one() -> None:
    found = reasons(themes=(0.01,) * 4, rival=1.0, opinion=0.0)
    one = found["theme.overshadowed"]
    assert not one.decided
    assert one.ratio >= 1
    assert "is far likelier: beside it" in one.sentence


def test_no_opinion_no_mention() -> None:
    strict = make_scorer(opinion=1.0)
    found = {one.reason: one for one in themes(strict)}
    assert "the clause holds no opinion" in found["theme.no-opinion"].sentence
    assert not any(one.decided for one in found.values())
    clause = strict.explain(SENTENCES[1]).clauses[0]
    assert clause.reason == "clause.no-opinion"
    assert "No mention: it holds no opinion (" in clause.sentence
    assert clause.why_not is not None
    assert (clause.why_not.instead, clause.why_not.difference) == (None, None)


@pytest.mark.parametrize(
    ("text", "reason", "sentence"),
    [
        ("Late again.\n\nKind regards,\nAnna", "clause.furniture", "Not read: a signature."),
        ("Hi team,\nwrong bill", "clause.furniture", "Not read: a greeting."),
        ("Late again.\n> your mail\n> of May", "clause.furniture", "Not read: a quoted message."),
        (" \n ", "clause.no-words", "Nothing to read: no words."),
        (
            "Qzxvw jqkzx.",
            "clause.unknown-words",
            "Not read: the model knows fewer than a third of its words.",
        ),
        ("Would!", "clause.function-word", "Not read: its only word says nothing by itself."),
        ("bad " * 6_000, "clause.beyond-limit", "Not read: only the first 20,000 characters are."),
        (LATE, "clause.mentions", "Mentions Delivery."),
    ],
)
def test_why_a_clause_has_what_it_has(
    scorer: Scorer, text: str, reason: str, sentence: str
) -> None:
    found = {one.reason: one for one in scorer.explain(text).clauses}
    assert found[reason].sentence == sentence
    assert (found[reason].opinion is None) == (reason != "clause.mentions")


def test_an_opinion_without_a_theme() -> None:
    scorer = make_scorer(themes=(0.9999,) * 4, fallback=1.0, opinion=0.0)
    assert {one.reason for text in SENTENCES for one in scorer.explain(text).clauses} == {
        "clause.no-theme"
    }


def test_several_themes_are_listed(scorer: Scorer) -> None:
    assert scorer.explain("Rude staff and it was overpriced.").clauses[0].sentence == (
        "Mentions Attitude and Price."
    )


def check_runner_up(clause: ClauseExplanation) -> None:
    decided = [one for one in clause.themes if one.decided]
    others = [one for one in clause.themes if not one.decided]
    why = clause.why_not
    if not others:
        assert why is None
        return
    assert why is not None
    assert (why.theme, why.reason, why.sentence) == (
        others[0].theme, others[0].reason, others[0].sentence,
    )  # fmt: skip
    assert others[0].ratio == max(one.ratio for one in others)
    if not decided:
        assert why.difference is None
        return
    best = max(decided, key=lambda one: one.probability)
    assert why.instead == best.theme
    assert why.difference is not None
    gap = [one.share - other.share for one, other in zip(
        best.sum.words, others[0].sum.words, strict=True)]  # fmt: skip
    assert [one.share for one in why.difference.words] == pytest.approx(gap, abs=1e-8)
    assert why.difference.value == pytest.approx(best.sum.value - others[0].sum.value, abs=1e-8)


@settings(max_examples=40)
@given(st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=3).map(" ".join), st.booleans())
def test_the_runner_up_against_the_likeliest(text: str, all_themes: bool) -> None:
    for rival in (0.0, 0.9):
        for clause in make_scorer(rival=rival).explain(text, all_themes=all_themes).clauses:
            check_runner_up(clause)


def test_all_themes_are_ranked_and_the_few_are_among_them(scorer: Scorer) -> None:
    [few], [every] = (scorer.explain(LATE, all_themes=one).clauses for one in (False, True))
    assert len(every.themes) == len(scorer.taxonomy.keys)
    assert [one.ratio for one in every.themes] == sorted(
        (one.ratio for one in every.themes), reverse=True
    )
    assert set(few.themes) < set(every.themes)
    assert few.why_not == every.why_not


def test_scored_explains_itself(scorer: Scorer) -> None:
    scored = scorer.score(LATE)
    assert scored.explain() == scorer.explain(LATE)
    assert scored.explain(all_themes=True) == scorer.explain(LATE, all_themes=True)
    assert scorer.score(None).explain().flags == ("not-text",)


def test_the_scorer_is_no_part_of_the_result(scorer: Scorer) -> None:
    scored = scorer.score(LATE)
    bare = pickle.loads(pickle.dumps(scored))
    assert len(pickle.dumps(scored)) < 2_000
    assert (bare, hash(bare), repr(bare)) == (scored, hash(scored), repr(scored))
    assert bare.to_dict() == scored.to_dict() == json.loads(json.dumps(asdict(scored)))
    assert "scorer" not in repr(scored)


@pytest.mark.parametrize("make", [copy, replace, lambda one: pickle.loads(pickle.dumps(one))])
def test_one_without_a_scorer_says_what_to_call(scorer: Scorer, make: object) -> None:
    stray = make(scorer.score(LATE))  # type: ignore[operator]
    with pytest.raises(UsageError, match=r"Call scorer\.explain\(scored\.text\)") as caught:
        stray.explain()
    assert caught.value.slug == "explain.no-scorer"
    with pytest.raises(UsageError, match="does not know the scorer"):
        Scored("late", 0.0, "neutral", ()).explain()


@pytest.mark.slow
def test_results_of_workers_explain_themselves_too(scorer: Scorer) -> None:
    [scored] = scorer.score_many([LATE], workers=1)
    found = list(scorer.score_many([LATE] * 3, workers=2, batch=2))
    assert [one.explain() for one in found] == [scored.explain()] * 3


def test_a_model_without_word_shares_is_refused(
    scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Opaque:
        """Tags like any other, but its figures are no sums over words."""

        weights = scorer.bundle.weights
        tag = scorer.bundle.tagger.tag
        scores = scorer.bundle.tagger.scores
        evidence_many = scorer.bundle.tagger.evidence_many

    other = Scorer(replace(scorer.bundle, name="accurate"))
    monkeypatch.setitem(vars(other.bundle), "tagger", Opaque())
    assert other.score(LATE).mentions
    with pytest.raises(UsageError, match=r'"accurate" can\'t say what each word adds.*--model en'):
        other.explain(LATE)


def test_the_keys_are_a_promise(scorer: Scorer) -> None:
    data = json.loads(json.dumps(scorer.explain(LATE).to_dict()))
    assert list(data) == ["text", "sentiment", "polarity", "clauses", "flags"]
    clause = data["clauses"][0]
    assert list(clause) == [
        "start", "end", "kind", "reason", "sentence", "sentiment", "weight", "part", "opinion",
        "neutral", "sign", "themes", "why_not", "degree", "degree_words",
    ]  # fmt: skip
    assert list(clause["opinion"]) == ["probability", "threshold", "sum"]
    assert list(clause["sign"]) == ["value", "bias", "words", "neighbours"]
    assert list(clause["sign"]["words"][0]) == ["word", "start", "end", "share"]
    assert list(clause["themes"][0]) == [
        "theme", "label", "probability", "threshold", "ratio", "decided", "reason", "sentence",
        "polarity", "sentiment", "sum", "sign",
    ]  # fmt: skip
    assert list(clause["why_not"]) == ["theme", "instead", "reason", "sentence", "difference"]
