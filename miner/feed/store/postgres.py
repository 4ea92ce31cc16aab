"""The store in a PostgreSQL database (extra ``postgres``: psycopg)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

from miner.errors import DataError, UsageError
from miner.feed.store.database import Row, Values, lost, unreachable
from miner.feed.store.lock import session_lock

WORDS: Final = {
    "key": "BIGINT PRIMARY KEY",
    "number": "DOUBLE PRECISION",
    "text": 'TEXT COLLATE "C"',  # sorts as Python and SQLite do, whatever the database's language
    "as_time": "CAST(%s AS TIMESTAMP)",
}
_PASSWORD: Final = re.compile(r"(?<=://)([^:@/]*):[^@/]*@|(?<=[?&]password=)[^&]*")
_FETCH: Final = 5000
_KEPT_ALIVE: Final = {
    "tcp_keepalives_idle": "60",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "6",
}
"""A client whose machine died lets go of its lock in two minutes, not in the usual two hours."""
_READ_ONLY: Final = {"default_transaction_read_only": "on"}


class Postgres:
    """`Database` over one connection; the tables lie in the schema of the connection's path."""

    kind = "postgres"
    words: Mapping[str, str] = WORDS

    def __init__(self, url: str, *, read_only: bool = False) -> None:
        self.place = without_password(url)
        self._psycopg = _psycopg()
        try:
            self._raw = self._psycopg.connect(url, autocommit=True, application_name="miner feed")
            for setting, value in (_KEPT_ALIVE | _READ_ONLY if read_only else _KEPT_ALIVE).items():
                self._raw.execute("SELECT set_config(%s, %s, false)", [setting, value])
        except self._psycopg.Error as error:
            raise unreachable(self.place, error) from error
        self._cursors = 0

    def execute(self, statement: str, values: Values = ()) -> int:
        """Run one statement."""
        with self._named():
            return int(self._raw.execute(*_bound(statement, values)).rowcount)

    def many(self, statement: str, rows: Iterable[Values]) -> None:
        """Run one statement for each of the rows, in one pipeline."""
        with self._named(), self._raw.cursor() as cursor:
            cursor.executemany(_marked(statement, statement.count("?")), rows)

    def query(self, statement: str, values: Values = ()) -> list[Row]:
        """Return all rows."""
        with self._named():
            return list(self._raw.execute(*_bound(statement, values)).fetchall())

    def columns(self, statement: str) -> tuple[str, ...]:
        """Return the names of the columns a query gives."""
        with self._named():
            found = self._raw.execute(statement).description
        return tuple(one.name for one in found)

    def stream(self, statement: str, values: Values = (), *, batch: int = _FETCH) -> Iterator[Row]:
        """Yield the rows through a cursor of the server."""
        self._cursors += 1
        with self._named(), self._raw.cursor(name=f"m{self._cursors}", withhold=True) as cursor:
            cursor.itersize = batch
            cursor.execute(*_bound(statement, values))
            yield from cursor

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything inside together."""
        with self._named(), self._raw.transaction():
            yield

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read everything inside as of its first read."""
        with self.transaction():
            self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

    def lock(self) -> AbstractContextManager[None]:
        """Hold a lock of this session, which the server gives back when the session ends."""
        return session_lock(self)

    def compact(self) -> None:
        """Rewrite the tables without what was deleted."""
        for (table,) in self.query(_TABLES):
            self.execute(f'VACUUM FULL "{table}"')
        # not everybody may ask for a checkpoint; the old files then go at the server's next one
        (allowed,) = self.query(_MAY_CHECKPOINT)[0]
        if allowed:
            self.execute("CHECKPOINT")

    def close(self) -> None:
        """End the session."""
        self._raw.close()

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except self._psycopg.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> DataError:
        return lost(self.place, error)


_TABLES: Final = (
    "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
)
_MAY_CHECKPOINT: Final = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"


def without_password(url: str) -> str:
    """Return a database address that may be shown and logged.

    Examples
    --------
    >>> without_password("postgresql://anna:secret@db.example/feed")
    'postgresql://anna:***@db.example/feed'
    """
    return _PASSWORD.sub(lambda found: f"{found[1]}:***@" if found[1] is not None else "***", url)


def _bound(statement: str, values: Values) -> tuple[str, list[Any] | None]:
    """Return a statement as psycopg reads it: signs of per cent are doubled beside values only."""
    return (_marked(statement, len(values)), list(values)) if values else (statement, None)


def _marked(statement: str, count: int) -> str:
    """Return a statement with its last `count` marks as psycopg writes them.

    Others are the text or the operators of somebody's own query, which stands in front.
    """
    return "%s".join(statement.replace("%", "%%").rsplit("?", count))


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise UsageError(
            "A PostgreSQL store needs the package psycopg.",
            hint='Install it: pip install "feedback-miner[postgres]".',
            slug="store.no-postgres",
        ) from error
    return psycopg
