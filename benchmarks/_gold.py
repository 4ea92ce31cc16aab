"""Read public feedback sets: texts, and what their labels say in the words of this project."""

from __future__ import annotations

import gzip
import json
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

CODES: Final = {"negative": -1, "neutral": 0, "positive": 1}
UNKNOWN: Final = -9
"""Stands in `Gold.polarity` where a row has none, or where its opinions differ."""

T = TypeVar("T")
Pair = tuple[str, int]
"""Top theme and polarity: -1, 0 or 1."""


@dataclass(frozen=True, slots=True)
class Gold:
    """One set, or a sample of it; one entry a text.

    `polarity`: -1, 0, 1 or `UNKNOWN`, shape (n,). `themes`: the top themes among `covers` that the
    labels name; None where they name none or are unclear. `pairs`: the same with polarity; None
    also where the set has no polarity a label. `both`: the labels hold a positive and a negative,
    shape (n,).
    """

    texts: tuple[str, ...]
    polarity: NDArray[np.int8]
    covers: tuple[str, ...]
    themes: tuple[frozenset[str] | None, ...]
    pairs: tuple[frozenset[Pair] | None, ...]
    both: NDArray[np.bool_]

    @property
    def aspects(self) -> bool:
        """Whether the set tells a polarity a label."""
        return any(one is not None for one in self.pairs)


@dataclass(frozen=True, slots=True)
class Mapped:
    """How the labels of one set map to themes: a section of ``dev_themes.toml``."""

    covers: tuple[str, ...] = ()
    themes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unclear: tuple[str, ...] = ()
    nothing: tuple[str, ...] = ()
    polarity: str = ""

    def read(self, labels: Iterable[str]) -> tuple[set[Pair] | None, set[int]]:
        """Return (theme, polarity) pairs, None where a label is unclear; and all polarities.

        Raises ValueError on a label that the section does not name, or without its polarity.
        """
        pairs: set[Pair] | None = set()
        signs = set()
        for label in labels:
            name, _, polarity = label.partition(self.polarity) if self.polarity else (label, "", "")
            if self.polarity and polarity not in CODES:
                raise ValueError(label)
            sign = CODES.get(polarity, UNKNOWN)
            signs.add(sign)
            found = [key for key, names in self.themes.items() if _among(name, names)]
            if not found and _among(name, self.unclear):
                pairs = None
            elif not found and not _among(name, self.nothing):
                raise ValueError(name)
            if pairs is not None:
                pairs |= {(key, sign) for key in found}
        return pairs, signs


def load_mapping(path: Path) -> dict[str, Mapped]:
    """Return the label mapping of every set in a file, by name of the set."""
    sections = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        name: Mapped(**{key: tuple(v) if isinstance(v, list) else v for key, v in one.items()})
        for name, one in sections.items()
    }


def read_gold(path: Path, mapped: Mapped | None, *, rows: int | None = None) -> Gold:
    """Return the texts and gold labels of a file of gzipped JSON lines.

    Parameters
    ----------
    mapped : what its labels mean; None: nothing about themes.
    rows : read so many, evenly spread over the file; None: all.

    Raises
    ------
    SystemExit
        The file is empty, or a label is not in the mapping.
    """
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        entries = spread([json.loads(line) for line in handle], rows)
    if not entries:
        raise SystemExit(f"{path} holds no rows. Leave it out with --sets.")
    meaning = mapped or Mapped()
    read = [_labels(entry, meaning, path) if mapped else (None, set()) for entry in entries]
    pairs = [one or None for one, _ in read]
    polarities = (one.get("polarity") or one.get("polarity_weak") for one in entries)
    return Gold(
        texts=tuple(str(one["text"]) for one in entries),
        polarity=np.array([CODES.get(one, UNKNOWN) for one in polarities], dtype=np.int8),
        covers=meaning.covers,
        themes=tuple(None if one is None else frozenset(key for key, _ in one) for one in pairs),
        pairs=tuple(frozenset(one) if one and meaning.polarity else None for one in pairs),
        both=np.array([{-1, 1} <= signs for _, signs in read], dtype=np.bool_),
    )


def spread(items: Sequence[T], n: int | None) -> list[T]:
    """Return `n` items evenly spread over a sequence, in its order; None: all."""
    if n is None or n >= len(items):
        return list(items)
    return [items[at * len(items) // n] for at in range(n)]


def _labels(
    entry: Mapping[str, Any], mapped: Mapped, path: Path
) -> tuple[set[Pair] | None, set[int]]:
    try:
        return mapped.read(entry.get("labels") or ())
    except ValueError as error:
        raise SystemExit(
            f'{path.name}: label "{error}" is not in dev_themes.toml. Put it under themes, '
            "unclear or nothing of that set."
        ) from error


def _among(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
