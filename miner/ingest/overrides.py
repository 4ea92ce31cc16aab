"""Columns named by hand: ``--map field=column``."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence

from miner.errors import UsageError
from miner.ingest.options import MANY, ReadOptions, check_field
from miner.ingest.words import plain

_POSITION = re.compile(r"#([1-9]\d*)\Z")


def parse_map(pairs: Iterable[str]) -> dict[str, str | tuple[str, ...]]:
    """Return ``field=column`` texts as the `map` of `ReadOptions`.

    Fields that may have several columns (text, cohort, ignore) collect them in order.

    Raises
    ------
    UsageError
        A text has no ``=``, an unknown field, no column, or a field is given twice.

    Examples
    --------
    >>> parse_map(["text=Your comment", "cohort=Plan", "cohort=Region"])
    {'text': 'Your comment', 'cohort': ('Plan', 'Region')}
    """
    return parse_pairs("--map", pairs, check=check_field, many=MANY, example='text="Your comment"')


def parse_pairs(
    option: str,
    pairs: Iterable[str],
    *,
    check: Callable[[str], None],
    many: Sequence[str],
    example: str,
) -> dict[str, str | tuple[str, ...]]:
    """Return the ``field=column`` texts of one option as a mapping.

    Parameters
    ----------
    check : raises where there is no such field.
    many : fields that may come several times.
    example : what could have been written.

    Raises
    ------
    UsageError
        A text has no ``=`` or no column, or a field is given twice; or what `check` raises.
    """
    found: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        name, mark, column = (part.strip() for part in pair.partition("="))
        if not mark or not column:
            raise UsageError(
                f'{option}: got "{pair}", expected FIELD=COLUMN.',
                hint=f"Write for example: {option} {example}.",
                slug="ingest.bad-map",
                got=pair,
            )
        check(name)
        if name in found and name not in many:
            raise UsageError(
                f'{option}: the field "{name}" is given twice.',
                hint=f"Keep one of them; several columns can only be {', '.join(many)}.",
                slug="ingest.bad-map",
                got=pair,
            )
        found[name] = (*found.get(name, ()), column)
    return {name: columns if len(columns) > 1 else columns[0] for name, columns in found.items()}


def resolve(column: str, header: Sequence[str], labels: Sequence[str]) -> int | None:
    """Return the index of a column named by hand: as written, loosely, by question or ``#3``."""
    if column in header:
        return header.index(column)
    position = _POSITION.match(column)
    if position and int(position[1]) <= len(header):
        return int(position[1]) - 1
    wanted = plain(column)
    for names in (header, labels):
        loose = [index for index, name in enumerate(names) if wanted and plain(name) == wanted]
        if len(loose) == 1:
            return loose[0]
    return None


def check_columns(
    options: ReadOptions, headers: Sequence[tuple[Sequence[str], Sequence[str]]]
) -> None:
    """Raise UsageError unless every column named by hand is in at least one file.

    Parameters
    ----------
    headers : (header, question texts) of each file.
    """
    header = headers[0][0]
    named = [(name, one, f"--map {name}=") for name in options.map for one in options.columns(name)]
    named += [(mark, column, f"{mark} = ") for mark, column in options.marks.items()]
    for name, column, before in named:
        if _nowhere(column, headers):
            raise _unknown(name, column, header, before=before)
    for area in options.areas:
        for column in (area.now, area.wanted):
            if _nowhere(column, headers):
                raise _unknown(area.name, column, header, place=f'for the area "{area.name}"')


def _nowhere(column: str, headers: Sequence[tuple[Sequence[str], Sequence[str]]]) -> bool:
    return all(resolve(column, header, labels) is None for header, labels in headers)


def _nearest_column(column: str, header: Sequence[str]) -> str | None:
    near = difflib.get_close_matches(plain(column), [plain(one) for one in header], n=1, cutoff=0.5)
    return next((one for one in header if near and plain(one) == near[0]), None)


def _unknown(
    name: str, column: str, header: Sequence[str], *, place: str = "", before: str = ""
) -> UsageError:
    nearest = _nearest_column(column, header)
    hint = f'Nearest: {before}"{nearest}". ' if nearest else ""
    return UsageError(
        f'There is no column "{column}" {place or f"to map to {name}"}.',
        hint=f"{hint}Columns: {', '.join(header)}.",
        slug="ingest.unknown-column",
        field=name,
        column=column,
    )
