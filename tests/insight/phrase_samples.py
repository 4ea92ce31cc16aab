"""Tables from clauses written out: what is said, about which theme, on which side."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from insight.synthetic import make_taxonomy, tables_of

from miner.insight.store import MinedTables
from miner.insight.verbatims import make_shelf
from miner.insight.window import Window, make_window
from miner.insight.wording.phrase_text import PhraseText, read_phrases

Clause = tuple[str, str, str] | str
"""(words, theme, polarity), or words alone where no theme was found."""

BILLING, SPEED = "service.billing", "service.speed"


def bad(words: str, theme: str = BILLING) -> Clause:
    return words, theme, "negative"


def good(words: str, theme: str = BILLING) -> Clause:
    return words, theme, "positive"


def frames_of(rows: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Return both tables; ``clauses`` of a row are its text, one sentence each."""
    spoken = [[one for one in row["clauses"] if not isinstance(one, str)] for row in rows]
    plain = [
        {**{key: value for key, value in row.items() if key != "clauses"}, "said": [
            (theme, polarity) for _, theme, polarity in said]}
        for row, said in zip(rows, spoken, strict=True)
    ]  # fmt: skip
    feedback, mentions = tables_of(plain)
    texts, starts, quotes = [], [], []
    for row in rows:
        text = ""
        for one in row["clauses"]:
            words = one if isinstance(one, str) else one[0]
            if not isinstance(one, str):
                starts.append(len(text))
                quotes.append(words)
            text += words + ". "
        texts.append(text.rstrip())
    mentions["verbatim_start"] = mentions["start"] = np.array(starts, dtype=np.int64)
    ends = np.array(starts, dtype=np.int64) + np.array([len(one) for one in quotes], dtype=np.int64)
    mentions["verbatim_end"] = mentions["end"] = ends
    mentions["quote"] = pd.Series(quotes, dtype="str")
    feedback["verbatim"] = texts
    return feedback, mentions


def window_of(rows: list[dict[str, Any]], *, minimum_n: int = 5) -> Window:
    tables = MinedTables.from_frames(*frames_of(rows))
    return make_window(tables, make_taxonomy(), minimum_n=minimum_n)


def text_of(rows: list[dict[str, Any]], *, minimum_n: int = 5) -> PhraseText:
    window = window_of(rows, minimum_n=minimum_n)
    return read_phrases(window, make_shelf(window))
