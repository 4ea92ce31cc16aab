"""Scored texts as Arrow: the rows that engines with frames of their own pass on.

One row of `SCORES` is a feedback, of `MENTIONS` a mention, of `SIGNALS` a signal. The values are
those of `miner.Scorer.score_many`, `mentions` and `signals`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa

from miner.ingest.language_names import language_code
from miner.packing import Packed
from miner.scoring import BATCH, Scorer
from miner.text.language import languages_of

Grain = Literal["scores", "mentions", "signals"]
Fields: TypeAlias = list[Any]
Arrays: TypeAlias = list[Any]
Texts: TypeAlias = Sequence[str | None]

OTHER_LANGUAGE: Final = "other-language"
"""Flag of a text that was not read because the model doesn't know its language."""

_SPAN: Final = [("start", pa.int64()), ("end", pa.int64())]
_WORDS: Final = pa.list_(pa.string())
_MENTION: Final = [
    ("theme", pa.string()), ("polarity", pa.string()),
    ("sentiment", pa.float64()), ("confidence", pa.float64()), *_SPAN,
]  # fmt: skip
_PARTS: Final = {
    "mentions": pa.struct([*_MENTION, ("evidence", _WORDS)]),
    "signals": pa.struct([("kind", pa.string()), *_SPAN]),
    "clauses": pa.struct([*_SPAN, ("kind", pa.string())]),
}
SCORES: Final = pa.schema(
    [
        ("sentiment", pa.float64()),
        ("polarity", pa.string()),
        *((name, pa.list_(kind)) for name, kind in _PARTS.items()),
        ("flags", _WORDS),
    ]
)
"""Columns of a scored feedback, as the fields of `miner.types.Scored`; the text is not repeated."""

MENTIONS: Final = pa.schema([*_MENTION, ("evidence", pa.string())])
"""Columns of a mention; evidence is joined by ``" · "``."""

SIGNALS: Final = pa.schema([("kind", pa.string()), *_SPAN, ("words", pa.string())])
"""Columns of a signal; `words` is the stretch of the text that shows it."""


class _Rows(NamedTuple):
    """Columns by name, and of each row the text it belongs to; None: one row a text."""

    columns: dict[str, Any]
    owner: Any = None


@dataclass(frozen=True)
class Reader:
    """Turns texts, with what goes beside them, into rows of a result; `grain` says what a row is.

    Examples
    --------
    >>> from miner.engines.models import shared_scorer
    >>> texts = pa.array(["The courier was two days late.", None])
    >>> [rows] = Reader("mentions").read(shared_scorer("en"), texts, [pa.array([7, 8])])
    >>> [column.to_pylist() for column in rows[:3]]
    [[7], ['service.delivery'], ['negative']]
    """

    grain: Grain

    @property
    def schema(self) -> Any:
        """The columns that are added: an Arrow schema."""
        return {"scores": SCORES, "mentions": MENTIONS, "signals": SIGNALS}[self.grain]

    def read(
        self, scorer: Scorer, texts: Any, beside: Arrays, named: Any | None = None
    ) -> Iterator[Arrays]:
        """Yield the columns of the results, those beside first, for a thousand texts at a time.

        Parameters
        ----------
        texts : Arrow array of strings; bytes that are no UTF-8 are read as U+FFFD.
        beside : Arrow arrays of the same length, repeated for each row of their text.
        named : Arrow array of the language each text is in; where a row names none it is
            identified. None: all are in the model's.
        """
        for at in range(0, len(texts), BATCH):
            some = [column.slice(at, BATCH) for column in beside]
            given = strings(texts.slice(at, BATCH))
            spoken = None if named is None else strings(named.slice(at, BATCH))
            foreign = _foreign(scorer, given, spoken)
            read = [None if other else one for one, other in zip(given, foreign, strict=True)]
            rows = _ROWS[self.grain](scorer.packed(read), read, foreign)
            if rows.owner is not None:
                some = [column.take(pa.array(rows.owner)) for column in some]
            yield [*some, *(rows.columns[name] for name in self.schema.names)]


def strings(column: Any) -> list[str | None]:
    """Return an Arrow array of strings as Python has them.

    Examples
    --------
    >>> strings(pa.array(["late", None]))
    ['late', None]
    >>> strings(pa.array([b"caf\\xe9"]).view(pa.string()))
    ['caf�']
    """
    try:
        found: list[str | None] = column.to_pylist()
    except UnicodeDecodeError:  # Spark, for one, doesn't look into the strings it passes on
        raw = column.view(pa.large_binary() if column.type == pa.large_string() else pa.binary())
        found = [None if one is None else one.decode("utf-8", "replace") for one in raw.to_pylist()]
    return found


def _foreign(scorer: Scorer, texts: Texts, named: Texts | None) -> list[bool]:
    """Return which texts the model should not read."""
    if named is None:
        return [False] * len(texts)
    codes = [one and language_code(one) for one in named]
    spoken = languages_of([one or "" for one in texts], codes, default=scorer.language)
    return [
        text is not None and code != scorer.language
        for text, code in zip(texts, spoken, strict=True)
    ]


def _scores(packed: Packed, _: Texts, foreign: Sequence[bool]) -> _Rows:
    sentiment, polarity, flags = packed.own
    said = [(OTHER_LANGUAGE,) if other else one for one, other in zip(flags, foreign, strict=True)]
    parts = {
        name: _nested(counts, pa.StructArray.from_arrays(_typed(columns, kind), fields=list(kind)))
        for (name, kind), counts, columns in zip(
            _PARTS.items(), packed.counts, packed.parts, strict=True
        )
    }
    own = {
        "sentiment": pa.array(sentiment, pa.float64()),
        "polarity": pa.array(polarity, pa.string()),
    }
    return _Rows({**own, **parts, "flags": pa.array(said, _WORDS)})


def _mentions(packed: Packed, *_: Any) -> _Rows:
    *columns, evidence = packed.parts[0]
    joined = [" · ".join(words) for words in evidence]
    return _flat(MENTIONS, [*columns, joined], _owner(packed.counts[0]))


def _signals(packed: Packed, texts: Texts, _: Sequence[bool]) -> _Rows:
    kind, start, end = packed.parts[1]
    owner = _owner(packed.counts[1])
    found = zip((texts[at] or "" for at in owner.tolist()), start, end, strict=True)
    words = [text[first:last] for text, first, last in found]
    return _flat(SIGNALS, [kind, start, end, words], owner)


_ROWS: Final[dict[Grain, Callable[[Packed, Texts, Sequence[bool]], _Rows]]] = {
    "scores": _scores,
    "mentions": _mentions,
    "signals": _signals,
}


def _flat(schema: Any, columns: Sequence[Sequence[Any]], owner: Any) -> _Rows:
    return _Rows(dict(zip(schema.names, _typed(columns, schema), strict=True)), owner)


def _typed(columns: Sequence[Sequence[Any]], fields: Any) -> Arrays:
    return [pa.array(one, field.type) for one, field in zip(columns, fields, strict=True)]


def _nested(counts: Sequence[int], values: Any) -> Any:
    """Return lists of so many values each."""
    return pa.ListArray.from_arrays(pa.array(np.append(0, np.cumsum(counts)), pa.int32()), values)


def _owner(counts: Sequence[int]) -> Any:
    return np.repeat(np.arange(len(counts)), np.asarray(counts, dtype=np.int64))
