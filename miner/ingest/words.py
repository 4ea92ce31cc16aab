"""The word lists of this layer (TOML, one entry a language) and how headers are compared."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Level = Literal["exact", "within", "part"]

_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])")
_NOT_WORD = re.compile(r"[\W_]+")
_MIN_PART = 5  # letters: shorter words are found inside others by chance ("ort" in "Support")


@dataclass(frozen=True, slots=True)
class NameMatch:
    """How a header matched a field: the level, the word that matched, its order, its language."""

    level: Level
    word: str
    rank: int
    language: str


@cache
def table(name: str) -> dict[str, Any]:
    """Return the parsed data file ``<name>.toml`` of this layer; callers must not change it."""
    text = files("miner.ingest").joinpath("data", f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def plain(header: str) -> str:
    """Return a header as words: ``reviewId`` and ``Review_ID`` both give ``review id``.

    Examples
    --------
    >>> plain("Review Created (UTC)"), plain("thumbsUpCount")
    ('review created utc', 'thumbs up count')
    """
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", header))
    return _NOT_WORD.sub(" ", text).strip().casefold()


def match(field: str, names: Iterable[str], *, lists: str = "fields") -> NameMatch | None:
    """Return the best match of a field's names with a column's header or question text.

    `lists`: the data file whose word lists are compared.

    Exact beats a run of whole words, which beats a part of a compound word
    (``kundkommentar``), which counts in the languages that write compounds as one word.
    """
    found = [hit for name in names if name for hit in _matches(lists, field, plain(name))]
    order = {"exact": 0, "within": 1, "part": 2}
    return min(found, key=lambda hit: (order[hit.level], hit.rank), default=None)


def _matches(lists: str, field: str, words: str) -> Iterable[NameMatch]:
    exact, within = _names(lists, field)
    if words in exact:
        yield NameMatch("exact", words, *exact[words])
    padded = f" {words} "
    compounds = table("fields")["compounds"]
    for word, (rank, language) in within.items():
        if word == words:
            yield NameMatch("exact", word, 100 + rank, language)
        elif f" {word} " in padded:
            yield NameMatch("within", word, rank, language)
        elif language in compounds and len(word) >= _MIN_PART and word in words:
            yield NameMatch("part", word, rank, language)


@cache
def _names(lists: str, field: str) -> tuple[dict[str, tuple[int, str]], dict[str, tuple[int, str]]]:
    entry = table(lists)[field]
    return _ranked(entry.get("exact", {})), _ranked(entry.get("within", {}))


def _ranked(by_language: dict[str, list[str]]) -> dict[str, tuple[int, str]]:
    ranked: dict[str, tuple[int, str]] = {}
    for language, words in by_language.items():
        for rank, word in enumerate(words):
            ranked.setdefault(plain(word), (rank, language))
    return ranked
