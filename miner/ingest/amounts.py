"""Amounts of money as exports write them: 1,234.50, 1.234,50 €, 1 234 kr, (12.00), -5."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import Final, Literal

from miner.ingest.words import table

Mark = Literal[".", ","]

_DIGITS: Final = re.compile(r"\d[\d.,'’ \u00a0\u202f]*(?<=\d)|\d|[.,]\d+")
_BLANKS: Final = re.compile(r"['’ \u00a0\u202f]")
_CODE: Final = re.compile(r"[A-Z]{3}\Z")
_THOUSAND: Final = 3  # digits behind a mark that groups: 1,000


def amount(value: str, mark: Mark | None) -> float:
    """Return the number a text stands for; ValueError where it is none.

    Parameters
    ----------
    mark : the decimal mark of the column (`decimal_mark`); None where nothing proves one, then
        three digits behind a single mark are thousands.

    Examples
    --------
    >>> amount("€1.234,50", ","), amount("1 234 kr", None), amount("(12.00)", ".")
    (1234.5, 1234.0, -12.0)
    """
    text = value.strip()
    found = _DIGITS.search(text)
    if found is None:
        raise ValueError(value)
    around = text[: found.start()], text[found.end() :]
    negative = _sign(around[0], around[1], value)
    number = float(_plain(_BLANKS.sub("", found[0]), mark))
    return -number if negative else number


def decimal_mark(values: Iterable[str]) -> Mark | None:
    """Return the decimal mark that the values of one column prove, the commoner where both do.

    Examples
    --------
    >>> decimal_mark(["1,234", "12.50"]), decimal_mark(["1.234"]), decimal_mark(["3,5", "1.000"])
    ('.', None, ',')
    """
    proofs = {".": 0, ",": 0}
    for value in values:
        found = _DIGITS.search(value)
        proof = _proven(_BLANKS.sub("", found[0])) if found else None
        if proof is not None:
            proofs[proof] += 1
    if proofs["."] == proofs[","]:
        return None
    return "." if proofs["."] > proofs[","] else ","


def is_amount(value: str) -> bool:
    """Whether a text can be read as an amount.

    Examples
    --------
    >>> is_amount("$ 12"), is_amount("12 months"), is_amount("unknown")
    (True, False, False)
    """
    try:
        amount(value, None)
    except ValueError:
        return False
    return True


def _sign(before: str, after: str, value: str) -> bool:
    """Return whether the amount is negative; ValueError for words that are no currency."""
    before, after = before.strip(), after.strip()
    bracketed = before.startswith("(") and after.endswith(")")
    if bracketed:
        before, after = before[1:], after[:-1]
    minus = before.startswith(("-", "−")) or before.endswith(("-", "−"))
    for part in (before.strip(" -−+"), after.strip()):
        if part and not _is_currency(part):
            raise ValueError(value)
    return bracketed or minus


def _is_currency(text: str) -> bool:
    signs = all(unicodedata.category(letter) == "Sc" for letter in text)
    return signs or bool(_CODE.match(text)) or text.casefold() in _currencies()


@cache
def _currencies() -> frozenset[str]:
    return frozenset(table("customers")["currency"]["words"])


def _plain(digits: str, mark: Mark | None) -> str:
    """Return the digits with a point as the decimal mark and nothing between thousands."""
    decimal = _proven(digits)
    if decimal is None and mark is not None and digits.count(mark) == 1:
        decimal = mark
    if decimal is None:
        return digits.replace(".", "").replace(",", "")
    other = "," if decimal == "." else "."
    return digits.replace(other, "").replace(decimal, ".")


def _proven(digits: str) -> Mark | None:
    """Return the mark that can only be a decimal one, None where it may part thousands."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return None
    mark: Mark = "." if digits[last] == "." else ","
    other = "," if mark == "." else "."
    if digits.count(mark) > 1:
        return None
    if other in digits:
        return mark
    return None if len(digits) - last - 1 == _THOUSAND and last > 0 else mark
