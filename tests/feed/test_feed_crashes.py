"""Runs that are killed, stores that fill up or go away: the next run makes it whole."""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from feed.feed_samples import drive, hash_of, nightly, store_as_data, write_csv

from miner.feed.store.store import Store

_BATCH = 20
_ROWS = 60
_PATIENCE = 120.0
_FORKS = multiprocessing.get_context("forkserver")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files that wait."""
    for part in range(3):
        write_csv(tmp_path / "in" / f"part-{part}.csv", nightly(_ROWS, start=part * 50))
    return tmp_path / "in"


@dataclass
class Started:
    """A run in a process of its own."""

    process: Any
    answers: Connection
    begun: bool = False

    def begins(self) -> None:
        """Wait until it is at work."""
        assert self.answers.poll(_PATIENCE), "the process did not begin"
        assert self.answers.recv() == "begun"
        self.begun = True

    def kill(self) -> bool:
        """End it at once; whether it was still at work."""
        self.process.kill()
        self.process.join(_PATIENCE)
        assert self.process.exitcode in (0, -signal.SIGKILL)
        return bool(self.process.exitcode)

    def finished(self) -> dict[str, Any]:
        """Wait for its end; what it said, with its exit code."""
        if not self.begun:
            self.begins()
        assert self.answers.poll(_PATIENCE), "the process said nothing"
        found: dict[str, Any] = self.answers.recv()
        self.process.join(_PATIENCE)
        return found


@pytest.fixture(scope="module", autouse=True)
def _imports_done() -> Iterator[None]:
    """Processes are forked from one that has imported everything: starting costs nothing."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, sys.path))
    _FORKS.set_forkserver_preload(["feed.feed_samples", "miner.workflow.feed.keeping", "psycopg"])
    ended = _FORKS.Process(target=int)
    ended.start()
    ended.join(_PATIENCE)
    try:
        yield
    finally:
        del os.environ["PYTHONPATH"]
        if before is not None:
            os.environ["PYTHONPATH"] = before


def _started(folder: Path, store: str, *, limit: int | None = None) -> Started:
    here, there = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=drive, args=(there, folder, store, _BATCH, limit), daemon=True)
    process.start()
    there.close()
    return Started(process, here)


def _finished(started: Started) -> dict[str, Any]:
    return started.finished()


def _doubled(store: str) -> int:
    ids = [one["id"] for one in store_as_data(store)["feedback"]]
    return len(ids) - len(set(ids))


def _lives_through(folder: Path, fresh_store: Callable[[], str], *, kills: int, seed: int) -> None:
    """Kill run after run at random moments; then one that may end leaves an undisturbed store."""
    calm = fresh_store()
    process = _started(folder, calm)
    process.begins()
    start = time.monotonic()
    process.finished()
    lasts = time.monotonic() - start
    chance = random.Random(seed)
    store = fresh_store()
    killed = 0
    while killed < kills:
        process = _started(folder, store)
        process.begins()
        time.sleep(chance.random() * lasts)
        if process.kill():
            killed += 1
            continue
        number = len(list(folder.iterdir()))  # it was done before: the next one gets work
        write_csv(folder / f"part-{number}.csv", nightly(_ROWS, start=number * 50))
    assert _finished(_started(folder, store))["state"] == "done"
    _finished(_started(folder, calm))
    assert _doubled(store) == 0
    assert store_as_data(store) == store_as_data(calm)
    assert hash_of(store) == hash_of(calm)


def test_killed_runs_lose_and_double_nothing(folder: Path, fresh_store: Callable[[], str]) -> None:
    """A few kills, each followed by the next run."""
    _lives_through(folder, fresh_store, kills=8, seed=1)


@pytest.mark.slow
def test_sixty_killed_runs_lose_and_double_nothing(
    folder: Path, fresh_store: Callable[[], str]
) -> None:
    """Thirty on each database."""
    _lives_through(folder, fresh_store, kills=80, seed=2)


@pytest.fixture
def tight(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte; where it can't be had, the test is skipped."""
    place = tmp_path / "tight"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user may mount nothing")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_stops_a_run_and_room_lets_it_go_on(
    folder: Path, tmp_path: Path, tight: Path
) -> None:
    """What fitted stays; the message says that the disk is full; nothing is lost or doubled."""
    store = str(tight / "feed.db")
    write_csv(folder / "part-3.csv", nightly(2000, start=1000))
    said = _finished(_started(folder, store))
    assert (said["slug"], said["code"]) == ("store.lost", 3)
    assert "full" in said["message"]
    subprocess.run(["mount", "-o", "remount,size=50m", str(tight)], check=True)
    assert _finished(_started(folder, store))["state"] == "done"
    calm = str(tmp_path / "calm.db")
    _finished(_started(folder, calm))
    assert store_as_data(store) == store_as_data(calm)


@pytest.mark.slow
def test_a_file_that_may_not_grow_is_a_full_disk(folder: Path, tmp_path: Path) -> None:
    """The limit on the size of files stands for a disk, where none may be mounted."""
    write_csv(folder / "part-3.csv", nightly(2000, start=1000))
    store = str(tmp_path / "feed.db")
    said = _finished(_started(folder, store, limit=400_000))
    assert (said["slug"], said["code"]) == ("store.lost", 3)
    assert _finished(_started(folder, store))["state"] == "done"
    calm = str(tmp_path / "calm.db")
    _finished(_started(folder, calm))
    assert store_as_data(store) == store_as_data(calm)


@pytest.mark.slow
@pytest.mark.postgres
def test_a_server_that_restarts_in_mid_run_costs_one_run(
    folder: Path, new_postgres: Callable[[], Any]
) -> None:
    """The run says that the store failed; the next one goes on from the last batch."""
    write_csv(folder / "part-3.csv", nightly(1500, start=1000))
    with new_postgres() as server:
        store, calm = server.fresh(), server.fresh()
        process = _started(folder, store)
        _wait_for_rows(store, 40)
        server.control("restart", "-m", "immediate")
        said = _finished(process)
        assert (said["slug"], said["code"]) == ("store.lost", 3)
        assert _finished(_started(folder, store))["state"] == "done"
        _finished(_started(folder, calm))
        assert store_as_data(store) == store_as_data(calm)


def _wait_for_rows(url: str, count: int) -> None:
    import psycopg

    end = time.monotonic() + _PATIENCE
    with psycopg.connect(url, autocommit=True) as connection:
        while time.monotonic() < end:
            there = connection.execute("SELECT to_regclass('feedback')").fetchone()
            if there and there[0]:
                found = connection.execute("SELECT COUNT(*) FROM feedback").fetchone()
                if found and found[0] >= count:
                    return
            time.sleep(0.02)
    raise AssertionError("the run wrote nothing")


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    """A folder nobody may write in, root neither; where it can't be had, the test is skipped."""
    place = tmp_path / "locked"
    place.mkdir()
    place.chmod(0o555)
    if os.geteuid() != 0:
        yield place
        return
    mount = ["mount", "-t", "tmpfs", "-o", "ro,size=100k", "tmpfs", str(place)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this user may mount nothing")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_folder_one_may_not_write_in_is_said(folder: Path, locked: Path) -> None:
    """The message names the store, and ends with what to do."""
    said = _finished(_started(folder, str(locked / "feed.db")))
    assert (said["slug"], said["code"]) == ("store.unreachable", 3)
    assert str(locked) in said["message"]


def test_two_runs_at_once_one_works_and_the_other_says_who(
    folder: Path, fresh_store: Callable[[], str]
) -> None:
    """The second names process, machine and time, and ends well; after a kill nobody holds."""
    write_csv(folder / "part-3.csv", nightly(4000, start=1000))
    store = fresh_store()
    first = _started(folder, store)
    _until_first_batch(store)
    second = _finished(_started(folder, store))
    assert (second["slug"], second["code"]) == ("store.held", 0)
    pid = first.process.pid
    assert second["facts"]["pid"] == pid
    assert f"Process {pid} (" in second["message"]
    assert ", since 20" in second["message"]
    assert first.kill()
    with closing(Store(store)) as free, free.database.lock():
        assert free.runs()[0]["state"] == "running"  # as the killed one left it


def test_two_first_runs_at_once_make_one_store(
    folder: Path, fresh_store: Callable[[], str]
) -> None:
    """Neither trips over the other while the store is made."""
    store = fresh_store()
    both = [_started(folder, store) for _ in range(2)]
    said = [_finished(one) for one in both]
    assert all(one.get("slug", "store.held") == "store.held" for one in said), said
    assert sum("state" in one for one in said) >= 1
    assert _doubled(store) == 0


def _until_first_batch(store: str) -> None:
    if "://" in store:
        _wait_for_rows(store, 1)
        return
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        wal = Path(f"{store}-wal")
        if wal.exists() and wal.stat().st_size > 150_000 and Path(f"{store}.lock").stat().st_size:
            return
        time.sleep(0.01)
    raise AssertionError("the run wrote nothing")


@pytest.mark.parametrize("damage", ["foreign", "truncated", "other tables"])
def test_a_file_that_is_no_store_is_left_as_it_is(
    folder: Path, tmp_path: Path, damage: str
) -> None:
    """It is refused with a message, and not a byte of it changes."""
    store = tmp_path / "feed.db"
    if damage == "foreign":
        store.write_bytes(b"Quarterly figures, not a database.\n" * 400)
    elif damage == "truncated":
        _finished(_started(folder, str(store)))
        store.write_bytes(store.read_bytes()[:6000])
    else:
        with closing(sqlite3.connect(store)) as other, other:
            other.execute("CREATE TABLE feedback (stars INTEGER)")
    before = store.read_bytes()
    copy = shutil.copy(store, tmp_path / "copy.db")
    said = _finished(_started(folder, str(store)))
    slug = "store.foreign" if damage == "other tables" else "store.unreachable"
    assert (said["slug"], said["code"]) == (slug, 3)
    if damage == "foreign":
        assert store.read_bytes() == before == Path(copy).read_bytes()
