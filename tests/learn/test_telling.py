"""A clause whose only word is a function word says nothing."""

from __future__ import annotations

import numpy as np
import pytest

import miner
from miner.learn.telling import tells
from miner.text.phrase_words import phrase_words
from miner.text.words import TokenRows

LANGUAGES = ("en", "sv", "de", "fr", "es", "nl")


@pytest.mark.parametrize("text", ["would", "It", "of...", "a\na\na", "I'd", "WHERE"])
def test_a_function_word_alone_is_no_mention(text: str) -> None:
    found = miner.load().score(text)
    assert found.mentions == ()
    assert found.sentiment == 0


def test_words_that_tell_are_read_alone() -> None:
    scorer = miner.load()
    told = scorer.score_many(["Great!", "Enough!", "everything", "Of what? Slow."])
    assert all(one.mentions for one in told)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_says_which_words_tell(code: str) -> None:
    words = phrase_words(code)
    assert words.telling
    assert words.telling < words.function
    silent = min(word for word in words.function - words.telling if word.isalpha())
    rows = TokenRows.of([(silent,), (min(words.telling),), (silent, silent), (silent, "<num>")])
    assert tells(rows, code).tolist() == [False, True, True, True]
    assert tells(rows, "tlh").all()


def test_a_clause_does_not_depend_on_others() -> None:
    rows = [("it",), ("it", "broke"), (), ("!", "of", "!")]
    together = tells(TokenRows.of(rows), "en")
    alone = [tells(TokenRows.of([row]), "en")[0] for row in rows]
    assert np.array_equal(together, alone)
