"""Work for processes that tests can watch, hold up and kill. Imported by the processes too."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from miner.processes import Job

DEADLY = "ends the process"
Done = list[tuple[int | str, int]]


@dataclass
class State:
    """What a process is sent: `flag` is a file that the first to see `once` makes before dying."""

    folder: Path | None = None
    once: int | None = None
    pause: float = 0.0
    sent: int = 0

    def __getstate__(self) -> dict[str, object]:
        self.sent += 1
        return self.__dict__.copy()


class Tripwire:
    """Ends the process that unpickles it."""

    def __reduce__(self) -> tuple[object, ...]:
        return die, ()


class UnpicklableError(Exception):
    """An error that can't be rebuilt from what it was made of."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(first + second)


def die() -> None:
    """End this process as `kill -9` does."""
    os.kill(os.getpid(), signal.SIGKILL)


def work(state: State, rows: list[int | str]) -> Done:
    """Return each row with the process that had it."""
    for row in rows:
        time.sleep(state.pause)
        if row == DEADLY:
            die()
        if row == "raise":
            raise ValueError("row can't be done")
        if row == "odd":
            raise UnpicklableError("odd", "ity")
        if row == state.once and state.folder and not (flag := state.folder / "died").exists():
            flag.touch()
            die()
    return [(row, os.getpid()) for row in rows]


def greedy(most: int, rows: list[int]) -> list[int]:
    """Die of more than `most` rows at once, as of too little memory."""
    if len(rows) > most:
        die()
    return rows


def heavy(size: int, rows: list[int | str]) -> list[bytes]:
    """Return far more than a pipe holds."""
    return [bytes(size) for _ in rows]


def slow_for_some(who: tuple[int, float], rows: list[int]) -> list[tuple[int, bytes]]:
    """Return far more than a pipe holds; take that long where this is that process."""
    if os.getpid() == who[0]:
        time.sleep(who[1])
    return [(row, bytes(2_000_000)) for row in rows]


def loaded_with_spacy(_state: object, rows: list[str]) -> list[bool]:
    """Say which modules `import spacy` loads."""
    import spacy  # noqa: F401

    return [row in sys.modules for row in rows]


def broken(_given: str) -> object:
    """Fail to become a state."""
    raise LookupError("no such model here")


class Broken:
    """A state that no process can rebuild."""

    def __reduce__(self) -> tuple[object, ...]:
        return broken, ("state",)


def job(state: State) -> Job[State, list[int | str], Done]:
    """Return the work on lists of rows."""
    return Job(work, state, cut=lambda rows, start, stop: rows[start:stop], join=flat)


def flat(parts: list[list[object]]) -> list[object]:
    """Return one list of several."""
    return [one for part in parts for one in part]
