"""Columns that number the rows: a reference of each response, or a mere count of the rows."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from miner.ingest.board import Board, named, strength
from miner.ingest.profiles import Profile
from miner.ingest.words import match, plain

_REFERENCE: Final = re.compile(r"(?=.*\d)[\w#/:.-]+\Z")
_LEAST_DIGITS: Final = 4  # a bare number with fewer is an amount as soon as a reference
_FILLED: Final = 0.9  # of the rows: a footer has none
_ASCENDING: Final = 0.9  # of the steps: exports that were joined begin anew


def reference(board: Board) -> None:
    """Take as id a column that is called a reference and is another one in every row.

    Weaker names than those of ``id`` ("Ref", "Ticket", "Nr"), so content must bear them out: one
    word with a digit in it, never repeated. What only counts the rows from 0 or 1 is no id: the
    next file counts from there as well.
    """
    if board.has("id"):
        return
    found = [(p, hit) for p in board.free() if p.count and (hit := named("reference", p))]
    for profile, hit in sorted(found, key=lambda pair: (strength(pair[1]), pair[0].position)):
        if _refers(profile):
            board.take_named(profile, "id", hit, f"{profile.count} values, no two the same")
            return


def counts_rows(profile: Profile) -> bool:
    """Whether a column counts the rows of the file, as ``#`` or pandas' ``Unnamed: 0``.

    Its numbers tell no two rows apart: a row that was exported twice has two of them.
    """
    return named("counter", profile) is not None and _counts(profile)


def _counts(profile: Profile) -> bool:
    """Whether the values are 0, 1, 2 … or 1, 2, 3 …; some may be missing or begin anew."""
    if profile.filled < _FILLED or not all(map(str.isdecimal, profile.values)):
        return False
    numbers = [int(value) for value in profile.values]
    steps = [one < other for one, other in pairwise(numbers)]
    return numbers[0] in (0, 1) and sum(steps) >= _ASCENDING * len(steps)


def _refers(profile: Profile) -> bool:
    if profile.distinct_share < 1 or profile.filled < _FILLED or profile.dated >= 0.5:
        return False
    if _is_of_customers(profile) or _counts(profile):
        return False
    return all(_REFERENCE.match(one) and not _is_small(one) for one in profile.values)


def _is_of_customers(profile: Profile) -> bool:
    """Whether the name speaks of customers ("Client ref"): they may come again."""
    words = plain(profile.name).split()
    return named("customer", profile) is not None or match("customer", words) is not None


def _is_small(value: str) -> bool:
    """Whether a value is a number and no long one, such as 12, 4.5 or 120."""
    bare = value.replace(".", "", 1).lstrip("-")
    return bare.isdecimal() and ("." in value or len(bare) < _LEAST_DIGITS)
