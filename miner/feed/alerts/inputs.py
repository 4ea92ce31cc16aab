"""What alerts are judged from: small tables of daily counts, without any text but two samples.

The tables are sums, so they can be asked of a store with one grouped query each, over the days
`AlertInputs.reach` names. They needn't be sorted; days that are missing had nothing; a row without
a day is left out; two rows of one key add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import pandas as pd

from miner.errors import InternalError
from miner.feed.alerts.rule import AlertRule

SAMPLE: Final = 5_000
"""Texts of each half of the vocabulary sample that are worth reading: 5,000 reviews of forty words
tell a share of new words of 3 % to within 0.1 points."""

ARRIVAL_DAYS: Final = 400
"""Days of arrivals worth giving: a source that delivers monthly shows a dozen gaps."""

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "volume": ("day", "cohort", "feedback", "untagged"),
    "themes": ("day", "cohort", "theme", "negative", "mentioned"),
    "scores": ("day", "score", "n", "total", "squares"),
    "arrivals": ("day", "source", "received", "rejected"),
    "confidence": ("day", "n", "total", "squares"),
    "words": ("day", "text"),
}
"""The columns of each table, in order."""


_NAMES: Final = ("cohort", "theme", "score", "source")


@dataclass(frozen=True, slots=True, eq=False)
class AlertInputs:
    """What happened on each day. A table that is not given finds nothing of its kind.

    Days are dates of the feedback itself, as ISO text, dates or moments; those of `arrivals` are
    days of runs. A cohort is ``""`` for everybody, else ``name=value``.

    Parameters
    ----------
    volume : one row a day and cohort. `feedback`: scored feedback; `untagged`: those of them
        without any mention.
    themes : one row a day, cohort and theme. `negative`: feedback with a negative mention of it;
        `mentioned`: feedback with any mention of it.
    scores : one row a day and score, everybody. `n`: answers; `total`, `squares`: sum of the
        answers and of their squares (NPS: an answer is -100, 0 or 100, so that the mean is the
        NPS).
    arrivals : one row a day of a run and source, also where it delivered nothing: `received`: rows
        read for the first time; `rejected`: those set aside as empty, junk or rejected.
    confidence : one row a day. `n`: mentions; `total`, `squares`: sums over their confidence.
    words : one row a text, redacted: at most `SAMPLE` of the window's days and as many of the
        history's, drawn evenly.

    Raises
    ------
    InternalError
        A table lacks a column.

    Examples
    --------
    >>> AlertInputs(arrivals=pd.DataFrame({"day": ["2026-03-01"]}))
    Traceback (most recent call last):
    ...
    miner.errors.InternalError: The table "arrivals" lacks source, received, rejected. ...
    """

    volume: pd.DataFrame = None  # type: ignore[assignment]
    themes: pd.DataFrame = None  # type: ignore[assignment]
    scores: pd.DataFrame = None  # type: ignore[assignment]
    arrivals: pd.DataFrame = None  # type: ignore[assignment]
    confidence: pd.DataFrame = None  # type: ignore[assignment]
    words: pd.DataFrame = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        for name, columns in COLUMNS.items():
            frame = getattr(self, name)
            frame = pd.DataFrame(columns=columns) if frame is None else frame
            missing = [column for column in columns if column not in frame.columns]
            if missing:
                raise InternalError(
                    f'The table "{name}" lacks {", ".join(missing)}.',
                    hint="Give the columns that miner.feed.alerts.inputs.COLUMNS names.",
                    slug="alerts.columns",
                    table=name,
                    missing=missing,
                )
            object.__setattr__(self, name, _normal(frame, columns))

    @staticmethod
    def reach(rule: AlertRule, on: date) -> tuple[date, date]:
        """Return the first and the last day of feedback that an evaluation looks at.

        Examples
        --------
        >>> first, last = AlertInputs.reach(AlertRule(), date(2026, 3, 31))
        >>> str(first), str(last)
        ('2025-12-31', '2026-03-31')
        """
        step = rule.days(rule.window)
        return on - timedelta(days=step * rule.history + rule.window - 1), on


def _normal(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the columns in one form: days without a time, names as categories, no missing value.

    Read once here, as each window of each kind asks for the same columns again.
    """
    day = pd.to_datetime(frame["day"], errors="coerce", format="ISO8601", utc=True)
    made = {"day": day.dt.tz_localize(None).to_numpy(dtype="datetime64[s]")}
    made |= {name: _column(name, frame[name]) for name in columns[1:]}
    found = pd.DataFrame(made)
    dated = found["day"].notna().to_numpy()
    return found if dated.all() else found[dated]


def _column(name: str, values: pd.Series[Any]) -> Any:
    if name == "text":
        # as objects: the text type of pandas refuses a lone surrogate
        texts = [one if isinstance(one, str) else "" for one in values]
        return pd.Series(texts, dtype=object)
    if name not in _NAMES:
        return values.fillna(0).to_numpy(dtype=np.float64)
    kind = values.dtype
    ready = isinstance(kind, pd.CategoricalDtype) and kind.categories.is_monotonic_increasing
    if ready and not values.isna().any():
        return values.array
    return pd.Categorical(values.astype(object).where(values.notna(), "").astype(str))
