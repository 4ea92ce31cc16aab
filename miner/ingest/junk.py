"""Texts that say nothing: "n/a", "-", "asdf". Word lists per language are data."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from miner.ingest.words import table

_LONGEST_JUNK = 40  # characters: twice the longest phrase of the lists, for marks around it
_EDGES = " \t\r\n.,;:!?…-–—_*'\"’“”()[]/\\"
_AROUND_DIGITS = " .,;:"  # no star or mark of exclamation: "5*" and "10!" say something
_ONE_WORD = re.compile(r"[^\W\d_]+\Z")
_MASH_LETTERS = 7  # vowelless acronyms and words ("rhythm") are shorter
_INVISIBLE = re.compile("[\\s\u200b-\u200f\u2060\ufeff\u00ad\u180e]+")


def is_empty(text: str) -> bool:
    """Whether there is nothing to see: blanks, zero-width marks."""
    return not text or (not text[0].isalnum() and not _INVISIBLE.sub("", text))


def is_junk(text: str) -> bool:
    """Whether a text holds no answer at all.

    Only punctuation; only digits, a number that answers nothing; a phrase of the junk lists; one
    letter typed over and over; a run along the keyboard. Emoji and short answers ("ok") are
    answers.

    Examples
    --------
    >>> is_junk("N/A."), is_junk("....."), is_junk("asdfgh"), is_junk("ok"), is_junk("👍")
    (True, True, True, False, False)
    >>> is_junk("12345"), is_junk("10/10"), is_junk("100%"), is_junk("5*")
    (True, False, False, False)
    """
    if len(text) > _LONGEST_JUNK:
        return text.strip().isdecimal()
    folded = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if folded in _phrases():
        return True
    if folded in table("junk")["emoticons"]:
        return False
    if folded.strip(_AROUND_DIGITS).isdecimal():
        return True
    core = folded.strip(_EDGES)
    if not core:
        return True
    return core in _phrases() or _only_marks(core) or _is_mash(core)


def _only_marks(core: str) -> bool:
    """Whether all characters are punctuation or plain symbols (+ = ^), none an emoji."""
    return all(unicodedata.category(c)[0] == "P" or c in "+=<>|~^`$ ¨´¬" for c in core)


def _is_mash(core: str) -> bool:
    if not _ONE_WORD.match(core):
        return False
    if len(core) >= 3 and len(set(core)) == 1:
        return True
    if len(core) >= 5 and any(core in row for row in _rows()):
        return True
    vowels = table("junk")["vowels"]
    return len(core) >= _MASH_LETTERS and core.isascii() and not any(c in vowels for c in core)


@cache
def _phrases() -> frozenset[str]:
    lists = table("junk")["phrases"].values()
    return frozenset(phrase.casefold() for phrases in lists for phrase in phrases)


@cache
def _rows() -> tuple[str, ...]:
    rows = table("junk")["keyboard_rows"]
    return tuple(row * 2 for row in rows) + tuple(row[::-1] * 2 for row in rows)
