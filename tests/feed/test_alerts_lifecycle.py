"""Stories: opened once, told again when clearly worse, closed once, whatever the nights do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from feed.alert_samples import finding
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.feed.alerts import AlertRule, Event, Finding, Progress, Story, advance

START = date(2026, 3, 8)
QUIET = AlertRule().quiet_days


def day(number: int) -> date:
    return START + timedelta(days=number)


def night(number: int, *seen: Finding, stories: tuple[Story, ...] = ()) -> Progress:
    return advance(stories, seen, on=day(number))


def told(progress: Progress) -> list[str]:
    return [one.what for one in progress.events]


def test_a_story_from_begin_to_end() -> None:
    first = night(0, finding(90))
    assert told(first) == ["opened"]
    (story,) = first.stories
    assert (story.key, story.state) == ("spike:service.speed@2026-03-08", "open")
    second = night(1, finding(95), stories=first.stories)
    assert told(second) == []
    assert second.stories[0].seen == day(1)
    assert second.stories[0].last.seen == 95
    worse = night(2, finding(110), stories=second.stories)
    assert told(worse) == ["updated"]
    assert worse.stories[0].peak.seen == 110
    waiting = night(1 + QUIET, stories=worse.stories)
    assert told(waiting) == []
    over = night(2 + QUIET, stories=waiting.stories)
    assert told(over) == ["closed"]
    (closed,) = over.stories
    assert (closed.state, closed.closed, closed.seen) == ("closed", day(2 + QUIET), day(2))
    assert over.events[0].finding.seen == 110


def test_what_creeps_up_is_told_when_it_has_come_far_enough() -> None:
    """Small steps don't move the peak, so that their sum is seen; 1.25 x 60 more = 75."""
    stories: tuple[Story, ...] = ()
    events = []
    for number, seen in enumerate([90, 94, 98, 102, 104, 105, 106]):
        progress = night(number, finding(seen), stories=stories)
        stories = progress.stories
        events.append(told(progress))
    assert events == [["opened"], [], [], [], [], ["updated"], []]


def test_it_goes_by_the_day_whatever_the_window() -> None:
    """Thirty-three above in three days are 1.25 times as bad as sixty above in seven."""
    first = night(0, finding(90))
    short = finding(46, 13, first=date(2026, 3, 7), last=date(2026, 3, 9))
    assert told(night(1, short, stories=first.stories)) == ["updated"]
    assert told(night(1, finding(100), stories=first.stories)) == []


def test_what_comes_again_is_another_story() -> None:
    first = night(0, finding())
    over = night(QUIET, stories=first.stories)
    again = night(QUIET + 5, finding(), stories=over.stories)
    assert told(again) == ["opened"]
    assert [one.key for one in again.stories] == [
        "spike:service.speed@2026-03-08",
        "spike:service.speed@2026-03-27",
    ]


def test_nights_that_were_skipped_break_nothing() -> None:
    first = night(0, finding())
    assert told(night(40, finding(), stories=first.stories)) == []
    assert told(night(40, stories=first.stories)) == ["closed"]


def test_an_older_night_run_again_changes_nothing() -> None:
    later = night(5, finding(120), stories=night(0, finding()).stories)
    for seen in ((), (finding(),), (finding(900),)):
        again = night(3, *seen, stories=later.stories)
        assert (told(again), again.stories) == ([], later.stories)
    over = night(5 + QUIET, stories=later.stories)
    assert night(QUIET, finding(), stories=over.stories) == Progress(over.stories, ())


def test_a_story_is_told_once_a_day() -> None:
    first = night(0, finding(90))
    assert told(night(0, finding(500), stories=first.stories)) == []


def silent(days: float) -> Finding:
    return Finding(
        "silent", "silent:shop", "days", days, 1.0, 1.0, 1.0, 80, None, None, START, START,
        source="shop",
    )  # fmt: skip


def test_a_silence_is_over_at_once_and_told_again_when_doubled() -> None:
    stories = night(0, silent(3)).stories
    events = {}
    for number in range(1, 16):
        progress = night(number, silent(3 + number), stories=stories)
        stories = progress.stories
        if progress.events:
            events[number] = told(progress)
    assert events == {2: ["updated"], 6: ["updated"], 14: ["updated"]}
    assert told(night(16, stories=stories)) == ["closed"]


def test_several_stories_at_once() -> None:
    other = finding(subject="spike:product.price", theme="product.price")
    both = night(0, other, finding())
    assert [one.story.subject for one in both.events] == [other.subject, "spike:service.speed"]
    one = night(QUIET, other, stories=both.stories)
    assert [(event.what, event.story.subject) for event in one.events] == [
        ("closed", "spike:service.speed")
    ]


def test_a_story_survives_json() -> None:
    for story in (
        *night(0, finding(place=None, also=("plan=pro",), words=("é",)), silent(3)).stories,
        *night(QUIET, stories=night(0, finding()).stories).stories,
    ):
        assert Story.from_dict(json.loads(json.dumps(story.to_dict()))) == story


SUBJECTS = ("spike:a", "spike:b", "silent:c")
NIGHTS = st.lists(
    st.tuples(
        st.integers(0, 12),  # days since the night before: 0 is the same night again
        st.dictionaries(st.sampled_from(SUBJECTS), st.integers(31, 500), max_size=3),
    ),
    max_size=25,
)


def run(nights: list[tuple[int, dict[str, int]]]) -> tuple[list[Event], tuple[Story, ...]]:
    stories: tuple[Story, ...] = ()
    events: list[Event] = []
    on = START
    for step, seen in nights:
        on += timedelta(days=step)
        findings = [
            replace(finding(n), subject=subject, kind=subject.split(":")[0])
            for subject, n in seen.items()
        ]
        progress = advance(stories, findings, on=on)
        again = advance(progress.stories, findings, on=on)
        assert again == Progress(progress.stories, ())  # twice on a day tells nothing twice
        stories = progress.stories
        events += progress.events
    return events, stories


@given(NIGHTS)
@settings(max_examples=50)
def test_every_story_is_told_in_order_and_nothing_twice(
    nights: list[tuple[int, dict[str, int]]],
) -> None:
    events, stories = run(nights)
    assert len({one.id for one in events}) == len(events)
    by_story: dict[str, list[str]] = {}
    for one in events:
        by_story.setdefault(one.story.key, []).append(one.what)
    assert sorted(by_story) == [one.key for one in stories]
    for story in stories:
        told = by_story[story.key]
        assert told[0] == "opened"
        assert told.count("opened") == 1
        assert told.count("closed") == (story.state == "closed")
        assert "closed" not in told[:-1]
        assert story.opened <= story.seen <= (story.closed or story.seen)
    for subject in SUBJECTS:
        assert sum(one.subject == subject and one.state == "open" for one in stories) <= 1


@given(NIGHTS)
@settings(max_examples=50)
def test_closed_stories_may_be_forgotten(nights: list[tuple[int, dict[str, int]]]) -> None:
    """A store needs to give only what is open, and what was closed on the day or after."""
    kept: tuple[Story, ...] = ()
    short: list[str] = []
    on = START
    for step, seen in nights:
        on += timedelta(days=step)
        kept = tuple(one for one in kept if one.closed is None or one.closed >= on)
        findings = [
            replace(finding(n), subject=subject, kind=subject.split(":")[0])
            for subject, n in seen.items()
        ]
        progress = advance(kept, findings, on=on)
        kept = progress.stories
        short += [one.id for one in progress.events]
    assert short == [one.id for one in run(nights)[0]]


def test_the_rule_says_when_it_is_over_and_worse() -> None:
    rule = AlertRule(quiet=1, worse=2.0)
    stories = advance((), [finding(90)], on=day(0), rule=rule).stories
    assert advance(stories, [finding(140)], on=day(1), rule=rule).events == ()
    assert [one.what for one in advance(stories, [finding(150)], on=day(1), rule=rule).events] == [
        "updated"
    ]
    assert [one.what for one in advance(stories, [], on=day(7), rule=rule).events] == ["closed"]
    assert advance(stories, [], on=day(6), rule=rule).events == ()


def test_a_finding_of_nothing_expected_has_no_ratio() -> None:
    assert finding(12, 0.0).ratio is None
    assert finding(12, 4.0).ratio == pytest.approx(3)
