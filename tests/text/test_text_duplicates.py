"""Fingerprints: equal where only case, spacing or punctuation differ."""

from __future__ import annotations

from hypothesis import given
from text_strategies import texts

from miner.text.duplicates import SIZE, fingerprint


@given(texts)
def test_case_spacing_and_punctuation_do_not_count(text: str) -> None:
    if any(char.isalnum() for char in text):
        assert fingerprint(f"  {text} !!") == fingerprint(text)
    assert len(fingerprint(text)) == SIZE


def test_what_counts_as_the_same() -> None:
    assert fingerprint("Great app!!") == fingerprint("great\u200b  APP")
    assert fingerprint("caf" + "e\u0301") == fingerprint("Café")
    assert fingerprint("great app") != fingerprint("great apps")


def test_emoji_alone_count() -> None:
    assert fingerprint("👍") != fingerprint("👎")
    assert fingerprint("👍 👍") == fingerprint("👍👍")
    assert fingerprint("great 👍") == fingerprint("great")
