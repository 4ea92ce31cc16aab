"""Clauses: they tile the text, and stand where a reader would cut."""

from __future__ import annotations

import pickle
import threading
import time
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from text_strategies import texts

from miner.text.clauses import KINDS, MAX_CHARACTERS, Clauser
from miner.text.layout import Layout

ENGLISH = Clauser("en")


@cache
def clauser_of(language: str) -> Clauser:
    return Clauser(language)


def cut(text: str, language: str = "en") -> list[str]:
    return [text[c.start : c.end].strip() for c in clauser_of(language).clauses(text)]


def kinds(text: str) -> list[tuple[str, str]]:
    return [(text[c.start : c.end].strip(), c.kind) for c in ENGLISH.clauses(text)]


@given(texts)
def test_clauses_tile_the_text(text: str) -> None:
    clauses = ENGLISH.clauses(text)
    edges = [0, *(clause.end for clause in clauses)]
    assert [clause.start for clause in clauses] == edges[:-1]
    assert edges[-1] == len(text)
    assert all(clause.start < clause.end for clause in clauses)


@given(st.lists(texts, max_size=6), st.integers(0, 5))
def test_a_text_is_cut_alike_in_any_company(batch: list[str], at: int) -> None:
    batch = [*batch, "All fine, but slow."]
    whole = ENGLISH.analyse(batch)
    at %= len(batch)
    alone = ENGLISH.analyse([batch[at]])
    rows = np.flatnonzero(whole.document == at)
    assert whole.start[rows].tolist() == alone.start.tolist()
    assert whole.end[rows].tolist() == alone.end.tolist()
    assert whole.kind[rows].tolist() == alone.kind.tolist()
    assert [whole.tokens[row] for row in rows] == alone.tokens


@given(texts)
def test_one_clause_has_the_tokens_of_the_text(text: str) -> None:
    batch = ENGLISH.analyse([text])
    statements = [
        tokens for tokens, code in zip(batch.tokens, batch.kind, strict=True) if code == 0
    ]
    if len(batch) == 1 and statements:
        assert statements[0] == ENGLISH.tokens(text)


@given(texts)
def test_only_statements_have_tokens(text: str) -> None:
    batch = ENGLISH.analyse([text])
    for code, tokens in zip(batch.kind.tolist(), batch.tokens, strict=True):
        assert KINDS[code] == "statement" or tokens == ()


@given(texts, st.sampled_from(["en", "sv", "de", "fr", "es", "nl", "xx", "tlh"]))
def test_no_language_crashes(text: str, language: str) -> None:
    clauses = clauser_of(language).clauses(text)
    assert sum(clause.end - clause.start for clause in clauses) == len(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("App crashes!!!Support useless", ["App crashes!!!", "Support useless"]),
        ("It was great.But nobody answered", ["It was great.", "But nobody answered"]),
        (
            "Love the shampoo but the delivery took three weeks.",
            ["Love the shampoo", "but the delivery took three weeks."],
        ),
        (
            "Although the room was small, the bed was superb.",
            ["Although the room was small,", "the bed was superb."],
        ),
        (
            "Check-in was quick, and the porter was charming.",
            ["Check-in was quick,", "and the porter was charming."],
        ),
        ("Lovely view 😍 lift out of order", ["Lovely view 😍", "lift out of order"]),
        ("The food is 🔥 and cheap", ["The food is 🔥 and cheap"]),
        (
            "Room fine - the breakfast was cold",
            ["Room fine -", "the breakfast was cold"],
        ),
        ("• slow\n• ugly\n- dear", ["• slow", "• ugly", "- dear"]),
        (
            "1. Food was cold. 2. Staff were rude.",
            ["1. Food was cold.", "2. Staff were rude."],
        ),
        ("good food; slow service", ["good food;", "slow service"]),
        ("Pros: cheap and light Cons: noisy", ["Pros: cheap and light", "Cons: noisy"]),
        ("Never again…Avoid this", ["Never again…", "Avoid this"]),
        ("Works well, not cheap though", ["Works well, not cheap though"]),
        ("All but one of the lamps came", ["All but one of the lamps came"]),
        ("Nothing but trouble from day one", ["Nothing but trouble from day one"]),
        ("Not yet delivered, still waiting", ["Not yet delivered, still waiting"]),
        ("Paid approx. 3 weeks ago, e.g. in May", ["Paid approx. 3 weeks ago, e.g. in May"]),
        ("Mrs N. Ek helped on level no. 4 today", ["Mrs N. Ek helped on level no. 4 today"]),
        ("Version 2.5.1 at www.shop.example.com broke", None),
        ("The staff (who were kind. Truly!) helped", None),
        ('The clerk said "No. Go away." and left', None),
        ("He was nice and I liked him", None),
        ("Was it good? No way", ["Was it good?", "No way"]),
        ("BEST. PIER. EVER. Sea was cold.", ["BEST. PIER. EVER.", "Sea was cold."]),
        ("Pricey. Loud.\nEmpty.", ["Pricey. Loud.", "Empty."]),
    ],
)
def test_where_clauses_start(text: str, wanted: list[str] | None) -> None:
    assert cut(text) == ([text] if wanted is None else wanted)


def test_lines_broken_at_a_fixed_width_are_read_on() -> None:
    text = (
        "My last three orders were all put down at the wrong door which is\n"
        "tiring because I then have to walk around the block and look for\n"
        "a box that may or may not be there. The shop itself is lovely."
    )
    assert len(cut(text)) == 2
    assert len(cut("slow app\nrude staff\nhigh price")) == 3


@pytest.mark.parametrize(
    ("language", "text", "clauses"),
    [
        ("sv", "Maten var god men servicen var usel.", 2),
        ("de", "Das Zimmer war schön, aber die Dusche war kalt. Am 3. Mai ging nichts.", 3),
        ("fr", "La chambre était propre mais le petit déjeuner était froid.", 2),
        ("es", "La comida es buena pero el servicio es lento.", 2),
        ("nl", "De telefoon is mooi maar de bezorging duurde lang.", 2),
        ("xx", "Maten var god men servicen var usel. Aldrig mer!", 2),
    ],
)
def test_other_languages(language: str, text: str, clauses: int) -> None:
    assert len(cut(text, language)) == clauses


def test_a_ticket_comes_apart_into_its_kinds() -> None:
    text = (
        "Subject: claim HB-20931\n\nDear Ms Olander,\n\nThe roof still leaks. Nobody rang.\n\n"
        "Kind regards,\nIda Blom\nSent from my phone\n\n-----Original Message-----\nWe are on it."
    )
    assert kinds(text) == [
        ("Subject: claim HB-20931", "greeting"),
        ("Dear Ms Olander,", "greeting"),
        ("The roof still leaks.", "statement"),
        ("Nobody rang.", "statement"),
        ("Kind regards,", "signature"),
        ("Ida Blom", "signature"),
        ("Sent from my phone", "signature"),
        ("-----Original Message-----", "quote"),
        ("We are on it.", "quote"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for nothing",
        "Cheers to the night porter for the help",
        "Hello",
        "Thanks!",
        "Best hotel in town",
        "Dear me, what a mess",
        "Great food\nTerrible service\nAvoid",
        "My order took 5 weeks\nnever again",
        "From start to finish a delight",
    ],
)
def test_what_is_no_furniture(text: str) -> None:
    assert {kind for _, kind in kinds(text)} == {"statement"}


def test_a_greeting_leaves_the_statement_behind() -> None:
    assert kinds("Hi, I love the app") == [
        ("Hi,", "greeting"),
        ("I love the app", "statement"),
    ]
    assert kinds("The lamp broke. Many thanks, Ola")[-1] == ("Many thanks, Ola", "signature")


def test_an_answer_below_the_quote_is_a_statement() -> None:
    found = kinds("On Mon, 2 May, Support wrote:\n> Is it solved?\n\nNo, it still drips.")
    assert [kind for _, kind in found] == ["quote", "quote", "statement"]


def test_the_tokens_the_tagger_sees() -> None:
    assert ENGLISH.tokens("SOOOO slow!!! Paid £8.50 for 12 days 👍🏽 see www.a.com or @vy, no") == (
        "soo", "slow", "!!!", "paid", "<money>", "for", "<num>", "days", "👍",
        "see", "<url>", "or", "<user>", ",", "no",
    )  # fmt: skip


LETTER_PARTS = st.sampled_from(
    ["Hi team, ", "Dear Bo. ", "thanks", "Many thanks", "Best, Bo", "love", "Order 5", "It broke",
     ".", "! ", ". ", ") ", " (twice) ", "… ", ", ", " ", "\n", "> quoted", "Subject: late", "@us "]
)  # fmt: skip


@given(st.lists(st.lists(LETTER_PARTS, max_size=8).map("".join), min_size=1, max_size=4))
def test_every_text_that_may_hold_furniture_is_looked_at(batch: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Layout, "furniture_candidates", lambda self, _: np.arange(len(self.lines), dtype=int)
        )
        all_looked_at = [ENGLISH.clauses(text) for text in batch]
    assert [ENGLISH.clauses(text) for text in batch] == all_looked_at
    joined = ENGLISH.analyse(batch)
    found = zip(joined.document.tolist(), joined.start.tolist(), strict=True)
    assert list(found) == [(at, one.start) for at, some in enumerate(all_looked_at) for one in some]


def test_money_does_not_reach_across_texts_or_lines() -> None:
    assert ENGLISH.tokens_many(["cost 5", "$ only"]) == [("cost", "<num>"), ("$", "only")]
    assert ENGLISH.tokens("cost 5\n$ only") == ("cost", "<num>", "$", "only")


def test_long_text_is_cut_and_says_so() -> None:
    text = "Slow app. " * 5_000
    batch = ENGLISH.analyse(["fine", text])
    assert batch.truncated.tolist() == [False, True]
    rest = batch.of(1)[-1]
    assert (rest.kind, rest.end) == ("quote", len(text))
    assert rest.start <= MAX_CHARACTERS


@pytest.mark.parametrize(
    "unit",
    [
        "😡",
        "a",
        "bad ",
        "\u200d",
        '"(',
        "e\u0301",
        "> ",
        "\n",
        ".",
        "on ",
        "but ",
        "x\n",
        "http://a.",
        "a@b.",
    ],
)
def test_hostile_text_costs_little(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    started = time.process_time()
    batch = ENGLISH.analyse([text])
    assert time.process_time() - started < 5
    assert batch.truncated.tolist() == [True]
    assert batch.end[-1] == len(text)


def test_nothing_and_white_space() -> None:
    assert len(ENGLISH.analyse([])) == 0
    batch = ENGLISH.analyse(["", "  \n "])
    assert batch.document.tolist() == [1]
    assert batch.tokens == [()]
    assert ENGLISH.tokens("") == ()


def test_blocks_do_not_show() -> None:
    texts = [f"Order {n} came late, but the driver was kind. " * 20 for n in range(400)]
    batch = ENGLISH.analyse(texts)
    assert batch.document[-1] == 399
    assert batch.of(399) == ENGLISH.clauses(texts[399])


def test_a_full_table_starts_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miner.text.tokens._MAX_CHUNKS", 3)
    clauser = Clauser("en")
    first = clauser.tokens("one two three four five")
    assert clauser.tokens("six seven") == ("six", "seven")
    assert clauser.tokens("one two three four five") == first


def test_pickles_and_gives_the_same() -> None:
    again = pickle.loads(pickle.dumps(ENGLISH))
    text = "Fine room, but the street was loud!"
    assert again.language == "en"
    assert again.clauses(text) == ENGLISH.clauses(text)


def test_threads_do_not_disturb_each_other() -> None:
    clauser, wrong = Clauser("en"), []

    def work(seed: int) -> None:
        for n in range(40):
            text = f"word{seed}x{n} is great but thing{seed}y{n} is slow"
            if clauser.tokens(text)[0] != f"word{seed}x{n}" or len(clauser.clauses(text)) != 2:
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
