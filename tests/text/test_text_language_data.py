"""Language data: frozen, cached, hashed, checked; unknown codes get the neutral default."""

from __future__ import annotations

import dataclasses

import pytest

from miner.errors import InternalError
from miner.text.language_data import NEUTRAL, load_language, parse_language, shipped_languages


def test_six_languages_ship() -> None:
    assert shipped_languages() == ("de", "en", "es", "fr", "nl", "sv")


@pytest.mark.parametrize("code", shipped_languages())
def test_every_file_holds_what_the_rules_need(code: str) -> None:
    data = load_language(code)
    assert data.language == code
    for name in ("openers", "negations", "greetings", "sign_offs", "quote_markers", "number_words"):
        assert getattr(data, name), name
    words = [
        word for field in dataclasses.fields(data) for word in _words(getattr(data, field.name))
    ]
    assert [word for word in words if word != word.strip()] == []


@pytest.mark.parametrize("code", shipped_languages())
def test_words_are_lower_case(code: str) -> None:
    data = dataclasses.asdict(load_language(code))
    patterns = {"lines", "quote_markers", "phone_regions"}
    odd = [
        w
        for name, words in data.items()
        if name not in patterns
        for w in _words(words)
        if w != w.lower()
    ]
    assert odd == []


def _words(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def test_it_is_cached_frozen_and_hashed() -> None:
    english = load_language("en")
    assert load_language("en") is english
    assert load_language("en-GB") == english
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot assign"):
        english.openers = ()  # type: ignore[misc]
    changed = dataclasses.replace(english, openers=(*english.openers, "yonder"))
    assert changed.sha256 != english.sha256
    assert dataclasses.replace(english).sha256 == english.sha256


def test_an_unknown_language_is_neutral() -> None:
    data = load_language("tlh")
    assert data.language == NEUTRAL
    assert not any(_words(getattr(data, field.name)) for field in dataclasses.fields(data))


def test_a_broken_file_says_where() -> None:
    with pytest.raises(InternalError, match='unknown field "opners"'):
        parse_language({"language": "en", "contrast": {"opners": ["but"]}}, "en")
    with pytest.raises(InternalError, match=r"en\.lines.*not a regular expression"):
        parse_language({"language": "en", "furniture": {"lines": ["("]}}, "en")
