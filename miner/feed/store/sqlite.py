"""The store in one SQLite file: standard library only, readable by any tool."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final

from miner.errors import DataError
from miner.feed.store.database import Row, Values, lost, unreachable
from miner.feed.store.lock import file_lock

MEMORY: Final = ":memory:"
_BUSY_SECONDS: Final = 30.0
"""Readers (a BI tool) may hold a commit up for so long before it is an error."""
_OWNER_ONLY: Final = 0o600
"""Customers' words are nobody else's business on a shared machine."""

WORDS: Final = {
    "key": "INTEGER PRIMARY KEY",
    "number": "REAL",
    "text": "TEXT",
    "as_time": "datetime(%s)",
}


class SQLite:
    """`Database` over one file, in WAL mode: readers never wait for the nightly run."""

    kind = "sqlite"
    words: Mapping[str, str] = WORDS

    def __init__(self, path: str | Path, *, read_only: bool = False) -> None:
        self.place = str(path)
        try:
            if read_only or self.place == MEMORY:
                self._raw = _connect(_read_only(path) if read_only else self.place)
            else:
                self._raw = _opened(Path(path))
        except (sqlite3.Error, OSError) as error:
            raise unreachable(self.place, error) from error

    def execute(self, statement: str, values: Values = ()) -> int:
        """Run one statement."""
        with self._named():
            return self._raw.execute(statement, values).rowcount

    def many(self, statement: str, rows: Iterable[Values]) -> None:
        """Run one statement for each of the rows."""
        with self._named():
            self._raw.executemany(statement, rows)

    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows."""
        with self._named():
            return self._raw.execute(statement, values).fetchall()

    def columns(self, statement: str) -> tuple[str, ...]:
        """Return the names of the columns a query gives."""
        with self._named():
            return tuple(one[0] for one in self._raw.execute(statement).description)

    def stream(self, statement: str, values: Values = (), *, batch: int = 5000) -> Iterator[Row]:
        """Yield the rows."""
        with self._named():
            cursor = self._raw.execute(statement, values)
            cursor.arraysize = batch
            while rows := cursor.fetchmany():
                yield from rows

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything inside together."""
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._raw.in_transaction:
                self._raw.execute("ROLLBACK")
            raise

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read everything inside as of its first read."""
        self.execute("BEGIN")
        try:
            yield
        finally:
            if self._raw.in_transaction:
                self._raw.execute("ROLLBACK")

    def lock(self) -> AbstractContextManager[None]:
        """Hold the lock file beside the store."""
        return file_lock(Path(f"{self.place}.lock"))

    def compact(self) -> None:
        """Rewrite the file without what was deleted, the journal included."""
        self.execute("VACUUM")
        (busy, *_), *_ = self.query("PRAGMA wal_checkpoint(TRUNCATE)")
        if busy:
            raise DataError(
                f"Another program reads {self.place}: what was erased is still in its journal.",
                hint="Close it, then say the same again.",
                slug="store.read-by-others",
                place=self.place,
            )

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: sqlite3.Error) -> DataError:
        damaged = getattr(error, "sqlite_errorname", "") in ("SQLITE_NOTADB", "SQLITE_CORRUPT")
        return (unreachable if damaged else lost)(self.place, error)


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    raw = _connect(str(path))
    if fresh:
        path.touch()
        path.chmod(_OWNER_ONLY)
    for pragma in _PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")
    return raw


def _connect(place: str) -> sqlite3.Connection:
    uri = place.startswith("file:")
    return sqlite3.connect(place, timeout=_BUSY_SECONDS, isolation_level=None, uri=uri)


def _read_only(path: str | Path) -> str:
    return f"{Path(path).absolute().as_uri()}?mode=ro"


_PRAGMAS: Final = (
    "journal_mode = WAL",
    "synchronous = FULL",  # a commit survives power loss; with NORMAL the last ones may not
    "foreign_keys = ON",
    "secure_delete = ON",  # what is erased is overwritten
    "temp_store = MEMORY",
)
