"""Patterns over the tokens of a clause, compiled to regular expressions over their joined forms.

A clause is read as one string, each token between single spaces. A pattern is elements separated
by spaces, each one token unless said otherwise:

=========================  ================================================================
``refund``                 this word, cut as the tokenizer cuts a text (``won't`` is two tokens)
``call|ring_back``         one of several; ``_`` joins words that follow each other
``{day}``                  a word or phrase of the list of that name
``never?``                 may be missing; ``?`` and ``!`` alone are such marks
``_``, ``_?``              any one word, or none
``..``, ``...``, ``....``  up to 3, 6, 40 words of the same sentence: as few as can be between two
                           elements, as many as there are at the end
``!{not}``                 the next word is none of these
``^``, ``$``               the clause begins here (but for words of the list ``lead_in``, marks and
                           emoji); it ends here (but for marks and emoji)
``[``, ``]``               only what stands between them is shown
=========================  ================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Final, NamedTuple

Cut = Callable[[str], tuple[str, ...]]

LEAD_IN: Final = "lead_in"
COMMON: Final = "common"

_MOST_LEAD_IN: Final = 3
_GAPS: Final = {"..": 3, "...": 6, "....": 40}
_WORD: Final = " [^ ]+"
_NO_WORD: Final = r" [^\w ]+"
_SAME_SENTENCE: Final = "(?! [.!?…;])"
_AHEAD: Final = "(?= )"
_FIXED: Final = {
    "[": "(?P<shown>",
    "]": ")",
    "_": _WORD,
    "_?": f"(?:{_WORD}{_AHEAD})?",
    "$": r"(?=(?: [^\w ]+)* $)",
    "?": r" [?][^ ]*",
    "!": r" ![^ ]*",
}
_MARKS: Final = {"?": frozenset({"?", "??", "???", "?!"}), "!": frozenset({"!", "!!", "!!!"})}
_FORM: Final = re.compile(r"(?P<bar>!?)(?P<words>[^?!$^\[\]]+)(?P<may>\??)")
_WRITTEN: Final = re.compile(r"[^\s|_{}\[\]^$?!]+")
_RARE: Final = 1e-3  # frequency of an unlisted word of one letter, against 1 of the commonest word
_TELLING: Final = 0.5  # a set of words commoner than this says too little to be looked for
_MOST_NEEDS: Final = 4


class PatternError(ValueError):
    """A pattern that can't be read; the message says why."""


@dataclass(frozen=True)
class Pattern:
    """One pattern, read but not yet put together: most of a language are never searched.

    `needs`: one to four sets of words, the rarest first; every match holds a word of each.
    `opens`: that of the first set opens the clause, but for words of the list ``lead_in``.
    `elements`: as written. `vocabulary`: what they mean.
    """

    needs: tuple[frozenset[str], ...]
    opens: bool
    elements: tuple[str, ...] = field(repr=False)
    vocabulary: PatternWords = field(repr=False, compare=False)

    @cached_property
    def source(self) -> str:
        """Regular expression over a joined clause (see `joined`); group ``shown`` is shown."""
        return self.vocabulary.source(self.elements)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The compiled expression."""
        return re.compile(self.source)


class _Meaning(NamedTuple):
    """What an element of which one word must match asks for.

    `rarest`: the rarest word of each form; `first`: the first one. `frequency`: of the rarest.
    """

    rarest: frozenset[str]
    first: frozenset[str]
    frequency: float


@dataclass(frozen=True)
class PatternWords:
    """What the elements of a language's patterns mean.

    `lists`: by name, words and phrases; ``common`` holds the commonest words, the commonest first.
    `cut`: a phrase to its tokens, as in a text.
    """

    lists: Mapping[str, Sequence[str]]
    cut: Cut

    @cached_property
    def _phrases(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """The lists as tokens: filled when a list is first met."""
        return {}

    @cached_property
    def _ranks(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.lists.get(COMMON, ()))}

    @cached_property
    def _meanings(self) -> dict[str, _Meaning | None]:
        """By element, what must match: filled when an element is first met."""
        return {}

    def pattern(self, text: str) -> Pattern:
        """Return a pattern.

        Raises
        ------
        PatternError
            An unknown list or element, brackets that don't pair, or no word that must be there.

        Examples
        --------
        >>> words = PatternWords({"day": ["friday"]}, lambda text: tuple(text.split()))
        >>> found = words.pattern("need .. [ by {day} ]").regex.search(" i need it by friday ! ")
        >>> found["shown"]
        ' by friday'
        """
        elements = tuple(text.split())
        if elements.count("[") != elements.count("]") or elements.count("[") > 1:
            raise PatternError("needs one [ and one ] after it, or neither")
        needs, opens = self._needs([element for element in elements if element not in "[]"])
        return Pattern(needs, opens, elements, self)

    def source(self, elements: Sequence[str]) -> str:
        """Return the regular expression of a pattern's elements."""
        if "[" not in elements:
            opening = elements[0] == "^"
            elements = [*elements[:opening], "[", *elements[opening:], "]"]
        last = len(elements) - 1 - (elements[-1] == "]")
        parts = (
            self._source(element) + "?" * (element in _GAPS and at < last)
            for at, element in enumerate(elements)
        )
        return "".join(parts) + _AHEAD

    def _source(self, element: str) -> str:
        fixed = _FIXED.get(element)
        if fixed is not None:
            return fixed
        if element == "^":
            lead_in = self._group(f"{{{LEAD_IN}}}") if LEAD_IN in self.lists else _NO_WORD
            return rf"\A(?:(?:{lead_in}|{_NO_WORD}){_AHEAD}){{0,{_MOST_LEAD_IN}}}"
        if element in _GAPS:
            return f"(?:{_SAME_SENTENCE}{_WORD}){{0,{_GAPS[element]}}}"
        found = _read(element)
        words = self._group(found["words"])
        if found["bar"]:
            return f"(?!{words}{_AHEAD})"
        return f"(?:{words}{_AHEAD})?" if found["may"] else words

    def _group(self, words: str) -> str:
        forms = sorted(set(self._forms(words)), key=lambda form: (-len(form), form))
        # what is alike in all stands outside, and spaces plain: half the cost to compile
        return f" (?:{'|'.join(' '.join(map(re.escape, form)) for form in forms)})"

    def _forms(self, words: str) -> Iterator[tuple[str, ...]]:
        """Yield the tokens of each alternative."""
        for one in words.split("|"):
            if one.startswith("{"):
                yield from self._phrases_of(one[1:-1])
            else:
                yield self._tokens(one.replace("_", " "))

    def _phrases_of(self, name: str) -> tuple[tuple[str, ...], ...]:
        if name not in self.lists:
            raise PatternError(f'no list "{name}"')
        if name not in self._phrases:
            self._phrases[name] = tuple(map(self._tokens, self.lists[name]))
        return self._phrases[name]

    def _tokens(self, phrase: str) -> tuple[str, ...]:
        """Return a phrase as tokens; the ends of words (``'ve``) and masks are tokens already."""
        words = phrase.split()
        if len(words) == 1 and words[0][0] not in "<'":
            return self.cut(words[0])
        if not words:
            raise PatternError(f'"{phrase}" has no word')
        return tuple(chain(*((word,) if word[0] in "<'" else self.cut(word) for word in words)))

    def _needs(self, elements: Sequence[str]) -> tuple[tuple[frozenset[str], ...], bool]:
        """Return `Pattern.needs` and `Pattern.opens`."""
        meanings = [self._meaning(element) for element in elements]
        if elements[0] == "^" and meanings[1] is not None:
            return (meanings[1].first, *_required(meanings[2:], _MOST_NEEDS - 1)), True
        needs = _required(meanings, _MOST_NEEDS)
        if not needs:
            raise PatternError("has no word that must be there")
        return needs, False

    def _meaning(self, element: str) -> _Meaning | None:
        """Return what must match; None where nothing must. Patterns share many elements."""
        if element not in self._meanings:
            self._meanings[element] = self._read_meaning(element)
        return self._meanings[element]

    def _read_meaning(self, element: str) -> _Meaning | None:
        if element in _MARKS:
            rarest = _MARKS[element]
            return _Meaning(rarest, rarest, sum(map(self._frequency, rarest)))
        if element == "^" or element in _FIXED or element in _GAPS:
            return None
        found = _read(element)
        forms = tuple(self._forms(found["words"]))
        if found["bar"] or found["may"]:
            return None
        rarest = frozenset(
            form[0] if len(form) == 1 else min(form, key=self._frequency) for form in forms
        )
        first = frozenset(form[0] for form in forms)
        return _Meaning(rarest, first, sum(map(self._frequency, rarest)))

    def _frequency(self, token: str) -> float:
        """Return how common a word is: by Zipf's law where the language lists it."""
        ranks = self._ranks
        return 1 / (1 + ranks[token]) if token in ranks else _RARE / len(token)


def written_words(pattern: str) -> list[str]:
    """Return the words that stand in a pattern, as written.

    Examples
    --------
    >>> written_words("^ call|ring_back .. {day}?")
    ['call', 'ring', 'back', '..', 'day']
    """
    return _WRITTEN.findall(pattern)


def joined(tokens: Iterable[str]) -> str:
    """Return the tokens of a clause as the one string that patterns search.

    Examples
    --------
    >>> joined(("never", "again"))
    ' never again '
    """
    return f" {' '.join(tokens)} "


def places(text: str, start: int, end: int) -> tuple[int, int]:
    """Return first and last token of a stretch of a joined clause.

    Examples
    --------
    >>> places(" i need it now ", 2, 10)
    (1, 2)
    """
    return text.count(" ", 0, start), text.count(" ", 0, end) - 1


def _read(element: str) -> re.Match[str]:
    """Return the parts of an element that names words."""
    found = _FORM.fullmatch(element)
    if found is None:
        raise PatternError(f'can\'t read "{element}"')
    return found


def _required(meanings: Sequence[_Meaning | None], most: int) -> tuple[frozenset[str], ...]:
    """Return the sets of words of which one must match: the rarest, and telling ones."""
    found = {one.rarest: one.frequency for one in meanings if one is not None}
    ranked = sorted(found, key=found.__getitem__)[:most]
    rarest = ranked[: most == _MOST_NEEDS]
    return (*rarest, *(one for one in ranked[len(rarest) :] if found[one] < _TELLING))
