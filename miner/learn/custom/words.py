"""The words that labelled sheets go by, in several languages: column names, polarities, yes and no.

They lie in ``data/labels.toml``; nothing here knows a language.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Final

from miner.learn.tagging import NEGATIVE, NEUTRAL, POSITIVE

PRESENT: Final = 3
"""Label code: the label is there, its polarity is unknown (others: `miner.learn.tagging`)."""

_CODES: Final = {
    "negative": NEGATIVE,
    "neutral": NEUTRAL,
    "positive": POSITIVE,
    "mixed": PRESENT,
}
_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-Z])")
_BLANK = re.compile(r"[\W_]+")
_WHOLE = re.compile(r"(?<=\d)\.0+\Z")
_NUMBER = re.compile(r" ?\d+\Z")


def plain(header: str) -> str:
    """Return a header as lower-case words, without a number at its end.

    Examples
    --------
    >>> plain("Theme_2"), plain("labelName")
    ('theme', 'label name')
    """
    words = _BLANK.sub(" ", _CAMEL.sub(" ", header)).strip().casefold()
    return _NUMBER.sub("", words) or words


def is_column(header: str, kind: str) -> bool:
    """Return whether a header is one that columns of this kind go by.

    Parameters
    ----------
    kind : ``label``, ``polarity``, ``group``, ``id`` or ``other`` (never a label).

    Examples
    --------
    >>> is_column("Topics", "label"), is_column("Author", "label")
    (True, False)
    """
    return plain(header) in _words("column", kind)


def polarity_code(cell: str) -> int | None:
    """Return the code of a polarity written in words or as a sign; None where it is none.

    Examples
    --------
    >>> polarity_code("Negative"), polarity_code("+1"), polarity_code("mixed"), polarity_code("red")
    (0, 2, 3, None)
    >>> polarity_code("-1.0")  # what a column of numbers with gaps is written as
    0
    """
    word = _WHOLE.sub("", cell.strip().casefold())
    return next((code for name, code in _CODES.items() if word in _words("polarity", name)), None)


def flag(cell: str) -> bool | None:
    """Return whether a cell says yes or no; None where it says neither.

    Examples
    --------
    >>> flag("x"), flag("0"), flag(""), flag("perhaps")
    (True, False, False, None)
    """
    word = cell.strip().casefold()
    if word in _words("flag", "yes"):
        return True
    return False if word in _words("flag", "no") else None


def says_nothing(cell: str) -> bool:
    """Return whether a label cell says that no label applies, such as ``none`` (not: empty).

    Examples
    --------
    >>> says_nothing("None"), says_nothing("")
    (True, False)
    """
    return cell.strip().casefold() in _words("nothing", "cell")


def is_empty(cell: str) -> bool:
    """Return whether nothing was written into a cell.

    Examples
    --------
    >>> is_empty("  "), is_empty("NaN"), is_empty("none")
    (True, True, False)
    """
    return cell.strip().casefold() in _words("empty", "cell")


@cache
def _table() -> dict[str, Any]:
    text = files("miner.learn.custom").joinpath("data", "labels.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _words(section: str, name: str) -> frozenset[str]:
    by_language: dict[str, list[str]] = _table()[section][name]
    return frozenset(word.casefold() for words in by_language.values() for word in words)
