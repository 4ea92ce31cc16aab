"""Scores, sources, rows set aside, feedback without a theme, and drift."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from feed.alert_samples import DAYS, ON, changed, inputs, last, table, themes, volume

from miner.feed.alerts import AlertRule, Finding, evaluate


def found(*parts: pd.DataFrame, on: date = ON, **rule: object) -> list[Finding]:
    return list(evaluate(inputs(*parts), on=on, rule=AlertRule(**rule)))  # type: ignore[arg-type]


def answers(score: str, mean: float = 4.0, sd: float = 1.0, n: int = 40) -> pd.DataFrame:
    return table(score=score, n=n, total=n * mean, squares=n * (mean**2 + sd**2))


def moved(frame: pd.DataFrame, mean: float, sd: float = 1.0, n: int = 40) -> pd.DataFrame:
    return changed(frame, last(7), total=n * mean, squares=n * (mean**2 + sd**2))


# --- scores -------------------------------------------------------------------------------------


def test_a_score_that_falls() -> None:
    (one,) = found(moved(answers("stars"), 3.5), answers("csat"))
    assert (one.kind, one.subject, one.score) == ("score_fall", "score_fall:stars", "stars")
    assert (one.seen, one.expected, one.n) == (pytest.approx(3.5), pytest.approx(4.0), 280)
    assert one.low < 4.0 < one.high
    assert one.ratio is None


def test_a_score_that_rises_is_none() -> None:
    assert found(moved(answers("stars"), 4.5)) == []


def test_an_effort_asked_as_how_hard_alerts_when_it_rises() -> None:
    """By default more is better, as `miner.insight.metrics` says of CES: higher is easier."""
    harder = moved(answers("ces"), 4.5)
    assert found(harder) == []
    assert [one.subject for one in found(harder, rising_is_bad=["ces"])] == ["score_fall:ces"]
    assert found(moved(answers("ces"), 3.5), rising_is_bad=["ces"]) == []


def test_a_fall_within_the_usual_swing_is_none() -> None:
    """Weeks that differ by half a star make another half a star nothing new."""
    swing = np.repeat([4.3, 3.7, 4.2, 3.8, 4.3, 3.7, 4.2, 3.8, 4.3, 3.7, 4.2, 3.8, 3.6], 7)
    restless = answers("stars").assign(total=40 * swing, squares=40 * (swing**2 + 1))
    assert found(restless) == []
    assert found(moved(answers("stars"), 3.6)) != []


def test_small_falls_and_few_answers_are_none() -> None:
    small = moved(answers("stars", n=80), 3.85, n=80)
    assert found(small) == []
    assert found(small, fall=0.1) != []
    assert found(moved(answers("stars", n=4), 2.0, n=4)) == []


def test_nps_is_in_points() -> None:
    (one,) = found(moved(answers("nps", 20.0, 80.0), -20.0, 80.0))
    assert (one.measure, one.seen) == ("points", pytest.approx(-20))


def test_answers_that_were_all_the_same_can_fall() -> None:
    assert [one.score for one in found(moved(answers("stars", 5.0, 0.0), 1.0, 0.0))] == ["stars"]
    assert found(answers("stars", 5.0, 0.0)) == []


# --- sources ------------------------------------------------------------------------------------


def nights(source: str = "shop", **columns: object) -> pd.DataFrame:
    return table(**{"source": source, "received": 200, "rejected": 6, **columns})


def test_a_daily_source_is_missed_on_the_third_night() -> None:
    assert found(changed(nights(), last(2), received=0)) == []
    (one,) = found(changed(nights(), last(3), received=0))
    assert (one.kind, one.seen, one.expected, one.p) == ("silent", 3, 1, None)
    assert (one.first, one.last) == (ON - timedelta(days=2), ON)


def test_a_source_that_rests_at_weekends_is_missed_later() -> None:
    rests = nights(received=[0 if day.weekday() > 4 else 90 for day in DAYS], rejected=0)
    assert found(rests) == []
    assert found(changed(rests, last(6), received=0)) == []
    assert [one.seen for one in found(changed(rests, last(7), received=0))] == [9]


def test_a_monthly_source_has_its_own_rhythm() -> None:
    days = [ON - timedelta(days=back) for back in range(300)]
    monthly = pd.DataFrame({
        "day": days, "source": "survey", "rejected": 0,
        "received": [50 if day.day == 1 else 0 for day in days],
    })  # fmt: skip
    assert found(monthly) == []
    gone = monthly.assign(received=monthly["received"].where(monthly["day"] < date(2026, 1, 2), 0))
    assert [one.source for one in found(gone)] == ["survey"]


def test_nights_on_which_nothing_ran_say_nothing() -> None:
    quiet = nights()
    stopped = quiet[~quiet["day"].isin(last(5))]
    assert found(stopped) == []
    assert found(quiet[~quiet["day"].isin(last(20)[:-1])]) == []


def test_a_source_that_is_not_asked_any_more_is_not_judged() -> None:
    gone = changed(nights(), last(30), received=0)
    assert [one.kind for one in found(gone)] == ["silent"]
    assert found(gone[~gone["day"].isin(last(8))]) == []


def test_a_source_that_came_a_few_times_has_no_rhythm() -> None:
    few = nights(received=0)
    assert found(changed(few, DAYS[10:15], received=50)) == []
    assert found(changed(few, DAYS[10:16], received=50)) != []


def test_rows_set_aside() -> None:
    bad = changed(nights("shop"), last(2), rejected=120)
    (one,) = found(bad, nights("survey"))
    assert (one.kind, one.subject, one.measure) == ("rejects", "rejects:shop", "share")
    assert one.seen == pytest.approx((5 * 6 + 2 * 120) / 1400)
    assert one.expected == pytest.approx(0.03, abs=0.005)
    assert found(changed(nights(), last(7), rejected=14)) == []  # 3 to 7 %: less than five points


def test_feedback_without_a_theme() -> None:
    (one,) = found(changed(volume(), last(7), untagged=24), themes())
    assert (one.kind, one.subject) == ("untagged", "untagged")
    assert (one.seen, one.n) == (pytest.approx(0.4), 420)
    assert (
        found(changed(volume("plan=pro"), last(7), untagged=24)) == []
    )  # everybody's share counts


# --- drift --------------------------------------------------------------------------------------


def mix(*mentioned: int, week: tuple[int, ...] | None = None) -> list[pd.DataFrame]:
    rng = np.random.default_rng(5)
    parts = []
    for at, n in enumerate(mentioned):
        part = themes(theme=f"a.t{at}", negative=0, mentioned=rng.poisson(n, len(DAYS)))
        parts.append(part if week is None else changed(part, last(7), mentioned=week[at]))
    return parts


def test_a_mix_that_moved() -> None:
    assert found(*mix(30, 20, 10, 5), volume(feedback=200)) == []
    (one,) = found(*mix(30, 20, 10, 5, week=(18, 20, 10, 17)), volume(feedback=200))
    assert (one.kind, one.words[0]) == ("drift_mix", "a.t3")
    assert one.seen == pytest.approx(12 / 65, abs=0.04)
    assert one.high < one.seen


def test_a_spike_is_not_told_as_a_mix_that_moved() -> None:
    parts = mix(30, 20, 10, 5, week=(30, 20, 10, 45))
    assert [one.kind for one in found(*parts, volume(feedback=200))] == ["drift_mix"]
    parts[3] = changed(parts[3].assign(negative=4), last(7), negative=40)
    assert [one.kind for one in found(*parts, volume(feedback=200))] == ["spike"]


def test_confidence_that_moves_either_way() -> None:
    steady = answers("", 0.75, 0.15, 200).drop(columns="score")
    assert found(steady) == []
    for mean in (0.68, 0.82):
        (one,) = found(moved(steady, mean, 0.15, 200))
        assert (one.kind, one.subject, one.score) == ("drift_confidence", "drift_confidence", "")
    assert found(moved(steady, 0.74, 0.15, 200)) == []


WORDS = [
    "parcel", "late", "van", "driver", "box", "door", "bell", "order", "note", "app", "map", "slot",
    "fee", "desk", "refund", "again", "long", "queue", "phone", "nobody", "wait", "call", "back",
]  # fmt: skip


def texts(
    extra: tuple[str, ...] = (), days: int = 7, letters: list[str] | None = None
) -> pd.DataFrame:
    """Eight texts a day of eight words each, now and then one that nobody says again."""
    rng = np.random.default_rng(8)
    known = letters or WORDS
    rows = []
    for day in DAYS:
        for number in range(8):
            own = list(rng.choice(known, 8))
            if number == 0:
                own.append("".join(rng.choice(list("bcdfghjklmn"), 9)))
            if extra and day in last(days):
                own[:2] = extra
            rows.append((day, ("" if letters else " ").join(own)))
    return pd.DataFrame(rows, columns=["day", "text"])


def test_new_words() -> None:
    assert found(texts()) == []
    (one,) = found(texts(("Zorvex", "pairing")))
    assert (one.kind, one.words) == ("drift_vocabulary", ("pairing", "zorvex"))
    assert one.expected < 0.03 < 0.2 < one.seen


def test_new_words_of_a_script_without_spaces() -> None:
    usual = list("荷物遅配達員電話返金画面料金窓口案内")
    assert found(texts(letters=usual)) == []
    assert [one.kind for one in found(texts(("故障", "交換"), letters=usual))] == [
        "drift_vocabulary"
    ]


def test_numbers_are_no_new_words() -> None:
    numbered = texts()
    numbered["text"] += [f" order{at} {at * 7}" for at in range(len(numbered))]
    assert found(numbered) == []


def test_a_word_that_one_text_says_is_not_shown() -> None:
    """It may be a name."""
    (one,) = found(texts(("Zorvex", "pairing")))
    once = [word for word in one.words if word not in ("zorvex", "pairing")]
    assert once == []


def test_kinds_can_be_switched_off() -> None:
    bad = changed(nights(), last(7), rejected=120)
    assert found(bad, kinds=["spike", "silent"]) == []
    assert found(bad, kinds=["rejects"]) != []


def test_odd_texts_are_answered() -> None:
    odd = texts()
    odd["text"] = pd.Series(
        [["\ud800", None, "", 7, "😀" * 50][at % 5] for at in odd.index], dtype=object
    )
    assert found(odd) == []
