"""The words of all counted feedback as columns: one pass over the stored texts.

Memory: 18 bytes a word while it lasts, and about 150 bytes for each distinct spelling.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from miner.insight.window import Bools, Ints, Window
from miner.insight.wording.spelled import spelled
from miner.text.arrays import edges, run_starts
from miner.text.phrase_words import Role, phrase_words
from miner.text.word_spans import word_spans

Short = npt.NDArray[np.int32]

BATCH: Final = 2_000
"""Texts split at once: many, so that a call costs little; few, so that little is held."""


@dataclass(frozen=True, slots=True, eq=False)
class Clauses:
    """The clauses that hold a mention, in order of feedback and place; one row a clause.

    `row`: counted feedback; `start`, `end`: offsets into its redacted text; `of_mention`: shape
    (n_mentions,), the clause of each row of `Window.mentions`.
    """

    row: Ints
    start: Ints
    end: Ints
    of_mention: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """One row per word of counted feedback, in order; a stretch is a clause or what lies between.

    `spelling`: place in `spellings` (sorted); `key`: place in `keys` (sorted), what inflections
    share; `role`: a `miner.text.phrase_words.Role`; `linked`: nothing but function words and spaces
    lie between it and the word before, in the same stretch; `start`: offset in its text;
    `stretch`: place in `stretch_row`, `stretch_clause`, the counted feedback and the clause (-1
    where nothing was tagged) of each stretch that has a word.
    """

    spellings: tuple[str, ...]
    keys: tuple[str, ...]
    spelling: Short
    key: Short
    role: npt.NDArray[np.int8]
    linked: Bools
    start: Short
    stretch: Short
    stretch_row: Short
    stretch_clause: Short


def find_clauses(window: Window) -> Clauses:
    """Return the clauses of a window's mentions."""
    frame = window.tables.mentions.take(window.mentions.position)
    start, end = (frame[f"verbatim_{one}"].to_numpy(dtype=np.int64) for one in ("start", "end"))
    row = window.mentions.row
    order = np.lexsort((end, start, row))
    first = run_starts(row[order]) | run_starts(start[order])
    of_mention = np.empty(len(row), dtype=np.int64)
    of_mention[order] = np.cumsum(first) - 1
    chosen = order[first]
    return Clauses(row[chosen], start[chosen], end[chosen], of_mention)


def read_words(window: Window, clauses: Clauses) -> Words:
    """Return the words of all counted feedback."""
    ids: dict[str, int] = {}
    parts = [_batch(texts, rows, clauses, ids) for rows, texts in _texts(window)]
    spelling, row, clause, start, joined = (
        np.concatenate([part[at] for part in parts]) if parts else np.zeros(0, dtype=np.int32)
        for at in range(5)
    )
    spellings, spelling = _sorted_ids(ids, spelling)
    language = _languages(window)
    keys, key, role = _read(spellings, language, spelling, row)
    changes = run_starts(row) | run_starts(clause)
    return Words(
        spellings=spellings,
        keys=keys,
        spelling=spelling,
        key=key,
        role=role,
        linked=joined.astype(bool) & ~changes,
        start=start,
        stretch=(np.cumsum(changes) - 1).astype(np.int32),
        stretch_row=row[changes],
        stretch_clause=clause[changes],
    )


def _texts(window: Window) -> Iterator[tuple[Ints, list[str]]]:
    """Yield the counted feedback of each batch: their numbers and their texts."""
    counted = np.full(len(window.tables.feedback), -1)
    counted[window.position] = np.arange(window.n)
    for frame in window.tables.iter_text(BATCH):
        number = counted[frame.index.to_numpy()]
        texts = frame["verbatim"].fillna("").astype("str")[number >= 0].tolist()
        yield number[number >= 0], texts


def _batch(
    texts: list[str], rows: Ints, clauses: Clauses, ids: dict[str, int]
) -> tuple[Short, Short, Short, Short, Bools]:
    """Return spelling, row, clause, start and joined of the words of some texts."""
    whole = "\n".join(texts)
    found = word_spans(whole)
    names, place = spelled(whole, found)
    number = [ids.setdefault(name, len(ids)) for name in names]
    spelling = np.array(number, dtype=np.int32)[place]
    first = edges(np.array([len(text) + 1 for text in texts], dtype=np.int64))
    text = np.searchsorted(first, found.start, side="right") - 1
    start, row = found.start - first[text], rows[text] if len(rows) else text
    return (
        spelling,
        row.astype(np.int32),
        _clause(row, start, clauses).astype(np.int32),
        start.astype(np.int32),
        found.joined,
    )


def _clause(row: Ints, start: Ints, clauses: Clauses) -> Ints:
    """Return the clause each word lies in, -1 outside all of them."""
    if not len(clauses.row):
        return np.full(len(row), -1)
    wide = 1 << 32  # offsets are far below
    word, opens = row * wide + start, clauses.row * wide + clauses.start
    place = np.maximum(np.searchsorted(opens, word, side="right") - 1, 0)
    inside = (word >= opens[place]) & (word < clauses.row[place] * wide + clauses.end[place])
    return np.where(inside, place, -1)


def _sorted_ids(ids: dict[str, int], column: Short) -> tuple[tuple[str, ...], Short]:
    """Renumber by the alphabet, so that nothing depends on the order of the rows."""
    words = sorted(ids)
    place = np.empty(len(ids), dtype=np.int32)
    place[[ids[word] for word in words]] = np.arange(len(ids), dtype=np.int32)
    return tuple(words), place[column]


def _languages(window: Window) -> tuple[tuple[str, ...], Ints]:
    column = window.tables.feedback["language"].cat
    codes = column.codes.to_numpy()[window.position].astype(np.int64)
    return (*map(str, column.categories), ""), codes


def _read(
    spellings: tuple[str, ...], language: tuple[tuple[str, ...], Ints], spelling: Short, row: Short
) -> tuple[tuple[str, ...], Short, npt.NDArray[np.int8]]:
    """Return the keys there are, and key and role of each word as its language has it."""
    names, code_of_row = language
    key = np.zeros(len(spelling), dtype=np.int32)
    role = np.zeros(len(spelling), dtype=np.int8)
    numbers: dict[str, int] = {}
    roles, keys = np.zeros(len(spellings), dtype=np.int8), np.zeros(len(spellings), dtype=np.int32)
    for at in np.unique(code_of_row).tolist():
        words, here = phrase_words(names[at]), (code_of_row == at)[row]
        own = spelling[here]
        for one in np.flatnonzero(np.bincount(own, minlength=len(spellings))).tolist():
            roles[one], name = words.read(spellings[one])
            keys[one] = numbers.setdefault(name, len(numbers))
        role[here], key[here] = roles[own], keys[own]
    alphabet, key = _sorted_ids(numbers, key)
    return alphabet, key, role


def breaks(words: Words) -> Bools:
    """Return which words no phrase reaches back from: the first of a run of joined words."""
    number = words.role == Role.BREAK
    opens: Bools = ~words.linked | number
    opens[1:] |= number[:-1]
    return opens
