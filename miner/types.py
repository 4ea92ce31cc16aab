"""Frozen domain types: the face of the program at its edges. Standard library only.

Inside, batches travel as tables (see `miner.insight.mentions`); these objects are what one
feedback looks like to a caller, to JSON and to a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Literal

from miner.errors import InternalError

Polarity = Literal["negative", "neutral", "positive"]
FeedbackPolarity = Literal["negative", "neutral", "positive", "mixed"]
ClauseKind = Literal["statement", "greeting", "signature", "quote"]

POLARITIES: tuple[Polarity, ...] = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Feedback:
    """One response as received: a review, a comment, a ticket, a survey verbatim.

    `row` is the row number a spreadsheet shows (a header is row 1). Ratings keep the scale they
    came with; None means the customer gave none.
    """

    id: str
    text: str
    source: str = ""
    row: int = 0
    date: datetime | None = None
    nps: float | None = None
    csat: float | None = None
    ces: float | None = None
    stars: float | None = None
    language: str | None = None
    channel: str | None = None
    customer: str | None = None
    cohorts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of one feedback text that holds one statement.

    `start`, `end`: half-open character offsets into the original text. The clauses of a text
    tile it: the first starts at 0, each next one where the last ended, the last ends at
    ``len(text)``. Only clauses of kind ``statement`` are scored.
    """

    start: int
    end: int
    kind: ClauseKind = "statement"


@dataclass(frozen=True, slots=True)
class Mention:
    """One opinion about one theme in one clause: the only thing that is counted.

    `sentiment` is in [-1, 1]; `confidence` in [0, 1] is the calibrated probability that a reader
    would find this theme in the clause; `start`, `end` are the clause's offsets in the original
    text; `evidence` holds the words that weighed most, strongest first.
    """

    theme: str
    polarity: Polarity
    sentiment: float
    confidence: float
    start: int
    end: int
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """Intent or risk found in a clause (complaint, request, question …) with its offsets."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scored:
    """One feedback after scoring.

    `sentiment` is in [-1, 1], near 0 where no opinion was found; `polarity` is ``mixed`` where
    positive and negative mentions meet, ``neutral`` where there is no opinion. `signals` is empty
    so far: no model that finds them ships yet.
    `flags` names what limited the work on this text, such as ``not-text`` or ``truncated``.
    """

    text: str
    sentiment: float
    polarity: FeedbackPolarity
    mentions: tuple[Mention, ...]
    signals: tuple[Signal, ...] = ()
    clauses: tuple[Clause, ...] = ()
    flags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data, keys in field order."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row was set aside: a value, collected, never an exception.

    `reason` is a readable slug such as ``row.rating-out-of-range``; `column` and `value` are
    empty where the whole row is meant; `value` is cut to 200 characters. `fatal` is False where
    the row was kept and only the one value was dropped.
    """

    source: str
    row: int
    column: str
    value: str
    reason: str
    message: str
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account of every row read: received = accepted + duplicate + empty + junk + rejected.

    Examples
    --------
    >>> one = Ledger(received=3, accepted=2, empty=1)
    >>> (one + one).received
    6
    """

    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    empty: int = 0
    junk: int = 0
    rejected: int = 0

    def __post_init__(self) -> None:
        aside = self.duplicate + self.empty + self.junk + self.rejected
        if self.received != self.accepted + aside:
            raise InternalError(
                f"The ledger does not balance: {asdict(self)}.",
                hint="Please report this with the input that caused it.",
                slug="ledger.unbalanced",
            )

    def __add__(self, other: Ledger) -> Ledger:
        mine, theirs = asdict(self), asdict(other)
        return Ledger(**{name: mine[name] + theirs[name] for name in mine})

    def to_dict(self) -> dict[str, int]:
        """Return the six counts under their names."""
        return asdict(self)
