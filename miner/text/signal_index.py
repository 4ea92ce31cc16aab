"""Which clauses are worth a search, and for what: look-ups in whole columns, no search yet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from miner.text.arrays import Longs, counts_before, places, run_starts, spread
from miner.text.words import Columns, TokenRows, WordColumns

_OPENING: Final = 4  # words that may open a clause: up to three lead in, then the word itself
_BITS: Final = 62  # of a signed number
# Tokens up to which look-ups one by one are faster than in columns: 11 µs for 52 at 12 tokens.
_FEW: Final = 64


class Needs(NamedTuple):
    """What a rule can't match without: a word of each set; where `opens`, that of the first set
    opens the clause, but for words that lead in."""

    sets: tuple[frozenset[str], ...]
    opens: bool


class RuleIndex:
    """Finds the rules that may match in each clause. Thread-safe.

    Parameters
    ----------
    rules : the needs of each rule.
    alike : words that count as another.
    lead_in : words that may stand before the one that opens a clause.

    Examples
    --------
    >>> rule = Needs((frozenset({"back"}), frozenset({"money", "cash"})), opens=False)
    >>> index = RuleIndex([rule], alike={}, lead_in=frozenset())
    >>> list(index.wanted(TokenRows.of([("money", "back"), ("come", "back")])))
    [(0, [0])]
    """

    def __init__(
        self, rules: Sequence[Needs], *, alike: Mapping[str, str], lead_in: frozenset[str]
    ) -> None:
        self._alike = alike
        self._lead_in = lead_in
        self._width = max(len(rules), 1)
        self._begun = _Calls((at, one.sets[0]) for at, one in enumerate(rules) if not one.opens)
        self._opened = _Calls((at, one.sets[0]) for at, one in enumerate(rules) if one.opens)
        others = sorted({need for one in rules for need in one.sets[1:]}, key=sorted)
        place = {need: at for at, need in enumerate(others, 1)}
        # words that fill the same needs share a row of bits; row 0 fills none but need 0, as all do
        self._fills = _Calls((place[need], need) for need in others)
        self._bits = self._fills.bits(len(others) + 1)
        self._bits[:, 0] |= 1
        # what else each rule needs: a word of this set, of that one …; 0 where nothing
        most = max((len(one.sets) for one in rules), default=1) - 1
        also = np.zeros((max(len(rules), 1), most), dtype=np.int64)
        for at, one in enumerate(rules):
            also[at, : len(one.sets) - 1] = [place[need] for need in one.sets[1:]]
        self._also = [(needs // _BITS, needs % _BITS) for needs in also.T]
        self._all_of = [sum(1 << place[need] for need in set(one.sets[1:])) for one in rules]
        self._columns = WordColumns(self._words)

    def wanted(self, rows: TokenRows) -> Iterator[tuple[int, list[int]]]:
        """Yield the clauses worth a search, in order, with the rules to search for."""
        if len(rows.word) <= _FEW:
            yield from self._wanted_of_few(rows)
            return
        begun, opened, leads, fills = self._columns.of(rows.vocabulary)
        clause, word = rows.row, rows.word
        found = [self._begun.expanded(clause, begun[word])]
        opening = self._opening(rows, opened[word], leads)
        if len(opening):
            found.append(self._opened.expanded(clause[opening], opened[word[opening]]))
        row, rule = (np.concatenate(columns) for columns in zip(*found, strict=True))
        if not len(row):
            return
        calls = np.zeros(len(rows), dtype=np.bool_)
        calls[row] = True
        called, row = places(calls), calls.cumsum()[row] - 1
        filled = self._filled(rows, called, fills)
        for part, bit in self._also:
            kept = places((filled[row, part[rule]] >> bit[rule]) & 1)
            row, rule = row[kept], rule[kept]
        if not len(row):
            return
        width = self._width
        keys = row * width + rule
        keys.sort()
        keys = keys[run_starts(keys)]
        pairs = zip((keys // width).tolist(), (keys % width).tolist(), strict=True)
        for clause_row, some in groupby(pairs, key=itemgetter(0)):
            yield int(called[clause_row]), [one for _, one in some]

    def _wanted_of_few(self, rows: TokenRows) -> Iterator[tuple[int, list[int]]]:
        """Yield what `wanted` yields, one token after another."""
        columns = self._columns.of(rows.vocabulary)
        begun, opened, leads, fills = (column[rows.word].tolist() for column in columns)
        for row, (low, high) in enumerate(pairwise(rows.bounds.tolist())):
            called: set[int] = set()
            filled = 0
            may_open = True
            for at in range(low, high):
                filled |= self._fills.mask[fills[at]]
                called.update(self._begun.rules[begun[at]])
                if may_open and at - low < _OPENING:
                    called.update(self._opened.rules[opened[at]])
                    may_open = leads[at]
            some = [one for one in sorted(called) if not self._all_of[one] & ~filled]
            if some:
                yield row, some

    def _filled(self, rows: TokenRows, some: Longs, fills: NDArray[np.int32]) -> Longs:
        """Return the needs that the words of some rows fill, as bits; none of them is empty."""
        owner, token = rows.tokens_of(some)
        bits = self._bits[fills[rows.word[token]]]
        return np.bitwise_or.reduceat(bits, places(run_starts(owner)), axis=0)

    def _opening(
        self, rows: TokenRows, calls: NDArray[np.int32], leads: NDArray[np.bool_]
    ) -> Longs:
        """Return the tokens that call rules and may open their clause."""
        at = places(calls)
        opens = rows.bounds[rows.row[at]]
        near = at - opens < _OPENING
        at, opens = at[near], opens[near]
        if not len(at):
            return at
        before = counts_before(~leads[rows.word])
        found: Longs = at[before[at] == before[opens]]
        return found

    def _words(self, words: list[str], _first: int, _memory: dict[str, int]) -> Columns:
        counted = [self._alike.get(word, word) for word in words]
        leads = [word in self._lead_in or not is_word(word) for word in words]
        calls = [some.of(counted) for some in (self._begun, self._opened, self._fills)]
        return calls[0], calls[1], np.array(leads, dtype=np.bool_), calls[2]


class _Calls:
    """What words call: a word's number, 0 for none, and what each number calls.

    `rules`: what each number calls; `mask`: the same as bits.
    """

    def __init__(self, calls: Iterator[tuple[int, frozenset[str]]]) -> None:
        by_word: dict[str, list[int]] = {}
        for at, words in calls:
            for word in words:
                by_word.setdefault(word, []).append(at)
        self._number = {word: at for at, word in enumerate(by_word, 1)}
        self.rules = [(), *map(tuple, by_word.values())]
        self.mask = [sum(1 << at for at in some) for some in self.rules]
        sizes = [0, *map(len, by_word.values())]
        self._first = np.append(0, np.cumsum(sizes)).astype(np.int64)
        self._called = np.array([at for some in by_word.values() for at in some], dtype=np.int64)

    def of(self, words: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of each word."""
        return np.array([self._number.get(word, 0) for word in words], dtype=np.int32)

    def bits(self, n_called: int) -> Longs:
        """Return what each number calls as bits, shape (n_numbers + 1, …)."""
        found = np.zeros((len(self._first), n_called // _BITS + 1), dtype=np.int64)
        number = np.arange(len(found) - 1).repeat(self._first[1:] - self._first[:-1])
        place = number, self._called // _BITS
        np.bitwise_or.at(found, place, np.int64(1) << self._called % _BITS)
        return found

    def expanded(self, row: Longs, number: NDArray[np.int32]) -> tuple[Longs, Longs]:
        """Return (row, what is called) of every call."""
        some = places(number)
        row, number = row[some], number[some]
        first = self._first[number]
        sizes = self._first[number + 1] - first
        return row.repeat(sizes), self._called[spread(first, sizes)]


def is_word(token: str) -> bool:
    """Whether a token is a word, not a mark.

    Examples
    --------
    >>> is_word("slow"), is_word("'ve"), is_word("<num>"), is_word("!")
    (True, True, True, False)
    """
    return token[0].isalnum() or (len(token) > 1 and token[0] in "'<")
