"""Ratings as exports write them: 4, "4,5", "4/5", "5 - Excellent", "Very satisfied", ★★★★☆."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from miner.ingest.words import table

Scale = tuple[float, float]

_NUMBER: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_STARS: Final = re.compile(r"[★⭐](?:[★⭐☆\s\ufe0f]*)\Z")
SHARE_IN_SCALE: Final = 0.98
"""Share of a column's numbers that must lie on a scale: a slip in fifty (55 for 5) is let pass."""

_SHARE_OF_LABELS: Final = 0.9  # one word in ten may be a stray answer ("see above")


@dataclass(frozen=True)
class LabelSet:
    """Words that stand for numbers on one scale; `field` is the rating they mean by themselves."""

    field: str
    scale: Scale
    values: dict[str, float]
    blank: frozenset[str]


@dataclass(frozen=True)
class RatingReader:
    """Reads the ratings of one column: numbers, or the words of one label set."""

    scale: Scale
    labels: LabelSet | None = None
    _seen: dict[str, float | ValueError | None] = field(default_factory=dict, repr=False)

    def read(self, value: str) -> float | None:
        """Return the rating, None where the cell says 'no rating'; ValueError where it is none.

        The range is not checked: see `inside`.
        """
        if value not in self._seen:
            if len(self._seen) > 10_000:
                self._seen.clear()
            self._seen[value] = self._fresh(value)
        found = self._seen[value]
        if isinstance(found, ValueError):
            raise found
        return found

    def inside(self, rating: float) -> bool:
        """Whether the rating lies on the scale."""
        return self.scale[0] <= rating <= self.scale[1]

    def _fresh(self, value: str) -> float | ValueError | None:
        text = key(value)
        if self.labels is not None and text in self.labels.values:
            return self.labels.values[text]
        if text in blanks() or (self.labels is not None and text in self.labels.blank):
            return None
        found = number(value)
        return found[0] if found is not None else ValueError(value)


def key(value: str) -> str:
    """Return a label as it is compared: one case, single blanks, no end punctuation."""
    return " ".join(value.casefold().split()).rstrip(".!")


def number(value: str) -> tuple[float, float | None] | None:
    """Return the rating in a text and the top of its scale where the text names it.

    Examples
    --------
    >>> number("4,5"), number("4/5"), number("5 - Excellent"), number("★★★☆☆")
    ((4.5, None), (4.0, 5.0), (5.0, None), (3.0, 5.0))
    >>> number("rated 3 of my 4 orders")
    """
    text = value.strip()
    if _STARS.match(text):
        return float(sum(c in "★⭐" for c in text)), 5.0
    found = _NUMBER.match(text)
    if found is None:
        return None
    rating = float(found[0].replace(",", "."))
    rest = text[found.end() :].strip()
    if not rest:
        return rating, None
    top = _of().fullmatch(rest)
    if top is not None:
        return rating, float(top["top"])
    return None if any(map(str.isdigit, rest)) or not _is_label(rest) else (rating, None)


def label_set(values: Iterable[str], *, only: str | None = None) -> LabelSet | None:
    """Return the set that holds nearly all of the distinct values, None where none does.

    At least two of its words must turn up: one word is no scale. `only` asks for a set that by
    itself means that rating.
    """
    distinct = {key(value) for value in values} - blanks()
    for entry in label_sets():
        if only is not None and entry.field != only:
            continue
        counted = distinct - entry.blank
        known = counted & entry.values.keys()
        if len(known) >= 2 and len(known) >= _SHARE_OF_LABELS * len(counted):
            return entry
    return None


def fit_scale(rating: str, values: list[float], tops: Iterable[float]) -> Scale | None:
    """Return the scale that holds nearly all values of a rating, None where none is usual.

    Parameters
    ----------
    rating : nps | csat | ces | stars; NPS is 0-10 by definition.
    values : the numbers of the sample.
    tops : scale ends that the cells name themselves ("4/5").
    """
    if rating == "nps":
        return (0.0, 10.0)
    named = set(tops)
    if len(named) == 1:
        top = named.pop()
        return (0.0 if top > 5 and min(values) < 1 else 1.0, top)
    for scale in _usual(rating, values):
        inside = sum(scale[0] <= v <= scale[1] for v in values)
        if inside >= SHARE_IN_SCALE * len(values) or inside >= len(values) - 1 > 2:
            return scale
    return None


def _usual(rating: str, values: list[float]) -> list[Scale]:
    """Scales of this rating, narrow before wide."""
    zero = any(v == 0 for v in values)
    if rating == "csat" and set(values) == {0.0, 1.0}:
        return [(0.0, 1.0)]
    wide: list[Scale] = [(0.0, 10.0) if zero else (1.0, 10.0), (0.0, 100.0)]
    if rating == "stars":
        return [(1.0, 5.0), *([(0.0, 5.0)] if zero else []), wide[0]]
    return [(1.0, 5.0), (1.0, 7.0), *wide]


def blanks() -> frozenset[str]:
    """Return the texts that say 'no value here', as `key` writes them."""
    return _blanks()


@cache
def _blanks() -> frozenset[str]:
    return frozenset(key(text) for text in table("labels")["blank"])


@cache
def _of() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, table("labels")["of"]), key=len, reverse=True))
    return re.compile(rf"(?:{words})\s*(?P<top>\d{{1,3}})\b[^\d]*", re.IGNORECASE)


def _is_label(rest: str) -> bool:
    """Whether what follows a number is its label: '- Excellent', '(very likely)', 'stars'."""
    return rest[0] in "-–—:=(.)" or (rest[0].isalpha() and len(rest.split()) <= 3)


@cache
def label_sets() -> tuple[LabelSet, ...]:
    """Return the shipped label sets, one for each language of each entry."""
    return tuple(
        LabelSet(
            field=entry["field"],
            scale=(float(entry["scale"][0]), float(entry["scale"][1])),
            values={key(word): float(value) for word, value in values.items()},
            blank=frozenset(key(word) for word in entry.get("blank", ())),
        )
        for entry in table("labels")["set"]
        for values in entry["values"].values()
    )
