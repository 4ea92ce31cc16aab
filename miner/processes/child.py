"""What runs in a process: take the state, then chunk after chunk, and answer each."""

from __future__ import annotations

import gc
import os
import pickle
import queue
import signal
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from miner.startup import without_spacy_commands

READY, LOADED, DONE, RAISED, BROKEN = range(5)
"""Kinds of messages to the parent: it is up, has the state, a result, an error instead of a
result, an error instead of the state. Errors come with their traceback as text."""


Post = queue.SimpleQueue[bytes]
Send = Callable[[bytes], None]


def serve(conn: Connection, work: bytes, busy: bool) -> None:
    """Answer until the parent's end of the pipe closes, which ends this process at once.

    Parameters
    ----------
    work : pickled: a function of (state, chunk).
    busy : the parent works too and reads only now and then: go on meanwhile with what is here.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # what is imported and loaded is no garbage: a tenth of the start
    without_spacy_commands()
    do: Callable[[Any, Any], Any] = pickle.loads(work)  # noqa: S301 - from our own parent
    inbox, outbox = Post(), Post()
    receiver = threading.Thread(target=_receive, args=(conn, inbox), daemon=True)
    receiver.start()
    send = outbox.put if busy else partial(_send, conn)
    if busy:
        threading.Thread(target=_send_all, args=(conn, outbox), daemon=True).start()
    _say(send, READY, None)
    try:
        state = pickle.loads(inbox.get())  # noqa: S301 - from our own parent
    except Exception as error:
        _complain(send, BROKEN, error)
        receiver.join()  # which ends this process
    gc.freeze()
    gc.enable()
    _say(send, LOADED, None)
    while True:
        try:
            chunk = pickle.loads(inbox.get())  # noqa: S301 - likewise
            _say(send, DONE, do(state, chunk))
        except Exception as error:
            _complain(send, RAISED, error)


def _receive(conn: Connection, inbox: Post) -> None:
    """Empty the pipe at all times, so that neither side waits for the other to read."""
    try:
        while True:
            inbox.put(conn.recv_bytes())
    except (EOFError, OSError):
        os._exit(0)


def _send_all(conn: Connection, outbox: Post) -> None:
    while True:
        _send(conn, outbox.get())


def _send(conn: Connection, message: bytes) -> None:
    with suppress(OSError):  # the parent has gone: `_receive` ends this process
        conn.send_bytes(message)


def _complain(send: Send, kind: int, error: Exception) -> None:
    where = traceback.format_exc()
    try:
        pickle.loads(pickle.dumps(error, protocol=5))  # noqa: S301 - our own
    except Exception:
        error = RuntimeError(f"{type(error).__name__}: {error}")
    _say(send, kind, (error, where))


def _say(send: Send, kind: int, data: Any) -> None:
    send(pickle.dumps((kind, data), protocol=5))
