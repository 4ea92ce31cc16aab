"""What a caller may say about an export: nothing is needed, everything can be overruled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal

from miner.columns import AREA_PREFIX
from miner.errors import UsageError, nearest

FIELDS: Final = (
    "id",
    "text",
    "title",
    "date",
    "nps",
    "csat",
    "ces",
    "stars",
    "channel",
    "language",
    "customer",
    "cohort",
    "ignore",
)
RATINGS: Final = ("nps", "csat", "ces", "stars")
MARKS: Final = ("updated", "deleted")
"""Marks a feed may map beside the fields."""
MANY: Final = ("text", "cohort", "ignore")
"""Fields that may take more than one column; several text columns are joined by a line break."""

FORMATS: Final = (
    "csv", "tsv", "json", "jsonl", "xlsx", "xls", "xlsb", "ods", "parquet",
    "mbox", "eml", "maildir",
)  # fmt: skip

AreaKind = Literal["wanted", "importance"]
AreaSide = Literal["now", "wanted"]


@dataclass(frozen=True, slots=True)
class Area:
    """One survey area.

    `now`, `wanted` are column names; `theme`: key of the theme its mined text belongs to, None
    where nobody said. `kind`: whether the second answer says how it should be (``wanted``) or how
    much it matters (``importance``).
    """

    name: str
    now: str
    wanted: str
    theme: str | None = None
    kind: AreaKind = "wanted"

    def field(self, side: AreaSide) -> str:
        """Return the name of one of its two columns in the stored tables.

        Examples
        --------
        >>> Area("Speed", "Speed today", "Speed wished").field("now")
        'area.Speed.now'
        """
        return f"{AREA_PREFIX}{self.name}.{side}"

    def column(self, side: AreaSide) -> str:
        """Return the name of one of its two columns in the export."""
        return self.now if side == "now" else self.wanted

    def to_dict(self) -> dict[str, Any]:
        """Return the fields under their names."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read an export; every value left at its default is found out from the file.

    Parameters
    ----------
    encoding : name of the text encoding, such as ``cp1252``; None finds it out.
    delimiter : the one character between fields; None finds it out.
    sheet : name or number (from 1) of the sheet; None takes the first one that holds a table.
    map : field -> column name(s), position as ``#3``; fields as in `FIELDS`.
    areas : survey areas named by hand; others are found out.
    chunk_rows : rows a chunk, at least 1.
    now : dates more than 31 days after this moment are impossible; None allows all up to 2100.
    format : one of `FORMATS`; None looks at the content, then at the name.
    marks : what a feed keeps beside the feedback: ``updated`` (when the row was last changed),
        ``deleted`` (holds anything where the feedback was withdrawn) and ``cursor`` (only grows)
        -> column name; unless they are mapped too, the first two are read as nothing else.

    Raises
    ------
    UsageError
        A value is out of range or a field or format has an unknown name.

    Examples
    --------
    >>> ReadOptions(map={"text": "Comment"}).columns("text")
    ('Comment',)
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | int | None = None
    map: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    areas: tuple[Area, ...] = ()
    chunk_rows: int = 5000
    now: datetime | None = None
    format: str | None = None
    marks: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.chunk_rows < 1:
            raise _wrong("chunk_rows", self.chunk_rows, "a whole number from 1")
        if self.delimiter is not None and len(self.delimiter) != 1:
            raise _wrong("delimiter", self.delimiter, "one character, such as ; or a tab")
        if self.format is not None and self.format not in FORMATS:
            raise _wrong("format", self.format, " | ".join(FORMATS))
        for name in self.map:
            check_field(name)
            if name not in MANY and len(self.columns(name)) > 1:
                raise _wrong(f"map {name}", self.map[name], "one column")

    def columns(self, name: str) -> tuple[str, ...]:
        """Return the columns this field was mapped to by hand, () where it was not."""
        value = self.map.get(name, ())
        return (value,) if isinstance(value, str) else tuple(value)

    @property
    def latest(self) -> datetime | None:
        """`now` as a naive UTC moment, the form in which dates are kept."""
        if self.now is None or self.now.tzinfo is None:
            return self.now
        return self.now.astimezone(UTC).replace(tzinfo=None)


def check_field(name: str) -> None:
    """Raise UsageError with the nearest valid name unless `name` is one of `FIELDS`."""
    if name in FIELDS:
        return
    raise UsageError(
        f'There is no field "{name}" to map a column to.',
        hint=f"{nearest(name, FIELDS)}Fields: {', '.join(FIELDS)}.",
        slug="ingest.unknown-field",
        field=name,
    )


def _wrong(name: str, got: object, expected: str) -> UsageError:
    return UsageError(
        f"Read option {name}: got {got!r}, expected {expected}.",
        hint="Change that value.",
        slug="ingest.bad-option",
        option=name,
        got=got,
    )
