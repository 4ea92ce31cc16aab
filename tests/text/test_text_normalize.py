"""Normalising: idempotent, with a non-decreasing map to the original."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given
from text_strategies import texts

from miner.text.normalize import normalize


@given(texts)
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalize(text).text
    assert normalize(once).text == once


@given(texts)
def test_offsets_never_decrease_and_stay_inside(text: str) -> None:
    clean = normalize(text)
    assert len(clean.offsets) == len(clean.text) + 1
    assert np.all(np.diff(clean.offsets) >= 0)
    assert clean.offsets[-1] == len(text)
    assert clean.offsets.min() >= 0


@given(texts)
def test_an_offset_leads_to_the_character_it_came_from(text: str) -> None:
    clean = normalize(text)
    for place, char in enumerate(clean.text):
        source = text[clean.to_original(place)]
        if char.isascii() and char.isalnum() and source.isascii():
            assert source == char


@pytest.mark.parametrize(
    ("given_text", "wanted"),
    [
        ("It\u2019s \u201cfine\u201d", 'It\'s "fine"'),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("caf" + "e\u0301", "café"),
        ("ﬁne ＡＢ！", "fine AB!"),
        ("a\u00a0b\u3000c\td\x00e", "a b c d e"),
        ("one\r\ntwo\rthree\u2028four", "one \ntwo\nthree\nfour"),
        ("lone \ud800 surrogate", "lone \ufffd surrogate"),
        ("❤\ufe0f", "❤"),
        ("x" + "\u0301" * 50, "x" + "\u0301" * 4),
    ],
)
def test_what_is_cleaned(given_text: str, wanted: str) -> None:
    assert normalize(given_text).text == wanted


@pytest.mark.parametrize("unit", ["a\u0301\u0323", "\u200d", "ﬁ", "\u0301\u0323"])
def test_cost_is_linear_on_hostile_text(unit: str) -> None:
    started = time.process_time()
    normalize("x" + unit * 200_000)
    assert time.process_time() - started < 10
