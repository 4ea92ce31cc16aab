"""What a word is worth in a phrase, and the form it shares with its inflections, per language.

Word lists and endings are data (``data/phrases/<code>.toml``); a language without a file has empty
lists, so that every word counts as it stands.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from miner.errors import InternalError

NEGATION_KEY: Final = "¬"
"""The one key of every negation: "not", "never" and "didn't" are one word to a phrase."""

_FOLDER: Final = files("miner.text") / "data" / "phrases"
_NEUTRAL: Final = "xx"
_BLANKED: Final = re.compile(r"(\w)\1{2,}")  # "xxxx": somebody took a word out
_SLIGHT: Final = re.compile(r"\d|\A[a-z]{2}\Z")  # "2nd", "tv": too little to make a phrase alone


class Role(IntEnum):
    """What a token may do in a phrase.

    ``BREAK`` ends it (a number, a sign), ``FUNCTION`` may only stand inside, ``LIGHT`` may stand
    anywhere in it but doesn't make one, nor does ``NEGATION``, which doesn't end one either,
    ``CONTENT`` makes one. Where a language negates after the verb, a negation is ``LIGHT``.
    """

    BREAK = 0
    FUNCTION = 1
    LIGHT = 2
    NEGATION = 3
    CONTENT = 4


@dataclass(frozen=True, slots=True)
class Stage:
    """Endings of which the first that fits is replaced, if `shortest` letters are left."""

    endings: tuple[tuple[str, str], ...]
    shortest: int

    def cut(self, word: str) -> str:
        """Return the word without its ending.

        Examples
        --------
        >>> Stage((("ies", "y"), ("s", "")), 2).cut("queries")
        'query'
        """
        for ending, rest in self.endings:
            if word.endswith(ending) and len(word) - len(ending) + len(rest) >= self.shortest:
                return word[: len(word) - len(ending)] + rest
        return word


@dataclass(frozen=True)
class PhraseWords:
    """The word lists of one language: lower case, `light` already in its normal forms.

    `negation_ends`: whether a phrase may end with a negation. `telling`: function words that say
    something where no other word stands beside them ("Finally!").
    """

    language: str
    function: frozenset[str] = frozenset()
    telling: frozenset[str] = frozenset()
    light: frozenset[str] = frozenset()
    negations: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    negation_ends: bool = True

    def read(self, surface: str) -> tuple[Role, str]:
        """Return what a word does in a phrase, and its key: the form that inflections share.

        Examples
        --------
        >>> english = phrase_words("en")
        >>> english.read("Refunds"), english.read("refunded")
        ((<Role.CONTENT: 4>, 'refund'), (<Role.CONTENT: 4>, 'refund'))
        >>> english.read("didn't")[0].name, english.read("the")[0].name, english.read("24")[0].name
        ('NEGATION', 'FUNCTION', 'BREAK')
        """
        word = surface.lower().replace("’", "'")
        if not any(map(str.isalpha, word)) or _BLANKED.fullmatch(word):
            return Role.BREAK, word
        bare = self._bare(word)
        if word in self.negations or bare in self.negations:
            return (Role.LIGHT if self.negation_ends else Role.NEGATION), NEGATION_KEY
        word = bare
        if len(word) < 2 or word in self.function:
            return Role.FUNCTION, word
        key = self.normal(word)
        light = key in self.light or word in self.light or _SLIGHT.search(word)
        return (Role.LIGHT if light else Role.CONTENT), key

    def is_function(self, surface: str) -> bool:
        """Return whether a word is one of the function words; a negation says too much to be one.

        Examples
        --------
        >>> english = phrase_words("en")
        >>> [word for word in ("The", "shampoo", "isn't", "👍") if english.is_function(word)]
        ['The']
        """
        word = surface.lower().replace("’", "'")
        bare = self._bare(word)
        return bare in self.function and word not in self.negations and bare not in self.negations

    def tells(self, surface: str) -> bool:
        """Return whether a word says something where no other stands beside it.

        Examples
        --------
        >>> english = phrase_words("en")
        >>> [word for word in ("Would", "Finally", "Not", "Soap") if english.tells(word)]
        ['Finally', 'Not', 'Soap']
        """
        word = self._bare(surface.lower().replace("’", "'"))
        return word in self.telling or not self.is_function(surface)

    def normal(self, word: str) -> str:
        """Return a lower-case word without its inflection."""
        for stage in self.stages:
            word = stage.cut(word)
        return word

    def _bare(self, word: str) -> str:
        found = next((one for one in self.prefixes if word.startswith(one)), "")
        return word[len(found) :]


@lru_cache(maxsize=64)
def phrase_words(code: str) -> PhraseWords:
    """Return the lists of a code such as ``en`` or ``en-GB``; unknown codes get empty ones.

    Raises
    ------
    InternalError
        A shipped data file is broken.

    Examples
    --------
    >>> "the" in phrase_words("en").function, phrase_words("tlh").function
    (True, frozenset())
    """
    base = re.split(r"[-_]", code.strip().lower(), maxsplit=1)[0]
    file = _FOLDER / f"{base}.toml"
    if not base.isalpha() or not file.is_file():
        return PhraseWords(_NEUTRAL)
    return parse_phrase_words(tomllib.loads(file.read_text("utf-8")), base)


def parse_phrase_words(data: Mapping[str, Any], code: str) -> PhraseWords:
    """Build the lists of one language from parsed TOML.

    Raises
    ------
    InternalError
        A field is missing or unknown, or a word is not lower case.
    """
    lists = ("function", "telling", "light", "negations", "prefixes")
    if set(data) != {*lists, "negation_ends", "stage"}:
        odd = ", ".join(sorted(set(data) ^ {*lists, "negation_ends", "stage"}))
        raise _broken(code, f"unknown or missing: {odd}")
    for name in lists:
        wrong = [word for word in data[name] if word != word.lower()]
        if wrong:
            raise _broken(code, f'{name} has "{wrong[0]}", expected lower case')
    odd = ", ".join(sorted(set(data["telling"]) - set(data["function"])))
    if odd:
        raise _broken(code, f"telling, but no function word: {odd}")
    stages = tuple(
        Stage(tuple((ending, rest) for ending, rest in one["endings"]), int(one["shortest"]))
        for one in data["stage"]
    )
    bare = PhraseWords(code, stages=stages)
    return PhraseWords(
        language=code,
        function=frozenset(data["function"]),
        telling=frozenset(data["telling"]),
        light=frozenset(form for word in data["light"] for form in (word, bare.normal(word))),
        negations=frozenset(data["negations"]),
        prefixes=tuple(data["prefixes"]),
        stages=stages,
        negation_ends=bool(data["negation_ends"]),
    )


def _broken(code: str, what: str) -> InternalError:
    return InternalError(
        f"Phrase data {code}: {what}.",
        hint="Mend miner/text/data/phrases/<language>.toml or reinstall the package.",
        slug="text.phrase-data",
    )
