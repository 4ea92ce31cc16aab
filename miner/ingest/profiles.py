"""What a column of the sample looks like: the evidence on which columns are mapped."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from miner.ingest import dates, ratings

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}\Z")
_LINK = re.compile(r"https?://\S+\Z|www\.\S+\Z", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)?(?: [^\W\d_]+\.?(?:[-'’][^\W\d_]+)?){1,3}\Z")
_MIXED_HEX = re.compile(r"[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:]*\Z")


@dataclass(frozen=True)
class Profile:
    """One column of the sample.

    `values`: cells that are not blank, stripped, in the order read; `rows`: rows in the sample.
    All shares are in [0, 1], of the filled cells; 0 for an empty column.
    """

    position: int
    name: str
    label: str
    rows: int
    values: tuple[str, ...]

    @property
    def names(self) -> tuple[str, str]:
        """Header and question text: both may name what the column holds."""
        return self.name, self.label

    @property
    def count(self) -> int:
        """How many cells are filled."""
        return len(self.values)

    @property
    def filled(self) -> float:
        """Share of the rows that have a value."""
        return self.count / self.rows if self.rows else 0.0

    @cached_property
    def distinct(self) -> tuple[str, ...]:
        """The different values, in the order they turn up."""
        return tuple(dict.fromkeys(self.values))

    @property
    def distinct_share(self) -> float:
        """Different values per filled cell."""
        return len(self.distinct) / self.count if self.count else 0.0

    @cached_property
    def mean_length(self) -> float:
        """Mean characters a value."""
        return sum(map(len, self.values)) / self.count if self.count else 0.0

    @cached_property
    def mean_words(self) -> float:
        """Mean words a value, parted by blanks."""
        return sum(len(v.split()) for v in self.values) / self.count if self.count else 0.0

    @cached_property
    def free_text(self) -> float:
        """Share of values with at least three words, or one long unspaced run of letters."""
        return self._share(lambda v: v.count(" ") >= 2 or is_unspaced_text(v))

    @cached_property
    def worded(self) -> float:
        """Share of values with a letter."""
        return self._share(lambda v: any(map(str.isalpha, v)))

    @cached_property
    def dated(self) -> float:
        """Share of values written as dates (not as bare numbers)."""
        return self._share(lambda v: dates.shape(v) not in (None, "number"))

    @cached_property
    def dated_numbers(self) -> float:
        """Share of values that may be epoch or spreadsheet dates."""
        return self._share(lambda v: dates.shape(v) == "number")

    @cached_property
    def numbers(self) -> tuple[tuple[float, float | None], ...]:
        """(rating, top of its scale) of the values that read as a rating."""
        found = {value: ratings.number(value) for value in self.distinct}
        return tuple(n for value in self.values if (n := found[value]) is not None)

    @property
    def numeric(self) -> float:
        """Share of values that read as a rating or a number."""
        spoken = sum(ratings.key(value) not in ratings.blanks() for value in self.values)
        return min(1.0, len(self.numbers) / spoken) if spoken else 0.0

    @cached_property
    def personal(self) -> str:
        """What personal data most values are: e-mail addresses, IP addresses, links; or ""."""
        if self._share(lambda v: bool(_EMAIL.match(v))) >= 0.5:
            return "e-mail addresses"
        if self._share(_is_ip) >= 0.5:
            return "IP addresses"
        return "links" if self._share(lambda v: bool(_LINK.match(v))) >= 0.5 else ""

    @cached_property
    def named_people(self) -> float:
        """Share of values written like a person's name: two to four capitalised words."""
        return self._share(lambda v: bool(_NAME.match(v)) and v == v.title())

    def _share(self, test: Callable[[str], bool]) -> float:
        if not self.count:
            return 0.0
        known = {value: test(value) for value in self.distinct}
        return sum(known[value] for value in self.values) / self.count


def profile_columns(
    header: Sequence[str], labels: Sequence[str], sample: Sequence[Sequence[str]]
) -> list[Profile]:
    """Return one profile a column, in the order of the header."""
    return [
        Profile(
            position=index,
            name=name,
            label=labels[index],
            rows=len(sample),
            values=tuple(cell for row in sample if (cell := row[index].strip())),
        )
        for index, name in enumerate(header)
    ]


def _is_ip(value: str) -> bool:
    if ":" in value:
        return bool(_MIXED_HEX.match(value))
    if not _IP.match(value):
        return False
    parts = [int(part) for part in value.split(".")]
    # Version numbers have four parts too, but small ones.
    return max(parts) in range(100, 256)


def is_unspaced_text(value: str) -> bool:
    """Scripts without blanks between words: a run of ten letters beyond the Latin ones."""
    return len(value) >= 10 and sum(ord(c) > 0x2E80 for c in value) >= 5
