"""One customer: all feedback in time order over channels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SaidOpinion:
    """One mention of one feedback, in the customer's (redacted) words."""

    theme: str
    polarity: str
    sentiment: float
    quote: str


@dataclass(frozen=True, slots=True)
class SaidSignal:
    """One signal of one feedback with the words that show it (redacted)."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class CustomerEntry:
    """One feedback, or one answer without a comment (`text` is None then).

    `date`: ISO date and time, None where unknown; `scores` as answered, on the export's scales;
    `polarity`, `sentiment` None where nothing was scored.
    """

    id: str
    source: str
    row: int
    date: str | None
    channel: str | None
    scores: Mapping[str, float]
    polarity: str | None
    sentiment: float | None
    text: str | None
    mentions: tuple[SaidOpinion, ...]
    signals: tuple[SaidSignal, ...]


@dataclass(frozen=True, slots=True)
class CustomerView:
    """One customer, by the id the export gave: entries oldest first, undated last.

    `record`: what the customer table holds (start, end, revenue …), empty without one.
    """

    customer: str
    entries: tuple[CustomerEntry, ...]
    record: Mapping[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data."""
        return asdict(self)
