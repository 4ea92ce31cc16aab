"""Small array helpers for columns of tokens: a batch of one text costs mostly numpy's overhead."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def places(mask: npt.NDArray[Any]) -> Longs:
    """Return where a mask is set, or a number is not 0.

    Examples
    --------
    >>> places(np.array([True, False, True])).tolist()
    [0, 2]
    """
    return mask.nonzero()[0]


def is_any(mask: npt.NDArray[Any]) -> bool:
    """Return whether a mask is set anywhere; of a short one, in a tenth of the time of `any`.

    Examples
    --------
    >>> is_any(np.array([False, True])), is_any(np.array([], dtype=bool))
    (True, False)
    """
    return bool(np.count_nonzero(mask))


def edges(sizes: Longs) -> Longs:
    """Return where each of the joined parts starts, and where the last one ends.

    Examples
    --------
    >>> edges(np.array([2, 0, 3])).tolist()
    [0, 2, 2, 5]
    """
    found = np.zeros(len(sizes) + 1, dtype=np.int64)
    sizes.cumsum(out=found[1:])
    return found


def counts_before(mask: Mask) -> Longs:
    """Return how many places are set before each one, and in all: shape (n + 1,).

    Examples
    --------
    >>> counts_before(np.array([True, False, True])).tolist()
    [0, 1, 1, 2]
    """
    found = np.zeros(len(mask) + 1, dtype=np.int64)
    mask.cumsum(out=found[1:])
    return found


def ended(values: Longs, last: int) -> Longs:
    """Return the values with one more behind them.

    Examples
    --------
    >>> ended(np.array([0, 2]), 5).tolist()
    [0, 2, 5]
    """
    found = np.empty(len(values) + 1, dtype=np.int64)  # a quarter of the time of np.append
    found[:-1] = values
    found[-1] = last
    return found


def run_starts(values: npt.NDArray[Any]) -> Mask:
    """Return which values differ from the one before; the first always does.

    Examples
    --------
    >>> run_starts(np.array([4, 4, 2])).tolist()
    [True, False, True]
    """
    found = np.empty(len(values), dtype=np.bool_)
    found[:1] = True
    np.not_equal(values[1:], values[:-1], out=found[1:])
    return found


def times_before(values: Longs) -> Longs:
    """Return how many equal values stand before each one.

    Examples
    --------
    >>> times_before(np.array([4, 2, 4, 4, 2])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = values.argsort(kind="stable")
    ordered = values[order]
    found = np.empty(len(values), dtype=np.int64)
    found[order] = np.arange(len(values)) - ordered.searchsorted(ordered)
    return found


def spread(first: Longs, sizes: Longs) -> Longs:
    """Return the whole numbers of each stretch, joined: `first`, one after it, … `sizes` of them.

    Examples
    --------
    >>> spread(np.array([7, 3]), np.array([2, 1])).tolist()
    [7, 8, 3]
    """
    ends = sizes.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return np.asarray((first - ends + sizes).repeat(sizes) + np.arange(total))


def previous(mask: Mask) -> Mask:
    """Return the mask moved one place on."""
    moved = np.zeros(len(mask), dtype=np.bool_)
    moved[1:] = mask[:-1]
    return moved


def following(mask: Mask) -> Mask:
    """Return the mask moved one place back."""
    moved = np.zeros(len(mask), dtype=np.bool_)
    moved[:-1] = mask[1:]
    return moved
