"""Scored texts as columns: the form in which they travel between processes.

A pickle of the objects costs the process that reads it four times as much as building them from
columns: the objects are frozen, so that each field would be set by a call in Python.
"""

from __future__ import annotations

import gc
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields
from itertools import chain, islice, repeat
from typing import Any, NamedTuple, TypeVar

from miner.types import Clause, Mention, Scored, Signal

S = TypeVar("S")
T = TypeVar("T")

_PARTS: dict[str, type] = {"mentions": Mention, "signals": Signal, "clauses": Clause}
_NAMES = {kind: tuple(one.name for one in fields(kind)) for kind in (*_PARTS.values(), Scored)}
_SETTERS: dict[type, dict[str, Callable[[Any, Any], None]]] = {  # of fields frozen or not
    kind: {name: getattr(kind, name).__set__ for name in names} for kind, names in _NAMES.items()
}
_OWN = tuple(name for name in _NAMES[Scored] if name not in {"text", *_PARTS})


class Packed(NamedTuple):
    """Scored texts without the texts, which whoever sent them has: plain lists, cheap to pickle.

    `own`: one list a field of `Scored`, each of length n_texts. `counts`: per kind of part, how
    many each text has; `parts`: per kind, one list a field, texts one after another.
    """

    own: list[list[Any]]
    counts: list[list[int]]
    parts: list[list[list[Any]]]


def unpack(packed: Packed, texts: Sequence[str]) -> list[Scored]:
    """Return the scored texts as objects; they know no scorer.

    Examples
    --------
    >>> own = [[0.5], ["positive"], [()]]
    >>> one = Packed(own, counts=[[0], [0], [1]], parts=[[[]] * 7, [[]] * 3, [[0], [5], ["quote"]]])
    >>> unpack(one, ["Fine."])[0].clauses
    (Clause(start=0, end=5, kind='quote'),)
    """
    columns: dict[str, Sequence[Any]] = {"text": texts, **dict(zip(_OWN, packed.own, strict=True))}
    for (name, kind), counts, parts in zip(
        _PARTS.items(), packed.counts, packed.parts, strict=True
    ):
        made: Iterator[Any] = iter(build(kind, dict(zip(_NAMES[kind], parts, strict=True))))
        columns[name] = [tuple(islice(made, count)) for count in counts]
    return build(Scored, columns)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Make no search for garbage meanwhile: many objects are made at once, and none is any.

    Without it a sixth of the time of scoring went into looking over all that the program holds.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def join(packed: Iterable[Packed]) -> Packed:
    """Return one for all the texts of several, in order."""
    own, counts, parts = zip(*packed, strict=True)
    return Packed(
        _appended(own), _appended(counts), [_appended(kind) for kind in zip(*parts, strict=True)]
    )


def in_processes(
    work: Callable[[S, list[str | None]], Packed],
    scorer: S,
    chunks: Iterable[Sequence[object]],
    workers: int,
) -> Iterator[list[Scored]]:
    """Yield what `work` makes of each chunk of texts in several processes, this one too, in order.

    What is no text is sent as None.

    Raises
    ------
    InternalError
        Some text ends any other process that scores it; what was scored before it was yielded.
    """
    from miner.processes import DeadlyError, Job, deadly, ordered, say_repaired, spoken

    job = Job(work, scorer, cut=lambda texts, start, stop: texts[start:stop], join=join)
    sent = ([text if isinstance(text, str) else None for text in chunk] for chunk in chunks)
    try:
        with closing(
            ordered(job, sent, workers=workers, repaired=say_repaired, helped=True)
        ) as done:
            for texts, packed in done:
                with collector_paused():
                    found = unpack(packed, [text or "" for text in texts])
                yield found
    except DeadlyError as error:
        for texts, packed in error.before:
            yield unpack(packed, [text or "" for text in texts])
        first = error.start + 1
        rows = [range(first + one.start, first + one.stop) for one in error.rows]
        raise deadly(spoken("text", rows), rows=rows) from None


def build(kind: type[T], columns: dict[str, Sequence[Any]]) -> list[T]:
    """Return objects of a frozen class with slots from the columns of all its fields.

    Nothing is checked and no ``__post_init__`` runs: the values come from objects of the class.
    """
    count = len(next(iter(columns.values())))
    made: list[Any] = list(map(object.__new__, repeat(kind, count)))
    setters = _SETTERS[kind]
    for name, column in columns.items() if count else ():
        deque(map(setters[name], made, column), maxlen=0)  # a loop that stays in C
    return made


def _appended(tables: Iterable[list[list[Any]]]) -> list[list[Any]]:
    """Return each column of the tables, one after another."""
    return [list(chain.from_iterable(columns)) for columns in zip(*tables, strict=True)]
