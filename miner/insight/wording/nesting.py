"""Phrases inside phrases: which of "hold", "hold time" and "hold time is" to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

SAME: Final = 0.75
"""Share of the feedback of the shorter phrase that the longer one must cover to stand for it."""

BESIDE: Final = 0.2
"""The same share from which the longer one is shown beside the shorter one."""

Parts = tuple[int, ...]
_Found = tuple[Parts, frozenset[int]]


def unnested(
    order: Sequence[int], parts: Mapping[int, Parts], rows: Mapping[int, frozenset[int]]
) -> list[int]:
    """Return the phrases to show, in `order`.

    Of two phrases of which one holds the other, the longer stands for both where it covers at
    least `SAME` of the shorter one's feedback. Both are shown where it covers `BESIDE`, or where
    the longer one comes first; else the shorter one alone. Of two others that share a word and
    most of their feedback each way, two parts of one set phrase, the first stays.

    Parameters
    ----------
    order : phrases, clearest first.
    parts, rows : the words of each and the feedback that holds it.

    Examples
    --------
    >>> parts = {0: (7,), 1: (7, 8), 2: (9,)}
    >>> rows = {0: frozenset(range(10)), 1: frozenset(range(8)), 2: frozenset({3})}
    >>> unnested([0, 2, 1], parts, rows)
    [1, 2]
    """
    kept: list[int] = []
    for one in order:
        if any(_twins((parts[other], rows[other]), (parts[one], rows[one])) for other in kept):
            continue
        inner = [other for other in kept if _within(parts[other], parts[one])]
        outer = [other for other in kept if _within(parts[one], parts[other])]
        if inner:
            covered = [other for other in inner if _covers(rows[one], rows[other])]
            if covered:
                kept[kept.index(covered[0])] = one
                kept = [other for other in kept if other not in covered]
            elif all(_covers(rows[one], rows[other], BESIDE) for other in inner):
                kept.append(one)
        elif not any(_covers(rows[other], rows[one]) for other in outer):
            kept.append(one)
    return kept


def _covers(some: frozenset[int], others: frozenset[int], share: float = SAME) -> bool:
    return len(some & others) >= share * len(others)


def _twins(first: _Found, second: _Found) -> bool:
    (one, here), (other, there) = first, second
    crossed = not set(one).isdisjoint(other) and not (_within(one, other) or _within(other, one))
    return crossed and _covers(here, there) and _covers(there, here)


def _within(short: Parts, long: Parts) -> bool:
    """Whether the words of one stand in the other, in order and without a gap."""
    size = len(short)
    return size < len(long) and any(
        long[at : at + size] == short for at in range(len(long) - size + 1)
    )
