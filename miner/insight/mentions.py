"""The stored tables: the three everything after scoring is computed from, and the signals.

`feedback` table: one row per accepted feedback, in the order read.
`mentions` table: one row per mention, ordered by feedback, then by clause, then by theme.
`signals` table: one row per signal, ordered by feedback, then by clause, then by kind.
`ratings` table: one row per answer without a comment, in the order read; scores count them, nothing
else does.
A report is a pure function of these tables (and the manifest): no model is needed to draw it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from miner.columns import AREA_PREFIX, COHORT_PREFIX
from miner.errors import DataError

SCORES: Final = ("nps", "csat", "ces", "stars")
AREA_NOW: Final = ".now"
AREA_WANTED: Final = ".wanted"

FEEDBACK_COLUMNS: Final[dict[str, str]] = {
    "feedback": "int64",  # position, 0 … n-1, the key the mentions point to
    "id": "str",  # the export's own id, or "<source>:<row>"
    "source": "str",
    "row": "int64",  # as a spreadsheet counts: the header is row 1
    "date": "datetime64[us]",  # NaT where unknown
    "nps": "float64",  # 0-10, NaN where not given
    "csat": "float64",  # on its own scale, see manifest["scales"]
    "ces": "float64",
    "stars": "float64",
    "language": "str",
    "channel": "str",  # None where unknown; also a cohort
    "customer": "str",
    "sentiment": "float64",  # [-1, 1]
    "polarity": "str",  # negative | neutral | positive | mixed
    "n_clauses": "int64",
    "n_mentions": "int64",
    "scored": "bool",  # False where the language has no model: kept, counted, not tagged
    "verbatim": "str",  # the redacted text
}
"""Columns and dtypes of the feedback table; ``cohort.<name>`` string columns follow, then those of
survey areas, ``area.<name>.now`` and ``area.<name>.wanted``, 1-5."""

MENTION_COLUMNS: Final[dict[str, str]] = {
    "feedback": "int64",  # -> feedback.feedback
    "id": "str",
    "clause": "int64",  # index of the clause in the feedback
    "theme": "str",  # taxonomy key
    "polarity": "str",  # negative | neutral | positive
    "sentiment": "float64",  # [-1, 1]
    "confidence": "float64",  # [0, 1]
    "start": "int64",  # clause offsets in the original text
    "end": "int64",
    "verbatim_start": "int64",  # the same clause in feedback.verbatim (redacted)
    "verbatim_end": "int64",
    "evidence": "str",  # words that weighed most, joined by " · ", redacted
    "quote": "str",  # the clause, redacted
}
"""Columns and dtypes of the mentions table."""

SIGNAL_COLUMNS: Final[dict[str, str]] = {
    "feedback": "int64",  # -> feedback.feedback
    "id": "str",
    "clause": "int64",  # index of the clause in the feedback
    "kind": "str",  # complaint, praise, request … (miner.types.SIGNALS)
    "start": "int64",  # offsets of the words that show it in the original text
    "end": "int64",
    "verbatim_start": "int64",  # the same words in feedback.verbatim (redacted)
    "verbatim_end": "int64",
    "words": "str",  # the words, redacted
}
"""Columns and dtypes of the signals table; a clause has at most one signal of a kind."""

RATING_COLUMNS: Final[dict[str, str]] = {
    name: FEEDBACK_COLUMNS[name]
    for name in ("id", "source", "row", "date", *SCORES, "channel", "customer")
}
"""Columns and dtypes of the ratings table; cohort and area columns follow.

An id may stand there twice: source and row name a row.
"""


def cohort_columns(feedback: pd.DataFrame) -> list[str]:
    """Return the names of the columns customers can be grouped by, ``channel`` first if known."""
    channel = ["channel"] if feedback["channel"].notna().any() else []
    return channel + [name for name in feedback.columns if str(name).startswith(COHORT_PREFIX)]


def area_columns(frame: pd.DataFrame) -> list[str]:
    """Return the names of the columns that hold survey areas, in the order of the table."""
    return [name for name in map(str, frame.columns) if name.startswith(AREA_PREFIX)]


def area_names(*frames: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of the survey areas in these tables, in the order they turn up.

    Examples
    --------
    >>> area_names(pd.DataFrame(columns=["id", "area.Speed.now", "area.Speed.wanted"]))
    ('Speed',)
    """
    columns = [name.removeprefix(AREA_PREFIX) for frame in frames for name in area_columns(frame)]
    ends = (AREA_NOW, AREA_WANTED)
    names = (name.removesuffix(end) for name in columns for end in ends if name.endswith(end))
    return tuple(dict.fromkeys(names))


def no_ratings() -> pd.DataFrame:
    """Return a ratings table without rows.

    Examples
    --------
    >>> list(no_ratings())[:3], len(no_ratings())
    (['id', 'source', 'row'], 0)
    """
    return empty_table(RATING_COLUMNS)


def empty_table(columns: Mapping[str, str]) -> pd.DataFrame:
    """Return a table without rows.

    Parameters
    ----------
    columns : dtype by name.

    Examples
    --------
    >>> list(empty_table(SIGNAL_COLUMNS))[:4]
    ['feedback', 'id', 'clause', 'kind']
    """
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})


def check_tables(
    feedback: pd.DataFrame,
    mentions: pd.DataFrame,
    ratings: pd.DataFrame | None = None,
    signals: pd.DataFrame | None = None,
) -> None:
    """Raise DataError unless the tables have their columns and the mentions' keys exist.

    `ratings`, `signals` None: there are none.
    """
    for name, frame, wanted in (
        ("feedback", feedback, FEEDBACK_COLUMNS),
        ("mentions", mentions, MENTION_COLUMNS),
        ("ratings", no_ratings() if ratings is None else ratings, RATING_COLUMNS),
        ("signals", empty_table(SIGNAL_COLUMNS) if signals is None else signals, SIGNAL_COLUMNS),
    ):
        missing = [column for column in wanted if column not in frame.columns]
        if missing:
            raise DataError(
                f"The {name} table lacks the columns {', '.join(missing)}.",
                hint="Score the feedback again with: miner run FILE -o FOLDER.",
                slug="tables.columns-missing",
                table=name,
                missing=missing,
            )
    if not mentions["feedback"].isin(feedback["feedback"]).all():
        raise DataError(
            "The mentions table points to feedback that is not in the feedback table.",
            hint="Both tables must come from one run: miner run FILE -o FOLDER.",
            slug="tables.orphan-mentions",
        )
