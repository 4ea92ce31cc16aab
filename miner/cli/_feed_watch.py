"""A run of a feed as its operator sees it: asked to stop by a signal, progress as a log."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType
from typing import Final

import click

from miner.cli._voice import Progress, progress

LOG_SECONDS: Final = 10.0
"""Seconds between two lines of the log: short enough to see that it lives, few lines a night."""

_STDERR: Final = 2


class Stop:
    """Whether a signal has asked to stop; a second Ctrl-C interrupts at once."""

    def __init__(self, say: Callable[[], str]) -> None:
        self.asked = False
        self._say = say

    def __call__(self) -> bool:
        """Return whether it has been asked to stop."""
        return self.asked

    def hear(self, number: int, _frame: FrameType | None) -> None:
        """Take a signal.

        Raises
        ------
        KeyboardInterrupt
            It is a second one from the keyboard.
        """
        if self.asked and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.asked = True
        # a handler may interrupt a print, so it goes past Python's own buffers
        os.write(_STDERR, self._say().encode())


@contextmanager
def watched(*, quiet: bool, as_json: bool) -> Iterator[tuple[Progress, Stop]]:
    """Give a callback for progress and the question whether to stop, as long as the work lasts.

    On a terminal progress is a live line, elsewhere a line of JSON every `LOG_SECONDS`.
    """
    log = _Log(quiet=quiet)
    live = sys.stderr.isatty()
    stop = Stop(_stopping_on_terminal if live and not as_json else log.stopping)
    before = {
        number: signal.signal(number, stop.hear) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        with progress(quiet=quiet or as_json) as show:
            yield (show if live else log.progress), stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stopping_on_terminal() -> str:
    return "\nThe batch at hand is finished, then it stops; Ctrl-C again interrupts.\n"


class _Log:
    """Lines of JSON on standard error: time, event, rows."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._rows = 0
        self._next = time.monotonic() + LOG_SECONDS

    def progress(self, what: str, rows: int, _total: int | None) -> None:
        """Write how far it is, now and then."""
        self._rows = rows
        if not self._quiet and time.monotonic() >= self._next:
            self._next = time.monotonic() + LOG_SECONDS
            click.echo(self._line(what), err=True, nl=False)

    def stopping(self) -> str:
        """Return the line that says a signal has come."""
        return "" if self._quiet else self._line("Stopping after this batch")

    def _line(self, what: str) -> str:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return json.dumps({"time": now, "event": what, "rows": self._rows}) + "\n"
