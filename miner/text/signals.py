"""Signals that words alone show: a language's patterns, searched over the tokens of clauses.

Every pattern names words without which it can't match. One look-up a word tells which patterns
are worth a search, so that most clauses cost no search at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, takewhile
from typing import Final, NamedTuple

from miner.text.clauses import Clauser
from miner.text.signal_patterns import (
    LEAD_IN,
    Cut,
    Pattern,
    PatternError,
    Vocabulary,
    joined,
    places,
    written_words,
)
from miner.text.signal_rules import SignalRules, broken, load_rules
from miner.text.spans import Span
from miner.types import SIGNALS

_OPENING: Final = 4  # words that may open a clause: up to three lead in, then the word itself


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
    """One pattern of a kind, with the needs of its matches as bits."""

    kind: int
    pattern: Pattern
    needs: int


class _Use(NamedTuple):
    """What a word may be part of: the needs it fills as bits, the rules that begin a search."""

    needs: int
    rules: tuple[int, ...]


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
        bits: dict[frozenset[str], int] = {}
        vocabulary = Vocabulary(rules.lists, _cutter(rules, clauser))
        self._show = _compile(rules.show, vocabulary, bits)
        self._unless: dict[int, list[_Rule]] = {}
        for rule in _compile(rules.unless, vocabulary, bits):
            self._unless.setdefault(rule.kind, []).append(rule)
        self._more = {SIGNALS.index(name): words for name, words in rules.more.items()}
        self._needs = [rule.needs for rule in self._show]
        self._uses = _uses(self._show, bits, self._alike)
        self._openers = _openers(self._show, self._alike)
        self._lead_in = _lead_in(rules, clauser)

    def __reduce__(self) -> tuple[type[SignalFinder], tuple[Clauser]]:
        return type(self), (self._clauser,)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds there are rules for, in the order of `miner.types.SIGNALS`."""
        return tuple(SIGNALS[kind] for kind in sorted({rule.kind for rule in self._show}))

    def find(self, tokens: Sequence[tuple[str, ...]]) -> list[Hit]:
        """Return the signals of clauses given as tokens, ordered by clause, then by kind."""
        found: list[Hit] = []
        use_of, needs_of = self._uses.get, self._needs
        for row, words in enumerate(tokens):
            called = self._opened(words)
            bits = 0
            for needs, rules in [use for word in words if (use := use_of(word))]:
                bits |= needs
                called += rules
            wanted = {at for at in called if not needs_of[at] & ~bits}
            if wanted:
                found += self._in_clause(row, words, wanted, bits)
        return found

    def _opened(self, words: tuple[str, ...]) -> list[int]:
        """Return the rules that the first words may open."""
        called: list[int] = []
        for word in words[:_OPENING]:
            called += self._openers.get(word, ())
            if word not in self._lead_in and _is_word(word):
                break
        return called

    def _in_clause(
        self, row: int, words: tuple[str, ...], wanted: set[int], bits: int
    ) -> list[Hit]:
        alike = self._alike.get
        text = joined([alike(word, word) for word in words])
        matches: dict[int, list[re.Match[str]]] = {}
        for at in wanted:
            rule = self._show[at]
            for match in rule.pattern.regex.finditer(text):
                matches.setdefault(rule.kind, []).append(match)
        hits = []
        for kind in sorted(matches):
            taken = self._taken(text, kind, bits)
            spans = [one.span("shown") for one in matches[kind] if not _overlaps(one, taken)]
            if spans:
                first, last = places(text, *min(spans, key=_order))
                hits.append(Hit(row, kind, first, self._phrase_end(words, kind, last)))
        return hits

    def _phrase_end(self, words: tuple[str, ...], kind: int, last: int) -> int:
        """Return the last word to show: some kinds show more of the phrase than the pattern."""
        following = words[last + 1 : last + 1 + self._more.get(kind, 0)]
        return last + sum(1 for _ in takewhile(_is_word, following))

    def _taken(self, text: str, kind: int, bits: int) -> list[Span]:
        """Return the spans that the exceptions of a kind take away."""
        return [
            match.span()
            for rule in self._unless.get(kind, ())
            if not rule.needs & ~bits
            for match in rule.pattern.regex.finditer(text)
        ]


def _cutter(rules: SignalRules, clauser: Clauser) -> Cut:
    """Return a function that cuts a word as texts are cut; all words of the rules at once."""
    patterns = chain(*rules.show.values(), *rules.unless.values())
    words = {word for pattern in patterns for word in written_words(pattern)}
    words |= {word for phrase in chain(*rules.lists.values()) for word in phrase.split()}
    ordered = sorted(words)
    known = dict(zip(ordered, clauser.tokens_many(ordered), strict=True))
    return lambda word: known[word] if word in known else clauser.tokens(word)


def _compile(
    patterns: Mapping[str, Sequence[str]], vocabulary: Vocabulary, bits: dict[frozenset[str], int]
) -> list[_Rule]:
    """Return the rules of all kinds; `bits` gets a bit for every need that is new."""
    found = []
    for kind, name in enumerate(SIGNALS):
        for text in patterns.get(name, ()):
            try:
                pattern = vocabulary.pattern(text)
            except PatternError as error:
                raise broken(name, f'"{text}" {error}') from error
            needs = 0
            for words in pattern.needs:
                needs |= bits.setdefault(words, 1 << len(bits))
            found.append(_Rule(kind, pattern, needs))
    return found


def _uses(
    rules: Sequence[_Rule], bits: Mapping[frozenset[str], int], alike: Mapping[str, str]
) -> dict[str, _Use]:
    """Return what each word that matters may be part of."""
    needs: dict[str, int] = {}
    for words, bit in bits.items():
        for word in words:
            needs[word] = needs.get(word, 0) | bit
    begun: dict[str, list[int]] = {}
    for at, rule in enumerate(rules):
        for word in () if rule.pattern.opens else rule.pattern.needs[0]:
            begun.setdefault(word, []).append(at)
    uses = {word: _Use(needs[word], tuple(begun.get(word, ()))) for word in needs}
    return uses | {word: uses[other] for word, other in alike.items() if other in uses}


def _openers(rules: Sequence[_Rule], alike: Mapping[str, str]) -> dict[str, list[int]]:
    """Return the rules that each word may open."""
    found: dict[str, list[int]] = {}
    for at, rule in enumerate(rules):
        for word in rule.pattern.needs[0] if rule.pattern.opens else ():
            found.setdefault(word, []).append(at)
    return found | {word: found[other] for word, other in alike.items() if other in found}


def _lead_in(rules: SignalRules, clauser: Clauser) -> frozenset[str]:
    words = {word for phrase in rules.lists.get(LEAD_IN, ()) for word in clauser.tokens(phrase)}
    return frozenset(words | {word for word, other in rules.alike.items() if other in words})


def _overlaps(match: re.Match[str], spans: Sequence[Span]) -> bool:
    start, end = match.span()
    return any(low < end and start < high for low, high in spans)


def _is_word(token: str) -> bool:
    return token[0].isalnum() or (len(token) > 1 and token[0] in "'<")


def _order(span: Span) -> Span:
    """Sort spans by where they begin, the longer first."""
    return span[0], -span[1]
