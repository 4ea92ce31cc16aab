"""One version of one feedback as the rows of the store."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from miner.feed.merge import GONE, Version, Word
from miner.ingest.options import RATINGS
from miner.ingest.row import Row

FEEDBACK: Final = (
    "feedback", "source", "identity", "digest", "updated", "place", "place_row", "kind",
    "since_run", "id", "happened", *RATINGS, "language", "channel", "customer", "cohorts", "areas",
    "said_language", "words", "verbatim", "sentiment", "polarity", "n_clauses", "n_mentions",
    "scored", "tagger",
)  # fmt: skip
MENTION: Final = (
    "feedback", "nth", "clause", "theme", "polarity", "sentiment", "confidence", "start_at",
    "end_at", "verbatim_start", "verbatim_end", "evidence", "quote",
)  # fmt: skip
SIGNAL: Final = (
    "feedback", "nth", "clause", "kind", "start_at", "end_at", "verbatim_start", "verbatim_end",
    "words",
)  # fmt: skip
REJECT: Final = (
    "source", "place", "place_row", "place_column", "value", "reason", "message", "fatal",
    "customer", "happened", "nth",
)  # fmt: skip
"""Columns of the tables, in the order they are written."""

TAGS: Final = ("language", "verbatim", "sentiment", "polarity", "n_clauses", "n_mentions", "scored")
"""Columns of `feedback` that tagging fills."""


@dataclass(frozen=True)
class Tags:
    """What tagging says of one feedback: values of `TAGS`, mentions and signals without keys."""

    values: Sequence[Any]
    mentions: Sequence[Sequence[Any]]
    signals: Sequence[Sequence[Any]]
    tagger: int

    def mention_rows(self, key: int) -> list[tuple[Any, ...]]:
        """Return the rows of `mentions` for a feedback."""
        return [(key, nth, *one) for nth, one in enumerate(self.mentions)]

    def signal_rows(self, key: int) -> list[tuple[Any, ...]]:
        """Return the rows of `signals` for a feedback."""
        return [(key, nth, *one) for nth, one in enumerate(self.signals)]


@dataclass(frozen=True)
class Record:
    """One version to be written.

    `ends`: the word for what it does to the version before. `kind`: ``comment``, ``answer`` (a
    rating without words) or ``gone``. `words`: as they are to be stored. `tags` None: not tagged.
    """

    identity: str
    digest: str
    version: Version
    ends: Word
    kind: Literal["comment", "answer", "gone"]
    mapped: Row
    cohorts: Mapping[str, str]
    areas: Mapping[str, float]
    words: str
    tags: Tags | None = None

    def row(self, key: int, source: str, run: int) -> tuple[Any, ...]:
        """Return the row of `feedback`."""
        mapped, tags = self.mapped, self.tags
        language, *rest = tags.values if tags else (mapped.language, *[None] * (len(TAGS) - 1))
        if self.digest == GONE:
            return (key, source, self.identity, GONE, *self.version, mapped.number, "gone", run,
                    *[None] * (len(FEEDBACK) - 9))  # fmt: skip
        return (
            key, source, self.identity, self.digest, *self.version, mapped.number, self.kind, run,
            mapped.name, stored_date(mapped.date), *mapped.ratings, language, mapped.channel,
            mapped.customer, _packed(self.cohorts), _packed(self.areas), mapped.language,
            self.words, *rest, tags.tagger if tags else None,
        )  # fmt: skip


def stored_date(moment: datetime | None) -> str | None:
    """Return a date as the store keeps it: text that sorts, always of one length.

    Examples
    --------
    >>> stored_date(datetime(2026, 11, 22, 9, 30))
    '2026-11-22 09:30:00.000000'
    """
    return None if moment is None else moment.isoformat(sep=" ", timespec="microseconds")


def _packed(values: Mapping[str, Any]) -> str | None:
    kept = {name: value for name, value in values.items() if not _missing(value)}
    return json.dumps(kept, ensure_ascii=False) if kept else None


def _missing(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
