"""How far two annotators agree: Krippendorff's alpha over sets of themes and over polarities.

Grain: one item is one example labelled twice, independently.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from miner.errors import DataError
from miner.resources import folder

Labels = tuple[tuple[str, str], ...]
Distance = Callable[[Hashable, Hashable], float]


@dataclass(frozen=True, slots=True)
class Twice:
    """One example and what each annotator saw in it: (theme, polarity) pairs."""

    id: str
    first: Labels
    second: Labels


AGREEMENT: Final = {
    "subthemes": "sub-themes of an example, as sets (MASI distance)",
    "themes": "themes (communication, service, product, general), as sets",
    "opinion": "opinion or none",
    "polarity": "polarity of the mentions both found",
}
"""Every alpha's name and what it is over."""


def load_twice(path: str | Path | None = None) -> tuple[Twice, ...]:
    """Return the examples labelled twice; None means those of the shipped corpus.

    Raises
    ------
    DataError
        The file is missing or a line is broken.
    """
    file = Path(path) if path is not None else folder("corpora") / "agreement" / "second.jsonl"
    try:
        entries = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
        return tuple(
            Twice(str(one["id"]), _labels(one["first"]), _labels(one["second"])) for one in entries
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{file}: {error}.",
            hint="Each line holds id, first and second, the last two as [theme, polarity] pairs.",
            slug="agreement.broken",
        ) from error


def agreement(items: Sequence[Twice]) -> dict[str, float]:
    """Return each alpha of `AGREEMENT`, 1 for full agreement and 0 for what chance gives.

    Examples
    --------
    >>> speed, price = ("service.speed", "negative"), ("product.price", "positive")
    >>> agreement([Twice("a", (speed,), (speed,)), Twice("b", (price,), (price,))])["themes"]
    1.0
    """
    sets = [(_themes(one.first), _themes(one.second)) for one in items]
    tops = [(_tops(one), _tops(other)) for one, other in sets]
    shared = [
        (dict(one.first)[theme], dict(one.second)[theme])
        for one in items
        for theme in sorted(dict(one.first).keys() & dict(one.second).keys())
    ]
    return {
        "subthemes": alpha(sets, masi),
        "themes": alpha(tops, masi),
        "opinion": alpha([(bool(one), bool(other)) for one, other in sets]),
        "polarity": alpha(shared),
    }


def alpha(
    pairs: Sequence[tuple[Hashable, Hashable]],
    distance: Distance = lambda one, other: float(one != other),
) -> float:
    """Return Krippendorff's alpha of two annotators without missing values [1]_.

    Parameters
    ----------
    pairs : what each of the two said of an item; values are compared by `distance`, in [0, 1].

    Notes
    -----
    alpha = 1 - observed / expected disagreement; expected over all pairs of values of both
    annotators. 1.0 where nothing but one value was ever given.

    References
    ----------
    .. [1] Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.

    Examples
    --------
    >>> round(alpha([("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")]), 3)
    0.533
    """
    observed = sum(distance(one, other) for one, other in pairs) / len(pairs)
    counts = Counter(value for pair in pairs for value in pair)
    n = sum(counts.values())
    expected = sum(
        times * others * distance(one, other)
        for one, times in counts.items()
        for other, others in counts.items()
    ) / (n * (n - 1))
    return 1.0 - observed / expected if expected else 1.0


def masi(one: Hashable, other: Hashable) -> float:
    """Return the distance of two sets: 0 equal, 1 nothing shared, between by how they nest [1]_.

    References
    ----------
    .. [1] Passonneau (2006), Measuring Agreement on Set-valued Items (MASI), LREC.

    Examples
    --------
    >>> round(masi(frozenset("ab"), frozenset("a")), 3)
    0.667
    """
    assert isinstance(one, frozenset)
    assert isinstance(other, frozenset)
    if one == other:
        return 0.0
    shared = len(one & other)
    nested = 2 / 3 if one <= other or other <= one else 1 / 3
    return 1.0 - shared / len(one | other) * nested


def _themes(labels: Labels) -> frozenset[str]:
    return frozenset(theme for theme, _ in labels)


def _tops(themes: frozenset[str]) -> frozenset[str]:
    return frozenset(theme.partition(".")[0] for theme in themes)


def _labels(pairs: Sequence[Sequence[str]]) -> Labels:
    return tuple((str(theme), str(polarity)) for theme, polarity in pairs)
