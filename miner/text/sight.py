"""Chunks whose tokens are known at sight: most words, with the marks around and between them.

How a language's tokenizer treats marks is asked once, with letters that no rule knows; a chunk it
might treat otherwise is left to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from miner.text.lexemes import LETTER_EMOTICONS
from miner.text.stretches import LONG, SHORT, may_link

Cut = Callable[[list[str]], list[list[str]]]
"""Gives the tokens of each piece as the tokenizer cuts it."""

_USER: Final = re.compile(r"@\w+\Z")
_NUMBERED: Final = re.compile(r"[A-Za-z]{2,}[0-9]{1,12}\Z")
_PROBE: Final = "abcde"  # letters that no rule knows
_ENDINGS: Final = ("'s", "’s")
_DIGITS: Final = "1234567890"
_RUN_OF_DIGITS: Final = re.compile("[0-9]+")
_DECIMALS: Final = tuple("123" + mark + "45" for mark in ",.")
# a number as written, and what may stand beside it; a longer one is for the tokenizer
_AMOUNT: Final = re.compile(r"([#£$€]?)([0-9]{1,12}(?:[.,][0-9]{1,6})?)([.,]?)\Z")
# words with joints, an opening mark, marks that end them; no emoticon
_COMPOSED: Final = re.compile(
    r"[(\[\"#]?[^\W\d_]+(?:(?:[-/,]|\.+)[^\W\d_]+)*"
    r"(?:['’]s|\.{2,}|[!?]+|[:,.]|[,.!?]?[)\]\"][,.]?)?\Z"
)
_RULE: Final = re.compile(r"[^\W_]+(?:[-/,.:'’]+[^\W_]*)*\Z")  # one that such words may hold
_PART: Final = re.compile(r"[^\W\d_]+|\.+|[!?]+|['’]s\Z|.")
_APART: Final = frozenset('([")]#!?')  # what such a part begins with is a token, as are two dots
_LETTERS: Final = 3  # on both sides of a full stop, for it to be one that lacks a space behind it


class Sight:
    """Cuts chunks without the tokenizer, where that surely gives what it gives.

    Parameters
    ----------
    cut : asks the tokenizer.
    rules : what it cuts as wholes; None where it has no rules: then nothing is cut at sight.
    by_letters : whether it also knows words by patterns of letters and hyphens.
    """

    def __init__(
        self, cut: Cut, rules: Mapping[str, Any] | None, *, by_letters: bool = False
    ) -> None:
        self._cut = cut
        self._rules = rules or {}
        self._none = rules is None
        self._marks = frozenset(mark for mark in ",.:" if self._parts(_PROBE, mark))
        self._behind = (self._marks & {",", "."}) | {"", "!", "?"}
        # what it finds by letters of words ("-t-il") goes before its rules for joints
        self._joints = frozenset(filter(self._joins, "-/," if not by_letters else ""))
        self._stops: dict[str, bool] = {}
        among = filter(_RULE.match, self._rules)
        self._longest = max((len(_PART.findall(rule)) for rule in among), default=1)
        self._stop_after_capitals = self._parts(_PROBE.upper(), ".")
        self._endings = frozenset(end for end in _ENDINGS if self._parts(_PROBE, end))
        self._hash_tags = self._parts("#", _PROBE)
        self._numbered = self._parts(_PROBE + _DIGITS)
        self._digits = self._marked_digits()

    def tokens(self, chunk: str) -> Sequence[str] | None:
        """Return the tokens of a chunk; None where the tokenizer has to be asked."""
        if self._none:
            return None
        word, mark = (chunk, "") if chunk.isalpha() else (chunk[:-1], chunk[-1])
        if mark in self._behind and self._alone(word):  # most chunks
            if not mark:
                return (chunk,)
            if mark in "!?" or (chunk not in self._rules and self._ends(word, mark)):
                return word, mark
        if len(chunk) > SHORT:
            return None
        if _COMPOSED.match(chunk):
            return self._composed(chunk)
        return self._with_digits(chunk)

    def is_word(self, word: str) -> bool:
        """Whether letters are surely one token: they are cut by rules for whole words alone.

        Such as ``cannot``. That holds for scripts with cases; others are for the tokenizer. Digits
        may follow ("size12").
        """
        if self._alone(word):
            return True
        numbered = self._numbered and not self._none and _NUMBERED.match(word) is not None
        return numbered and word not in self._rules

    def _alone(self, word: str) -> bool:
        return not self._none and word not in self._rules and _is_word(word)

    def _with_digits(self, chunk: str) -> Sequence[str] | None:
        """Return the tokens of a user's name, a number, or letters with digits behind them."""
        if chunk[0] == "@":
            return (chunk,) if _USER.match(chunk) else None
        number = _AMOUNT.match(chunk)
        if number is not None:
            parts = tuple(filter(None, number.groups()))
            return parts if self._sure(parts) else None
        cut = ("#", chunk[1:]) if chunk[0] == "#" and self._hash_tags else (chunk,)
        return cut if self.is_word(cut[-1]) else None

    def _composed(self, chunk: str) -> Sequence[str] | None:
        """Return the parts of words with marks around and between them, if they are its tokens."""
        if "." in chunk[:-1] and may_link(chunk):
            return None
        parts: list[str] = _PART.findall(chunk)
        piece: list[str] = []  # what the tokenizer would see at once
        for at, part in enumerate(parts):
            if part == "." and parts[at + 1 : at + 2] and parts[at + 1][0].isalpha():
                apart = min(len(parts[at - 1]), len(parts[at + 1])) >= _LETTERS
                if not apart:
                    return None
            else:
                apart = part[0] in _APART or part[:2] == ".."
            if not apart:
                piece.append(part)
            elif self._cut_alike(piece) and (part != "#" or self._hash_tags):
                piece = []
            else:
                return None
        return parts if self._cut_alike(piece) else None

    def _cut_alike(self, parts: list[str]) -> bool:
        """Whether the tokenizer cuts a piece into these parts: words and joints, a mark behind."""
        if not parts or (len(parts) == 1 and parts[0] in self._marks):
            return True
        # the "c." of "a/c." is a rule: spaCy looks for them among tokens without a space between
        sizes = range(1, min(self._longest, len(parts)) + 1)
        runs = ("".join(parts[at : at + size]) for size in sizes for at in range(len(parts)))
        if any(run in self._rules for run in runs if run not in self._endings):
            return False
        if len(parts) % 2 == 0:
            *parts, mark = parts
            if not self._ends(parts[-1], mark):
                return False
        if len(parts) > 1 and not "".join(parts).isascii():
            return False  # not every letter is one to the rules for joints
        return self._joints.issuperset(parts[1::2]) and all(map(_is_word, parts[::2]))

    def _ends(self, word: str, mark: str) -> bool:
        """Whether a mark or "'s" is cut off a word: a full stop may be that of an initial."""
        if mark != ".":
            return mark in self._marks or mark in self._endings
        if word[-1].islower():
            return mark in self._marks and (word[-1].isascii() or self._lets_go(word[-1]))
        return mark in self._marks and self._stop_after_capitals and _shouts(word)

    def _lets_go(self, letter: str) -> bool:
        """Whether a full stop is cut off a letter: not every one of Unicode's is one to spaCy."""
        known = self._stops.get(letter)
        if known is None:
            known = self._stops[letter] = self._parts(_PROBE + letter, ".")
        return known

    def _joins(self, joint: str) -> bool:
        words = (_PROBE, _PROBE.upper(), _PROBE[:1], _PROBE[:1].upper())
        return all(self._parts(word, joint, word, joint, word) for word in words)

    def _parts(self, *parts: str) -> bool:
        """Whether the tokenizer cuts these, joined, as they are."""
        return self._cut(["".join(parts)]) == [list(parts)]

    def _marked_digits(self) -> frozenset[str]:
        """Return the forms of numbers that are cut at their marks alone, digits as 0."""
        numbers = (_DIGITS, _DIGITS[:1], *_DECIMALS)
        forms = [
            [lead, number, mark]
            for lead in ("", *"#£$€") for number in numbers for mark in ("", *".,")
        ]  # fmt: skip
        forms = [[part for part in form if part] for form in forms]
        cuts = self._cut(["".join(form) for form in forms])
        alike: dict[bool, set[str]] = {True: set(), False: set()}
        for form, cut in zip(forms, cuts, strict=True):
            alike[form == cut].add(_shape(*form))
        return frozenset(alike[True] - alike[False])

    def _sure(self, parts: Sequence[str]) -> bool:
        """Whether the parts of a number with its marks are its tokens."""
        known = ("".join(parts[start:]) in self._rules for start in range(len(parts)))
        return _shape(*parts) in self._digits and not any(known)


def _is_word(letters: str) -> bool:
    """Whether a part is letters of a script with cases, not too many, and no emoticon."""
    plain = letters.isalpha() and (letters.isascii() or letters.islower())
    return plain and len(letters) <= LONG // 2 and letters not in LETTER_EMOTICONS


def _shape(*parts: str) -> str:
    """Return a number with its marks, its digits as 0: they make no difference to a tokenizer."""
    return _RUN_OF_DIGITS.sub("0", "".join(parts))


def _shouts(word: str) -> bool:
    """Whether a word ends in two capitals, behind which a full stop ends more than an initial."""
    return len(word) > 1 and word[-2:].isupper()
