"""Alerts as the store keeps them: stories as they stand, and every event that was told of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from miner.feed.store.database import marks
from miner.feed.store.store import Store, dump


class StoredEvent(NamedTuple):
    """One event of an alert: its message as JSON, as it is and with personal data masked."""

    id: str
    story: str
    what: str
    day: str
    payload: str
    masked: str


def stories(store: Store, *, state: str | None = None) -> list[dict[str, Any]]:
    """Return the alerts there ever were, or those in one state (open, closed), as plain data."""
    where, values = ("", []) if state is None else ("WHERE state = ? ", [state])
    rows = store.database.query(f"SELECT data FROM stories {where}ORDER BY story", values)
    return [json.loads(text) for (text,) in rows]


def told_events(store: Store, *, unsent: bool = False) -> list[StoredEvent]:
    """Return what was told of alerts, oldest first.

    Parameters
    ----------
    unsent : only what no webhook has taken.
    """
    rows = store.database.query(
        "SELECT event, story, what, day, payload, masked FROM events "
        f"{'WHERE sent IS NULL ' if unsent else ''}ORDER BY day, event"
    )
    return [StoredEvent(*row) for row in rows]


def keep_alerts(
    store: Store, run: int, *, stories: Iterable[tuple[str, str, Mapping[str, Any]]],
    events: Iterable[StoredEvent],
) -> None:  # fmt: skip
    """Keep stories (key, state, data) and what is told of them, in one transaction."""
    told = [(*one, run) for one in events]
    with store.database.transaction():
        store.database.many(
            "INSERT INTO stories (story, state, data) VALUES (?, ?, ?) "
            "ON CONFLICT (story) DO UPDATE SET state = excluded.state, data = excluded.data",
            [(key, state, dump(data)) for key, state, data in stories],
        )
        store.database.many(
            "INSERT INTO events (event, story, what, day, payload, masked, run) "
            f"VALUES ({marks(7)}) ON CONFLICT (event) DO NOTHING",
            told,
        )


def mark_sent(store: Store, event: str) -> None:
    """Note that the webhook has taken an event."""
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    store.database.execute("UPDATE events SET sent = ? WHERE event = ?", [moment, event])
