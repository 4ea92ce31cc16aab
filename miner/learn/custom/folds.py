"""Cut labelled texts into folds: groups stay together, every fold gets its share of each label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


def make_folds(given: NDArray[np.bool_], groups: Sequence[str], k: int) -> Ints:
    """Return the fold of each text, 0 … k-1.

    Parameters
    ----------
    given : shape (n, n_labels), the labels of each text.
    groups : a name a text; texts of one name stay in one fold, "" stands alone.

    Notes
    -----
    Iterative stratification: the rarest label first, its largest groups first, each to the fold
    that lacks most of it (Sechidis, Tsoumakas, Vlahavas 2011, ECML PKDD).

    Examples
    --------
    >>> given = np.array([[True], [True], [False], [False]])
    >>> sorted(make_folds(given, ["", "", "", ""], 2)[given[:, 0]].tolist())
    [0, 1]
    """
    number = group_numbers(groups)
    size = np.bincount(number)
    counts = np.zeros((len(size), given.shape[1]), dtype=np.int64)
    np.add.at(counts, number, given)
    fold = np.full(len(size), -1, dtype=np.int64)
    lack = np.tile(counts.sum(axis=0) / k, (k, 1))
    room = np.full(k, len(given) / k)
    for label in np.argsort(counts.sum(axis=0), kind="stable"):
        waiting = np.flatnonzero((counts[:, label] > 0) & (fold < 0))
        for group in waiting[np.argsort(-counts[waiting, label], kind="stable")]:
            fold[group] = _neediest(lack[:, label], room)
            lack[fold[group]] -= counts[group]
            room[fold[group]] -= size[group]
    for group in np.flatnonzero(fold < 0)[np.argsort(-size[fold < 0], kind="stable")]:
        fold[group] = int(room.argmax())
        room[fold[group]] -= size[group]
    return fold[number]


def group_numbers(groups: Sequence[str]) -> Ints:
    """Return the number of each text's group; a text without a group is one of its own.

    Examples
    --------
    >>> group_numbers(["a", "", "a"]).tolist()
    [1, 0, 1]
    """
    names = [f"1{name}" if name else f"0{at}" for at, name in enumerate(groups)]
    return np.unique(np.array(names), return_inverse=True)[1].astype(np.int64)


def nested(groups: Sequence[str], share: float) -> NDArray[np.bool_]:
    """Return which texts belong to a share of the groups; a larger share holds the smaller ones.

    Notes
    -----
    The order of the groups is that of a fixed pseudo-random draw.
    """
    number = group_numbers(groups)
    rank = np.random.default_rng(20).permutation(int(number.max(initial=-1)) + 1)
    texts_before = np.bincount(rank[number]).cumsum()
    return np.asarray(texts_before[rank[number]] <= share * len(number) + 0.5, dtype=np.bool_)


def _neediest(lack: NDArray[np.float64], room: NDArray[np.float64]) -> int:
    """Return the fold that lacks most of a label; among equals the one with most room."""
    return int(np.lexsort((-room, -np.round(lack, 9)))[0])
