"""Texts written to be slow, and what a character of them costs against one of ordinary text."""

from __future__ import annotations

import gc
import random
import string
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks._speed_texts import Texts, joined
from benchmarks._speed_timing import work
from benchmarks._tables import Check, Section, Table

Make = Callable[[int, random.Random], str]
"""Size in characters and a source of chance to a text of that size."""

SHAPES: Final = {
    "20,000 characters": (1, 20_000),
    "1,000,000 characters": (1, 1_000_000),
    "5 x 20,000": (5, 20_000),
    "500 x 200": (500, 200),
}
"""Number of texts and characters of each, by the name a table shows."""


def repeated(unit: str) -> Make:
    """Return a maker of a text that says one thing over and over, after a number."""

    def make(size: int, chance: random.Random) -> str:
        head = f"{chance.randrange(100_000)} "
        return (head + unit * (size // len(unit) + 1))[:size]

    return make


def drawn(pieces: Sequence[str], gap: str = "") -> Make:
    """Return a maker of a text of pieces drawn at random."""

    def make(size: int, chance: random.Random) -> str:
        shortest = min(len(piece) for piece in pieces) + len(gap)
        return gap.join(chance.choices(pieces, k=size // shortest + 1))[:size]

    return make


def new_words(length: int, gap: str = " ", *, letters: str = string.ascii_lowercase) -> Make:
    """Return a maker of a text of random words, no two alike: it fills every memory of words."""

    def make(size: int, chance: random.Random) -> str:
        text = "".join(chance.choices(letters, k=size))
        return gap.join(text[at : at + length] for at in range(0, size, length))[:size]

    return make


def nested(pairs: Sequence[str]) -> Make:
    """Return a maker of a text that opens one bracket after the other, then closes them all."""

    def make(size: int, chance: random.Random) -> str:
        opened = chance.choices(pairs, k=size // 2)
        return "".join(one[0] for one in opened) + "".join(one[1] for one in reversed(opened))

    return make


def numbers(pattern: str) -> Make:
    """Return a maker of a text of distinct numbers, each put into the pattern."""

    def make(size: int, chance: random.Random) -> str:
        first = chance.randrange(10**6)
        count = size // (len(pattern) - 2) + 1
        return "".join(pattern.format(first + at) for at in range(count))[:size]

    return make


TEXTS: Final[dict[str, Make]] = {
    "one emoji": repeated("😀"),
    "many emoji": drawn([chr(code) for code in range(0x1F300, 0x1F5FF)]),
    "families of joined emoji": repeated("👨\u200d👩\u200d👧\u200d👦"),
    "flags": drawn([chr(code) for code in range(0x1F1E6, 0x1F200)]),
    "emoticons": drawn([":)", ":-(", ";-)", ":D", "<3", "^_^", "xD"], " "),
    "emoticons in one word": drawn([":)", ":-(", ";-)", ":D", "<3"]),
    "one letter": repeated("a"),
    "one letter, spaced": repeated("a "),
    "bad bad bad": repeated("bad "),
    "verdicts of one word": drawn(["Rude.", "Broken.", "Late.", "Awful!", "Great!"], " "),
    "verdicts of two words": drawn(
        ["rude staff,", "slow delivery;", "great food.", "bad app!", "dirty room,", "too dear."],
        " ",
    ),
    "requests and threats": drawn(
        ["please", "never", "again", "I", "want", "refund", "cancel", "why", "not", "will", "you",
         "lawyer", "rang", "three", "times", "switching", "to", "another", "bank", "?", "no"],
        " ",
    ),
    "and but": repeated("and but "),
    "and but, clauses": drawn(["and", "but", "the food was bad", "because", "while"], " "),
    "not not not": repeated("not "),
    "never again": repeated("never again "),
    "zero-width joiners": repeated("\u200d"),
    "letters and zero-width joiners": repeated("a\u200d"),
    "soft hyphens": repeated("a\u00ad"),
    "combining marks": repeated("e\u0301"),
    "stacked combining marks": repeated("a" + "".join(map(chr, range(0x300, 0x340)))),
    "combining marks alone": repeated("\u0301"),
    "marks out of order": repeated("a\u0301\u0323\u0302\u0324"),
    "characters that unfold": repeated("\ufdfa"),
    "full-width letters": repeated("ｂａｄ　"),
    "characters that change length": repeated("İßŉﬃ"),
    "fractions and units": repeated("½㎏"),
    "lone surrogates": repeated("\ud800"),
    "NUL": repeated("\x00"),
    "right-to-left marks": repeated("\u202e"),
    "Chinese without spaces": drawn([chr(code) for code in range(0x4E00, 0x5E00)]),
    "newlines": repeated("\n"),
    "carriage returns": repeated("\r\n"),
    "one letter a line": repeated("a\n"),
    "spaces": repeated(" "),
    "no-break spaces": repeated("\u00a0"),
    "tabs between letters": repeated("a\t"),
    "lists": repeated("- a\n"),
    "numbered lists": numbers("{}. a\n"),
    "bullets": repeated("•"),
    "digits": repeated("1234567890"),
    "digits, spaced": repeated("1 2 3 "),
    "distinct numbers": numbers("{} "),
    "money": numbers("£{}.99 "),
    "money in words": repeated("5 euros "),
    "currency signs": repeated("£"),
    "many currency signs": drawn(list("£$€¥")),
    "currency signs, spaced": repeated("$ 5 "),
    "phone numbers": numbers("+44 20 {} "),
    "dates": numbers("{}/12/2026 "),
    "links": numbers("https://shop.example/{}?a=b "),
    "one link": repeated("http://a.example/b/"),
    "domains": numbers("a{}.com "),
    "domains in one word": repeated("a.com."),
    "e-mail addresses": numbers("a{}@b.example "),
    "half an e-mail address": repeated("a.b-c+"),
    "at signs": repeated("@"),
    "e-mail addresses in one word": repeated("a@b."),
    "user names": numbers("@user{} "),
    "hash tags": numbers("#tag{} "),
    "apostrophes": repeated("'"),
    "curly apostrophes": repeated("’"),
    "many apostrophes": drawn(list("'’‘`´")),
    "many suffixes": drawn(list("…'\"`”“»")),
    "contractions": repeated("don't can't it's "),
    "contractions in one word": repeated("n't's"),
    "dots": repeated("."),
    "dots, spaced": repeated(". "),
    "initials": repeated("a.b."),
    "dots between words": repeated("bad.good"),
    "ellipses": repeated("…"),
    "!?": repeated("!?"),
    "!?, spaced": repeated("! ? "),
    "commas": repeated(","),
    "commas, spaced": repeated(", "),
    "semicolons": repeated("a;"),
    "colons": repeated(":"),
    "hyphens": repeated("-"),
    "hyphens in one word": repeated("a-"),
    "underscores": repeated("_"),
    "slashes": repeated("a/"),
    "asterisks": repeated("*"),
    "nested parentheses": nested(["()"]),
    "nested brackets and quotes": nested(["()", "[]", "{}", "“”", "‘’", "«»", '""', "''"]),
    "quotes": repeated('"'),
    "quotes around letters": repeated('"a" '),
    "tags": repeated("<b>a</b>"),
    "open tags": repeated("<"),
    "entities": repeated("&amp;"),
    "many signs": drawn(list(",:;'£$%&@#")),
    "one word with punctuation": drawn(list("abcdefg.,;:!?'-/()@#&%")),
    "printable characters": drawn(list(string.printable)),
    "new words of 3 letters": new_words(3),
    "new words of 6 letters": new_words(6),
    "new words of 24 letters": new_words(24),
    "new words of 100 letters": new_words(100),
    "new words, one a line": new_words(6, "\n"),
    "new words between dots": new_words(5, "."),
    "new words between hyphens": new_words(5, "-"),
    "new words with apostrophes": new_words(4, "'s "),
    "new words in capitals": new_words(6, letters=string.ascii_uppercase),
    "new words with accents": new_words(6, letters="áéíóúàèìòùâêîôûäëïöüñçß"),
    "new words, one letter": new_words(1, letters="".join(map(chr, range(0x400, 0x1000)))),
    "one new word": new_words(1_000_000),
    "long repeats": drawn([letter * 50 for letter in string.ascii_lowercase], " "),
    "quoted lines": numbers("> line {}\n"),
    "greetings": repeated("Hi,\n"),
    "signatures": repeated("Kind regards\n"),
    "reply headers": repeated("On Mon, 2 Mar 2026 Ann wrote:\n"),
    "original messages": repeated("-----Original Message-----\n"),
    "header lines": repeated("From: a\nTo: b\n"),
    "one header line": repeated("From: a\n"),
    "subjects": numbers("Subject: {}\n"),
    "sent from": repeated("Sent from my phone\n"),
    "rules across": repeated("--\n"),
}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What a character of one hostile text costs, in characters of ordinary text, a shape each.

    `first`: when the text is seen for the first time; `again`: the second time.
    """

    first: dict[str, float]
    again: dict[str, float]

    @property
    def worst(self) -> float:
        """The highest of all."""
        return max(*self.first.values(), *self.again.values())


def hostile(texts: Texts, rounds: int, *, only: str = "") -> Section:
    """Find the text that costs most. `only`: those whose names hold this."""
    chosen = {name: make for name, make in TEXTS.items() if only in name}
    taken = [measure(texts, chosen, SHAPES, seed=turn) for turn in range(rounds)]
    costs = {name: _middle([one[name] for one in taken]) for name in chosen}
    ranked = sorted(costs, key=lambda name: -costs[name].worst)
    rows = tuple(
        (
            name,
            *(
                f"{costs[name].first[shape]:.2f} / {costs[name].again[shape]:.2f}"
                for shape in SHAPES
            ),
            f"{costs[name].worst:.2f}",
        )
        for name in ranked
    )
    note = (
        "Time a character, in ordinary characters' time: seen for the first time / again. "
        f"Median of {rounds} rounds, a fresh scorer in each."
    )
    table = Table("Hostile texts, worst first", ("", *SHAPES, "worst"), rows, note)
    worst = costs[ranked[0]].worst
    checks = (Check(f"worst hostile text ({ranked[0]})", worst, high=5, unit="x"),)
    figures = {name: {"first": one.first, "again": one.again} for name, one in costs.items()}
    return Section("hostile", (table,), checks, figures)


def measure(
    texts: Texts, makers: dict[str, Make], shapes: dict[str, tuple[int, int]], *, seed: int
) -> dict[str, Cost]:
    """Return the cost of every hostile text, with a scorer that has seen the warm texts alone."""
    import miner

    scorer = miner.load()
    for _ in scorer.score_many(texts.warm):
        pass
    found = {name: Cost({}, {}) for name in makers}
    for shape, (count, size) in shapes.items():
        print(f"  {shape}, round {seed + 1} …", file=sys.stderr, flush=True)
        ordinary = _ordinary(texts, count, size)
        usual = [_twice(scorer, next(ordinary)) for _ in range(5)]
        base = [sorted(column)[len(usual) // 2] for column in zip(*usual, strict=True)]
        for number, (name, make) in enumerate(makers.items()):
            chance = random.Random(1000 * seed + number)
            given = [make(size, chance) for _ in range(count)]
            first, again = _twice(scorer, given)
            found[name].first[shape] = first / base[0]
            found[name].again[shape] = again / base[1]
    return found


def _ordinary(texts: Texts, count: int, size: int) -> Iterator[list[str]]:
    """Yield lists of `count` ordinary texts of `size` characters, other texts every time."""
    chosen = texts.long or texts.short
    start = 0
    while True:
        found = []
        for _ in range(count):
            found.append(joined(chosen, size, start=start))
            start += max(size // 500, 1)
        yield found


def _twice(scorer: Any, texts: Sequence[str]) -> tuple[float, float]:
    """Return processor seconds a character for the first and the second time."""
    characters = sum(map(len, texts))

    def run() -> None:
        for _ in scorer.score_many(texts):
            pass

    gc.collect()
    first = work(run)
    return first / characters, min(work(run), work(run)) / characters


def _middle(costs: Sequence[Cost]) -> Cost:
    def middle(values: list[dict[str, float]]) -> dict[str, float]:
        return {
            shape: sorted(one[shape] for one in values)[len(values) // 2] for shape in values[0]
        }

    return Cost(middle([one.first for one in costs]), middle([one.again for one in costs]))
