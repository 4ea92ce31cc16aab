"""A PostgreSQL server of the suite's own, and a fresh store a test on either database."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import quote

import pytest

_HOMES = "/usr/lib/postgresql"
_NUMBERS = count(1)


@dataclass(frozen=True)
class Server:
    """A running server: where its programs, its data and its socket lie, and its port."""

    programs: Path
    data: Path
    sockets: Path
    port: int

    def url(self, database: str) -> str:
        """The address of a database."""
        return f"postgresql://postgres@/{database}?host={quote(str(self.sockets))}&port={self.port}"

    def fresh(self) -> str:
        """The address of a database nobody has used."""
        import psycopg

        name = f"feed{next(_NUMBERS)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def control(self, *words: str) -> None:
        """Call ``pg_ctl``."""
        log = self.data.parent / "server.log"
        command = ["pg_ctl", "-D", str(self.data), "-w", "-l", str(log), *words]
        _as_server(self.programs, command)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server that ends with the session; without the programs, an error in CI, else a skip."""
    programs = _programs()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no initdb: apt-get install postgresql")
        pytest.skip("no initdb on this machine")
    with _server(programs) as server:
        yield server


@pytest.fixture(scope="session")
def new_postgres() -> Callable[[], contextlib.AbstractContextManager[Server]]:
    """Start one more server, for tests that stop it."""
    programs = _programs()
    if programs is None:
        pytest.skip("no initdb on this machine")
    return lambda: _server(programs, durable=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def fresh_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Give the address of a store nobody has used, again and again."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres").fresh  # type: ignore[no-any-return]
    return lambda: str(tmp_path / f"store{next(_NUMBERS)}" / "feed.db")


def _programs() -> Path | None:
    found = sorted(Path(_HOMES).glob("*/bin/initdb"), key=lambda one: int(one.parts[-3]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    return Path(on_path).resolve().parent if on_path else None


@contextlib.contextmanager
def _server(programs: Path, *, durable: bool = False) -> Iterator[Server]:
    base = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path holds 107 bytes
    server = Server(programs, base / "data", base, _free_port())
    if os.geteuid() == 0:
        shutil.chown(base, "postgres")
    base.chmod(0o755)
    _as_server(
        programs,
        ["initdb", "-D", str(server.data), "-U", "postgres", "-A", "trust", "-E", "UTF8",
         "--no-sync", "--locale=C.UTF-8"],
    )  # fmt: skip
    with (server.data / "postgresql.conf").open("a") as file:
        file.write(_CONF.format(sockets=base, port=server.port, sync="on" if durable else "off"))
    server.control("start")
    try:
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            server.control("stop", "-m", "immediate")
        shutil.rmtree(base, ignore_errors=True)


_CONF = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
port = {port}
fsync = {sync}
synchronous_commit = {sync}
shared_buffers = 32MB
max_connections = 40
timezone = 'Europe/Stockholm'
"""


def _as_server(programs: Path, command: list[str]) -> None:
    """Run a program of the server: as another user where the tests run as root, it refuses root."""
    words = [str(programs / command[0]), *command[1:]]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    subprocess.run(words, check=True, capture_output=True, cwd="/", timeout=60)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
