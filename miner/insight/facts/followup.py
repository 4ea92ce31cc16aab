"""Whom to call back, and whom to thank: cases by position, no texts and no wording."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """What the follow-up list may be told.

    `due_hours`: hours from the feedback to the time it is due, above 0; cases of priority 1 are due
    in a quarter of it. `days`: how many days the list reaches back from the last date, from 1.

    Examples
    --------
    >>> FollowUpRule().due_hours
    24.0
    """

    due_hours: float = 24.0
    days: int = 30


@dataclass(frozen=True, slots=True)
class FollowUpCase:
    """One feedback that calls for somebody.

    `feedback`: its row in the feedback table. `priority`: 1 is first. `reasons`: all that apply,
    most pressing first (keys of `miner.insight.acting.followup.REASONS`). `signals`: rows of the
    signals table that show them; `mention`: the row of its clearest complaint in the mentions
    table, None without any mention; `theme`: what that is about. `date`: ISO day, `due`: ISO to the
    minute, counted from midnight where the export gives no time; None without a date.
    """

    feedback: int
    priority: int
    reasons: tuple[str, ...]
    theme: str | None
    signals: tuple[int, ...]
    mention: int | None
    date: str | None
    due: str | None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The cases of the last days, by priority, then by due time.

    `cases` holds the first of the `found`; `by_reason` counts all found, a case once under each of
    its reasons. `counted`: feedback of these days, the list's base. `since`: the first of the days,
    None in an export without dates, where every case is listed. `older`, `undated`: cases by the
    same rules that are not listed, because they came before, or nobody knows when.
    """

    rule: FollowUpRule
    cases: tuple[FollowUpCase, ...]
    found: int
    counted: int
    by_reason: dict[str, int]
    since: str | None
    older: int
    undated: int


@dataclass(frozen=True, slots=True)
class Advocate:
    """One feedback to thank for: its row, the row of its warmest mention, its words of advocacy.

    `recommends`: it says that it would recommend, or does; `signals`: the rows of the signals table
    that show it. `mention`, `theme`: None without a positive mention. `date`: ISO day.
    """

    feedback: int
    recommends: bool
    theme: str | None
    signals: tuple[int, ...]
    mention: int | None
    date: str | None


@dataclass(frozen=True, slots=True)
class Advocates:
    """Whom to thank in the same days: those who recommend first, the latest first.

    `people` holds the first of the `found`.
    """

    people: tuple[Advocate, ...]
    found: int
    since: str | None
