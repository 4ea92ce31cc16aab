"""Which column of a customer table is what: by hand, else by a name that its content bears out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from miner.errors import DataError, UsageError, nearest
from miner.ingest import measures
from miner.ingest.amounts import Mark, decimal_mark, is_amount
from miner.ingest.board import Board, named, strength
from miner.ingest.dates import Order
from miner.ingest.overrides import parse_pairs, resolve
from miner.ingest.profiles import Profile, profile_columns
from miner.ingest.tables import Table
from miner.ingest.words import NameMatch, match

CUSTOMER_FIELDS: Final = (
    "id", "start", "end", "monthly_revenue", "revenue", "cost", "cohort",
)  # fmt: skip
"""What a column of a customer table may be; revenue is the sum from the start to this day."""

AMOUNTS: Final = ("monthly_revenue", "revenue", "cost")
DAYS: Final = ("start", "end")
_FITS: Final = 0.5  # share of the filled cells that read as its kind: most, with room for typos
_GROUP_VALUES: Final = range(2, 13)  # plans, regions, months of a year; more is no table to read
_LONGEST: Final = 60  # characters of a value on average: longer is a remark, not a group's name

CustomerMap = Mapping[str, str | tuple[str, ...]]


@dataclass(frozen=True)
class CustomerColumns:
    """What each column of one customer table is read as.

    `at`: position by field; `cohorts`: position by name; `order`: which number comes first in
    ``03/04/2020``; `marks`: the decimal mark of each amount, None where nothing proves one.
    """

    header: tuple[str, ...]
    at: Mapping[str, int]
    cohorts: Mapping[str, int]
    order: Order
    marks: Mapping[str, Mark | None]
    notes: tuple[str, ...]

    def named(self) -> dict[str, str | list[str]]:
        """Return the header of each field's column, JSON-ready."""
        found: dict[str, str | list[str]] = {key: self.header[at] for key, at in self.at.items()}
        return found | ({"cohort": list(self.cohorts)} if self.cohorts else {})


def parse_customer_map(pairs: Iterable[str]) -> dict[str, str | tuple[str, ...]]:
    """Return ``field=column`` texts as a mapping; ``cohort`` may come several times.

    Raises
    ------
    UsageError
        A text has no ``=``, an unknown field, no column, or a field is given twice.

    Examples
    --------
    >>> parse_customer_map(["end=Left on", "cohort=Plan"])
    {'end': 'Left on', 'cohort': 'Plan'}
    """
    return parse_pairs(
        "--customer-map",
        pairs,
        check=check_customer_field,
        many=("cohort",),
        example='end="Left on"',
    )


def check_customer_field(name: str) -> None:
    """Raise UsageError with the nearest valid name unless `name` is one of `CUSTOMER_FIELDS`."""
    if name not in CUSTOMER_FIELDS:
        raise UsageError(
            f'A customer table has no field "{name}".',
            hint=f"{nearest(name, CUSTOMER_FIELDS)}Fields: {', '.join(CUSTOMER_FIELDS)}.",
            slug="customers.unknown-field",
            field=name,
        )


def decide_customers(table: Table, mapping: CustomerMap, *, groups: bool) -> CustomerColumns:
    """Return what the columns of a customer table are.

    Parameters
    ----------
    groups : whether columns with few values become cohorts (those said by hand always do).

    Raises
    ------
    UsageError
        A column said by hand does not exist, or does not hold what it should.
    DataError
        No column holds the customers' ids, or none the day they started.
    """
    profiles = profile_columns(table.header, table.labels, table.sample())
    board = Board(profiles, table.layout, table.source.name)
    at, cohorts = _by_hand(board, mapping)
    for field in CUSTOMER_FIELDS[:-1]:
        if field not in at:
            _claim(board, field, at)
    for field in ("id", "start"):
        if field not in at:
            raise _missing(board, field)
    if groups:
        cohorts |= _groups(board)
    return CustomerColumns(
        header=table.header,
        at=at,
        cohorts=cohorts,
        order=_order(board, table.source.delimiter),
        marks={key: decimal_mark(profiles[at[key]].values) for key in AMOUNTS if key in at},
        notes=tuple(board.notes),
    )


def _by_hand(board: Board, mapping: CustomerMap) -> tuple[dict[str, int], dict[str, int]]:
    header = [profile.name for profile in board.profiles]
    labels = [profile.label for profile in board.profiles]
    at: dict[str, int] = {}
    cohorts: dict[str, int] = {}
    for field, given in mapping.items():
        check_customer_field(field)
        for column in (given,) if isinstance(given, str) else given:
            index = resolve(column, header, labels)
            if index is None:
                raise UsageError(
                    f'{board.source}: there is no column "{column}" to map to {field}.',
                    hint=f"{nearest(column, header)}Columns: {', '.join(header)}.",
                    slug="customers.unknown-column",
                    field=field,
                    column=column,
                )
            profile = board.profiles[index]
            if profile.count and _share(profile, field) < _FITS / 2:
                raise _not_a(board, profile, field)
            _take(board, profile, field, None)
            if field == "cohort":
                cohorts[profile.name] = index
            else:
                at[field] = index
    return at, cohorts


def _claim(board: Board, field: str, at: dict[str, int]) -> None:
    """Give the field the free column whose name fits best and whose values are of its kind."""
    found = [(p, hit) for p in board.free() if (hit := _named(p, field)) is not None]
    found.sort(key=lambda pair: (strength(pair[1]), pair[0].position))
    fitting = [(p, hit) for p, hit in found if not p.count or _share(p, field) >= _FITS]
    if fitting:
        profile, hit = fitting[0]
        _take(board, profile, field, hit)
        at[field] = profile.position
    elif found:
        profile = found[0][0]
        board.notes.append(
            f'{board.source}: the column "{profile.name}" is named like {field}, but holds values '
            f'such as "{profile.values[0][:40]}", so it was not read as that.'
        )


def _named(profile: Profile, field: str) -> NameMatch | None:
    if field != "id":
        return match(field, profile.names, lists="customers")
    return named("customer", profile) or named("id", profile)


def _take(board: Board, profile: Profile, field: str, hit: NameMatch | None) -> None:
    """Hold the column; days are held as dates, which is what the order is decided on."""
    held = "date" if field in DAYS else field
    if hit is None:
        board.take(profile, held, "said by hand", 1.0)
    else:
        board.take_named(profile, held, hit, "")


def _share(profile: Profile, field: str) -> float:
    """Return the share of the filled cells that are of the field's kind."""
    if field in DAYS:
        return profile.dated + profile.dated_numbers
    if field in AMOUNTS:
        return sum(map(is_amount, profile.values)) / profile.count
    return 1.0


def _groups(board: Board) -> dict[str, int]:
    """Return the columns left that part the customers into a few groups."""
    return {
        profile.name: profile.position
        for profile in board.free()
        if len(profile.distinct) in _GROUP_VALUES
        and profile.numeric < 0.5
        and profile.dated < 0.5
        and profile.mean_length <= _LONGEST
        and not profile.personal
        and named("personal", profile) is None
    }


def _order(board: Board, delimiter: str | None) -> Order:
    proven = measures.proven_order(board)
    return proven or measures.assumed_order(board, delimiter)


_KINDS: Final = {**dict.fromkeys(DAYS, "dates"), **dict.fromkeys(AMOUNTS, "amounts")}


def _not_a(board: Board, profile: Profile, field: str) -> UsageError:
    return UsageError(
        f'{board.source}: the column "{profile.name}" was to be the {field}, but it holds '
        f'values such as "{profile.values[0][:40]}".',
        hint=f"Map a column of {_KINDS[field]}, or leave {field} out.",
        slug="customers.wrong-kind",
        field=field,
        column=profile.name,
    )


def _missing(board: Board, field: str) -> DataError:
    what = {"id": "the customers' ids", "start": "the day each customer started"}[field]
    free: Sequence[Profile] = board.free() or board.profiles
    return DataError(
        f"{board.source}: no column looks like {what}. "
        f"Columns: {', '.join(profile.name for profile in board.profiles)}.",
        hint=f'Say which one it is: --customer-map {field}="{free[0].name}".',
        slug=f"customers.no-{field}",
        path=board.source,
    )
