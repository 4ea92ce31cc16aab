"""One record with its columns read as fields: what tells rows apart, what makes two the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import NamedTuple


class Row(NamedTuple):
    """The mapped values of one record."""

    number: int
    name: str
    text: str
    date: datetime | None
    ratings: tuple[float | None, ...]
    language: str | None
    channel: str | None
    customer: str | None
    groups: tuple[str | None, ...]
    areas: tuple[float | None, ...] = ()
    updated: datetime | None = None
    deleted: bool = False
    cursor: str | None = None

    def facts(self) -> Iterable[str]:
        """Return all values but id and text, as text."""
        values = (self.date, *self.ratings, self.language, self.channel, self.customer)
        rest = (*values, *self.groups, *self.areas)
        return ("" if value is None else str(value) for value in rest)

    @property
    def told_apart(self) -> bool:
        """Whether a customer or a time of day tells this row from a chance repetition."""
        timed = self.date is not None and self.date.time() != time.min
        return timed or self.customer is not None

    @property
    def rated(self) -> bool:
        """Whether the row carries a valid rating."""
        return any(rating is not None for rating in (*self.ratings, *self.areas))

    @property
    def answer(self) -> tuple[str, ...]:
        """What makes two rows without text the same answer; () where nothing can tell."""
        if self.name:
            answered = (self.date, self.customer, *self.ratings, *self.areas)
            return ("id", self.name, *map(str, answered))
        if self.date is None or self.customer is None:
            return ()
        return ("row", *self.facts())
