"""What runs in a process: take the state, then chunk after chunk, and answer each."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

READY, LOADED, DONE, RAISED, BROKEN = range(5)
"""Kinds of messages to the parent: it is up, has the state, a result, an error instead of a
result, an error instead of the state. Errors come with their traceback as text."""


def serve(conn: Connection, work: Callable[[Any, Any], Any]) -> None:
    """Answer until the parent's end of the pipe closes, which ends this process at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inbox: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_receive, args=(conn, inbox), daemon=True).start()
    _say(conn, READY, None)
    try:
        state = pickle.loads(inbox.get())  # noqa: S301 - from our own parent
    except Exception as error:
        _complain(conn, BROKEN, error)
        return
    _say(conn, LOADED, None)
    while True:
        try:
            chunk = pickle.loads(inbox.get())  # noqa: S301 - likewise
            _say(conn, DONE, work(state, chunk))
        except Exception as error:
            _complain(conn, RAISED, error)


def _receive(conn: Connection, inbox: queue.SimpleQueue[bytes]) -> None:
    """Empty the pipe at all times, so that neither side waits for the other to read."""
    try:
        while True:
            inbox.put(conn.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)


def _complain(conn: Connection, kind: int, error: Exception) -> None:
    where = traceback.format_exc()
    try:
        pickle.loads(pickle.dumps(error, protocol=5))  # noqa: S301 - our own
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    _say(conn, kind, (error, where))


def _say(conn: Connection, kind: int, data: Any) -> None:
    message = pickle.dumps((kind, data), protocol=5)
    with suppress(OSError):  # the parent has gone: `_receive` ends this process
        conn.send_bytes(message)
