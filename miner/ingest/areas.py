"""Survey areas rated 1-5 twice: how it is now, and how it is wanted (or how much it matters).

An area is two columns of the export. A caller names them, or they are found: two columns with
ratings whose names are the same but for a word such as "now" and "wanted" (`data/areas.toml`).
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

from miner.columns import AREA_SCALE
from miner.errors import UsageError, nearest
from miner.ingest import ratings
from miner.ingest.board import Board
from miner.ingest.options import Area, AreaKind, AreaSide
from miner.ingest.overrides import resolve
from miner.ingest.profiles import Profile
from miner.ingest.words import plain, table

_SIDES: Final[dict[str, AreaSide]] = {
    "now": "now", "experience": "now", "wanted": "wanted", "importance": "wanted",
}  # fmt: skip
_KEYS: Final = ("now", "wanted", "experience", "importance", "theme")
_FORM: Final = '--area "Response time=Speed now,Speed wanted,service.speed"'


def parse_areas(given: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return ``NAME=NOW,WANTED[,THEME]`` texts as the `areas` of the settings.

    A column name with a comma in it is put in double quotes.

    Raises
    ------
    UsageError
        A text has another form, or an area is given twice.

    Examples
    --------
    >>> parse_areas(["Speed=Speed now,Speed wanted,service.speed"])
    {'Speed': {'now': 'Speed now', 'wanted': 'Speed wanted', 'theme': 'service.speed'}}
    """
    found: dict[str, dict[str, str]] = {}
    for text in given:
        name, mark, rest = text.partition("=")
        parts = [part.strip() for part in next(csv.reader([rest], skipinitialspace=True), [])]
        if not mark or len(parts) not in (2, 3) or not all(parts):
            raise UsageError(
                f'--area: got "{text}", expected NAME=NOW,WANTED or NAME=NOW,WANTED,THEME.',
                hint=f"Write for example: {_FORM}.",
                slug="ingest.bad-area",
                got=text,
            )
        if name.strip() in found:
            raise _twice(name.strip())
        found[name.strip()] = dict(zip(("now", "wanted", "theme"), parts, strict=False))
    return found


def declared_areas(areas: Mapping[str, Any]) -> tuple[Area, ...]:
    """Return the areas of the settings, checked.

    Parameters
    ----------
    areas : by name a table with ``now`` and ``wanted`` (or ``experience`` and ``importance``), the
        names of two columns, and perhaps ``theme``.

    Raises
    ------
    UsageError
        An area lacks a column, has an unknown key or an empty name, or stands twice.

    Examples
    --------
    >>> declared_areas({"Speed": {"experience": "Q1a", "importance": "Q1b"}})[0].kind
    'importance'
    """
    found = tuple(_declared(str(name).strip(), entry) for name, entry in areas.items())
    names = [area.name.casefold() for area in found]
    for area, name in zip(found, names, strict=True):
        if names.count(name) > 1:
            raise _twice(area.name)
    return found


def _declared(name: str, entry: Any) -> Area:
    if not isinstance(entry, Mapping):
        raise _bad(name, f"got {entry!r}, expected a table with the columns now and wanted")
    for key, value in entry.items():
        if key not in _KEYS:
            raise _bad(name, f'unknown key "{key}"', near=nearest(str(key), _KEYS))
        if not isinstance(value, str) or not value.strip():
            raise _bad(name, f"{key} is {value!r}, expected the name of a column")
    matters = "importance" in entry or "experience" in entry
    first, second = ("experience", "importance") if matters else ("now", "wanted")
    if not name or first not in entry or second not in entry:
        raise _bad(name, "expected a name and two columns, now and wanted")
    if matters and ("now" in entry or "wanted" in entry):
        raise _bad(name, "now and wanted don't go together with experience and importance")
    kind: AreaKind = "importance" if matters else "wanted"
    return Area(name, entry[first].strip(), entry[second].strip(), entry.get("theme"), kind)


def by_hand(board: Board, areas: Sequence[Area]) -> None:
    """Take the columns that the caller named; a file may lack them (another one has them)."""
    header = [profile.name for profile in board.profiles]
    labels = [profile.label for profile in board.profiles]
    for area in areas:
        for side in ("now", "wanted"):
            index = resolve(area.column(side), header, labels)
            if index is None:
                continue
            if index in board.by_hand:
                raise _claimed(board, index, area)
            profile = board.profiles[index]
            if profile.count and not _readable(profile, least=0.5):
                raise _not_rated(board, profile, area)
            _take(board, profile, area, side, ("said by hand", 1.0))
            board.by_hand.add(index)
        board.areas.append(area)


def recognise(board: Board) -> None:
    """Find pairs of free columns that rate one area twice; a name that fits twice is left alone."""
    sides: dict[AreaSide, dict[str, list[tuple[Profile, str]]]] = {"now": {}, "wanted": {}}
    for profile in board.free():
        if profile.count and _readable(profile, least=0.9):
            for side, stem, word in _candidates(profile):
                sides[side].setdefault(stem, []).append((profile, word))
    known = {area.name.casefold() for area in board.areas}
    for stem, (now, wanted) in _pairs(sides):
        if stem in known or not {now[0].position, wanted[0].position}.isdisjoint(board.choices):
            continue
        matters = wanted[1] in _words("importance")
        name = stem[:1].upper() + stem[1:]
        area = Area(name, now[0].name, wanted[0].name, kind="importance" if matters else "wanted")
        for side, (one, word), (other, _) in (("now", now, wanted), ("wanted", wanted, now)):
            reason = f"rated 1-5, '{word}'; the pair of \"{other.name}\""
            _take(board, one, area, side, (reason, 0.85))
        board.areas.append(area)


def _pairs(
    sides: Mapping[AreaSide, Mapping[str, list[tuple[Profile, str]]]],
) -> Iterator[tuple[str, tuple[tuple[Profile, str], tuple[Profile, str]]]]:
    for stem, now in sides["now"].items():
        wanted = sides["wanted"].get(stem, [])
        if len(now) == len(wanted) == 1 and now[0][0] is not wanted[0][0]:
            yield stem, (now[0], wanted[0])


def _candidates(profile: Profile) -> Iterator[tuple[AreaSide, str, str]]:
    """Yield side, what is left of the name, and the word, once for each reading of the name."""
    seen: set[tuple[AreaSide, str]] = set()
    for name in filter(None, profile.names):
        words = f" {plain(name)} "
        for group, side in _SIDES.items():
            for word in _words(group):
                stem = _stem(words.replace(f" {word} ", " ", 1))
                if f" {word} " in words and stem and (side, stem) not in seen:
                    seen.add((side, stem))
                    yield side, stem, word


def _stem(words: str) -> str:
    return " ".join(word for word in words.split() if word not in _words("around"))


@cache
def _words(group: str) -> tuple[str, ...]:
    """Return a group's words in every language, longest first ("as is" before "is")."""
    words = {plain(word) for listed in table("areas")[group].values() for word in listed}
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def _readable(profile: Profile, *, least: float) -> bool:
    """Whether the filled cells are ratings 1-5, as numbers or in words."""
    labels = ratings.label_set(profile.distinct)
    if labels is not None:
        return labels.scale == AREA_SCALE
    values = [value for value, top in profile.numbers if top in (None, AREA_SCALE[1])]
    inside = sum(AREA_SCALE[0] <= value <= AREA_SCALE[1] for value in values)
    share = ratings.SHARE_IN_SCALE if least > 0.5 else 0.5
    return profile.numeric >= least and inside >= share * len(profile.numbers) > 0


def _take(
    board: Board, profile: Profile, area: Area, side: AreaSide, why: tuple[str, float]
) -> None:
    field = area.field(side)
    board.take(profile, field, *why)
    labels = ratings.label_set(profile.distinct)
    if labels is not None:
        board.labels[field] = labels


def _twice(name: str) -> UsageError:
    return UsageError(
        f'The area "{name}" is given twice.',
        hint="Keep one of the two, or give the other another name.",
        slug="ingest.bad-area",
        area=name,
    )


def _bad(name: str, what: str, *, near: str = "") -> UsageError:
    return UsageError(
        f'Setting areas, "{name}": {what}.',
        hint=f'{near}Write for example: [areas."Response time"] now = "Speed now", '
        'wanted = "Speed wanted", theme = "service.speed".',
        slug="ingest.bad-area",
        area=name,
    )


def _claimed(board: Board, index: int, area: Area) -> UsageError:
    other = board.choices[index]
    return UsageError(
        f'{board.source}: column "{other.column}" is mapped to both {other.field} and the area '
        f'"{area.name}".',
        hint="Leave one of the two out.",
        slug="ingest.mapped-twice",
        column=other.column,
    )


def _not_rated(board: Board, profile: Profile, area: Area) -> UsageError:
    return UsageError(
        f'{board.source}, column "{profile.name}": got "{profile.values[0][:40]}", '
        f'expected ratings 1-5 for the area "{area.name}".',
        hint="Name the column that holds them: miner inspect shows them all.",
        slug="ingest.wrong-column",
        field=area.name,
        column=profile.name,
    )
