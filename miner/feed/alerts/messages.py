"""An event as JSON: for ``alerts.jsonl`` as it is, for a webhook with personal data masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from miner.feed.alerts.finding import Finding
from miner.feed.alerts.lifecycle import Event, Story
from miner.feed.alerts.sentences import headline

SCHEMA: Final = "miner-alert/1"
"""Form of the message and its version; ``miner/schemas/alert-1.json`` describes it."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A verbatim: redacted text, the feedback it is from, and that feedback's day (or empty)."""

    id: str
    text: str
    date: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What stands behind the figures, as the store knows it.

    `ids`: feedback that was counted in the window; `phrases`: words that say most about it,
    strongest first; `quotes`: verbatims, best first. All may be empty: a silent source has none.
    """

    ids: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()


def payload(
    event: Event,
    *,
    evidence: Evidence | None = None,
    labels: Mapping[str, str] | None = None,
    feed: str = "",
    masked: bool = False,
) -> dict[str, Any]:
    """Return an event as JSON-ready data that follows `miner.schemas.alert_schema`.

    Parameters
    ----------
    evidence : None means none.
    labels : theme key -> its label, for the sentence.
    feed : name of the feed, so that one receiver can serve several.
    masked : leave out every feedback id: the ids of the evidence (their number stays) and those
        of the verbatims. Customers are in no form of it; texts must be redacted already.

    Examples
    --------
    >>> from datetime import date
    >>> from miner.feed.alerts import Finding, advance
    >>> day = date(2026, 3, 8)
    >>> found = Finding("silent", "silent:shop", "days", 9.0, 1.0, 1.0, 2.0, 40, None, None,
    ...                 date(2026, 2, 28), day, source="shop")
    >>> event, = advance((), [found], on=day).events
    >>> message = payload(event, masked=True)
    >>> print(message["sentence"])
    shop has sent nothing for 9 days, since 2026-02-28. Its gaps are usually 1, rarely above 2 days.
    """
    given = evidence or Evidence()
    return {
        "schema": SCHEMA,
        "id": event.id,
        "feed": feed,
        "event": event.what,
        "on": event.on.isoformat(),
        "sentence": headline(event, labels=labels),
        "story": _story(event.story),
        "finding": _figures(event.finding),
        "peak": _figures(event.story.peak),
        "evidence": {
            "n": len(given.ids),
            "ids": [] if masked else list(given.ids),
            "phrases": list(given.phrases),
        },
        "verbatims": [
            {"id": None if masked else one.id, "date": one.date or None, "text": one.text}
            for one in given.quotes
        ],
        "masked": masked,
    }


def _story(story: Story) -> dict[str, Any]:
    return {name: value for name, value in story.to_dict().items() if name not in ("peak", "last")}


def _figures(finding: Finding) -> dict[str, Any]:
    return {**finding.to_dict(), "ratio": finding.ratio}
