"""What a feed says by itself: alerts judged after a run, told once, kept with their evidence."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from miner.errors import unwritable
from miner.feed.alerts import advance, evaluate, payload, post
from miner.feed.alerts.lifecycle import Event, Story
from miner.feed.settings import FeedSettings
from miner.feed.store.daily import alert_inputs, evidence_of, night_of
from miner.feed.store.store import Store, dump
from miner.feed.store.told import StoredEvent, keep_alerts, mark_sent, stories, told_events
from miner.workflow.outputs import is_stream


@dataclass(frozen=True)
class Watched:
    """What the alerts of a run say.

    `events`: messages of `miner.feed.alerts.payload`, of this run. `open`: stories that are open
    now. `waits`: why nothing was judged, "" where it was. `unsent`: events no webhook took yet,
    with the reason of the last attempt.
    """

    events: tuple[dict[str, Any], ...] = ()
    open: int = 0
    waits: str = ""
    unsent: tuple[str, ...] = ()

    @property
    def raised(self) -> bool:
        """Whether an alert was opened in this run."""
        return any(one["event"] == "opened" for one in self.events)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "alerts": list(self.events),
            "alerts_open": self.open,
            "alerts_wait": self.waits,
            "alerts_unsent": list(self.unsent),
        }


def watch(store: Store, settings: FeedSettings, *, run: int, now: datetime) -> Watched:
    """Judge the last whole day, keep what is news, write the file of alerts, call the webhook.

    Raises
    ------
    UsageError
        The file of alerts can't be written.
    """
    if settings.alerts is None:
        return Watched()
    waits = _waits(store)
    events = () if waits else _judge(store, settings, run, now)
    rewrite_events(store, settings)
    unsent = _send(store, settings)
    messages = tuple(json.loads(one.payload) for one in events)
    return Watched(messages, len(stories(store, state="open")), waits, unsent)


def rewrite_events(store: Store, settings: FeedSettings) -> None:
    """Write the file of alerts anew from the store, one event a line, so that none stands twice."""
    if settings.alerts_file is None:
        return
    path = Path(settings.alerts_file)
    part = path if is_stream(path) else path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8", newline="\n") as file:
            file.writelines(f"{one.payload}\n" for one in told_events(store))
            file.flush()
            if part != path:
                os.fsync(file.fileno())
        if part != path:
            part.replace(path)
    except OSError as error:
        raise unwritable(path, error, hint="Change [alerts] file.") from error


def _waits(store: Store) -> str:
    """Return why the figures of two models would be compared, "" where they wouldn't."""
    stale = store.stale_count()
    if not stale:
        return ""
    return f"{stale:,} feedback are still tagged by an earlier model; alerts wait for rescoring."


def _judge(store: Store, settings: FeedSettings, run: int, now: datetime) -> Sequence[StoredEvent]:
    rule = settings.alerts
    newest = store.newest_tagger()
    if rule is None or newest is None:
        return ()
    on = night_of(now)
    findings = evaluate(alert_inputs(store, rule, on), on=on, rule=rule)
    known = [Story.from_dict(one) for one in stories(store)]
    progress = advance(known, findings, on=on, rule=rule)
    labels = {one["key"]: one["label"] for one in store.tagger_facts(newest)["taxonomy"]["theme"]}
    events = [_stored(store, settings, event, labels) for event in progress.events]
    after = [(one.key, one.state, one.to_dict()) for one in progress.stories]
    keep_alerts(store, run, stories=after, events=events)
    return events


def _stored(
    store: Store, settings: FeedSettings, event: Event, labels: dict[str, str]
) -> StoredEvent:
    evidence = evidence_of(store, event.finding)
    plain, masked = (
        dump(payload(event, evidence=evidence, labels=labels, feed=settings.name, masked=hidden))
        for hidden in (False, True)
    )
    return StoredEvent(event.id, event.story.key, event.what, event.on.isoformat(), plain, masked)


def _send(store: Store, settings: FeedSettings) -> tuple[str, ...]:
    """Send what no webhook has taken yet; a failure waits for the next run.

    Where nobody answers, the others are not tried: each would hold up the night as long.
    """
    if not settings.webhook:
        return ()
    failed: list[str] = []
    reached = True
    for event in told_events(store, unsent=True):
        if not reached:
            failed.append(f"{event.id}: Not tried, as the one before was not answered.")
            continue
        answer = post(settings.webhook, json.loads(event.masked))
        reached = answer.status is not None
        if answer.state == "sent":
            mark_sent(store, event.id)
        else:
            failed.append(f"{event.id}: {answer.reason}")
    return tuple(failed)
