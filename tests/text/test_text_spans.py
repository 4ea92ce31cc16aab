"""Where tokens stand in the original text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import texts

from miner.text.clauses import Clauser

CLAUSER = Clauser("en")
PLAIN = st.sampled_from(
    ["parcel", "Late", "ouR", "x\u200b", "\ufeffrude", "cafe\u0301", "ﬁne", "ＡＢ"]
)
FORMS = {"x\u200b": "x", "\ufeffrude": "rude", "cafe\u0301": "café", "ﬁne": "fine", "ＡＢ": "ab"}


@given(texts)
def test_the_tokens_are_those_of_the_analysis_and_stand_in_their_clause(text: str) -> None:
    located, batch = CLAUSER.locate(text), CLAUSER.analyse([text])
    assert located.clauses.tokens == batch.tokens
    assert located.clauses.of(0) == batch.of(0)
    assert [len(row) for row in located.spans] == [len(row) for row in batch.tokens]
    for row, spans in enumerate(located.spans):
        assert list(spans) == sorted(spans)
        assert all(batch.start[row] <= low < high <= batch.end[row] for low, high in spans)


@given(st.lists(PLAIN, min_size=1, max_size=8))
def test_a_word_is_found_as_it_was_written(words: list[str]) -> None:
    text = " ".join(words)
    located = CLAUSER.locate(text)
    written = [text[low:high] for row in located.spans for low, high in row]
    tokens = [token for row in located.clauses.tokens for token in row]
    assert [
        FORMS.get(word.strip("\ufeff "), word.strip("\ufeff ").lower()) for word in words
    ] == tokens
    assert [word.replace("\ufeff", "") for word in written] == [
        word.replace("\ufeff", "") for word in words
    ]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Paid £ 8.50!", ["Paid", "£ 8.50", "!"]),
        ("lost 10 EUR today", ["lost", "10 EUR", "today"]),
        ("£ 5 £ 6", ["£ 5", "£ 6"]),
        ("❤️ it 👍🏽", ["❤️", "it", "👍🏽"]),
        ("don’t", ["do", "n’t"]),
        ("\ud800 x", ["\ud800", "x"]),
        ("", []),
    ],
)
def test_what_belongs_together(text: str, written: list[str]) -> None:
    located = CLAUSER.locate(text)
    assert [text[low:high] for row in located.spans for low, high in row] == written


def test_a_ligature_shared_by_two_tokens_belongs_to_both() -> None:
    text = "a" * 99 + "ﬀ b"  # a longer stretch without a space is cut after 100 characters
    assert CLAUSER.locate(text).spans == (((0, 100), (99, 100), (101, 102)),)


def test_furniture_and_what_was_cut_have_no_tokens() -> None:
    text = "Hi team,\n" + "late again " * 2_000
    located = CLAUSER.locate(text)
    assert located.spans[0] == located.spans[-1] == ()
    assert sum(map(len, located.spans)) > 3_000
