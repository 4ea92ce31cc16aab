"""Another export of the same kind: what is kept of it, and how this one differs from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from miner.insight.figures import Estimate


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers to one score: distinct values, ascending, and how often each was given."""

    scale: tuple[float, float]
    values: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """Another export in counts: enough to compare with, no text and no customer in it.

    `answers` by score; `hits` by theme: feedback with a negative and with a positive mention, out
    of `counted`. `first`, `last`: its dates.
    """

    name: str
    counted: int
    first: str | None
    last: str | None
    answers: Mapping[str, Answers]
    hits: Mapping[str, tuple[int, int]]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields under their names, JSON-ready."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Other:
        """Return what `to_dict` wrote.

        Examples
        --------
        >>> one = Other("old.csv", 9, None, None, {"nps": Answers((0, 10), (3.0,), (4,))}, {})
        >>> Other.from_dict(one.to_dict()) == one
        True
        """
        answers = {
            key: Answers(_pair(one["scale"]), tuple(one["values"]), tuple(one["counts"]))
            for key, one in data["answers"].items()
        }
        hits = {key: _pair(pair) for key, pair in data["hits"].items()}
        return cls(**{**data, "answers": answers, "hits": hits})


def _pair(values: Any) -> tuple[Any, Any]:
    first, second = values
    return first, second


@dataclass(frozen=True, slots=True)
class ScoreAgainst:
    """One score in both exports; `difference` = here - there.

    `p_value`: corrected for the number of scores (Benjamini-Hochberg), None where too few.
    """

    score: str
    label: str
    here: Estimate
    there: Estimate
    difference: Estimate
    p_value: float | None


@dataclass(frozen=True, slots=True)
class ThemeAgainst:
    """The share of feedback with a mention of a theme on one side, in both exports.

    `hits`, `other_hits`: feedback with such a mention here and there. `p_value`: corrected for the
    number of themes and sides (Benjamini-Hochberg), None where too few.
    """

    theme: str
    side: Literal["negative", "positive"]
    hits: int
    other_hits: int
    here: Estimate
    there: Estimate
    difference: Estimate
    p_value: float | None


@dataclass(frozen=True, slots=True)
class Against:
    """This export beside another one, as if the two held different customers.

    `scores` in their usual order; `themes`: differences beyond chance first, larger ones first.
    `scales`: scores that can't be compared, with the scale here and there.
    """

    other: Other
    scores: tuple[ScoreAgainst, ...]
    themes: tuple[ThemeAgainst, ...]
    scales: tuple[tuple[str, tuple[float, float], tuple[float, float]], ...] = ()
