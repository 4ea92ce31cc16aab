"""Small feeds for the tests of alerts: every day alike but for what a test changes."""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd

from miner.feed.alerts import AlertInputs, Finding

ON = date(2026, 3, 29)  # a Sunday
DAYS = [ON - timedelta(days=back) for back in range(90, -1, -1)]


def last(days: int) -> list[date]:
    """The last so many days up to `ON`."""
    return DAYS[-days:]


def table(**columns: object) -> pd.DataFrame:
    """One row a day of `DAYS`; a list stands for itself, anything else for every day."""
    return pd.DataFrame({"day": DAYS, **columns})


def themes(cohort: str = "", theme: str = "service.speed", **columns: object) -> pd.DataFrame:
    """Four negative mentions of one theme a day."""
    return table(**{"cohort": cohort, "theme": theme, "negative": 4, "mentioned": 6, **columns})


def volume(cohort: str = "", **columns: object) -> pd.DataFrame:
    """Sixty feedback a day."""
    return table(**{"cohort": cohort, "feedback": 60, "untagged": 12, **columns})


def changed(frame: pd.DataFrame, days: list[date], **columns: object) -> pd.DataFrame:
    """The frame with other values on these days."""
    frame = frame.copy()
    frame.loc[frame["day"].isin(days), list(columns)] = list(columns.values())
    return frame


def inputs(*parts: pd.DataFrame) -> AlertInputs:
    """Inputs from tables; each is known by its columns, and those of one kind are put together."""
    found: dict[str, list[pd.DataFrame]] = {}
    marks = {"theme": "themes", "cohort": "volume", "score": "scores", "source": "arrivals",
             "text": "words", "total": "confidence"}  # fmt: skip
    for part in parts:
        kind = next(name for mark, name in marks.items() if mark in part.columns)
        found.setdefault(kind, []).append(part)
    return AlertInputs(**{kind: pd.concat(frames) for kind, frames in found.items()})


def finding(seen: float = 90.0, expected: float = 30.0, **more: object) -> Finding:
    """A spike of one theme."""
    known = {
        "kind": "spike", "subject": "spike:service.speed", "measure": "mentions", "seen": seen,
        "expected": expected, "low": 20.0, "high": 41.0, "n": 1500, "p": 1e-8, "q": 1e-6,
        "first": date(2026, 3, 2), "last": date(2026, 3, 8), "theme": "service.speed",
    }  # fmt: skip
    return Finding(**{**known, **more})  # type: ignore[arg-type]
