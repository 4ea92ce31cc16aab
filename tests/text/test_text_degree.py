"""Intensifiers and diminishers: what is found, what is not, and what it does to a sentiment."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import miner
from miner.scoring import Scorer
from miner.text.degree import DIMINISHED, INTENSIFIED, Shift, degrees_of, factor_of
from miner.text.language_data import load_language, shipped_languages
from miner.text.tokenizer import blank_tokenizer
from miner.text.words import TokenRows

WORDS = (
    "a",
    "bit",
    "quite",
    "slightly",
    "utterly",
    "not",
    "rather",
    "than",
    "would",
    "cold",
    "the",
)


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


@pytest.mark.parametrize(
    ("text", "factor"),
    [
        ("Utterly useless", INTENSIFIED),
        ("an UTTERLY , utterly useless opener", INTENSIFIED),
        ("a bit cold", DIMINISHED),
        ("kind of cold , but hugely kind", INTENSIFIED * DIMINISHED),
        ("could n’t have been more helpful", INTENSIFIED),
        ("not terribly helpful", 1.0),
        ("quite a bit colder", 1.0),
        ("I would rather wait", 1.0),
        ("sooner rather than later", 1.0),
        ("rather cold", DIMINISHED),
        ("a good bit colder", 1.0),
        ("cold", 1.0),
        ("", 1.0),
    ],
)
def test_how_strongly_a_clause_is_put(text: str, factor: float) -> None:
    rows = TokenRows.of([tuple(text.split()), ("cold",)])
    assert degrees_of("en").of(rows).tolist() == [factor, 1.0]


def test_the_run_is_named() -> None:
    words = "a", "little", "late", "and", "extremely", "noisy"
    assert degrees_of("en").shifts(words) == [Shift(0, 2, DIMINISHED), Shift(4, 1, INTENSIFIED)]


@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=8).map(tuple), max_size=6))
def test_a_clause_does_not_depend_on_its_batch(rows: list[tuple[str, ...]]) -> None:
    degrees = degrees_of("en")
    together = degrees.of(TokenRows.of(rows))
    assert together.tolist() == [degrees.of(TokenRows.of([row]))[0] for row in rows]
    assert together.tolist() == [factor_of(degrees.shifts(row)) for row in rows]
    assert set(together.tolist()) <= {1.0, INTENSIFIED, DIMINISHED, INTENSIFIED * DIMINISHED}


@pytest.mark.parametrize("language", shipped_languages())
def test_every_phrase_of_a_language_can_be_found(language: str) -> None:
    data = load_language(language)
    cut = blank_tokenizer(language)
    assert data.intensifiers
    assert data.diminishers
    assert not set(data.intensifiers) & set(data.diminishers)
    kinds = (data.intensifiers, INTENSIFIED), (data.diminishers, DIMINISHED), (data.no_degree, 1.0)
    for phrases, factor in kinds:
        for phrase in phrases:
            assert degrees_of(language).of(TokenRows.of([tuple(phrase.split())]))[0] == factor
            assert [one.text for one in cut(phrase.replace(" n't", "n't"))] == phrase.split()


def test_a_language_without_lists_has_no_degrees() -> None:
    rows = TokenRows.of([("utterly", "useless")])
    assert degrees_of("tlh").of(rows).tolist() == [1.0]


def test_the_sentiment_follows_and_the_polarity_stays(scorer: Scorer) -> None:
    mild, plain, strong = (
        scorer.score(f"The soup was {word}cold.") for word in ("slightly ", "", "extremely ")
    )
    assert mild.sentiment > plain.sentiment
    assert mild.sentiment > strong.sentiment
    assert {one.polarity for one in (mild, plain, strong)} == {"negative"}
    assert mild.mentions[0].sentiment == pytest.approx(mild.sentiment, abs=0.02)


def test_an_explanation_says_it(scorer: Scorer) -> None:
    [clause] = scorer.explain("The soup was a touch cold and UTTERLY bland.").clauses
    assert clause.degree_words == ("a touch", "UTTERLY")
    assert clause.degree == INTENSIFIED * DIMINISHED
    assert clause.sign is not None
    assert clause.neutral is not None
    felt = (1 - clause.neutral.probability) * np.tanh(clause.degree * clause.sign.value / 2)
    assert clause.sentiment == pytest.approx(felt, abs=1e-5)
