"""Sections that run in this process: throughput, latency, growth, workers."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import cycle, islice
from typing import Any, Final

from benchmarks._speed_peers import (
    COLUMNS,
    MINER,
    SENTENCES,
    TEXTBLOB,
    TFIDF,
    TOKENIZER,
    TWO,
    VADER,
    make_peer,
)
from benchmarks._speed_texts import Texts, joined, mixed, words
from benchmarks._speed_timing import (
    Run,
    Spread,
    exponent,
    in_turns,
    percentile,
    ratios,
    rounds_of,
    seconds,
    work,
)
from benchmarks._tables import Check, Section, Table

COMPARED: Final = (MINER, COLUMNS, TOKENIZER, SENTENCES, VADER, TEXTBLOB, TFIDF)
_GROWTH: Final = (1, 2, 4, 8)
_LENGTHS: Final = (2_500, 5_000, 10_000, 20_000)
_CUT: Final = (20_000, 125_000, 250_000, 500_000, 1_000_000)
_SINGLE: Final = 2_000  # texts scored one by one


def throughput(texts: Texts, rounds: int) -> Section:
    """Compare everyone on short reviews and on long responses."""
    runs = {name: make_peer(name, texts.warm) for name in COMPARED}
    in_turns(runs, texts.warm)
    tables, checks, figures = [], [], {}
    for kind, chosen in texts.kinds.items():
        parts = rounds_of(chosen, rounds)
        taken = [in_turns(runs, part, turn=number) for number, part in enumerate(parts)]
        times = {name: [one[name] for one in taken] for name in runs}
        table, found = _throughput_table(kind, parts, times)
        tables.append(table)
        figures[kind] = found
        own = times[MINER]
        checks += [
            Check(
                f"{kind}: docs/s of VADER's",
                ratios(times[VADER], own).median,
                low=1.2,
                unit="x",
            ),
            Check(
                f"{kind}: docs/s of spaCy's bare tokenizer's",
                ratios(times[TOKENIZER], own).median,
                low=0.55,
                unit="x",
            ),
        ]
    return Section("throughput", tuple(tables), tuple(checks), figures)


def _throughput_table(
    kind: str, parts: Sequence[Sequence[str]], times: dict[str, list[float]]
) -> tuple[Table, dict[str, Any]]:
    documents = [len(part) for part in parts]
    length = [sum(map(words, part)) for part in parts]
    rows, figures = [], {}
    for name, taken in times.items():
        speed = Spread.of([n / one for n, one in zip(documents, taken, strict=True)])
        pace = statistics.median(n / one for n, one in zip(length, taken, strict=True))
        against = ratios(taken, times[MINER])
        rows.append(
            (
                name,
                speed.shown("{:,.0f}"),
                f"{pace:,.0f}",
                "1" if name == MINER else against.shown(),
            )
        )
        figures[name] = {
            "docs_per_s": speed.median,
            "words_per_s": pace,
            "miner_is_times_as_fast": [against.median, against.low, against.high],
            "seconds": taken,
        }
    note = (
        f"{sum(documents):,} texts, {sum(length) / sum(documents):.1f} words each, in "
        f"{len(parts)} rounds; median over rounds (lowest to highest)."
    )
    head = ("", "docs/s", "words/s", "miner is … times as fast")
    return Table(f"{kind.capitalize()}, one process", head, tuple(rows), note), figures


def latency(texts: Texts) -> Section:
    """Time single texts, one call each."""
    import miner

    scorer = miner.load()
    runs: dict[str, Any] = {
        "miner score": scorer.score,
        VADER: _one(make_peer(VADER, texts.warm)),
        TOKENIZER: _one(make_peer(TOKENIZER, texts.warm)),
    }
    for run in runs.values():
        for text in texts.warm[:500]:
            run(text)
    rows, figures, checks = [], {}, []
    for kind, chosen in texts.kinds.items():
        taken = {
            name: [seconds(run, text) for text in chosen[:_SINGLE]] for name, run in runs.items()
        }
        for name, one in taken.items():
            middle, high = (1000 * percentile(one, share) for share in (0.5, 0.99))
            rows.append(
                (f"{kind}: {name}", f"{middle:.3f}", f"{high:.3f}", f"{1000 * max(one):.2f}")
            )
            figures[f"{kind}: {name}"] = {"p50_ms": middle, "p99_ms": high, "n": len(one)}
            if kind == "short reviews" and name == "miner score":
                checks += [
                    Check("one short text, warm, p50", middle, high=1, unit="ms"),
                    Check("one short text, warm, p99", high, high=5, unit="ms"),
                ]
    note = f"Up to {_SINGLE:,} texts of each kind that were not seen before, after 500 others."
    table = Table("One text at a time, ms", ("", "p50", "p99", "longest"), tuple(rows), note)
    return Section("latency", (table,), tuple(checks), figures)


def _one(run: Run) -> Any:
    return lambda text: run((text,))


def growth(texts: Texts, rounds: int, *, base: int) -> Section:
    """Fit how time grows with the number of texts, and with the length of one."""
    import miner

    scorer = miner.load()
    run = make_peer(MINER, (), scorer)
    supply = mixed(texts.warm + texts.measured, seed=1)
    sizes = [base * times for times in _GROWTH]
    run(list(islice(supply, sizes[-1])))
    taken = [[work(run, list(islice(supply, size))) for size in sizes] for _ in range(rounds)]
    many = _growth_table("Growth with the number of texts", "texts", sizes, taken)
    chosen = texts.long or texts.short
    lengths = [
        [
            work(scorer.score, joined(chosen, size, start=turn * 97 + at))
            for at, size in enumerate(_LENGTHS)
        ]
        for turn in range(4 * rounds)
    ]
    long = _growth_table("Growth with the length of one text", "characters", _LENGTHS, lengths)
    cut = [
        [
            work(scorer.score, joined(chosen, size, start=turn * 89 + at))
            for at, size in enumerate(_CUT)
        ]
        for turn in range(rounds)
    ]
    beyond = _growth_table(
        "Longer than the 20,000 characters that are analysed", "characters", _CUT, cut
    )
    value = _fit(sizes, taken).median
    checks = (Check("exponent of time over N, 2N, 4N, 8N texts", value, low=0.95, high=1.05),)
    figures = {
        name: {"sizes": list(at), "seconds": times, "exponent": _fit(at, times).median}
        for name, at, times in (
            ("texts", sizes, taken), ("characters", _LENGTHS, lengths), ("beyond", _CUT, cut),
        )
    }  # fmt: skip
    return Section("growth", (many, long, beyond), checks, figures)


def _fit(sizes: Sequence[int], taken: Sequence[Sequence[float]]) -> Spread:
    return Spread.of([exponent(sizes, one) for one in taken])


def _growth_table(
    title: str, unit: str, sizes: Sequence[int], taken: Sequence[Sequence[float]]
) -> Table:
    rows = []
    for at, size in enumerate(sizes):
        spread = Spread.of([1000 * one[at] for one in taken])
        rows.append((f"{size:,}", spread.shown("{:,.1f}"), f"{1000 * spread.median / size:.2f}"))
    note = (
        f"Time grows with {unit} to the power of {_fit(sizes, taken).shown('{:.3f}')}, "
        f"fitted by least squares on logarithms, {len(taken)} repetitions."
    )
    return Table(title, (unit, "ms", f"µs for each of the {unit}"), tuple(rows), note)


def workers(texts: Texts, rounds: int, *, many: int) -> Section:
    """Compare two processes with one on many texts; starting the processes counts.

    Every run has a scorer of its own, which has read nothing: a started process hasn't either.
    """
    make_peer(MINER, ())(texts.warm)  # lazy imports happen
    chosen = list(islice(cycle(texts.measured), many))
    taken: dict[str, list[float]] = {name: [] for name in (MINER, TWO)}
    for turn in range(rounds):
        for name in list(taken)[:: 1 if turn % 2 else -1]:
            taken[name].append(seconds(make_peer(name, ()), chosen))
    gain = ratios(taken[MINER], taken[TWO])
    rows = tuple(
        (
            name,
            Spread.of([many / one for one in times]).shown("{:,.0f}"),
            "1" if name == MINER else gain.shown(),
        )
        for name, times in taken.items()
    )
    note = (
        f"{many:,} texts (the given ones over and over), {rounds} rounds in turns, a new scorer "
        "each time; starting the processes is included."
    )
    table = Table("Two processes", ("", "docs/s", "times one process"), rows, note)
    checks = (Check(f"two workers on {many:,} texts, times one", gain.median, low=1.7, unit="x"),)
    return Section("workers", (table,), checks, {"texts": many, "seconds": taken})
