"""Benchmarks: the file and its mistakes, the gap of each measure by hand, the correction."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from insight.synthetic import make_taxonomy, tables_of
from scipy import stats

from miner.errors import UsageError
from miner.insight import MinedTables, intervals
from miner.insight.comparing.benchmark_file import read_benchmarks
from miner.insight.comparing.benchmarks import benchmark_gaps
from miner.insight.facts.benchmarks import Benchmark, BenchmarkGap
from miner.insight.metrics import measures
from miner.insight.significance import adjust
from miner.insight.window import make_window

TREE = make_taxonomy()
SPEED = ("service.speed", "negative")
ROWS = [
    {
        "nps": float(10 - at % 6),
        "csat": float(1 + at % 5),
        "ces": float(3 + at % 4),
        "said": [SPEED] if at % 4 == 0 else [],
    }
    for at in range(60)
]


def gaps(
    *found: Benchmark, rows: list[dict[str, object]] | None = None, minimum: int = 10
) -> tuple[BenchmarkGap, ...]:
    tables = MinedTables.from_frames(*tables_of(ROWS if rows is None else rows))
    window = make_window(tables, TREE, minimum_n=minimum)
    return benchmark_gaps(window, measures(tables, {}), found)


def test_an_nps_without_a_number_of_answers_is_a_fixed_value() -> None:
    (found,) = gaps(Benchmark("Trade", "nps", 20.0))
    promoters = sum(row["nps"] >= 9 for row in ROWS)
    detractors = sum(row["nps"] <= 6 for row in ROWS)
    own = intervals.nps(promoters, detractors, 60)
    assert found.ours.value == pytest.approx(100 * (promoters - detractors) / 60)
    assert found.gap.value == pytest.approx(float(own.value) - 20)
    assert (found.gap.low, found.gap.high) == pytest.approx(
        (float(own.low) - 20, float(own.high) - 20)
    )
    assert (found.theirs.value, found.theirs.low, found.theirs.n) == (20.0, None, 0)
    assert found.problem == ""


def test_a_mean_is_compared_by_student_or_by_welch() -> None:
    ces = np.array([row["ces"] for row in ROWS])
    fixed, sampled = gaps(Benchmark("A", "ces", 4.2), Benchmark("B", "ces", 4.2, n=30, sd=1.5))
    one = stats.ttest_1samp(ces, 4.2).pvalue
    two = stats.ttest_ind_from_stats(
        ces.mean(), ces.std(ddof=1), 60, 4.2, 1.5, 30, equal_var=False
    ).pvalue
    assert (fixed.p_value, sampled.p_value) == pytest.approx(tuple(adjust([one, two])))
    assert fixed.gap.value == pytest.approx(0.3)
    assert (fixed.gap.method, sampled.gap.method) == ("t", "Welch")
    assert sampled.theirs.low is not None and sampled.theirs.n == 30


def test_without_a_deviation_theirs_spread_as_ours() -> None:
    ces = np.array([row["ces"] for row in ROWS])
    (assumed,) = gaps(Benchmark("B", "ces", 4.2, n=30))
    (said,) = gaps(Benchmark("B", "ces", 4.2, n=30, sd=float(ces.std(ddof=1))))
    assert (assumed.gap, assumed.p_value) == (said.gap, pytest.approx(said.p_value))


def test_shares_of_a_theme_and_of_the_satisfied() -> None:
    theme, satisfied = gaps(
        Benchmark("A", "negative", 0.10, theme="service.speed"),
        Benchmark("A", "csat", 0.55, n=400),
    )
    own = intervals.wilson(15, 60)
    assert theme.ours.value == 0.25
    assert (theme.gap.low, theme.gap.high) == pytest.approx(
        (float(own.low) - 0.1, float(own.high) - 0.1)
    )
    z = 0.15 / math.sqrt(0.1 * 0.9 / 60)
    assert theme.p_value == pytest.approx(2 * 2 * stats.norm.sf(z))
    expected = intervals.share_difference(24, 60, 220, 400)
    assert (satisfied.gap.low, satisfied.gap.high) == pytest.approx(
        (float(expected.low), float(expected.high))
    )
    assert satisfied.theirs.low is not None


@pytest.mark.parametrize(
    ("benchmark", "problem"),
    [
        (Benchmark("A", "stars", 4.0), "no answers"),
        (Benchmark("A", "ces", 4.0, scale=(1, 5)), "scale"),
        (Benchmark("A", "ces", 8.1), "scale"),
    ],
)
def test_what_cannot_be_compared_says_why(benchmark: Benchmark, problem: str) -> None:
    found, _ = gaps(benchmark, Benchmark("B", "nps", 0.0))
    assert (found.problem, found.gap.value, found.p_value) == (problem, None, None)
    assert found.theirs.value == benchmark.value


def test_too_few_answers_say_nothing() -> None:
    (found,) = gaps(Benchmark("A", "nps", 0.0), minimum=100)
    assert (found.problem, found.gap.value, found.p_value, found.gap.n) == (
        "too few", None, None, 60,
    )  # fmt: skip
    assert gaps() == ()
    (empty,) = gaps(Benchmark("A", "negative", 0.1, theme="service.speed"), rows=[])
    assert empty.problem == "too few"


TOML = """
[[benchmark]]
name = "Trade"
measure = "NPS"
value = 31.5
n = 1200
sd = 80
source = "Panel"
year = 2025

[[benchmark]]
name = "Rival"
measure = "negative"
theme = "service.speed"
value = "4.5%"

[[benchmark]]
name = "Trade"
measure = "ces"
value = 5.2
scale = "1-7"
"""
CSV = """name;measure;theme;value;n;sd;scale;source;year
Trade;nps;;31,5;1200;80;;Panel;2025
Rival;negative;service.speed;4,5%;;;;;
;;;;;;;;
Trade;ces;;5,2;;;1-7;;
"""


def save(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_toml_and_csv_say_the_same(tmp_path: Path) -> None:
    toml = read_benchmarks(save(tmp_path, "b.toml", TOML.lstrip()), TREE)
    assert toml == read_benchmarks(save(tmp_path, "b.csv", CSV), TREE)
    assert toml[0] == Benchmark("Trade", "nps", 31.5, None, 1200, 80.0, None, "Panel", 2025)
    assert (toml[1].value, toml[1].theme, toml[2].scale) == (0.045, "service.speed", (1.0, 7.0))
    assert [Benchmark.from_dict(one.to_dict()) for one in toml] == list(toml)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('measure = "nsp"\nvalue = 3', 'benchmark 1: no measure "nsp".*Nearest: "nps".*Measures'),
        ('measure = "negative"\nvalue = 0.1\ntheme = "service.sped"',
         'no theme "service.sped" in the taxonomy.*Nearest: "service.speed"'),
        ('measure = "negative"\nvalue = 0.1', 'measure "negative" needs a theme'),
        ('measure = "nps"\nvalue = 3\ntheme = "service.speed"', "theme doesn't go with nps"),
        ('measure = "nps"\nvalue = 310', "value is 310, expected -100 to 100"),
        ('measure = "csat"\nvalue = 78', 'expected a share from 0 to 1.*Write 0.78 or "78%"'),
        ('measure = "csat"\nvalue = "lots"', "value is 'lots', expected a number"),
        ('measure = "csat"\nvalue = true', "value is True, expected a number"),
        ('measure = "nps"\nvalue = nan', "value is nan, expected a number"),
        ('measure = "csat"\nvalue = 0.7\nsd = 0.2', "sd says nothing about csat"),
        ('measure = "nps"\nvalue = 3\nsd = -1', "sd is -1, expected 0 or more"),
        ('measure = "nps"\nvalue = 3\nn = 1.5', "n is 1.5, expected a whole number from 2"),
        ('measure = "nps"', "value is missing"),
        ('measure = "nps"\nvalue = 3\nyaer = 2025', 'unknown field "yaer".*Nearest: "year"'),
        ('measure = "ces"\nvalue = 8\nscale = "1-7"', "value is 8, off its scale 1-7"),
        ('measure = "ces"\nvalue = 3\nscale = "7"', "expected two ends"),
        ('measure = "ces"\nvalue = 3\nscale = [7, 1]', "the lower end first"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_place(tmp_path: Path, lines: str, said: str) -> None:
    path = save(tmp_path, "b.toml", f'[[benchmark]]\nname = "Trade"\n{lines}\n'.lstrip())
    with pytest.raises(UsageError, match=said):
        read_benchmarks(path, TREE)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("b.toml", "", "there is no benchmark in it"),
        ("b.csv", "name,measure,value\n", "there is no benchmark in it"),
        ("b.csv", "name,measure,valeu\nTrade,nps,3\n", 'row 2: unknown field "valeu".*"value"'),
        ("b.csv", "name,measure,value\nTrade,nps,3,4\n", 'unknown field "column 4"'),
        ("b.toml", "[[benchmark]\n", "it is not valid TOML"),
        ("b.toml", "[[benchmrk]]\n", 'unknown key "benchmrk".*Nearest: "benchmark"'),
        ("b.toml", "benchmark = 3\n", r"expected \[\[benchmark\]\] tables"),
    ],
)
def test_a_wrong_file_is_told(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_benchmarks(save(tmp_path, name, text), TREE)


def test_a_missing_or_binary_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No such file.*--benchmark"):
        read_benchmarks(tmp_path / "none.toml", TREE)
    (tmp_path / "b.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="it is not UTF-8 text"):
        read_benchmarks(tmp_path / "b.toml", TREE)
