"""Simulated feeds with planted troubles, for `benchmarks.alerts`: counts only, no texts.

A world is 20 themes x 6 cohorts (three plans, three regions; a customer is in one of each) over
some days. What makes a naive alarm ring is all there: weekends, a yearly season of the volume, days
on which everybody writes, themes that drift, themes with a season of their own, weeks that are
restless for no reason, and small cohorts. Beside them run two scores, three sources and the
tagger's confidence, with nothing planted: whatever they alert is false.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from miner.feed.alerts import AlertInputs, AlertRule

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]
Planted = Literal["triple", "double", "cohort", "short"]

START: Final = date(2025, 1, 6)
HISTORY: Final = 91
"""Days before the first evaluation: a full history of thirteen weeks."""

VOLUME: Final = 1500.0
"""Feedback a week."""

TARGETS: Final = 8
"""Themes with `TARGET` negative mentions a week, where troubles are planted."""

TARGET: Final = 30.0
WEEKLY: Final = (*[TARGET] * TARGETS, *np.geomspace(6, 150, 12).round().tolist())
_NAMES: Final = tuple(f"area{at // 5}.theme{at:02d}" for at in range(len(WEEKLY)))
PLANS: Final = (("basic", 0.5), ("plus", 0.3), ("pro", 0.2))
REGIONS: Final = (("north", 0.45), ("south", 0.35), ("west", 0.2))

WEEKDAYS: Final = np.array([1.15, 1.1, 1.05, 1.05, 1.05, 0.85, 0.75])
SEASON: Final = 0.3
"""Half the way from the quietest week of the year to the busiest, of the mean."""

BUSY_DAY: Final = 0.15
"""Standard deviation of a day's volume for everybody, of the mean."""

OWN_SEASON: Final = 0.2
"""Like `SEASON`, of a theme's share; its peak lies anywhere in the year."""

DRIFT: Final = 0.5
"""A theme's share changes by up to so much, in logarithms, over a year, either way."""

RESTLESS: Final = 0.15
"""Standard deviation of a theme's share from week to week, of the mean."""

BURSTS: Final = 0.3
"""The same from day to day, in each group of customers for itself."""

LIKING: Final = 0.25
"""How much themes differ from one group of customers to the next, in logarithms."""

UNTAGGED: Final = 0.2
SET_ASIDE: Final = 0.03
"""Shares of feedback without a theme, and of rows set aside."""

SHAPES: Final[dict[Planted, tuple[float, int]]] = {
    "triple": (3.0, 14),
    "double": (2.0, 14),
    "cohort": (3.0, 14),
    "short": (3.0, 3),
}
"""Factor on the mentions and length in days of what is planted."""

GAP: Final = 112
"""Days from one planted trouble of a theme to the next, at least: sixteen weeks."""


@dataclass(frozen=True)
class Trouble:
    """One planted spike: from day `start` (0 is the first evaluation) for `days`."""

    kind: Planted
    theme: int
    cohort: str
    start: int
    days: int
    factor: float


@dataclass(frozen=True)
class World:
    """Daily tables, sorted by day, as `AlertInputs` wants them, and what was planted in them."""

    tables: Mapping[str, pd.DataFrame]
    troubles: tuple[Trouble, ...]
    days: int

    def day(self, number: int) -> date:
        """Return the date of an evaluation."""
        return START + timedelta(days=HISTORY + number)

    def name(self, theme: int) -> str:
        """Return the key of a theme."""
        return _NAMES[theme]

    def inputs(self, on: date, rule: AlertRule) -> AlertInputs:
        """Return what a store would give on that day."""
        first, last = (np.datetime64(day, "s") for day in AlertInputs.reach(rule, on))
        found = {}
        for name, table in self.tables.items():
            begin, end = (
                int(np.searchsorted(table["day"].to_numpy(), day, side))
                for day, side in ((first, "left"), (last, "right"))
            )
            found[name] = table.iloc[0 if name == "arrivals" else begin : end]
        return AlertInputs(**found)


def make_world(
    seed: int,
    *,
    days: int = 365,
    kinds: tuple[Planted, ...] = ("triple", "double", "cohort", "short"),
) -> World:
    """Return one simulated stretch; equal seeds give equal worlds.

    Parameters
    ----------
    days : evaluations; the tables begin `HISTORY` days earlier.
    kinds : what is planted in turn, none for a world without any trouble.
    """
    rng = np.random.default_rng(seed)
    troubles = _troubles(rng, days, kinds)
    size = HISTORY + days
    groups = np.outer([part for _, part in PLANS], [part for _, part in REGIONS])
    busy = _busy(rng, size)
    n = rng.poisson(VOLUME / 7 * busy[:, None, None] * groups)
    rate = _theme_rates(rng, size) * busy[:, None]
    liking = groups * np.exp(rng.normal(0, LIKING, (len(WEEKLY), *groups.shape)))
    rate = rate[:, :, None, None] * liking / liking.sum((1, 2), keepdims=True)
    rate *= rng.gamma(BURSTS**-2, BURSTS**2, rate.shape)
    base = np.minimum(rng.poisson(rate), n[:, None])
    more = rng.poisson(rate * _planted(troubles, rate.shape))  # comes on top of what was written
    counts = n + more.sum(axis=1)
    day = pd.date_range(START, periods=size).to_numpy(dtype="datetime64[s]")
    tables = _theme_tables(counts, base + more, day, rng)
    tables |= _other_tables(counts.sum((1, 2)), day, rng)
    for table in tables.values():
        for name in set(table) & {"cohort", "theme", "score", "source"}:
            table[name] = table[name].astype("category")
    return World(tables, troubles, days)


def _troubles(
    rng: np.random.Generator, days: int, kinds: tuple[Planted, ...]
) -> tuple[Trouble, ...]:
    """Plant in each target theme, every `GAP` days, one kind after the other."""
    found = []
    for theme in range(TARGETS if kinds else 0):
        start = int(rng.integers(14, max(15, min(GAP, days - 28))))
        while start + 28 <= days:
            kind = kinds[len(found) % len(kinds)]
            factor, length = SHAPES[kind]
            cohort = "" if kind != "cohort" else str(rng.choice(["plan=basic", "region=north"]))
            found.append(Trouble(kind, theme, cohort, start, length, factor))
            start += GAP + int(rng.integers(0, 28))
    return tuple(found)


def _busy(rng: np.random.Generator, size: int) -> Array:
    """Return the volume of each day over the mean: weekday, season, and days busy for no reason."""
    day = np.arange(size)
    season = 1 + SEASON * np.sin(2 * np.pi * (day / 365 + rng.random()))
    return WEEKDAYS[day % 7] * season * rng.gamma(BUSY_DAY**-2, BUSY_DAY**2, size)


def _theme_rates(rng: np.random.Generator, size: int) -> Array:
    """Return the mean negative mentions of each day and theme in an average week's volume."""
    day, themes = np.arange(size)[:, None], len(WEEKLY)
    slope = rng.uniform(-DRIFT, DRIFT, themes) * (day - size / 2) / 365
    own = 1 + OWN_SEASON * np.sin(2 * np.pi * (day / 365 + rng.random(themes)))
    weeks = rng.gamma(RESTLESS**-2, RESTLESS**2, (size // 7 + 2, themes))
    # a restless week begins on any weekday
    shift = rng.integers(0, 7)
    return np.array(WEEKLY) / 7 * np.exp(slope) * own * weeks[(day[:, 0] + shift) // 7]


def _planted(troubles: tuple[Trouble, ...], shape: tuple[int, ...]) -> Array:
    """Return what is added to each rate, as a part of it: shape (day, theme, plan, region)."""
    found = np.zeros(shape)
    for one in troubles:
        begin = HISTORY + one.start
        found[begin : begin + one.days, one.theme] = (one.factor - 1) * _inside(one.cohort)
    return found


def _inside(cohort: str) -> Array:
    """Return 1 for the groups (plan, region) of a cohort, shape (3, 3)."""
    plan = [float(cohort in ("", f"plan={name}")) for name, _ in PLANS]
    region = [float(cohort in ("", f"region={name}")) for name, _ in REGIONS]
    return np.outer(plan if any(plan) else np.ones(3), region if any(region) else np.ones(3))


def _theme_tables(
    n: Counts, hits: Counts, day: Days, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Return `volume` and `themes`: everybody and six cohorts."""
    names = ["", *(f"plan={name}" for name, _ in PLANS), *(f"region={name}" for name, _ in REGIONS)]
    n_by = np.stack([n.sum((1, 2)), *n.sum(2).T, *n.sum(1).T], axis=1)
    parts = [hits.sum((2, 3)), *np.moveaxis(hits.sum(3), 2, 0), *np.moveaxis(hits.sum(2), 2, 0)]
    negative = np.stack(parts, axis=1)
    size, cohorts, themes = negative.shape
    volume = pd.DataFrame({
        "day": np.repeat(day, cohorts), "cohort": np.tile(names, size),
        "feedback": n_by.ravel(), "untagged": _shaken(rng, n_by, UNTAGGED).ravel(),
    })  # fmt: skip
    flat = negative.ravel()
    table = pd.DataFrame({
        "day": np.repeat(day, cohorts * themes),
        "cohort": np.tile(np.repeat(names, themes), size),
        "theme": np.tile(_NAMES, size * cohorts),
        "negative": flat, "mentioned": flat + rng.poisson(0.6 * flat + 0.2),
    })  # fmt: skip
    return {"volume": volume, "themes": table}


def _other_tables(n: Counts, day: Days, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return scores, arrivals and confidence, all as usual."""
    scores = [
        _moments(rng, day, rng.binomial(n, part), spread).assign(score=name)
        for name, part, spread in (
            ("nps", 0.3, (20.0, 75.0, 4.0)),
            ("stars", 0.5, (3.9, 1.1, 0.06)),
        )
    ]
    weekend = np.arange(len(n)) % 7 > 4
    received = {
        "shop": n, "survey": np.where(weekend, 0, n),
        "partner": np.where(rng.random(len(n)) < 0.35, n, 0),
    }  # fmt: skip
    arrivals = [
        pd.DataFrame({"day": day, "source": name, "received": rows,
                      "rejected": _shaken(rng, rows, SET_ASIDE)})
        for name, rows in received.items()
    ]  # fmt: skip
    found = {
        "scores": pd.concat(scores),
        "arrivals": pd.concat(arrivals),
        "confidence": _moments(rng, day, 2 * n, (0.75, 0.15, 0.01)),
    }
    return {name: table.sort_values("day", kind="stable") for name, table in found.items()}


def _moments(
    rng: np.random.Generator, day: Days, n: Counts, spread: tuple[float, float, float]
) -> pd.DataFrame:
    """Return n, total and squares of daily answers: mean, spread within and from week to week."""
    centre, within, between = spread
    level = centre + between * np.repeat(rng.normal(size=len(n) // 7 + 1), 7)[: len(n)]
    total = n * level + within * np.sqrt(n) * rng.normal(size=len(n))
    squares = n * (within**2 + level**2) + 2 * level * (total - n * level)
    return pd.DataFrame({"day": day, "n": n, "total": total, "squares": squares})


def _shaken(rng: np.random.Generator, n: Counts, share: float) -> Counts:
    """Return hits among n of a share that is a fifth higher or lower from day to day."""
    return rng.binomial(n, np.minimum(share * rng.gamma(25.0, 1 / 25, n.shape), 1.0))
