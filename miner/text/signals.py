"""Signals that words alone show: a language's patterns, searched over the tokens of clauses.

Every pattern names words without which it can't match. One look-up a word tells which patterns
are worth a search, so that most clauses cost no search at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise, starmap, takewhile
from typing import NamedTuple

import numpy as np

from miner.text.arrays import edges
from miner.text.clauses import Clauser
from miner.text.signal_index import Needs, RuleIndex, is_word
from miner.text.signal_patterns import (
    LEAD_IN,
    Cut,
    Pattern,
    PatternError,
    PatternWords,
    joined,
    places,
    written_words,
)
from miner.text.signal_rules import SignalRules, broken, load_rules
from miner.text.spans import Span
from miner.text.words import TokenRows
from miner.types import SIGNALS


class Hit(NamedTuple):
    """One signal in one clause: at most one of a kind a clause, the first in the text.

    `clause`: row of the clause. `kind`: position in `miner.types.SIGNALS`. `first`, `last`: the
    tokens that show it, both included.
    """

    clause: int
    kind: int
    first: int
    last: int


class _Rule(NamedTuple):
    """One pattern of a kind."""

    kind: int
    pattern: Pattern


class SignalFinder:
    """Finds the signals that words show. Thread-safe and picklable.

    What is found in one clause never depends on the others. A language without rules has none of
    these signals: `kinds` is empty then.

    Parameters
    ----------
    clauser : cuts texts into the tokens that will be searched; its language is that of the rules.

    Examples
    --------
    >>> finder = SignalFinder(Clauser("en"))
    >>> [hit] = finder.find([("never", "again", "!")])
    >>> SIGNALS[hit.kind], hit.first, hit.last
    ('churn_risk', 0, 1)
    """

    def __init__(self, clauser: Clauser) -> None:
        self._clauser = clauser
        rules = load_rules(clauser.language)
        self._alike = dict(rules.alike)
        vocabulary = PatternWords(rules.lists, _cutter(rules, clauser))
        self._show = _compile(rules.show, vocabulary)
        self._unless = _by_word(_compile(rules.unless, vocabulary))
        self._more = {SIGNALS.index(name): words for name, words in rules.more.items()}
        self._index = RuleIndex(
            [Needs(rule.pattern.needs, rule.pattern.opens) for rule in self._show],
            alike=self._alike,
            lead_in=_lead_in(rules, clauser),
        )

    def __reduce__(self) -> tuple[type[SignalFinder], tuple[Clauser]]:
        return type(self), (self._clauser,)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds there are rules for, in the order of `miner.types.SIGNALS`."""
        return tuple(SIGNALS[kind] for kind in sorted({rule.kind for rule in self._show}))

    def find(self, tokens: Sequence[tuple[str, ...]]) -> list[Hit]:
        """Return the signals of clauses given as tokens, ordered by clause, then by kind."""
        rows = TokenRows.of(tokens)
        wanted = list(self._index.wanted(rows))
        if not wanted:
            return []
        some = np.array([row for row, _ in wanted], dtype=np.int64)
        words = rows.vocabulary.written(rows.word[rows.tokens_of(some)[1]])
        counted = list(map(self._alike.get, words, words))
        bounds = edges(rows.lengths[some]).tolist()
        found: list[Hit] = []
        for (row, rules), stretch in zip(wanted, starmap(slice, pairwise(bounds)), strict=True):
            found += self._in_clause(row, words[stretch], counted[stretch], rules)
        return found

    def _in_clause(
        self, row: int, words: Sequence[str], counted: Sequence[str], wanted: Sequence[int]
    ) -> list[Hit]:
        text = joined(counted)
        matches: dict[int, list[re.Match[str]]] = {}
        for at in wanted:
            rule = self._show[at]
            for match in rule.pattern.regex.finditer(text):
                matches.setdefault(rule.kind, []).append(match)
        hits = []
        for kind in sorted(matches):
            taken = self._taken(text, kind, counted)
            spans = [one.span("shown") for one in matches[kind] if not _overlaps(one, taken)]
            if spans:
                first, last = places(text, *min(spans, key=_order))
                hits.append(Hit(row, kind, first, self._phrase_end(words, kind, last)))
        return hits

    def _phrase_end(self, words: Sequence[str], kind: int, last: int) -> int:
        """Return the last word to show: some kinds show more of the phrase than the pattern."""
        following = words[last + 1 : last + 1 + self._more.get(kind, 0)]
        return last + sum(1 for _ in takewhile(is_word, following))

    def _taken(self, text: str, kind: int, words: Sequence[str]) -> list[Span]:
        """Return the spans that the exceptions of a kind take away."""
        exceptions = self._unless.get(kind, {})
        return [
            match.span()
            for word in exceptions.keys() & words
            for pattern in exceptions[word]
            if not any(need.isdisjoint(words) for need in pattern.needs[1:])
            for match in pattern.regex.finditer(text)
        ]


def _by_word(rules: Sequence[_Rule]) -> dict[int, dict[str, list[Pattern]]]:
    """Return patterns by kind and by the words of which each needs one."""
    found: dict[int, dict[str, list[Pattern]]] = {}
    for rule in rules:
        for word in rule.pattern.needs[0]:
            found.setdefault(rule.kind, {}).setdefault(word, []).append(rule.pattern)
    return found


def _cutter(rules: SignalRules, clauser: Clauser) -> Cut:
    """Return a function that cuts a word as texts are cut; all words of the rules at once."""
    patterns = chain(*rules.show.values(), *rules.unless.values())
    words = set(written_words(" ".join(patterns)))
    words.update(*(phrase.split() for phrase in chain(*rules.lists.values())))
    return clauser.cutter(words)


def _compile(patterns: Mapping[str, Sequence[str]], vocabulary: PatternWords) -> list[_Rule]:
    """Return the rules of all kinds."""
    found = []
    for kind, name in enumerate(SIGNALS):
        for text in patterns.get(name, ()):
            try:
                found.append(_Rule(kind, vocabulary.pattern(text)))
            except PatternError as error:
                raise broken(name, f'"{text}" {error}') from error
    return found


def _lead_in(rules: SignalRules, clauser: Clauser) -> frozenset[str]:
    words = set(chain(*clauser.tokens_many(rules.lists.get(LEAD_IN, ()))))
    return frozenset(words | {word for word, other in rules.alike.items() if other in words})


def _overlaps(match: re.Match[str], spans: Sequence[Span]) -> bool:
    start, end = match.span()
    return any(low < end and start < high for low, high in spans)


def _order(span: Span) -> Span:
    """Sort spans by where they begin, the longer first."""
    return span[0], -span[1]
