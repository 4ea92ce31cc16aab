"""Two exports compared: the stored counts are enough, differences and tests by hand."""

from __future__ import annotations

import json

import pytest
from insight.synthetic import make_taxonomy, ratings_of, tables_of

from miner.insight import MinedTables, intervals
from miner.insight.comparing.against import against, summary_of
from miner.insight.facts.against import Against, Other
from miner.insight.metrics import measures
from miner.insight.significance import adjust, two_shares
from miner.insight.window import make_window

TREE = make_taxonomy()
SPEED, PRICE = ("service.speed", "negative"), ("product.price", "positive")
Rows = list[dict[str, object]]


def rows(n: int, *, speed: int, price: int = 0, nps: tuple[float, ...] = (10.0, 5.0)) -> Rows:
    """Return `n` feedback of which the first `speed` and `price` mention those themes."""
    return [
        {
            "nps": nps[at % len(nps)],
            "said": [SPEED] * (at < speed) + [PRICE] * (at < price),
            "date": f"2026-0{1 + at % 3}-01",
        }
        for at in range(n)
    ]


def mined(given: Rows, silent: Rows | None = None) -> MinedTables:
    return MinedTables.from_frames(*tables_of(given), ratings_of(silent or []))


def summary(given: Rows, scales: dict[str, tuple[float, float]] | None = None) -> Other:
    tables = mined(given)
    window = make_window(tables, TREE)
    return summary_of(window, measures(tables, scales or {}), name="last_year.csv")


def compared(
    here: Rows, there: Rows, *, silent: Rows | None = None,
    scales: tuple[dict[str, tuple[float, float]], ...] = ({}, {}), minimum: int = 10,
) -> Against:  # fmt: skip
    tables = mined(here, silent)
    window = make_window(tables, TREE, minimum_n=minimum)
    found = against(window, measures(tables, scales[0]), summary(there, scales[1]))
    assert found is not None
    return found


def test_themes_by_newcombe_and_corrected() -> None:
    found = compared(rows(100, speed=30, price=20), rows(80, speed=8, price=18))
    first, second = found.themes
    expected = intervals.share_difference(30, 100, 8, 80)
    assert (first.theme, first.side, first.hits, first.other_hits) == (*SPEED, 30, 8)
    assert (first.here.value, first.there.value) == (0.3, 0.1)
    assert (first.difference.low, first.difference.high) == pytest.approx(
        (float(expected.low), float(expected.high))
    )
    raw = two_shares([30, 20], 100, [8, 18], 80)
    assert (first.p_value, second.p_value) == pytest.approx(tuple(adjust(raw)))
    assert (second.theme, second.side) == PRICE


def test_a_theme_named_only_there_is_compared_too() -> None:
    found = compared(rows(50, speed=0), rows(50, speed=20))
    (only,) = found.themes
    assert (only.hits, only.other_hits, only.difference.value) == (0, 20, pytest.approx(-0.4))


def test_scores_over_all_answers_with_different_values() -> None:
    """Here nobody gave a 9, there nobody a 10: the histograms share no value."""
    silent: Rows = [{"nps": 10.0} for _ in range(20)]
    found = compared(rows(40, speed=1), rows(60, speed=1, nps=(9.0, 7.0, 3.0)), silent=silent)
    (nps,) = found.scores
    expected = intervals.nps_difference((40, 20, 60), (20, 20, 60))
    assert (nps.here.value, nps.there.value) == pytest.approx((100 * 20 / 60, 0.0))
    assert nps.difference.value == pytest.approx(float(expected.value))
    assert (nps.difference.low, nps.difference.high) == pytest.approx(
        (float(expected.low), float(expected.high))
    )
    assert nps.p_value is not None and nps.p_value < 0.05


@pytest.mark.parametrize("key", ["csat", "ces", "stars"])
def test_the_other_scores(key: str) -> None:
    def with_score(shift: int, n: int) -> Rows:
        return [{key: float(1 + (at + shift * (at % 3 == 0)) % 5)} for at in range(n)]

    (score,) = compared(with_score(0, 60), with_score(1, 45)).scores
    gap = (score.here.value or 0) - (score.there.value or 0)
    assert score.difference.value == pytest.approx(gap)
    assert score.p_value is not None
    assert score.difference.low is not None and score.difference.high is not None
    assert (score.p_value < 0.05) == (score.difference.low > 0 or score.difference.high < 0)


def test_a_score_on_another_scale_is_left_out_and_said() -> None:
    here, there = [{"ces": 4.0}] * 20, [{"ces": 3.0}] * 20
    found = compared(here, there, scales=({"ces": (1, 7)}, {"ces": (1, 5)}))
    assert found.scores == ()
    assert found.scales == (("ces", (1.0, 7.0), (1.0, 5.0)),)


def test_too_few_here_or_there_say_nothing() -> None:
    for sizes in ((5, 50), (50, 5)):
        found = compared(*(rows(n, speed=3) for n in sizes))
        (theme,), (score,) = found.themes, found.scores
        assert (theme.difference.value, theme.p_value) == (None, None)
        assert (score.difference.value, score.p_value) == (None, None)
    assert compared([], []).themes == ()


def test_an_export_against_itself_differs_in_nothing() -> None:
    same = rows(60, speed=20, price=5)
    found = compared(same, same)
    assert {one.difference.value for one in (*found.themes, *found.scores)} == {0.0}
    assert {one.p_value for one in (*found.themes, *found.scores)} == {1.0}


def test_what_is_stored_holds_no_text_and_comes_back_the_same() -> None:
    other = summary(rows(30, speed=12))
    stored = json.loads(json.dumps(other.to_dict()))
    assert Other.from_dict(stored) == other
    assert "rather" not in json.dumps(stored)
    assert (other.counted, other.first, other.last) == (30, "2026-01-01", "2026-03-01")
    assert other.hits == {"service.speed": (12, 0)}


def test_without_another_export_there_is_nothing() -> None:
    tables = mined(rows(20, speed=1))
    assert against(make_window(tables, TREE), measures(tables, {}), None) is None
