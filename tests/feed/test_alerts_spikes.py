"""Themes that spike: what is a story, what is none, and where it is told to be."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from feed.alert_samples import DAYS, ON, changed, inputs, last, table, themes, volume

from miner.feed.alerts import AlertInputs, AlertRule, Finding, evaluate

SPEED = "spike:service.speed"


def spikes(*parts: pd.DataFrame, **rule: object) -> dict[str, Finding]:
    found = evaluate(inputs(*parts), on=ON, rule=AlertRule(kinds=("spike",), **rule))  # type: ignore[arg-type]
    return {one.subject: one for one in found}


def test_nothing_new_is_no_spike() -> None:
    assert spikes(volume(), themes()) == {}


def test_a_tripling_is_one() -> None:
    found = spikes(volume(), changed(themes(), last(7), negative=12))[SPEED]
    assert (found.seen, found.n, found.theme, found.cohort) == (84, 420, "service.speed", "")
    assert found.expected == pytest.approx(28, rel=0.05)
    assert found.low < found.expected < found.high < found.seen
    assert found.q is not None
    assert found.p is not None
    assert found.p <= found.q < 1e-4
    assert (found.first, found.last) == (ON - timedelta(days=6), ON)
    assert found.ratio == pytest.approx(3, rel=0.05)


def test_three_days_are_told_of_in_three_days() -> None:
    found = spikes(volume(), changed(themes(), last(3), negative=14))[SPEED]
    assert (found.last - found.first).days + 1 == 3
    assert found.seen == 42


def test_few_mentions_are_no_spike() -> None:
    few = changed(themes(negative=0), last(1), negative=9)
    assert spikes(volume(), few) == {}
    assert SPEED in spikes(volume(), few, minimum_n=9)


def test_a_small_rise_of_much_is_no_spike() -> None:
    """1.4 times as many are far beyond chance here, and still not worth a night."""
    much = changed(themes(negative=300), last(7), negative=420)
    assert spikes(volume(feedback=5000), much) == {}
    assert SPEED in spikes(volume(feedback=5000), much, ratio=1.3)


def test_a_busy_week_is_no_spike() -> None:
    busy = changed(volume(), last(7), feedback=180)
    assert spikes(busy, changed(themes(), last(7), negative=12)) == {}


def test_weekends_are_no_spike() -> None:
    """Ten times as much on Saturdays and Sundays, looked at on a Sunday."""
    off = [day.weekday() > 4 for day in DAYS]
    weekend = themes(negative=np.where(off, 20, 2))
    assert spikes(volume(), weekend) == {}
    assert SPEED in spikes(volume(), changed(weekend, last(7), negative=20))


def test_others_staying_away_is_no_spike() -> None:
    """A source fell silent: the share tripled, the mentions are as many as ever."""
    assert spikes(changed(volume(), last(7), feedback=20), themes()) == {}


def test_a_theme_that_rises_slowly_is_no_spike() -> None:
    slow = themes(negative=[round(10 * 1.01 ** (at / 2)) for at in range(len(DAYS))])
    assert spikes(volume(feedback=200), slow) == {}


def cohorts(**negative: int) -> list[pd.DataFrame]:
    """Three plans of equal size, each with four mentions a day, and with others in the last week;
    everybody is their sum."""
    week = [changed(themes(f"plan={name}"), last(7), negative=n) for name, n in negative.items()]
    total = changed(themes(negative=12), last(7), negative=sum(negative.values()))
    sizes = [volume(f"plan={name}", feedback=60) for name in negative]
    return [*week, total, *sizes, volume(feedback=180)]


def test_what_one_cohort_explains_is_told_once_and_there() -> None:
    found = spikes(*cohorts(basic=4, plus=4, pro=28))
    assert list(found) == [SPEED]
    place = found[SPEED].place
    assert found[SPEED].cohort == ""
    assert place is not None
    assert (place.cohort, place.seen) == ("plan=pro", 196)


def test_what_all_cohorts_share_is_everybodys() -> None:
    found = spikes(*cohorts(basic=12, plus=12, pro=12))[SPEED]
    assert (found.cohort, found.place, found.also) == ("", None, ())


def test_a_large_cohort_explains_no_more_than_its_part() -> None:
    """Ten customers in twelve are on one plan, with ten mentions in twelve, before and now."""
    parts = [
        changed(themes("plan=basic", negative=10), last(7), negative=30),
        changed(themes("plan=pro", negative=2), last(7), negative=6),
        changed(themes(negative=12), last(7), negative=36),
        volume("plan=basic", feedback=150),
        volume("plan=pro", feedback=30),
        volume(feedback=180),
    ]
    assert spikes(*parts)[SPEED].place is None


def test_what_everybody_does_not_show_is_the_cohorts() -> None:
    quiet = [*cohorts(basic=4, plus=4, pro=14)]
    found = spikes(*quiet, ratio=2.5)[SPEED]
    assert (found.cohort, found.seen, found.place) == ("plan=pro", 98, None)
    two = spikes(*cohorts(basic=4, plus=14, pro=16), ratio=3.2)[SPEED]
    assert (two.cohort, two.also) == ("plan=pro", ("plan=plus",))


def test_themes_are_told_apart() -> None:
    other = themes(theme="product.price")
    found = spikes(volume(), changed(themes(), last(7), negative=14), other)
    assert list(found) == [SPEED]
    both = spikes(volume(), *(changed(one, last(7), negative=14) for one in (themes(), other)))
    assert list(both) == ["spike:product.price", SPEED]


def test_more_tests_raise_the_bar() -> None:
    """The same counts among two hundred themes have the same p and a larger q."""
    spiking = changed(themes(), last(7), negative=9)
    others = [themes(theme=f"product.t{at}") for at in range(200)]
    alone, among = (spikes(volume(), spiking, *more, rate=0.5)[SPEED] for more in ((), others))
    assert alone.q is not None
    assert among.q is not None
    assert among.q > 5 * alone.q


def test_what_came_later_is_not_looked_at() -> None:
    spiking = changed(themes(), last(7), negative=14)
    late = evaluate(inputs(volume(), spiking), on=ON - timedelta(days=7))
    assert [one.kind for one in late] == []


def young(days: int) -> list[pd.DataFrame]:
    spiking = changed(themes(), last(7), negative=14)
    return [one[one["day"].isin(last(days))] for one in (volume(), spiking)]


@pytest.mark.parametrize("days", [1, 3, 7, 28])
def test_a_feed_that_is_young_says_nothing(days: int) -> None:
    """28 days are the window and three before it."""
    assert spikes(*young(days)) == {}


def test_four_windows_are_history_enough() -> None:
    assert spikes(*young(35))[SPEED].expected == pytest.approx(28, rel=0.05)


def test_gaps_in_the_feed_do_no_harm() -> None:
    kept = [day for at, day in enumerate(DAYS) if not 20 < at < 50]
    parts = [
        one[one["day"].isin(kept)] for one in (volume(), changed(themes(), last(7), negative=14))
    ]
    assert spikes(*parts)[SPEED].expected == pytest.approx(28, rel=0.05)


def test_nothing_at_all_is_answered() -> None:
    assert evaluate(AlertInputs(), on=ON) == ()
    undated = table(cohort="", theme="a", negative=9, mentioned=9).assign(day=None)
    assert evaluate(inputs(undated, volume().assign(day=None)), on=ON) == ()


def test_order_of_rows_and_split_sums_change_nothing() -> None:
    spiking, n = changed(themes(), last(7), negative=14), volume()
    whole = evaluate(inputs(n, spiking), on=ON)
    half = spiking.assign(negative=spiking["negative"] // 2, mentioned=spiking["mentioned"] / 2)
    shuffled = pd.concat([half, half]).sample(frac=1, random_state=3)
    assert evaluate(inputs(n.iloc[::-1], shuffled), on=ON) == whole
    assert whole
