"""Peak memory, each competitor in a process of its own, and memory over a very long run.

    python -m benchmarks._speed_memory '{"peer": "VADER", "files": ["reviews.jsonl"]}'

is what `memory` starts: it measures one job in a fresh process and prints what it found as JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from benchmarks._speed_peers import TWO, make_peer, peer_names
from benchmarks._speed_texts import Texts, mixed, read_texts
from benchmarks._tables import Check, Section, Table

_ROOT: Final = Path(__file__).resolve().parent.parent
_NONE: Final = "the texts alone"
_FIRST: Final = 50_000
"""Texts of the long run after which memory should no longer grow; also how often it is read."""


def memory(paths: Sequence[Path], *, limit: int | None, million: int) -> Section:
    """Measure every competitor in a fresh process, then one long run."""
    files = {"files": [str(path.resolve()) for path in paths], "limit": limit}
    peaks = {name: _fresh(files | {"peer": name}) for name in (_NONE, *peer_names(), TWO)}
    base = peaks[_NONE]["peak"]
    rows = tuple(
        (name, f"{one['loaded']:,.0f}", f"{one['peak']:,.0f}", f"{one['peak'] - base:,.0f}")
        for name, one in peaks.items()
    )
    note = (
        f"{peaks[_NONE]['texts']:,} texts are held in memory by all. Resident memory, MB; "
        "of two workers: the sum over three processes, shared pages counted in each."
    )
    peak = Table("Peak memory", ("", "loaded", "peak", "over the texts"), rows, note)
    long = _fresh(files | {"million": million})
    checks = (
        Check(
            f"growth of memory from text {long['first']:,} to {million:,}",
            long["growth"],
            high=60,
            unit="MB",
        ),
    )
    figures = {"peaks": peaks, "long_run": long}
    return Section("memory", (peak, _long_table(long, million)), checks, figures)


def _long_table(long: dict[str, Any], million: int) -> Table:
    seen = long["resident"]
    step = max(len(seen) // 10, 1)
    shown = [*seen[::step], *([seen[-1]] if (len(seen) - 1) % step else [])]
    rows = tuple((f"{texts:,}", f"{size:,.1f}") for texts, size in shown)
    note = (
        f"Texts come from a generator, a word in twenty is new. Highest after text "
        f"{long['first']:,} less what it was there: {long['growth']:,.1f} MB, "
        f"in {long['seconds']:,.0f} s."
    )
    return Table(f"{million:,} texts in one process", ("texts", "resident, MB"), rows, note)


def _fresh(job: dict[str, Any]) -> dict[str, Any]:
    """Return what a job in a fresh process found."""
    command = (sys.executable, "-m", "benchmarks._speed_memory", json.dumps(job))
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=_ROOT)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def peak_of(job: dict[str, Any]) -> dict[str, Any]:
    """Return memory after loading one competitor and its peak, in MB, in this process."""
    texts = _texts(job)
    found: dict[str, Any] = {"texts": len(texts.measured)}
    if job["peer"] == _NONE:
        return found | {"loaded": resident(), "peak": highest()}
    run = make_peer(job["peer"], texts.warm)
    found["loaded"] = resident()
    if job["peer"] == TWO:
        return found | {"peak": _peak_of_two(texts)}
    run(texts.measured)
    return found | {"peak": highest()}


def long_run(job: dict[str, Any]) -> dict[str, Any]:
    """Return resident memory along a run over texts that are never kept."""
    import miner

    texts = _texts(job).measured
    million = int(job["million"])
    every = min(_FIRST, max(million // 4, 1))
    scorer = miner.load()
    start = time.perf_counter()
    seen: list[tuple[int, float]] = []
    for number, _ in enumerate(scorer.score_many(islice(mixed(texts, seed=2), million)), start=1):
        if number % every == 0:
            seen.append((number, resident()))
    growth = max(size for _, size in seen) - seen[0][1]
    taken = time.perf_counter() - start
    return {"resident": seen, "first": every, "growth": growth, "seconds": taken}


def _peak_of_two(texts: Texts) -> float:
    """Return the sum of the peaks of this process and of those it started."""
    import miner

    total = 0.0
    last = len(texts.measured) - 1
    for number, _ in enumerate(miner.load().score_many(texts.measured, workers=2)):
        if number == last:
            total = sum(highest(child) for child in _children())
    return total + highest()


def _children() -> Iterator[str]:
    for path in Path("/proc/self/task").glob("*/children"):
        yield from path.read_text(encoding="ascii").split()


def resident() -> float:
    """Return the memory this process holds now, in MB (10^6 bytes)."""
    return _status("self", "VmRSS")


def highest(process: str = "self") -> float:
    """Return the most memory a process ever held, in MB.

    Not ``ru_maxrss``: that starts from what the parent held.
    """
    return _status(process, "VmHWM")


def _status(process: str, key: str) -> float:
    for line in Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise OSError(f"/proc/{process}/status has no {key}: memory is measured on Linux only.")


def _texts(job: dict[str, Any]) -> Texts:
    return read_texts([Path(one) for one in job["files"]], limit=job["limit"])


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(long_run(given) if "million" in given else peak_of(given)))
