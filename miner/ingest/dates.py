"""Dates as exports write them: ISO, 18.03.2020, 3/18/20 5:04 PM, 18 mars 2020, epoch, Excel serial.

Moments with an offset are turned into UTC; all others are kept as written. The result is a naive
`datetime`, because one export is read on one clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Final, Literal

from miner.ingest.words import table

Shape = Literal["iso", "xyz", "words", "number"]
Order = Literal["day", "month"]

EARLIEST: Final = datetime(1990, 1, 1)
"""Customer feedback in electronic exports is younger; older dates are slips or null values."""
LATEST: Final = datetime(2100, 1, 1)
SLACK: Final = timedelta(days=31)
"""How far after `now` a date may lie: period ends and clocks of other zones."""

_TIME = (
    r"(?:[T ,]+(?P<h>\d{1,2})[:.](?P<mi>\d{2})(?:[:.](?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"\s*(?P<ap>[AaPp]\.?[Mm]\.?)?\s*(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?\s*\Z"
)
_YMD = re.compile(r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})(?:[-/.](?P<d>\d{1,2}))?" + _TIME)
_COMPACT = re.compile(r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})" + _TIME)
_XYZ = re.compile(
    r"(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)\s?(?P<y>\d{4}|\d{2})" + _TIME
)
_WORD = re.compile(r"[^\W\d_]+\.?")
_CLOCK = re.compile(
    r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?\s*(?P<ap>[AaPp]\.?[Mm]\.?)?\s*"
    r"(?P<z>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_NUMBER = re.compile(r"\d{5}(?:[.,]\d+)?|\d{10}(?:\.\d+)?|\d{13}|\d{16}")
_EXCEL_DAY_0 = datetime(1899, 12, 30)
_MEMORY = 50_000  # spellings kept: more than a century of days, some 10 MB


class ImpossibleDateError(ValueError):
    """The value has the form of a date, but there is no such day."""


@dataclass
class DateReader:
    """Reads the dates of one column.

    `order` says which number comes first in ``03/04/2020``; `latest` is the moment after which a
    date is impossible (already with its slack).
    """

    order: Order = "day"
    latest: datetime = LATEST

    def __post_init__(self) -> None:
        self._seen: dict[str, datetime | Exception] = {}

    def read(self, value: str) -> datetime:
        """Return the moment; ImpossibleDateError: no such day, ValueError: no date at all."""
        found = self._seen.get(value)
        if found is None:
            if len(self._seen) > _MEMORY:
                self._seen.clear()
            found = self._seen[value] = self._fresh(value)
        if isinstance(found, Exception):
            raise found
        return found

    def _fresh(self, value: str) -> datetime | Exception:
        try:
            moment = parse(value, self.order)
        except ValueError as error:
            return error
        if not EARLIEST <= moment <= self.latest:
            return ImpossibleDateError(value)
        return moment


def last_possible(now: datetime | None) -> datetime:
    """Return the latest date that is believed, given the clock (naive UTC) or None."""
    return LATEST if now is None else min(LATEST, now + SLACK)


def shape(value: str) -> Shape | None:
    """Return the form of a date, None where the text is none.

    Examples
    --------
    >>> shape("2020/3/18"), shape("18.03.2020"), shape("Mar 18, 2020"), shape("soon")
    ('iso', 'xyz', 'words', None)
    """
    value = value.strip()
    if not 5 <= len(value) <= 40 or not any(map(str.isdigit, value)):
        return None
    if _NUMBER.fullmatch(value):
        return "number"
    if _YMD.match(value) or _COMPACT.match(value):
        return "iso"
    if _XYZ.match(value):
        return "xyz"
    return "words" if _worded(value) is not None else None


def parse(value: str, order: Order) -> datetime:
    """Return the moment a text stands for, naive, in UTC where it has an offset.

    Raises
    ------
    ImpossibleDateError
        There is no such day or hour (31 February, month 13).
    ValueError
        The text is no date.

    Examples
    --------
    >>> parse("2015-02-24 11:35:52 -0800", "day")
    datetime.datetime(2015, 2, 24, 19, 35, 52)
    >>> parse("03/04/2020", "day"), parse("03/04/2020", "month")
    (datetime.datetime(2020, 4, 3, 0, 0), datetime.datetime(2020, 3, 4, 0, 0))
    """
    value = value.strip()
    form = shape(value)
    try:
        if form == "number":
            return _from_number(value)
        if form == "iso":
            found = _YMD.match(value) or _COMPACT.match(value)
            assert found is not None
            return _moment(int(found["y"]), int(found["m"]), int(found["d"] or 1), found)
        if form == "xyz":
            return _from_xyz(value, order)
        if form == "words":
            worded = _worded(value)
            assert worded is not None
            year, month, day, clock = worded
            return _moment(year, month, day, clock)
    except (ValueError, OverflowError) as error:
        raise ImpossibleDateError(value) from error
    raise ValueError(value)


def day_first(values: Iterable[str]) -> Order | None:
    """Return the order that the values prove (a number above 12), None where none does.

    Where both orders turn up, the commoner one wins: the others are slips.
    """
    day = month = 0
    for value in values:
        found = _XYZ.match(value.strip())
        if found:
            day += int(found["a"]) > 12
            month += int(found["b"]) > 12
    if day == month:
        return None
    return "day" if day > month else "month"


def has_dots(values: Iterable[str]) -> bool:
    """Whether dates are written 18.03.2020: with dots the day always stands first."""
    return any((found := _XYZ.match(v.strip())) and found["sep"] == "." for v in values)


def has_am_pm(values: Iterable[str]) -> bool:
    """Whether the times say AM or PM: with these the month usually stands first."""
    return any((found := _XYZ.match(v.strip())) and found["ap"] for v in values)


def _from_xyz(value: str, order: Order) -> datetime:
    found = _XYZ.match(value)
    assert found is not None
    day, month = int(found["a"]), int(found["b"])
    if order == "month" and found["sep"] != ".":
        day, month = month, day
    year = int(found["y"])
    return _moment(year if year > 99 else 2000 + year, month, day, found)


def _from_number(value: str) -> datetime:
    number = float(value.replace(",", "."))
    if number < 100_000:
        seconds = round((number % 1) * 86_400)
        return _EXCEL_DAY_0 + timedelta(days=int(number), seconds=seconds)
    while number > 1e11:
        number /= 1000
    return datetime.fromtimestamp(number, UTC).replace(tzinfo=None)


def _moment(year: int, month: int, day: int, clock: re.Match[str] | None) -> datetime:
    if clock is None or clock["h"] is None:
        return datetime(year, month, day)
    hour = int(clock["h"])
    half = (clock["ap"] or "").casefold()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    fraction = clock.groupdict().get("f") or ""
    moment = datetime(
        year,
        month,
        day,
        hour,
        int(clock["mi"]),
        int(clock["s"] or 0),
        int(fraction[:6].ljust(6, "0")) if fraction else 0,
    )
    zone = clock["z"]
    if zone is None or zone in ("Z", "UTC", "GMT"):
        return moment
    return moment.replace(tzinfo=_offset(zone)).astimezone(UTC).replace(tzinfo=None)


def _offset(zone: str) -> timezone:
    digits = zone[1:].replace(":", "").ljust(4, "0")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-size if zone[0] == "-" else size)


def _worded(value: str) -> tuple[int, int, int, re.Match[str] | None] | None:
    """Return (year, month, day, clock) of a date with the month in words."""
    clock = _CLOCK.search(value)
    rest = value if clock is None else value[: clock.start()] + " " + value[clock.end() :]
    words = [word.rstrip(".").casefold() for word in _WORD.findall(rest)]
    months = [_months()[word] for word in words if word in _months()]
    numbers = re.findall(r"\d+", rest)
    if len(months) != 1 or len(words) > 3 or len(numbers) != 2:
        return None
    years = [n for n in numbers if len(n) == 4]
    if len(years) != 1:
        day, year = int(numbers[0]), 2000 + int(numbers[1])
        return (year, months[0], day, clock) if len(numbers[1]) == 2 else None
    numbers.remove(years[0])
    return int(years[0]), months[0], int(numbers[0]), clock


@cache
def _months() -> dict[str, int]:
    return {
        word: number
        for names in table("dates")["months"].values()
        for number, entry in enumerate(names, 1)
        for word in entry.split()
    }
