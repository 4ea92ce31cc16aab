"""The account of rows: each one is accepted, duplicate, empty, junk or rejected, exactly once.

Seen rows are remembered as 8-byte digests, so that memory per row is small and does not depend
on how long the texts are. With 64 bits the chance that any two of 10 million rows collide is
under 3 in a million (birthday bound n²/2^65).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from hashlib import blake2b
from typing import Literal

from miner.ingest.junk import is_empty, is_junk
from miner.types import Ledger

Verdict = Literal["accepted", "duplicate", "empty", "junk", "rejected"]

LEAST_LETTERS = 20
"""Without an id, shorter equal texts are two customers who said the same ("Great service!")."""


def normal(text: str) -> str:
    """Return a text as duplicates are compared: NFC, one case, single blanks."""
    composed = text if text.isascii() else unicodedata.normalize("NFC", text)
    return " ".join(composed.casefold().split())


def digest(parts: Iterable[str]) -> int:
    """Return 64 bits that stand for these strings in this order."""
    joined = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "big")


class Accountant:
    """Judges rows in the order read; one for a whole export, over all its files.

    Examples
    --------
    >>> books = Accountant()
    >>> books.judge("Too slow.", name="7", facts=(), told_apart=False)
    ('accepted', '7')
    >>> books.judge("Too  slow.", name="7", facts=(), told_apart=False)
    ('duplicate', '7')
    >>> books.judge("Much better now.", name="7", facts=(), told_apart=False)
    ('accepted', '7#2')
    """

    def __init__(self) -> None:
        self._rows: set[int] = set()
        self._names: set[int] = set()
        self._answers: set[int] = set()
        self._repeats: Counter[int] = Counter()

    def judge(
        self, text: str, *, name: str, facts: Iterable[str], told_apart: bool
    ) -> tuple[Verdict, str]:
        """Return the verdict on one row and the id it goes by ("" where it has none yet).

        Parameters
        ----------
        text : the words, title included.
        name : the export's own id, "" where it gives none.
        facts : all other values of the row, those of columns that are not read included.
        told_apart : whether `facts` hold a customer or a time of day, so that a second row with
            the same values is the same row even where the text is short.
        """
        if is_empty(text):
            return "empty", name
        if is_junk(text):
            return "junk", name
        words = normal(text)
        if name:
            row = digest(("id", name, words))
        elif told_apart or sum(map(str.isalpha, words)) >= LEAST_LETTERS:
            row = digest(("row", words, *facts))
        else:
            return "accepted", ""
        if row in self._rows:
            return "duplicate", name
        self._rows.add(row)
        return "accepted", self.unique(name) if name else ""

    def first_answer(self, answer: tuple[str, ...]) -> bool:
        """Whether no row before gave this answer (see `miner.ingest.convert.Row.answer`).

        () stands for an answer that nothing tells from another customer's: always a first one.

        Examples
        --------
        >>> books = Accountant()
        >>> [books.first_answer(answer) for answer in (("7", "9.0"), ("7", "9.0"), (), ())]
        [True, False, True, True]
        """
        if not answer:
            return True
        key = digest(answer)
        first = key not in self._answers
        self._answers.add(key)
        return first

    def unique(self, name: str) -> str:
        """Return the id, or ``id#2``, ``id#3`` … where it is taken, and keep it."""
        key = digest((name,))
        if key not in self._names:
            self._names.add(key)
            return name
        number = max(2, self._repeats[key] + 1)
        while (other := digest((f"{name}#{number}",))) in self._names:
            number += 1
        self._repeats[key] = number
        self._names.add(other)
        return f"{name}#{number}"


class OpenBooks(Accountant):
    """Judges each row by itself: for a feed, whose store knows what came before.

    Parameters
    ----------
    versioned : whether rows say when they were changed: then a rating without words may be what a
        feedback has become, and is not left out for having the ratings of an earlier row.

    Examples
    --------
    >>> books = OpenBooks()
    >>> [books.judge("Too slow.", name="7", facts=(), told_apart=False) for _ in range(2)]
    [('accepted', '7'), ('accepted', '7')]
    """

    def __init__(self, *, versioned: bool = False) -> None:
        super().__init__()
        self._versioned = versioned

    def first_answer(self, answer: tuple[str, ...]) -> bool:
        """Whether no row before gave this answer; always, where rows are versions."""
        return self._versioned or super().first_answer(answer)

    def judge(
        self,
        text: str,
        *,
        name: str,
        facts: Iterable[str],  # noqa: ARG002
        told_apart: bool,  # noqa: ARG002
    ) -> tuple[Verdict, str]:
        """Return whether the row says anything, and its own id."""
        if is_empty(text):
            return "empty", name
        return ("junk" if is_junk(text) else "accepted"), name

    def unique(self, name: str) -> str:
        """Return the id as it is."""
        return name


def ledger_of(verdicts: Iterable[Verdict]) -> Ledger:
    """Return the account of these verdicts.

    Examples
    --------
    >>> ledger_of(["accepted", "empty"]).received
    2
    """
    counts = Counter(verdicts)
    return Ledger(received=counts.total(), **{str(name): n for name, n in counts.items()})
