"""Keep a teacher's opinions of a pool: numbers without texts, small enough to ship.

Grain: one row per text of the pool, one column per output. Log-odds are kept in steps of 1/16
between -8 and 8, one byte each; a fit always sees the kept values, whether fresh or read back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from miner.errors import DataError

Bytes = NDArray[np.uint8]

_LIMIT = 7.9375
_STEPS = 16.0
_MIDDLE = 127


@dataclass(frozen=True)
class Opinions:
    """A teacher's quantised log-odds, shape (n_pool, n_outputs), and what they belong to.

    `pool`: hash of the texts, in order. `teacher`: hash of what the teacher learned from.
    """

    outputs: tuple[str, ...]
    pool: str
    teacher: str
    codes: Bytes

    @property
    def odds(self) -> NDArray[np.float32]:
        """Log-odds, shape (n_pool, n_outputs)."""
        return (self.codes.astype(np.float32) - _MIDDLE) / np.float32(_STEPS)


def quantised(odds: NDArray[np.floating]) -> Bytes:
    """Return log-odds as bytes; what lies beyond ±7.94 is cut.

    Examples
    --------
    >>> quantised(np.array([-20.0, 0.0, 0.5])).tolist()
    [0, 127, 135]
    """
    near = np.clip(odds.astype(np.float32), -_LIMIT, _LIMIT)
    return (np.round(near * _STEPS) + _MIDDLE).astype(np.uint8)


def save_opinions(opinions: Opinions, path: Path) -> None:
    """Write opinions as a compressed npz: the same opinions give the same bytes."""
    part = path.with_suffix(".part")
    with part.open("wb") as handle:
        np.savez_compressed(
            handle,
            codes=opinions.codes,
            outputs=np.array(opinions.outputs),
            pool=np.array(opinions.pool),
            teacher=np.array(opinions.teacher),
        )
    part.rename(path)


def load_opinions(path: Path) -> Opinions:
    """Read opinions that `save_opinions` wrote.

    Raises
    ------
    DataError
        The file can't be read or holds something else.
    """
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as stored:
            return Opinions(
                outputs=tuple(str(name) for name in stored["outputs"]),
                pool=str(stored["pool"]),
                teacher=str(stored["teacher"]),
                codes=np.asarray(stored["codes"], dtype=np.uint8),
            )
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(
            f"{path} holds no teacher's opinions: {error}.",
            hint="Delete it, and train again with --work FOLDER.",
            slug="opinions.unreadable",
            path=str(path),
        ) from error


def fits(opinions: Opinions, *, pool: str, teacher: str, outputs: Sequence[str]) -> bool:
    """Whether opinions were given by this teacher of this pool."""
    asked = (pool, teacher, tuple(outputs))
    return (opinions.pool, opinions.teacher, opinions.outputs) == asked
