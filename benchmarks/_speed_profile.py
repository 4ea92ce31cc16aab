"""Where the time goes: the running stack is looked at some hundred times a second.

A look counts for the innermost frame of this project, so that what numpy, scipy and spaCy do
counts for the line that asked for it. Nothing is instrumented, so short functions are not made to
look slow, as they are by a tracing profiler.
"""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from benchmarks._speed_peers import MINER, make_peer
from benchmarks._speed_texts import Texts
from benchmarks._tables import Section, Table

_INTERVAL: Final = 0.001  # seconds of processor time; the system may look less often
_PASSES: Final = 3
_PACKAGE: Final = "miner."

_HELPERS: Final = ("miner.text.arrays", "miner.text.words")
"""Used by every stage: what they do counts for the caller."""

ASKED: Final = {
    ("miner.learn.batches", "BatchScorer.evidence"): "evidence: the words behind a mention",
    ("miner.learn.batches", "BatchScorer.find_signals"): "signals",
}
"""Public steps that use several modules: all below them counts for them."""

STAGES: Final = {
    "miner.text.prepare": "normalise",
    "miner.text.normalize": "normalise",
    "miner.text.tokens": "tokenise",
    "miner.text.stretches": "tokenise",
    "miner.text.tokenizer": "tokenise",
    "miner.text.lexemes": "tokenise",
    "miner.text.layout": "lay out tokens",
    "miner.text.spans": "lay out tokens",
    "miner.text.boundaries": "cut clauses",
    "miner.text.clauses": "cut clauses",
    "miner.text.furniture": "find greetings, signatures, quotes",
    "miner.learn.features": "features and product",
    "miner.learn.spelling": "features and product",
    "miner.learn.reading": "features and product",
    "miner.learn.tagger": "decisions",
    "miner.learn.decisions": "decisions",
    "miner.learn.neighbours": "decisions",
    "miner.learn.sentiment": "sentiment of the text",
    "miner.learn.signals": "signals",
    "miner.text.signals": "signals",
    "miner.text.signal_index": "signals",
    "miner.text.signal_patterns": "signals",
    "miner.learn.evidence": "evidence: the words behind a mention",
    "miner.learn.batches": "build objects",
    "miner.packing": "build objects",
    "miner.scoring": "build objects",
    "miner.types": "build objects",
}
"""The stage of a module; one that is not listed stands under its own name."""

Place = tuple[str, str]
"""Module and function."""


def profile(texts: Texts) -> Section:
    """Look where `score_many` spends its time, for each kind of text."""
    tables, figures = [], {}
    for kind, chosen in texts.kinds.items():
        run = make_peer(MINER, ())
        run(texts.warm)
        with looking() as seen:
            for _ in range(_PASSES):
                run(chosen)
        total = max(sum(seen.values()), 1)
        stages = Counter[str]()
        for (stage, _), looks in seen.items():
            stages[stage] += looks
        rows = tuple(
            (stage, f"{100 * looks / total:.1f} %", _busiest(seen, stage, total))
            for stage, looks in stages.most_common()
        )
        note = f"{total:,} looks. A share of processor time; the busiest functions of each stage."
        head = ("stage", "share", "most of it in")
        tables.append(Table(f"Where the time goes: {kind}", head, rows, note))
        figures[kind] = {stage: looks / total for stage, looks in stages.most_common()}
    return Section("profile", tuple(tables), (), figures)


@contextmanager
def looking() -> Iterator[Counter[tuple[str, Place]]]:
    """Count (stage, place) of the running stack while the block runs, in this thread."""
    seen: Counter[tuple[str, Place]] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        seen[where(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _INTERVAL, _INTERVAL)
    try:
        yield seen
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def where(frame: FrameType | None) -> tuple[str, Place]:
    """Return the stage of a stack and the innermost place of this project in it."""
    inner: Place | None = None
    while frame is not None:
        place = (str(frame.f_globals.get("__name__", "")), _function(frame.f_code.co_qualname))
        if place[0].startswith(_PACKAGE) and place[0] not in _HELPERS:
            inner = inner or place
            if place in ASKED:
                return ASKED[place], inner
        frame = frame.f_back
    if inner is None:
        return "the benchmark itself", ("", "")
    return STAGES.get(inner[0], inner[0]), inner


def _function(qualified: str) -> str:
    """Return the function that holds a comprehension, a lambda or an inner function."""
    return qualified.split(".<locals>")[0]


def _busiest(seen: Counter[tuple[str, Place]], stage: str, total: int) -> str:
    own = Counter({place: looks for (name, place), looks in seen.items() if name == stage})
    return ", ".join(
        f"{module.removeprefix(_PACKAGE)}.{name} {100 * looks / total:.1f} %"
        for (module, name), looks in own.most_common(3)
        if module
    )
