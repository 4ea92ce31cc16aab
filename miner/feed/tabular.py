"""An SQL table or query as a table of `miner.ingest`, read by a cursor column or whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from miner.errors import DataError, UsageError
from miner.feed.settings import Source
from miner.feed.store.database import Database, open_database
from miner.ingest.layouts import recognise
from miner.ingest.records import Record, cell_text
from miner.ingest.sources import Place, SourceFile
from miner.ingest.tables import Table

_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?\Z")


_NUMBER: Final = re.compile(r"-?\d+(\.\d*(?:e[+-]?\d+)?)?\Z")


@contextmanager
def _named(source: Source) -> Iterator[None]:
    """Say of a database that fails that it is a source, not the store."""
    try:
        yield
    except DataError as error:
        if not error.slug.startswith("store."):
            raise
        raise DataError(
            f"Source {source.name}: {error.message.removeprefix('The store ')}",
            hint="Check that it is there and running, and database in feed.toml; then run again.",
            slug="feed.source-lost",
            source=source.name,
        ) from error


def sql_table(source: Source, *, after: str | None, first: int) -> Table | None:
    """Return the rows of a source from the cursor's last value on; None where there are none.

    Rows with that very value come again: what is known of them stays, what is not is new, so that
    two rows written in the same moment are neither lost nor doubled.

    Parameters
    ----------
    after : the last value of the cursor as `cursor_text` wrote it; None reads from the start.
    first : rows read before these; their numbers go on from there.

    Raises
    ------
    DataError
        The database, the table or the column can't be read.
    """
    with _named(source):
        database = _open(source)
        inner = _inner(source)
        names = _columns(database, inner)
    if source.cursor and source.cursor not in names:
        raise UsageError(
            f'Source {source.name}: there is no column "{source.cursor}" for the cursor.',
            hint=f"Columns: {', '.join(names)}.",
            slug="feed.no-cursor-column",
            source=source.name,
        )
    at = names.index(source.cursor) if source.cursor else None
    statement, values = _select(database, inner, source.cursor, after)

    def read() -> Iterator[Record]:
        number = first
        with _named(source):
            for row in database.stream(statement, values):
                if at is not None and row[at] is None:
                    continue  # what the cursor can't place would come every night
                number += 1
                yield Record(number, [cell_text(_plain(value)) for value in row])

    if next(read(), None) is None:
        return None
    return Table(
        source=SourceFile(source.name, "", database.kind, None, None, None, "", 0),
        place=Place(Path(), source.name, keep=database),
        header=names,
        labels=("",) * len(names),
        layout=recognise(names),
        twins={},
        notes=(),
        read=read,
    )


def cursor_text(value: str) -> str:
    """Return a value of a cursor column so that texts compare as the values do.

    Examples
    --------
    >>> cursor_text("9") < cursor_text("10"), cursor_text("2026-11-22") > cursor_text("2026-03-01")
    (True, True)
    """
    found = re.fullmatch(r"(\d{1,20})(\.\d+)?", value)
    return f"{int(found[1]):020d}{found[2] or ''}" if found else value


def _select(
    database: Database, inner: str, cursor: str | None, after: str | None
) -> tuple[str, list[Any]]:
    if cursor is None:
        return f"SELECT * FROM {inner}", []  # noqa: S608 - the owner's own table or query
    name = '"' + cursor.replace('"', '""') + '"'
    if after is None:
        return f"SELECT * FROM {inner} WHERE {name} IS NOT NULL ORDER BY {name}", []  # noqa: S608
    statement = f"SELECT * FROM {inner} WHERE {name} >= ? ORDER BY {name}"  # noqa: S608
    # PostgreSQL tells the kind by the column; to SQLite any text is more than any number
    number = _NUMBER.match(after) if database.kind == "sqlite" else None
    return statement, [(float(after) if number[1] else int(after)) if number else after]


def _inner(source: Source) -> str:
    if source.query is not None:
        return f"({source.query.strip().rstrip(';')}) AS delivered"
    table = str(source.table)
    if not _PLAIN.match(table):
        raise UsageError(
            f'Source {source.name}: "{table}" is not the name of a table.',
            hint="Name it like reviews or shop.reviews, or give a query instead.",
            slug="feed.table-name",
            source=source.name,
        )
    return ".".join(f'"{part}"' for part in table.split("."))


def _columns(database: Database, inner: str) -> tuple[str, ...]:
    return database.columns(f"SELECT * FROM {inner} WHERE 1 = 0")  # noqa: S608


def _open(source: Source) -> Database:
    place = str(source.database)
    if "://" not in place and not Path(place).is_file():
        raise DataError(
            f"Source {source.name}: there is no database {place}.",
            hint="Check database in feed.toml.",
            slug="feed.source-missing",
            source=source.name,
        )
    return open_database(place, read_only=True)


def _plain(value: Any) -> Any:
    """Return a value of a driver as a cell: decimals as numbers, moments in UTC."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).isoformat()
    return value if not isinstance(value, memoryview | bytes) else bytes(value)
