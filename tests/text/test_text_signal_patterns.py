"""The pattern language: what each element matches, what is shown, what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from miner.errors import InternalError
from miner.text.clauses import Clauser
from miner.text.signal_patterns import Pattern, PatternError, PatternWords, joined, places
from miner.text.signal_rules import load_rules, parse_rules, shipped_rules

LISTS = {
    "day": ["friday", "next week"],
    "not": ["not", "n't"],
    "lead_in": ["and", ","],
    "common": ["it", "by"],
}
WORDS = PatternWords(LISTS, Clauser("en").tokens)


def shown(pattern: str, sentence: str) -> str | None:
    match = WORDS.pattern(pattern).regex.search(joined(sentence.split()))
    return match["shown"].strip() if match else None


@pytest.mark.parametrize(
    ("pattern", "sentence", "words"),
    [
        ("refund", "a refund now", "refund"),
        ("refund", "refunds now", None),
        ("call|ring_back", "please ring back", "ring back"),
        ("by {day}", "do it by next week", "by next week"),
        ("by {day}", "by monday", None),
        ("won't", "i wo n't", "wo n't"),
        ("i 've? left", "i left", "i left"),
        ("i 've? left", "i 've left", "i 've left"),
        ("need _ now", "need it now", "need it now"),
        ("need _ now", "need now", None),
        ("need _? now", "need now", "need now"),
        ("never .. again", "never in my life again", "never in my life again"),
        ("never .. again", "never in all my long life again", None),
        ("never .. again", "never . again", None),
        ("never again ..", "never again will i come", "never again will i come"),
        ("safe !{not} here", "safe here", "safe here"),
        ("safe !{not} _", "safe not here", None),
        ("^ avoid", "and , avoid", "avoid"),
        ("^ avoid", "i avoid", None),
        ("gone $", "and gone !", "gone"),
        ("gone $", "gone home", None),
        ("open ?", "open ??", "open ??"),
        ("need .. [ by {day} ]", "need it by friday please", "by friday"),
    ],
)
def test_elements(pattern: str, sentence: str, words: str | None) -> None:
    assert shown(pattern, sentence) == words


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("by {month}", 'no list "month"'),
        ("need [ it", "needs one"),
        ("a|$", 'can\'t read "a|\\$"'),
        (".. _?", "no word that must be there"),
        ("never?", "no word that must be there"),
    ],
)
def test_what_is_no_pattern(pattern: str, message: str) -> None:
    with pytest.raises(PatternError, match=message):
        WORDS.pattern(pattern)


def test_a_match_holds_what_the_pattern_needs() -> None:
    pattern = WORDS.pattern("it .. by {day}")
    assert (
        pattern.needs
        == (frozenset({"friday", "next"}), frozenset({"by"}), frozenset({"it"}))[
            : len(pattern.needs)
        ]
    )
    assert not pattern.opens
    assert WORDS.pattern("^ it works").opens


def test_places_count_tokens() -> None:
    text = joined(("i", "need", "it", "now"))
    start = text.index(" need")
    assert places(text, start, start + len(" need it")) == (1, 2)


def compiled(language: str) -> Iterator[Pattern]:
    rules = load_rules(language)
    vocabulary = PatternWords(rules.lists, Clauser(language).tokens)
    for part in (rules.show, rules.unless):
        for patterns in part.values():
            yield from map(vocabulary.pattern, patterns)


@pytest.mark.parametrize("language", shipped_rules())
def test_every_shipped_pattern_compiles_and_never_matches_nothing(language: str) -> None:
    for pattern in compiled(language):
        assert pattern.regex.search("  ") is None
        assert 1 <= len(pattern.needs) <= 4


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"anger": {"show": []}}, 'unknown kind "anger"'),
        ({"praise": {"shows": []}}, r'unknown entry "shows" in \[praise\]'),
    ],
)
def test_broken_rules_are_refused(data: dict[str, object], message: str) -> None:
    with pytest.raises(InternalError, match=message):
        parse_rules(data, "xx")


def test_codes_with_a_region_are_understood() -> None:
    assert load_rules("en_GB") is not load_rules("tlh")
    assert load_rules("en_GB").show == load_rules("en").show
    assert load_rules("tlh").show == {}
