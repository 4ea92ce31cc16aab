"""Words of any script, and what they are worth in a phrase."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.errors import InternalError
from miner.text.language_data import shipped_languages
from miner.text.phrase_words import NEGATION_KEY, Role, parse_phrase_words, phrase_words
from miner.text.redact import redact
from miner.text.word_spans import PLACEHOLDER, word_spans

DATA = files("miner.text") / "data" / "phrases"


def words(text: str) -> list[str]:
    found = word_spans(text)
    return [text[a:b] for a, b in zip(found.start.tolist(), found.end.tolist(), strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Can't log-in, or sign in!", ["Can't", "log-in", "or", "sign", "in"]),
        ("the 'quoted' word – and a dash", ["the", "quoted", "word", "and", "a", "dash"]),
        ("cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("שירות גרוע", ["שירות", "גרוע"]),
        ("खराब सेवा", ["खराब", "सेवा"]),
        ("服务很差", ["服务", "务很", "很差"]),
        ("great 👍🏽 app", ["great", "app"]),
        ("5g in 2026", ["5g", "in", "2026"]),
        ("mail [e-mail] or [phone] me", ["mail", "or", "me"]),
        ("a\ud83db", ["a", "b"]),
        ("x" * 500 + " ok", ["ok"]),
        ("", []),
    ],
)
def test_words_of_every_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_only_spaces_join_two_words() -> None:
    found = word_spans("hold time, please; one\ttwo\nthree [number] four")
    assert found.joined.tolist() == [False, True, False, False, True, False, False]


@given(st.text(max_size=80))
def test_words_lie_in_the_text_in_order(text: str) -> None:
    found = word_spans(text)
    assert (found.start < found.end).all() and (found.end <= len(text)).all()
    assert (found.start[1:] > found.start[:-1]).all()
    assert all(any(map(str.isalnum, word)) or not word.isascii() for word in words(text))


@given(st.lists(st.text(alphabet="ab é'-,.服 1", max_size=12), min_size=1, max_size=5))
def test_joined_texts_have_the_words_of_each(texts: list[str]) -> None:
    assert words("\n".join(texts)) == [word for text in texts for word in words(text)]


def test_what_redaction_leaves_is_no_word() -> None:
    said = (
        "mail jo@example.org or @handle, see https://example.org/a and call +44 20 7946 0958,"
        " order 4471-882, 192.168.10.12, GB82 WEST 1234 5698 7654 32, 4111 1111 1111 1111"
    )
    redacted = redact(said)
    assert len({one.label for one in redacted.spans}) >= 7
    assert all(PLACEHOLDER.fullmatch(one.label) for one in redacted.spans)


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("en", ["charge", "charges", "charged", "charging"]),
        ("en", ["cancel", "cancels", "cancelled", "Cancelling"]),
        ("en", ["company", "companies", "company's", "COMPANY’S"]),
        ("en", ["address", "addresses"]),
        ("de", ["Lieferung", "Lieferungen"]),
        ("de", ["Kunde", "Kunden"]),
        ("sv", ["faktura", "fakturor", "fakturan"]),
        ("sv", ["router", "routern"]),
        ("es", ["entrega", "entregas"]),
        ("fr", ["livraison", "livraisons", "l'livraison", "d’livraison"]),
        ("nl", ["levering", "leveringen"]),
    ],
)
def test_inflections_share_a_key(code: str, forms: list[str]) -> None:
    assert {phrase_words(code).read(form) for form in forms} == {
        (Role.CONTENT, phrase_words(code).read(forms[0])[1])
    }


def test_different_words_keep_apart() -> None:
    read = phrase_words("en").read
    pairs = [("price", "prize"), ("staff", "stuff"), ("bill", "ball"), ("speed", "speak")]
    assert all(read(one) != read(other) for one, other in pairs)


@pytest.mark.parametrize(
    ("word", "role"),
    [
        ("The", Role.FUNCTION),
        ("don’t", Role.NEGATION),
        ("NEVER", Role.NEGATION),
        ("yesterday", Role.LIGHT),
        ("problems", Role.LIGHT),
        ("2nd", Role.LIGHT),
        ("tv", Role.LIGHT),
        ("24", Role.BREAK),
        ("xxxx", Role.BREAK),
        ("refund", Role.CONTENT),
        ("ß", Role.FUNCTION),
    ],
)
def test_what_a_word_is_worth(word: str, role: Role) -> None:
    assert phrase_words("en-GB").read(word)[0] is role


def test_all_negations_are_one_word() -> None:
    keys = {phrase_words("en").read(word)[1] for word in ("not", "never", "didn't", "No")}
    assert keys == {NEGATION_KEY}


def test_a_language_without_a_file_takes_words_as_they_stand() -> None:
    assert phrase_words("fi").read("Laskut") == (Role.CONTENT, "laskut")
    assert phrase_words("../en").read("the") == (Role.CONTENT, "the")


@pytest.mark.parametrize("code", shipped_languages())
def test_every_language_has_its_lists_without_repeats(code: str) -> None:
    data: dict[str, Any] = tomllib.loads((DATA / f"{code}.toml").read_text("utf-8"))
    listed = [word for name in ("function", "light", "negations") for word in data[name]]
    assert sorted(listed) == sorted(set(listed))
    assert all(len(data[name]) > 5 for name in ("function", "light", "negations"))
    assert phrase_words(code).language == code


GOOD: dict[str, Any] = {
    "function": ["a"], "telling": ["a"], "light": ["b"], "negations": ["c"], "negation_ends": True,
    "prefixes": [], "stage": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"typo": []}, "unknown or missing: typo"),
        ({"light": None}, "unknown or missing: light"),
        ({"telling": ["soap"]}, "telling, but no function word: soap"),
        ({"negations": ["Not"]}, 'negations has "Not", expected lower case'),
    ],
)
def test_broken_lists_are_named(change: dict[str, Any], message: str) -> None:
    data = {key: value for key, value in (GOOD | change).items() if value is not None}
    with pytest.raises(InternalError, match=message):
        parse_phrase_words(data, "en")
