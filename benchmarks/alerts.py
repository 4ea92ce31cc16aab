"""Measure alerts on simulated years: what they find, how soon, and how often they ring for nothing.

    python -m benchmarks.alerts [--years 10] [--seed 1] [--page docs/alerts.md]

Every night of every year is evaluated and its findings become stories, as `miner feed run` does it.
The worlds are those of ``benchmarks/_alert_worlds.py``. ``--page`` puts the tables into a page.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from scipy import special

from benchmarks._alert_worlds import Planted, Trouble, World, make_world
from benchmarks._tables import Check, Section, Table, into_page, promises
from miner.feed.alerts import AlertRule, Event, Story, advance, evaluate
from miner.insight.intervals import wilson

MONTH: Final = 365 / 12
LATE: Final = 7
"""Days after its end until which a trouble counts as found: it is still in the window."""

LEAST_RECALL: Final = 0.9
MOST_FALSE: Final = 1.0
"""Promised: recall of a tripling of a theme with 30 mentions a week, false alarms a month."""

UNSEEN: Final = ("drift_vocabulary",)
"""Kinds that need texts, which these worlds don't have."""

NAMES: Final[dict[Planted, str]] = {
    "triple": "tripling, two weeks",
    "double": "doubling, two weeks",
    "cohort": "tripling in one cohort (half of the customers), two weeks",
    "short": "tripling, three days",
}


@dataclass(frozen=True)
class Outcome:
    """What became of one simulated stretch.

    `found`: days from the start of each planted trouble to the first event about its theme, None
    for one that was missed; `false`: events that opened a story without any trouble; `told`: events
    of each story that met a trouble; `seconds`: processor time of one evaluation, mean.
    """

    days: int
    found: tuple[tuple[Trouble, int | None], ...]
    false: tuple[Event, ...]
    told: tuple[int, ...]
    seconds: float


def watch(world: World, rule: AlertRule) -> Outcome:
    """Return what alerts make of a world, night by night."""
    stories: tuple[Story, ...] = ()
    events: list[Event] = []
    spent = 0.0
    for number in range(world.days):
        on = world.day(number)
        inputs = world.inputs(on, rule)
        begun = time.process_time()
        progress = advance(stories, evaluate(inputs, on=on, rule=rule), on=on, rule=rule)
        spent += time.process_time() - begun
        stories = progress.stories
        events += progress.events
    opened = [one for one in events if one.what == "opened"]
    return Outcome(
        days=world.days,
        found=tuple((one, _delay(world, one, events)) for one in world.troubles),
        false=tuple(
            one for one in opened if not any(_about(world, t, one) for t in world.troubles)
        ),
        told=tuple(
            sum(other.story.key == one.story.key for other in events)
            for one in opened
            if any(_about(world, trouble, one) for trouble in world.troubles)
        ),
        seconds=spent / world.days,
    )


def _about(world: World, trouble: Trouble, event: Event) -> bool:
    last = world.day(trouble.start + trouble.days - 1 + LATE)
    return event.story.peak.theme == world.name(trouble.theme) and (
        world.day(trouble.start) <= event.on <= last
    )


def _delay(world: World, trouble: Trouble, events: Iterable[Event]) -> int | None:
    """Return days from the trouble's first day to the night it was told; None if never."""
    told = [one.on for one in events if one.what != "closed" and _about(world, trouble, one)]
    return (min(told) - world.day(trouble.start)).days if told else None


def recall_table(outcomes: Sequence[Outcome]) -> tuple[Table, dict[str, float]]:
    """Return how many of each kind were found and how soon, and the figures by kind."""
    rows, figures = [], {}
    for kind, name in NAMES.items():
        delays = [delay for one in outcomes for trouble, delay in one.found if trouble.kind == kind]
        known = [delay for delay in delays if delay is not None]
        if not delays:
            continue
        share = wilson(len(known), len(delays))
        figures[kind] = float(share.value)
        reach = f"{float(share.low):.2f} to {float(share.high):.2f}"
        soon = f"{np.median(known) + 1:.0f}" if known else "–"
        late = f"{np.quantile(known, 0.9, method='higher') + 1:.0f}" if known else "–"
        rows.append((name, f"{len(delays)}", f"{share.value:.2f}", reach, soon, late))
    head = ("planted", "n", "recall", "95 % interval", "median day", "day of nine in ten")
    note = (
        "30 negative mentions a week before it. Day 1 is the trouble's first; a night is evaluated "
        f"when its day is over. Found: told within {LATE} days of its end."
    )
    return Table("What is found, and how soon", head, tuple(rows), note), figures


def false_table(outcomes: Sequence[Outcome]) -> tuple[Table, float]:
    """Return false alarms a month by kind with exact intervals, and those of all kinds together."""
    months = sum(one.days for one in outcomes) / MONTH
    kinds = [one.story.kind for world in outcomes for one in world.false]
    rows = [
        _row(kind, kinds.count(kind), months) for kind in AlertRule().kinds if kind not in UNSEEN
    ]
    rows.append(_row("all of these", len(kinds), months))
    head = ("kind", "false alarms", "a month", "95 % interval")
    note = (
        f"Over {months:.0f} simulated months. A change of mix while a spike lasts counts as false."
    )
    return Table("How often it rings for nothing", head, tuple(rows), note), len(kinds) / months


def _row(name: str, number: int, months: float) -> tuple[str, ...]:
    """Return a rate with the exact interval of a Poisson count (Garwood 1936)."""
    low = special.chdtri(2 * number, 0.975) / 2 if number else 0.0
    high = special.chdtri(2 * number + 2, 0.025) / 2
    return name, f"{number}", f"{number / months:.2f}", f"{low / months:.2f} to {high / months:.2f}"


def measure(years: int, seed: int, rule: AlertRule | None = None) -> Section:
    """Return the tables and promises of so many simulated years."""
    rule = rule or AlertRule()
    outcomes = [watch(make_world(seed + at), rule) for at in range(years)]
    found, recall = recall_table(outcomes)
    false, rings = false_table(outcomes)
    told = np.concatenate([one.told for one in outcomes])
    seconds = float(np.mean([one.seconds for one in outcomes]))
    said = (
        f"{years} simulated years. An evaluation of 20 themes x 6 cohorts took "
        f"{1000 * seconds:.0f} ms of processor time; a story with a trouble behind it was told "
        f"{told.mean():.1f} times, opening and closing included."
    )
    checks = (
        Check("recall of a tripling", recall["triple"], low=LEAST_RECALL),
        Check("false alarms a month, all kinds", rings, high=MOST_FALSE),
    )
    figures = {"recall": recall, "false alarms a month": rings, "seconds": seconds}
    return Section("alerts", (found, false), checks, figures, said)


def main() -> None:
    """Print the tables, or put them into a page; exit 1 where a promise is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--years", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path)
    given = parser.parse_args()
    section = measure(given.years, given.seed)
    sections = [section, promises([section])]
    print(section.said)
    for one in sections:
        print(*(table.text() for table in one.tables), sep="\n")
    if given.page:
        page = given.page.read_text(encoding="utf-8")
        given.page.write_text(into_page(page, sections), encoding="utf-8")
    if not all(check.holds for check in section.checks):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
