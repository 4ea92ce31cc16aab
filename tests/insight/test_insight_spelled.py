"""Words told apart by number: the same as comparing every one as a string."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from miner.insight.wording.spelled import spelled
from miner.text.word_spans import word_spans

LETTERS = st.text(alphabet="abÅß é\n-'’.中文\U0001f600", max_size=60)


@given(st.lists(LETTERS, max_size=8))
def test_places_lead_to_the_word_itself_first_come_first(texts: list[str]) -> None:
    text = "\n".join(texts)
    words = word_spans(text)
    plain = [text[a:b] for a, b in zip(words.start.tolist(), words.end.tolist(), strict=True)]
    names, place = spelled(text, words)
    assert [names[one] for one in place.tolist()] == plain
    assert names == list(dict.fromkeys(plain))


def test_order_case_and_length_tell_words_apart() -> None:
    text = "ab ba AB aab aba baa a aa aaa ab"
    names, place = spelled(text, word_spans(text))
    assert names == text.split()[:-1]
    assert place.tolist() == [*range(9), 0]


def test_many_spellings_stay_apart() -> None:
    wanted = [f"w{at:x}" for at in range(50_000)]
    text = " ".join(wanted)
    assert spelled(text, word_spans(text))[0] == wanted
