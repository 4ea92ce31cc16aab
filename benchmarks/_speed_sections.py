"""Sections that run in this process: throughput, latency, growth, workers."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
_ALL: Final = "all texts"
_GROWTH: Final = (1, 2, 4, 8)
_LENGTHS: Final = (2_500, 5_000, 10_000, 20_000)
_CUT: Final = (20_000, 125_000, 250_000, 500_000, 1_000_000)
_SINGLE: Final = 2_000  # texts scored one by one


def throughput(texts: Texts, rounds: int) -> Section:
    """Compare everyone on short reviews, on long responses and on both together.

    Every round reads texts that nobody has read, then the same ones again: by then who remembers
    words knows them all, as after a year of an export.
    """
    runs = {name: make_peer(name, texts.warm) for name in COMPARED}
    in_turns(runs, texts.warm)
    laps: dict[str, list[_Lap]] = {}
    for kind, chosen in texts.kinds.items():
        laps[kind] = [
            _Lap(part, in_turns(runs, part, turn=turn), in_turns(runs, part, turn=turn))
            for turn, part in enumerate(rounds_of(chosen, rounds))
        ]
    if len(laps) > 1:
        laps[_ALL] = [_Lap.joined(some) for some in zip(*laps.values(), strict=True)]
    tables, checks, figures = [], [], {}
    for kind, taken in laps.items():
        table, figures[kind] = _throughput_table(kind, taken)
        tables.append(table)
        checks += _throughput_checks(kind, taken)
    return Section("throughput", tuple(tables), tuple(checks), figures)


@dataclass(frozen=True)
class _Lap:
    """Some texts and the seconds of each competitor: reading them first, and again."""

    texts: Sequence[str]
    first: Mapping[str, float]
    again: Mapping[str, float]

    @classmethod
    def joined(cls, laps: Sequence[_Lap]) -> _Lap:
        """Return several as one."""
        first, again = (
            {name: sum(one[name] for one in times) for name in times[0]}
            for times in ([lap.first for lap in laps], [lap.again for lap in laps])
        )
        return cls([text for lap in laps for text in lap.texts], first, again)


def _throughput_checks(kind: str, laps: Sequence[_Lap]) -> list[Check]:
    """Return the promises: of texts that nobody has read and, of all, of texts read before."""
    readings = {kind: [lap.first for lap in laps]}
    if kind == _ALL:
        readings[f"{kind}, read before"] = [lap.again for lap in laps]
    return [
        Check(
            f"{name}: docs/s of {whose}",
            ratios([one[peer] for one in taken], [one[MINER] for one in taken]).median,
            low=low,
            unit="x",
        )
        for name, taken in readings.items()
        for peer, whose, low in (
            (VADER, "VADER's", 1.2), (TOKENIZER, "spaCy's bare tokenizer's", 0.55),
        )
    ]  # fmt: skip


def _throughput_table(kind: str, laps: Sequence[_Lap]) -> tuple[Table, dict[str, Any]]:
    documents = [len(lap.texts) for lap in laps]
    length = [sum(map(words, lap.texts)) for lap in laps]
    rows, figures = [], {}
    for name in laps[0].first:
        row, figures[name] = [name], {}
        for reading in ("first", "again"):
            taken = [getattr(lap, reading)[name] for lap in laps]
            speed = Spread.of([n / one for n, one in zip(documents, taken, strict=True)])
            pace = statistics.median(n / one for n, one in zip(length, taken, strict=True))
            against = ratios(taken, [getattr(lap, reading)[MINER] for lap in laps])
            row += [speed.shown("{:,.0f}"), "1" if name == MINER else against.shown()]
            figures[name][reading] = {
                "docs_per_s": speed.median,
                "words_per_s": pace,
                "miner_is_times_as_fast": [against.median, against.low, against.high],
                "seconds": taken,
            }
        row.insert(2, f"{figures[name]['first']['words_per_s']:,.0f}")
        rows.append(tuple(row))
    note = (
        f"{sum(documents):,} texts, {sum(length) / sum(documents):.1f} words each, in "
        f"{len(laps)} rounds; median over rounds (lowest to highest)."
    )
    head = (
        "", "docs/s", "words/s", "miner is … times as fast",
        "read again: docs/s", "miner is … times as fast",
    )  # fmt: skip
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
