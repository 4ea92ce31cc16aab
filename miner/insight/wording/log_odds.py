"""How much more often a phrase is said here than there, in standard errors."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from miner.insight.intervals import Array

PRIOR: Final = 20.0
"""Weight of the prior: so many texts that say the phrase as often as all texts together do."""

FLOOR: Final = 0.5
"""Texts with the phrase that the prior adds at least, so that none here doesn't hide many there."""


def log_odds(
    hits: npt.ArrayLike, n: npt.ArrayLike, other_hits: npt.ArrayLike, other_n: npt.ArrayLike
) -> Array:
    """Return z of the log-odds ratio with an informative Dirichlet prior, element by element.

    Parameters
    ----------
    hits, n : texts with the phrase, and all texts, here.
    other_hits, other_n : the same for other texts.

    Returns
    -------
    z > 0 where the phrase is said more often here; NaN where one side has no text at all.

    Notes
    -----
    With a = `PRIOR` times the share of both sides together, at least `FLOOR`, and b = `PRIOR` - a
    likewise:
    ln((hits + a) / (n - hits + b)) minus the same of the others, over the root of the sum of the
    four reciprocals. Each text counts once for a phrase, so the Dirichlet prior has two classes.

    References
    ----------
    Monroe, Colaresi, Quinn (2008), "Fightin' Words", Political Analysis 16:372-403, eq. 16-22; the
    floor is that of Haldane (1956), Annals of Human Genetics 20:309-311.

    Examples
    --------
    >>> log_odds([30, 10, 0], 100, [10, 30, 0], 300).round(1).tolist()
    [6.2, 0.0, 0.0]
    """
    y, size, other, rest = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (hits, n, other_hits, other_n))
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.maximum(PRIOR * (y + other) / (size + rest), FLOOR)
        b = np.maximum(PRIOR - a, FLOOR)
        cells = (y + a, size - y + b, other + a, rest - other + b)
        delta = np.log(cells[0] / cells[1]) - np.log(cells[2] / cells[3])
        z = delta / np.sqrt(sum(1 / cell for cell in cells))
    z = np.where((y + other == 0) | (y + other == size + rest), 0.0, z)
    return np.asarray(np.where((size > 0) & (rest > 0), z, np.nan), dtype=np.float64)
