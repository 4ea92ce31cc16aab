"""The questions in the stored tables: their wording, cut from the text, and the words that count.

A question is what a question signal shows, or a request that ends in a question mark.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from miner.insight.acting.alike import Words
from miner.insight.store import MinedTables
from miner.insight.window import Window
from miner.text.phrase_words import Role, phrase_words
from miner.text.word_spans import word_spans
from miner.types import SIGNALS

MARKS: Final = "?？؟՞⁇⁈⁉"
_ENDS: Final = re.compile(rf"[{MARKS}]+|[.!…。！｡](?!\w)|[\r\n]")
_REACH: Final = 200  # characters after a signal in which its sentence has to end


@dataclass(frozen=True, slots=True)
class Question:
    """One question: where it stands and what it says.

    `row`: position among the counted feedback; `signal`: row of the signals table; `clause`: of the
    feedback; `wording`: redacted; `rank`: its feedback's place by id, source and row. `content`:
    the words that say what it is about, key (inflections share it) -> as written; `words`: these
    and how it asks, for "where" and "when" part questions too.
    """

    row: int
    signal: int
    clause: int
    wording: str
    rank: int
    content: Mapping[str, str]
    words: Words

    @property
    def marked(self) -> bool:
        """Return whether it ends in a question mark."""
        return self.wording.endswith(tuple(MARKS))


def questions_in(window: Window) -> list[Question]:
    """Return all questions of counted feedback, ordered by feedback, then as they stand there."""
    asks, requests = (SIGNALS.index(kind) for kind in ("question", "request"))
    signals = window.signals
    keep = np.flatnonzero(np.isin(signals.kind, [asks, requests]))
    rows, back = np.unique(signals.row[keep], return_inverse=True)
    texts = window.tables.fetch_feedback(window.position[rows])
    frame = window.tables.signals.take(signals.position[keep])
    said = _wordings(texts["verbatim"].to_numpy()[back].tolist(), frame)
    sure = signals.kind[keep] == asks
    chosen = [k for k, one in enumerate(said) if sure[k] or one.endswith(tuple(MARKS))]
    order = np.lexsort((texts["row"], texts["source"], texts["id"]))
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.arange(len(rows))
    read = _read([said[k] for k in chosen], texts["language"].to_numpy()[back[chosen]].tolist())
    clause = frame["clause"].to_numpy()
    found = [
        Question(
            row=int(rows[back[k]]),
            signal=int(signals.position[keep[k]]),
            clause=int(clause[k]),
            wording=said[k],
            rank=int(rank[back[k]]),
            content=content,
            words=words,
        )
        for k, (content, words) in zip(chosen, read, strict=True)
    ]
    return sorted(found, key=lambda one: (one.rank, one.clause, one.wording))


def _read(wordings: list[str], languages: Sequence[str]) -> list[tuple[dict[str, str], Words]]:
    """Return the content of each wording, and all its words."""
    joined, spans = "\n".join(wordings), word_spans("\n".join(wordings))
    ends = np.cumsum([len(one) + 1 for one in wordings])
    owner = np.searchsorted(ends, spans.start, side="right")
    content: list[dict[str, str]] = [{} for _ in wordings]
    other: list[set[str]] = [set() for _ in wordings]
    known: dict[tuple[str, str], tuple[Role, str]] = {}
    for k, start, end in zip(owner.tolist(), spans.start, spans.end, strict=True):
        surface, language = joined[start:end].lower(), languages[k]
        if (language, surface) not in known:
            known[language, surface] = phrase_words(language).read(surface)
        role, key = known[language, surface]
        if role is Role.CONTENT:
            content[k].setdefault(key, surface)
        elif role is not Role.BREAK:
            other[k].add(key)
    return [
        (about, Words(frozenset(about), frozenset(how - set(about))))
        for about, how in zip(content, other, strict=True)
    ]


def wordings_of(tables: MinedTables, signals: Sequence[int], texts: Sequence[str]) -> list[str]:
    """Return the wording of questions by their rows in the signals table, in this order.

    Parameters
    ----------
    texts : the whole redacted text each of them stands in.
    """
    return _wordings(texts, tables.signals.take(np.asarray(signals, dtype=np.int64)))


def _wordings(texts: Sequence[str], signals: pd.DataFrame) -> list[str]:
    spans = zip(texts, signals["verbatim_start"], signals["verbatim_end"], strict=True)
    return [worded(text, int(start), int(end)) for text, start, end in spans]


def worded(text: str, start: int, end: int) -> str:
    """Return a question as it was put: what a signal shows, on to its question mark if it has one.

    Examples
    --------
    >>> text = "Could you tell me when it opens? I need it. Thanks"
    >>> worded(text, 0, 17), worded(text, 33, 39)
    ('Could you tell me when it opens?', 'I need')
    """
    shown = text[start:end].strip()
    if shown.endswith(tuple(MARKS)):
        return shown
    ending = _ENDS.search(text, end, end + _REACH)
    if ending is None or ending[0][0] not in MARKS:
        return shown
    return text[start : ending.start() + 1].strip()
