"""What the alerts are judged from, as grouped queries over the days they look at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pandas as pd

from miner.feed.alerts import AlertInputs, AlertRule
from miner.feed.alerts.finding import Finding
from miner.feed.alerts.inputs import ARRIVAL_DAYS, COLUMNS, SAMPLE
from miner.feed.alerts.messages import Evidence, Quote
from miner.feed.store.store import Store
from miner.insight.mentions import SCORES

MOST_COHORTS: Final = 200
"""Cohorts looked at, the largest first: a column of a thousand branches would drown the others in
the correction for looking often."""
_QUOTES: Final = 3
_IDS: Final = 50
_NOW: Final = "until_run IS NULL AND kind = 'comment' AND scored = 1"
_DAY: Final = "SUBSTR(happened, 1, 10)"


def night_of(now: datetime) -> date:
    """Return the last whole day before a moment: the one a nightly run reports on.

    Examples
    --------
    >>> night_of(datetime(2026, 11, 22, 3, tzinfo=UTC))
    datetime.date(2026, 11, 21)
    """
    return (now.astimezone(UTC) - timedelta(days=1)).date()


def alert_inputs(store: Store, rule: AlertRule, on: date) -> AlertInputs:
    """Return the daily counts that an evaluation of one day looks at."""
    first, last = AlertInputs.reach(rule, on)
    days = [first.isoformat(), (last + timedelta(days=1)).isoformat()]
    largest = _largest(store, days)
    return AlertInputs(
        volume=_by_cohort(store, _VOLUME, days, COLUMNS["volume"], largest),
        themes=_by_cohort(store, _THEMES, days, COLUMNS["themes"], largest),
        scores=_frame((row for name in SCORES for row in _score(store, name, days)), "scores"),
        arrivals=_frame(_arrivals(store, on), "arrivals"),
        confidence=_frame(store.database.query(_CONFIDENCE, days), "confidence"),
        words=_frame(_words(store, rule, on, days), "words"),
    )


def evidence_of(store: Store, finding: Finding) -> Evidence:
    """Return the feedback behind a finding about a theme, and its clearest verbatims."""
    if not finding.theme:
        return Evidence()
    days = [finding.first.isoformat(), (finding.last + timedelta(days=1)).isoformat()]
    found: dict[str, Quote] = {}
    rows = store.database.stream(_EVIDENCE, [finding.theme, *days])
    for name, place, row, happened, channel, cohorts, quote in rows:
        if finding.cohort and finding.cohort not in _labels(channel, cohorts):
            continue
        key = name or f"{place}:{row}"
        found.setdefault(key, Quote(key, quote, happened[:10]))
    quotes = tuple(one for one in list(found.values()) if one.text)[:_QUOTES]
    return Evidence(ids=tuple(found)[:_IDS], quotes=quotes)


_VOLUME: Final = f"""SELECT {_DAY}, channel, cohorts, COUNT(*),
    SUM(CASE WHEN n_mentions = 0 THEN 1 ELSE 0 END)
    FROM feedback WHERE {_NOW} AND happened >= ? AND happened < ? GROUP BY 1, 2, 3"""
_THEMES: Final = f"""SELECT day, channel, cohorts, theme, SUM(negative), COUNT(*) FROM (
    SELECT {_DAY} AS day, channel, cohorts, theme, f.feedback,
    MAX(CASE WHEN m.polarity = 'negative' THEN 1 ELSE 0 END) AS negative
    FROM mentions m JOIN feedback f ON f.feedback = m.feedback
    WHERE {_NOW} AND happened >= ? AND happened < ?
    GROUP BY 1, 2, 3, 4, 5) AS once GROUP BY 1, 2, 3, 4"""
_CONFIDENCE: Final = f"""SELECT {_DAY}, COUNT(*), SUM(m.confidence),
    SUM(m.confidence * m.confidence)
    FROM mentions m JOIN feedback f ON f.feedback = m.feedback
    WHERE {_NOW} AND happened >= ? AND happened < ? GROUP BY 1"""
_EVIDENCE: Final = f"""SELECT f.id, f.place, f.place_row, f.happened, f.channel, f.cohorts, m.quote
    FROM mentions m JOIN feedback f ON f.feedback = m.feedback
    WHERE {_NOW} AND m.theme = ? AND m.polarity = 'negative' AND happened >= ? AND happened < ?
    ORDER BY m.sentiment, m.confidence DESC, f.source, f.place, f.place_row"""


def _by_cohort(
    store: Store,
    statement: str,
    days: Sequence[str],
    columns: Sequence[str],
    cohorts: Sequence[str],
) -> pd.DataFrame:
    """Return counts by day and cohort: a row counts for everybody and for each of its cohorts."""
    rows = store.database.query(statement, days)
    names = columns[2:]
    frame = pd.DataFrame(rows, columns=["day", "channel", "packed", *names])
    if not len(frame):
        return pd.DataFrame(columns=list(columns))
    groups = frame[["channel", "packed"]].drop_duplicates().reset_index(drop=True)
    labels = [_labels(channel, packed) for channel, packed in groups.itertuples(index=False)]
    spread = groups.assign(cohort=pd.Series(labels, dtype=object)).explode("cohort")
    joined = frame.merge(spread, on=["channel", "packed"])
    counts = [name for name in names if name != "theme"]
    keys = [name for name in ("day", "cohort", "theme") if name in joined]
    summed = joined.groupby(keys, as_index=False)[counts].sum()
    return summed[summed["cohort"].isin(cohorts)][list(columns)]


def _largest(store: Store, days: Sequence[str]) -> list[str]:
    rows = store.database.query(
        f"SELECT channel, cohorts, COUNT(*) FROM feedback WHERE {_NOW} "
        "AND happened >= ? AND happened < ? GROUP BY 1, 2",
        days,
    )
    sizes: dict[str, int] = {}
    for channel, packed, count in rows:
        for label in _labels(channel, packed):
            sizes[label] = sizes.get(label, 0) + int(count)
    return sorted(sizes, key=lambda label: (-sizes[label], label))[: MOST_COHORTS + 1]


def _labels(channel: str | None, packed: str | None) -> list[str]:
    held = json.loads(packed) if isinstance(packed, str) else {}
    if isinstance(channel, str):
        held["channel"] = channel
    return ["", *(f"{name}={value}" for name, value in held.items())]


def _score(store: Store, name: str, days: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    value = name
    if name == "nps":  # promoters 9-10, detractors 0-6
        value = "CASE WHEN nps >= 9 THEN 100.0 WHEN nps <= 6 THEN -100.0 ELSE 0.0 END"
    rows = store.database.query(
        f"SELECT {_DAY}, COUNT(*), SUM({value}), SUM(({value}) * ({value})) FROM feedback "
        f"WHERE until_run IS NULL AND {name} IS NOT NULL AND happened >= ? AND happened < ? "
        "GROUP BY 1",
        days,
    )
    for day, *sums in rows:
        yield (day, name, *sums)


def _arrivals(store: Store, on: date) -> Iterator[tuple[Any, ...]]:
    """Yield what each source delivered in each run, at the day the run reports on."""
    start = (on - timedelta(days=ARRIVAL_DAYS)).isoformat()
    rows = store.database.query(
        "SELECT r.started, l.source, l.new + l.changed + l.empty + l.junk + l.rejected, "
        "l.empty + l.junk + l.rejected FROM runs r JOIN ledger l ON l.run = r.run "
        "WHERE r.kind = 'run' AND r.started >= ?",
        [start],
    )
    seen = set()
    for started, source, received, rejected in rows:
        day = night_of(datetime.fromisoformat(started)).isoformat()
        seen.add((day, source))
        yield day, source, received, rejected
    runs = store.database.query(
        "SELECT started FROM runs WHERE kind = 'run' AND started >= ?", [start]
    )
    nights = {night_of(datetime.fromisoformat(one)).isoformat() for (one,) in runs}
    for source in sorted({source for _, source in seen}):
        yield from ((day, source, 0, 0) for day in sorted(nights) if (day, source) not in seen)


def _words(
    store: Store, rule: AlertRule, on: date, days: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield texts of the window and of the days before it, drawn evenly."""
    cut = (on - timedelta(days=rule.window - 1)).isoformat()
    for first, last in ((days[0], cut), (cut, days[1])):
        where = f"WHERE {_NOW} AND happened >= ? AND happened < ?"
        (count,) = store.database.query(f"SELECT COUNT(*) FROM feedback {where}", [first, last])[0]
        step = -(-int(count) // SAMPLE) or 1
        yield from store.database.query(
            f"SELECT {_DAY}, verbatim FROM feedback {where} AND feedback % {step} = 0",
            [first, last],
        )


def _frame(rows: Iterable[Sequence[Any]], name: str) -> pd.DataFrame:
    return pd.DataFrame([tuple(row) for row in rows], columns=list(COLUMNS[name]))
