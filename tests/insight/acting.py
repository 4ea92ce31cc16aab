"""Invented feedback with signals, in short: for tests of what to act on."""

from __future__ import annotations

from typing import Any

import pandas as pd
from insight.synthetic import make_taxonomy, tables_of

from miner.insight import MinedTables
from miner.insight.acting.sides import ScoreSides, score_sides
from miner.insight.mentions import SIGNAL_COLUMNS
from miner.insight.metrics import measures
from miner.insight.window import Window, make_window
from miner.taxonomy import Taxonomy

TREE = make_taxonomy()
GOOD, BAD = ("service.attitude", "positive"), ("service.billing", "negative")


def frames(
    rows: list[dict[str, Any]],
) -> tuple[pd.DataFrame, pd.DataFrame, None, pd.DataFrame]:
    """Return what `MinedTables.from_frames` takes: one dict a feedback, as for `tables_of`.

    ``signals``: a list of (kind, words) or (kind, words, clause); the words are looked up in the
    text. ``verbatim`` stands in place of the sentences of ``said``.
    """
    texts = [{key: value for key, value in row.items() if key != "signals"} for row in rows]
    feedback, mentions = tables_of(texts)
    found = []
    for place, row in enumerate(rows):
        for kind, words, *clause in row.get("signals", []):
            start = max(str(feedback["verbatim"][place]).find(words), 0)
            span = {"start": start, "end": start + len(words)}
            ends = {f"verbatim_{name}": value for name, value in span.items()}
            head = {"feedback": place, "id": feedback["id"][place], "clause": (clause or [0])[0]}
            found.append({**head, "kind": kind, **span, **ends, "words": words})
    signals = pd.DataFrame(
        {
            name: pd.Series([one[name] for one in found], dtype=t)
            for name, t in SIGNAL_COLUMNS.items()
        }
    )
    return feedback, mentions, None, signals


def acting(
    rows: list[dict[str, Any]],
    order: list[int] | None = None,
    *,
    minimum_n: int = 1,
    tree: Taxonomy = TREE,
) -> tuple[Window, ScoreSides]:
    """Return the window of such feedback; `order` shuffles the rows of the feedback table."""
    feedback, mentions, ratings, signals = frames(rows)
    if order is not None:
        feedback = feedback.iloc[order].reset_index(drop=True)
    tables = MinedTables.from_frames(feedback, mentions, ratings, signals)
    window = make_window(tables, tree, minimum_n=minimum_n)
    return window, score_sides(window, measures(tables, {}))


def ids(window: Window, positions: list[int]) -> list[str]:
    """Return the ids at these positions, which a shuffle does not change."""
    return list(window.tables.feedback["id"].take(positions))
