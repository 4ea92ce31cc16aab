"""The token table: what one chunk gives never depends on the chunks learnt beside it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.text.clauses import Clauser
from miner.text.language_data import load_language
from miner.text.stretches import _SPECIAL, stretches
from miner.text.tokens import TokenTable


def test_a_tokenizer_rule_that_holds_white_space_does_not_join_chunks() -> None:
    """spaCy's Spanish tokenizer knows "EE. UU." as one token; both halves may come alone."""
    together = Clauser("es").tokens("en los EE. UU. y la UE")
    assert together[-3:] == ("y", "la", "ue")
    alone = Clauser("es")
    for chunk in ("en", "los", "EE.", "UU.", "y", "la", "UE"):
        alone.tokens(chunk)
    assert alone.tokens("en los EE. UU. y la UE") == together


LETTERS = st.characters(categories=["Lu", "Ll", "Lo"], max_codepoint=0x500)
WORDS = st.text(LETTERS, min_size=1, max_size=9)
NUMBERS = st.integers(0, 10**12).map(str) | st.from_regex(r"[0-9]{1,9}[.,][0-9]{1,4}\Z")
MARKED = st.sampled_from("#@£$€¥(-+'").flatmap(
    lambda mark: (WORDS | NUMBERS).map(lambda rest: mark + rest)
)
NUMBERED = st.builds(str.__add__, st.from_regex(r"[A-Za-z]{1,6}\Z"), NUMBERS)
LETTERS_OR_DIGITS = WORDS | NUMBERS | NUMBERED | MARKED | st.from_regex(r"@\w+\Z")
MARKS = st.sampled_from(
    ["", ",", ".", "!", "?!", "!!!", "...", ";", ")", "'s", "’s", "'S", "’t", ":", ").", '!"', ":)"]
)
JOINTS = st.sampled_from(["-", "/", ",", ".", "..", "...", ":", "'", "&", "--", "./"])
LATIN = st.from_regex(r"[a-z]{1,9}\Z") | st.sampled_from(["www", "com", "xD", "US", "don"])
PLAIN_WORDS = WORDS | LATIN
LEADS = st.sampled_from(["", "", "(", '"', "[", "#", "'", "((", "@"])


@pytest.mark.parametrize("code", ["en", "sv", "de", "fr", "es", "nl", "ru", "el", "zh", "tlh"])
def test_what_is_cut_at_sight_the_tokenizer_cuts_alike(code: str) -> None:
    table = TokenTable(load_language(code), code=code)
    rules = sorted(rule for rule in getattr(table._tokenizer, "rules", ()) if rule.strip())
    seen = 0

    @settings(max_examples=300)
    @given(LETTERS_OR_DIGITS | st.sampled_from(rules or ["x"]), MARKS)
    def compare(word: str, mark: str) -> None:
        nonlocal seen
        chunk = word + mark
        at_sight = table._sight.tokens(chunk)
        if at_sight is None or " " in chunk:
            return
        seen += chunk[0].isalnum()
        pieces = stretches(chunk)
        cut = iter(table._cut([piece for piece, final in pieces if not final]))
        parts = ([piece] if final else next(cut) for piece, final in pieces)
        assert list(at_sight) == [text for part in parts for text in part]

    compare()
    assert (seen > 0) == (code != "zh")  # which has a tokenizer of its own


@pytest.mark.parametrize("code", ["en", "sv", "de", "fr", "es", "nl", "ru", "el", "zh", "tlh"])
def test_words_with_joints_and_marks_are_cut_at_sight_as_by_asking(code: str) -> None:
    table = TokenTable(load_language(code), code=code)
    rules = sorted(rule for rule in getattr(table._tokenizer, "rules", ()) if rule.strip())
    seen = 0

    def learnt(chunk: str) -> list[str]:
        found: list[list[str]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table, "_store", lambda chunks, tokens: found.extend(tokens))
            table._learn([chunk])
        return list(found[0])

    one = PLAIN_WORDS | st.sampled_from(rules or ["x"]) | st.sampled_from("abcdxåé")

    @settings(max_examples=600)
    @given(LEADS, st.lists(st.tuples(one, JOINTS), max_size=6), one, MARKS)
    def compare(lead: str, joined: list[tuple[str, str]], last: str, mark: str) -> None:
        nonlocal seen
        chunk = lead + "".join(map("".join, joined)) + last + mark
        at_sight = table._sight.tokens(chunk)
        if at_sight is None or " " in chunk:
            return
        seen += len(at_sight) > 2
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(table._sight, "tokens", lambda chunk: None)
            assert learnt(chunk) == list(at_sight)

    compare()
    assert (seen > 0) == (code != "zh")


def test_most_words_with_marks_are_known_at_sight() -> None:
    known = TokenTable(load_language("en"), code="en")._sight.tokens
    chunks = (
        "soup",
        "soup.",
        "soup's",
        "(soup)",
        '"soup',
        "half-baked",
        "soup...cold",
        "fries.But",
        "#soup!",
    )
    assert [chunk for chunk in chunks if known(chunk) is None] == []
    assert known("late.in") is known("(cannot)") is known("a/c.") is known(":soup:") is None


def test_a_long_run_of_signs_is_cut_sign_by_sign() -> None:
    clauser = Clauser("en")
    assert clauser.tokens("£" * 12) == ("£",) * 12
    assert clauser.tokens("well" + "'" * 9 + "😀!") == ("well", *"'" * 9, "😀", "!")


def test_noise_is_cut_at_every_mark_without_the_tokenizer(monkeypatch: pytest.MonkeyPatch) -> None:
    clauser = Clauser("en")
    noise = "a(B3=x-7/c);y"
    assert clauser.tokens(f"{noise} 😀!http://a.com/x?y=1&z don't") == (
        "a", "(", "b", "<num>", "=", "x", "-", "<num>", "/", "c", ")", ";", "y",
        "😀", "!", "<url>", "do", "n't",
    )  # fmt: skip
    assert clauser.tokens("it's...not...what...we've...paid") == (
        "it", "'s", "…", "not", "…", "what", "…", "we", "'ve", "…", "paid",
    )  # fmt: skip
    pieces: list[str] = []
    cut = TokenTable._cut
    monkeypatch.setattr(TokenTable, "_cut", lambda self, new: pieces.extend(new) or cut(self, new))
    Clauser("en").tokens(f"{noise} ~a*b|c'd=e+f-g*h don't")
    assert "don't" in pieces and "c'd" in pieces and not {"x-7/c", "e+f-g"} & set(pieces)


PIECES = st.sampled_from(
    [*"ab1é'’,-._:;=(<@/x", "xd", "XD", "www.", ".com", "https://", "---------", "''''''''''", "😀"]
)


@settings(max_examples=400)
@given(st.lists(PIECES, min_size=1, max_size=14).map("".join))
def test_looks_for_ordinary_chunks_and_for_links_change_nothing(chunk: str) -> None:
    found = stretches(chunk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("miner.text.stretches._UNLINKED", _SPECIAL)
        assert stretches(chunk) == found
        patch.setattr("miner.text.stretches._ORDINARY", re.compile(r"(?!)"))
        assert stretches(chunk) == found
