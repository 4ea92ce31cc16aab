"""One run at a time: who holds the store and since when; a holder that died holds nothing.

SQLite: a lock of the operating system on a file beside the store, freed by the kernel when the
process ends, however it ends. PostgreSQL: an advisory lock of the session, freed by the server.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from miner.errors import DataError, MinerError

if TYPE_CHECKING:
    from miner.feed.store.postgres import Postgres

_KEY: Final = 0x6D696E6572666565
"""Number of the advisory lock: the letters "minerfee" as one 64-bit number."""
_PATIENCE: Final = 1.0
"""Seconds to wait for a lock: a server needs a moment to see that a holder was killed, and
`miner feed status` holds the lock for one."""
_STEP: Final = 0.05


_TRIES: Final = 4
_PAUSE: Final = 0.1
"""Seconds between tries: together longer than a look takes, shorter than a person waits."""


class HeldError(MinerError):
    """Another run holds the store; not a failure: that run does the work."""

    exit_code = 0


def file_lock(path: Path) -> _FileLock:
    """Return the lock of one file, to be held in a ``with``."""
    return _FileLock(path)


class _FileLock:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def __enter__(self) -> None:
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise DataError(
                f"{self._path} can't be written: {error.strerror or error}.",
                hint="The store needs a folder in which this user may write.",
                slug="store.unwritable",
            ) from error
        self._file = file = os.fdopen(descriptor, "r+", encoding="utf-8")
        file = self._file
        if not _patiently(lambda: _take(file)):
            text = self._file.read()
            self._file.close()
            raise held(_holder(text))
        self._file.truncate(0)
        self._file.seek(0)
        with contextlib.suppress(OSError):  # a full disk: the lock itself needs no byte
            self._file.write(json.dumps(me()))
            self._file.flush()

    def __exit__(self, *_: object) -> None:
        if self._file is None:
            return
        with contextlib.suppress(OSError):
            self._file.truncate(0)
            self._file.close()  # closing frees the lock


@contextmanager
def session_lock(database: Postgres) -> Iterator[None]:
    """Hold the advisory lock of this database's schema for the session."""
    (schema,) = database.query("SELECT hashtext(current_schema())")[0]
    number = _KEY ^ int(schema)

    def take() -> bool:
        return bool(database.query("SELECT pg_try_advisory_lock(?)", [number])[0][0])

    if not _patiently(take):
        found = database.query("SELECT value FROM meta WHERE name = 'holder'")
        raise held(_holder(found[0][0] if found else ""))
    database.execute("DELETE FROM meta WHERE name = 'holder'")
    database.execute("INSERT INTO meta VALUES ('holder', ?)", [json.dumps(me())])
    try:
        yield
    finally:
        with contextlib.suppress(DataError):  # a lost session has lost its lock too
            database.execute("DELETE FROM meta WHERE name = 'holder'")
            database.query("SELECT pg_advisory_unlock(?)", [number])


def patient(take: Callable[[], bool]) -> bool:
    """Try to take a lock for a moment: who only looks whether it is free holds it that long."""
    for _ in range(_TRIES):
        if take():
            return True
        time.sleep(_PAUSE)
    return take()


def me() -> dict[str, Any]:
    """Return who runs this: process, machine, user, since when."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container without a name for its user
        user = "?"
    return {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "user": user,
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def held(holder: dict[str, Any]) -> HeldError:
    """Return what a second run says."""
    who = "Process {pid} ({user} on {host}), since {since}," if holder else "Another process"
    return HeldError(
        f"{who.format(**holder)} is at work on this store; this run has nothing to do.",
        hint="Look at it with: miner feed status. A holder that is gone holds nothing.",
        slug="store.held",
        **holder,
    )


def _patiently(take: Callable[[], bool]) -> bool:
    """Try again and again, for a moment."""
    end = time.monotonic() + _PATIENCE
    while not (taken := take()) and time.monotonic() < end:
        time.sleep(_STEP)
    return taken


def _holder(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
        return {name: found[name] for name in ("pid", "host", "user", "since")}
    except (ValueError, KeyError, TypeError):
        return {}


def _take(file: IO[str]) -> bool:
    """Take the lock of an open file; False where another process has it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
