"""One unusual thing seen in one evaluation: figures only, no wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from miner.feed.alerts.rule import Kind

Measure = Literal["mentions", "share", "points", "score", "days"]


@dataclass(frozen=True, slots=True)
class Place:
    """One cohort's part in a spike of everybody: what was seen there and was to be expected."""

    cohort: str
    seen: float
    expected: float


@dataclass(frozen=True, slots=True)
class Finding:
    """What was seen, and what was to be expected from the history.

    Parameters
    ----------
    kind : one of `miner.feed.alerts.rule.KINDS`.
    subject : stable key of what it is about, such as ``spike:service.delivery``: at most one
        finding of an evaluation has it.
    measure : unit of the figures. ``mentions``: feedback with a negative mention; ``share`` in
        [0, 1]; ``points`` of NPS, or ``score``; ``days``.
    seen, expected, low, high : the figure, what was to be expected, and the 95 % prediction
        interval around that.
    n : what `seen` rests on: feedback (spike, untagged), answers, rows, mentions or words in the
        window; deliveries of the history where a source is silent.
    p : chance of a figure as odd as this one, from its own history; None for a silence.
    q : `p` after Benjamini-Hochberg over everything of this kind looked at on that day.
    first, last : days of the window.
    theme, cohort, score, source : what it is about; empty where it isn't about one. The cohort is
        empty for everybody.
    place : of a spike seen in everybody, the cohort that explains it; None where none does.
    also : of a spike seen in cohorts only, the other cohorts that show it, largest excess first.
    words : new words, or themes that gained or lost most, strongest first.
    """

    kind: Kind
    subject: str
    measure: Measure
    seen: float
    expected: float
    low: float
    high: float
    n: int
    p: float | None
    q: float | None
    first: date
    last: date
    theme: str = ""
    cohort: str = ""
    score: str = ""
    source: str = ""
    place: Place | None = None
    also: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def ratio(self) -> float | None:
        """Seen / expected; None where nothing was expected, and for NPS and other scores."""
        if self.measure in ("points", "score") or self.expected <= 0:
            return None
        return self.seen / self.expected

    @property
    def excess(self) -> float:
        """How far off it is, to compare one evaluation with another: mentions count by the day."""
        days = (self.last - self.first).days + 1 if self.measure == "mentions" else 1
        return abs(self.seen - self.expected) / days

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data, keys in field order."""
        data = {one.name: getattr(self, one.name) for one in fields(self)}
        place = self.place and {one.name: getattr(self.place, one.name) for one in fields(Place)}
        days = {"first": self.first.isoformat(), "last": self.last.isoformat()}
        lists = {"also": list(self.also), "words": list(self.words)}
        return {**data, **days, **lists, "place": place}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        """Return what `to_dict`, or a JSON reader after it, gave.

        Examples
        --------
        >>> day = date(2026, 3, 1)
        >>> found = Finding("silent", "silent:shop", "days", 9.0, 1.0, 1.0, 2.0, 40, None, None,
        ...                 day, day, source="shop")
        >>> Finding.from_dict(found.to_dict()) == found
        True
        """
        place = data["place"]
        days = {name: date.fromisoformat(data[name]) for name in ("first", "last")}
        lists = {name: tuple(data[name]) for name in ("also", "words")}
        return cls(**{**data, **days, **lists, "place": Place(**place) if place else None})
