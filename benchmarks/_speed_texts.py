"""The texts that speed and memory are measured on: read from files, or mixed without end."""

from __future__ import annotations

import gzip
import json
import random
import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Final

LONG: Final = 40
"""Words from which on a text counts as a long response; below it is a short review."""

_SEED: Final = 20
_NEW_WORDS: Final = 0.05  # share of the words of a mixed text that are made up


@dataclass(frozen=True)
class Texts:
    """What is measured on: `warm` is read before, by everyone, and never measured.

    `short`, `long`: the others, by `LONG`, in a fixed random order.
    """

    warm: tuple[str, ...]
    short: tuple[str, ...]
    long: tuple[str, ...]

    @property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """The kinds of texts there are, by the name a table shows."""
        both = {"short reviews": self.short, "long responses": self.long}
        return {name: texts for name, texts in both.items() if texts}

    @property
    def measured(self) -> tuple[str, ...]:
        """All that may be measured, short and long."""
        return self.short + self.long


def read_texts(paths: Sequence[Path], *, limit: int | None = None) -> Texts:
    """Return the texts of files: JSON lines with ``text``, or plain lines; ``.gz`` of either.

    A tenth is set aside to warm up on. `limit`: keep that many, drawn at random.
    """
    texts = [text for path in paths for text in _lines(path) if text.strip()]
    random.Random(_SEED).shuffle(texts)
    kept = texts[:limit]
    aside = max(len(kept) // 10, 1)
    rest = kept[aside:]
    return Texts(
        warm=tuple(kept[:aside]),
        short=tuple(text for text in rest if words(text) < LONG),
        long=tuple(text for text in rest if words(text) >= LONG),
    )


def words(text: str) -> int:
    """Return how many words a text has: runs without white space."""
    return len(text.split())


def mixed(texts: Sequence[str], seed: int) -> Iterator[str]:
    """Yield texts without end, one word in twenty new, so that the vocabulary never stops growing.

    Taking what is asked for costs no memory: nothing is kept of what was given out.
    """
    chance = random.Random(seed)
    while True:
        found = chance.choice(texts).split()
        for at, word in enumerate(found):
            if chance.random() < _NEW_WORDS:
                found[at] = _new_word(word, chance)
        yield " ".join(found)


def joined(texts: Sequence[str], size: int, *, start: int = 0) -> str:
    """Return one ordinary text of `size` characters: given texts in a row, from number `start`."""
    parts: list[str] = []
    length = 0
    for text in islice(cycle(texts), start % len(texts), None):
        parts.append(text)
        length += len(text) + 1
        if length > size:
            break
    return " ".join(parts)[:size]


def _new_word(word: str, chance: random.Random) -> str:
    """Return a misspelling or a word that is in no dictionary."""
    if len(word) > 2 and chance.random() < 0.5:
        at = chance.randrange(1, len(word))
        return word[:at] + chance.choice(string.ascii_lowercase) + word[at:]
    return "".join(chance.choices(string.ascii_lowercase, k=chance.randrange(5, 10)))


def _lines(path: Path) -> Iterator[str]:
    plain = path.name.removesuffix(".gz")
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)["text"] if plain.endswith(".jsonl") else line.rstrip("\n")
