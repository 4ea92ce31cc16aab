"""From findings of single nights to stories: each opened once, told again when worse, closed once.

Nothing here reads a clock or a store. Nights may be missing, come twice, or be run again for an
older day: none of that tells anything a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Final, Literal, NamedTuple

from miner.feed.alerts.finding import Finding
from miner.feed.alerts.rule import AlertRule, Kind

What = Literal["opened", "updated", "closed"]
State = Literal["open", "closed"]

SILENCE_WORSE: Final = 2.0
"""A silence grows by itself every day: it is told again when it has doubled, at the earliest."""


@dataclass(frozen=True, slots=True)
class Story:
    """One thing that went wrong, from the night it was found until it was over.

    Parameters
    ----------
    key : `subject` and the day it was opened, such as ``spike:service.delivery@2026-03-01``: what
        comes again after it was closed is another story.
    kind, subject : of its findings.
    state : ``open`` or ``closed``.
    opened : day of the evaluation that found it first.
    updated : day of its last event.
    seen : last day on which an evaluation found it.
    closed : day it was closed; None while it is open.
    peak : the worst finding that was told: another is told when it is clearly worse than this.
    last : the latest finding.
    """

    key: str
    kind: Kind
    subject: str
    state: State
    opened: date
    updated: date
    seen: date
    closed: date | None
    peak: Finding
    last: Finding

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data, keys in field order."""
        return {one.name: _plain(getattr(self, one.name)) for one in fields(self)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Story:
        """Return what `to_dict`, or a JSON reader after it, gave."""
        days = {name: date.fromisoformat(data[name]) for name in ("opened", "updated", "seen")}
        closed = date.fromisoformat(data["closed"]) if data["closed"] else None
        findings = {name: Finding.from_dict(data[name]) for name in ("peak", "last")}
        return cls(**{**data, **days, **findings, "closed": closed})


@dataclass(frozen=True, slots=True)
class Event:
    """What a human is told: a story was opened, got clearly worse, or is over.

    A story has one event a day at most, so `id` names it for good: whoever gets it twice may drop
    the second one.
    """

    what: What
    on: date
    story: Story

    @property
    def id(self) -> str:
        """Stable name, such as ``spike:service.delivery@2026-03-01/opened/2026-03-01``."""
        return f"{self.story.key}/{self.what}/{self.on}"

    @property
    def finding(self) -> Finding:
        """The figures to show: the latest ones, of a closed story its worst."""
        return self.story.peak if self.what == "closed" else self.story.last


@dataclass(frozen=True, slots=True)
class Progress:
    """All stories after an evaluation, by key, and what is to be told, in order."""

    stories: tuple[Story, ...]
    events: tuple[Event, ...]


def advance(
    stories: Iterable[Story],
    findings: Iterable[Finding],
    *,
    on: date,
    rule: AlertRule | None = None,
) -> Progress:
    """Return the stories after an evaluation, and its events.

    A finding without an open story opens one. One whose excess is `AlertRule.worse` times that of
    the story's peak updates it. A story that isn't found for `AlertRule.quiet` windows is closed; a
    silent source's as soon as it isn't silent. A story's last night changes without an event, too:
    write all stories down.

    Parameters
    ----------
    stories : as the last evaluation left them; closed ones may be left out once they were closed
        before `on`.
    findings : of `evaluate` for the same day.
    on : the day evaluated. A day before the one a story was seen last changes nothing about it.

    Examples
    --------
    >>> day = date(2026, 3, 1)
    >>> found = Finding("silent", "silent:shop", "days", 9.0, 1.0, 1.0, 2.0, 40, None, None,
    ...                 day, day, source="shop")
    >>> first = advance((), [found], on=day)
    >>> [one.id for one in first.events]
    ['silent:shop@2026-03-01/opened/2026-03-01']
    >>> advance(first.stories, [found], on=day).events
    ()
    >>> advance(first.stories, [], on=date(2026, 3, 2)).events[0].what
    'closed'
    """
    rule = rule or AlertRule()
    known = {story.key: story for story in stories}
    found = {one.subject: one for one in findings}
    steps = [_met(known.values(), finding, on, rule) for finding in found.values()]
    steps += [
        _Step(replace(story, state="closed", updated=on, closed=on), "closed")
        for _, story in sorted(known.items())
        if story.subject not in found and _is_over(story, on, rule)
    ]
    told = [step for step in steps if step is not None]
    known |= {step.story.key: step.story for step in told}
    events = tuple(Event(step.what, on, step.story) for step in told if step.what)
    return Progress(tuple(known[key] for key in sorted(known)), events)


class _Step(NamedTuple):
    """A story as an evaluation leaves it, and what is told of it, None for nothing."""

    story: Story
    what: What | None


def _met(stories: Iterable[Story], finding: Finding, on: date, rule: AlertRule) -> _Step | None:
    """Return what a finding makes of its subject's stories; None where it comes too late."""
    own = [story for story in stories if story.subject == finding.subject]
    if any(story.seen > on or (story.closed and story.closed >= on) for story in own):
        return None  # an older night run again: what was told since stands
    story = next((one for one in own if one.state == "open"), None)
    if story is None:
        return _Step(_opened(finding, on), "opened")
    story = replace(story, seen=on, last=finding)
    factor = max(rule.worse, SILENCE_WORSE) if finding.kind == "silent" else rule.worse
    if story.updated < on and finding.excess >= factor * story.peak.excess:
        return _Step(replace(story, updated=on, peak=finding), "updated")
    return _Step(story, None)


def _opened(finding: Finding, on: date) -> Story:
    return Story(
        key=f"{finding.subject}@{on}",
        kind=finding.kind,
        subject=finding.subject,
        state="open",
        opened=on,
        updated=on,
        seen=on,
        closed=None,
        peak=finding,
        last=finding,
    )


def _is_over(story: Story, on: date, rule: AlertRule) -> bool:
    """Return whether an open story that was not found on this day is over."""
    quiet = 1 if story.kind == "silent" else rule.quiet_days
    return story.state == "open" and (on - story.seen).days >= quiet


def _plain(value: Any) -> Any:
    if isinstance(value, Finding):
        return value.to_dict()
    return value.isoformat() if isinstance(value, date) else value
