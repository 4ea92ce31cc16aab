"""Forgetting: words and ids of one customer, or of everything older than a day; counts stay.

An erased feedback keeps date, ratings, cohorts, themes and polarities. Its words, quotes, evidence,
id and customer are gone, and what is delivered again under its identity changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from miner.feed.merge import ERASED
from miner.feed.store.database import in_parts, marks
from miner.feed.store.store import Store, dump
from miner.ingest.records import VALUE_LIMIT

_LEAST: Final = 4
"""Shorter words or ids are looked for only as whole values: "ok" stands in every other message."""


@dataclass(frozen=True)
class Erased:
    """How much was erased: versions of feedback, rejects, alerts."""

    feedback: int
    rejects: int
    events: int


def erase_customer(store: Store, customer: str) -> Erased:
    """Erase every verbatim and id of one customer, all in one transaction, and compact the store.

    Parameters
    ----------
    customer : as the sources name it, case and blanks at the ends aside.
    """
    rows = [
        row
        for name in _spellings(store, "feedback", customer)
        for row in store.database.query(
            "SELECT feedback, id, words, verbatim FROM feedback WHERE customer = ?", [name]
        )
    ]
    keys = [int(row[0]) for row in rows]
    secrets = {customer.strip(), *(str(value) for row in rows for value in row[1:] if value)}
    with store.database.transaction():
        quotes = _quotes(store, keys)
        _erase(store, keys)
        rejects = _erase_rejects(store, customer, secrets)
        events = _erase_events(store, secrets | quotes)
    store.database.compact()
    return Erased(len(keys), rejects, events)


def erase_before(store: Store, day: str) -> int:
    """Erase the words and ids of feedback from before a day (ISO); how many versions."""
    rows = store.database.query(
        "SELECT feedback FROM feedback WHERE happened < ? AND erased IS NULL AND kind <> 'gone'",
        [day],
    )
    keys = [int(key) for (key,) in rows]
    with store.database.transaction():
        _erase(store, keys)
        _silence_before(store, day)
        _silence_events_before(store, day)
    return len(keys)


def delete_before(store: Store, day: str) -> int:
    """Delete feedback from before a day (ISO) with all that hangs on it; how many versions."""
    with store.database.transaction():
        _silence_before(store, day)
        _silence_events_before(store, day)
        for source, count in store.database.query(_STANDING_BEFORE, [day]):
            before = int(store.noted(DELETED + source) or 0)
            store.note(DELETED + source, str(before + int(count)))
        return store.database.execute("DELETE FROM feedback WHERE happened < ?", [day])


DELETED: Final = "deleted:"
"""Under this and its name the store notes how much feedback of a source aged out."""
_STANDING_BEFORE: Final = (
    "SELECT source, COUNT(*) FROM feedback WHERE happened < ? AND until_run IS NULL "
    "AND kind = 'comment' GROUP BY source"
)


def _silence_before(store: Store, day: str) -> None:
    """Blank what was set aside of rows from before a day."""
    store.database.execute(
        "UPDATE rejects SET value = '', message = reason, customer = NULL "
        "WHERE happened < ? AND message <> reason",
        [day],
    )


def _silence_events_before(store: Store, day: str) -> None:
    """Blank what alerts quote of feedback from before a day."""
    for event, *told in store.database.query("SELECT event, payload, masked FROM events"):
        clean = [dump(_aged(json.loads(text), day)) for text in told]
        if clean != told:
            store.database.execute(
                "UPDATE events SET payload = ?, masked = ? WHERE event = ?", [*clean, event]
            )


def _aged(alert: dict[str, Any], day: str) -> dict[str, Any]:
    """Return an alert without the words and ids of feedback from before a day.

    Ids and phrases have no date of their own: they go as soon as one of them may be that old.
    """
    if alert["finding"]["first"] >= day:
        return alert
    kept = [
        one if (one["date"] or "") >= day else {**one, "id": None, "text": ""}
        for one in alert["verbatims"]
    ]
    return {
        **alert,
        "evidence": {**alert["evidence"], "ids": [], "phrases": []},
        "verbatims": kept,
    }


def _spellings(store: Store, table: str, customer: str) -> list[str]:
    """Return how a table writes a customer; not asked in SQL, where SQLite folds ASCII only."""
    rows = store.database.query(f"SELECT DISTINCT customer FROM {table} WHERE customer <> ''")
    wanted = customer.strip().casefold()
    return [name for (name,) in rows if name.strip().casefold() == wanted]


def _quotes(store: Store, keys: Sequence[int]) -> set[str]:
    found: set[str] = set()
    for part in in_parts(keys):
        rows = store.database.query(
            f"SELECT quote FROM mentions WHERE feedback IN ({marks(len(part))})", part
        )
        found.update(quote for (quote,) in rows if quote)
    return found


def _erase(store: Store, keys: Sequence[int]) -> None:
    """Blank the words and names of these versions."""
    for part in in_parts(keys):
        where = f"WHERE feedback IN ({marks(len(part))})"
        for statement in (
            "UPDATE feedback SET id = '', customer = NULL, words = '', verbatim = '', erased = 1, "
            f"digest = '{ERASED}' {where}",
            f"UPDATE mentions SET evidence = '', quote = '' {where}",
            f"UPDATE signals SET words = '' {where}",
        ):
            store.database.execute(statement, part)


def _erase_rejects(store: Store, customer: str, secrets: Iterable[str]) -> int:
    """Blank what was set aside of a customer, and whatever holds one of the words or ids."""
    found = 0
    for name in _spellings(store, "rejects", customer):
        found += store.database.execute(
            "UPDATE rejects SET value = '', message = reason, customer = NULL WHERE customer = ?",
            [name],
        )
    for secret in secrets:
        short = secret[:VALUE_LIMIT]
        test, values = "value = ?", [short]
        if len(short) >= _LEAST:
            pattern = "%" + _escaped(short) + "%"
            test, values = "value LIKE ? ESCAPE '!' OR message LIKE ? ESCAPE '!'", [pattern] * 2
        found += store.database.execute(
            f"UPDATE rejects SET value = '', message = reason, customer = NULL WHERE {test}", values
        )
    return found


def _escaped(text: str) -> str:
    for sign in "!%_":
        text = text.replace(sign, "!" + sign)
    return text


def _erase_events(store: Store, secrets: set[str]) -> int:
    """Take erased words and ids out of alerts that quote them."""
    found = 0
    hidden = {one for one in secrets if one}
    for table, key, column in (
        ("events", "event", "payload"),
        ("events", "event", "masked"),
        ("stories", "story", "data"),
    ):
        for name, text in store.database.query(f"SELECT {key}, {column} FROM {table}"):
            clean = dump(_without(json.loads(text), hidden))
            if clean != text:
                store.database.execute(
                    f"UPDATE {table} SET {column} = ? WHERE {key} = ?", [clean, name]
                )
                found += 1
    return found


_SAID: Final = frozenset({"evidence", "verbatims", "words"})
"""Keys of alerts below which customers' words and ids stand; all else is the program's own."""


def _without(data: Any, hidden: set[str], *, said: bool = False) -> Any:
    """Return an alert in which nothing said by a customer is, or holds, one of the hidden texts."""
    if isinstance(data, dict):
        return {
            key: _without(value, hidden, said=said or key in _SAID) for key, value in data.items()
        }
    if isinstance(data, list):
        return [_without(value, hidden, said=said) for value in data]
    if not said or not isinstance(data, str):
        return data
    if data in hidden or any(len(one) >= _LEAST and one in data for one in hidden):
        return ""
    return data
