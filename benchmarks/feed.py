"""Measure a feed that reads an export in nightly files beside one `miner run` over all of it.

    python -m benchmarks.feed --export FILE [--nights 30] [--postgres URL] [--workers 0]

The rows of FILE (CSV, gzipped or not, in the order of their days) are cut into as many files as
there are nights. First all nights in one process that stays; then each night in a process of its
own, as cron would start it: ``miner feed run``. The difference is what starting costs. Then come a
night without news and the report. Told are the time of all nights and of the report in parts of
the time of `miner run`, the memory of each night, and the size of the store. The database of URL
must be empty. Nothing is kept.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO, cast

from miner.feed.store.database import open_database

MOST_RATIO: Final = 1.4
"""All nights may take so many times as long as one run over the same rows."""
QUIET_SECONDS: Final = 3.0
"""A night without news may take so long."""
FLAT: Final = 1.25
"""The last third of the nights may need so many times the memory of the first third."""

_FEED: Final = """name = "Benchmark"
[store]
url = "{store}"
[[source]]
name = "export"
files = "inbox/*.csv"
[run]
workers = {workers}
[alerts]
on = {alerts}
"""


@dataclass(frozen=True)
class Took:
    """What one process took: seconds by the clock, seconds of processors, most memory in MB."""

    seconds: float
    busy: float
    memory: float


def call(*words: str, folder: Path) -> Took:
    """Run ``miner`` with these words in a process of its own."""
    start = time.monotonic()
    with (folder / "log.txt").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "miner", *words], cwd=folder, stdout=log, stderr=log
        )
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 5):  # 5: an alert was raised
        raise SystemExit((folder / "log.txt").read_text(encoding="utf-8"))
    took = time.monotonic() - start
    return Took(took, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def opened(path: Path) -> TextIO:
    """Open a file of rows, gzipped or not."""
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8", newline=""))
    return path.open(encoding="utf-8", newline="")


def cut(export: Path, folder: Path, nights: int) -> tuple[list[Path], int]:
    """Write the rows as so many files of about one length, and return how many there were."""
    with opened(export) as file:
        header, *rows = csv.reader(file)
    folder.mkdir()
    parts = []
    for night in range(nights):
        parts.append(folder / f"night-{night + 1:03d}.csv")
        first, last = (len(rows) * at // nights for at in (night, night + 1))
        with parts[-1].open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows([header, *rows[first:last]])
    return parts, len(rows)


@dataclass(frozen=True)
class Nights:
    """What a feed took: each night, one without news, the report; and the bytes of its store."""

    each: Sequence[Took]
    quiet: Took
    report: Took
    stored: int


def nightly(
    parts: Sequence[Path], folder: Path, store: str, *, workers: int, alerts: bool
) -> Nights:
    """Run a feed once a night, over one more file each."""
    inbox = folder / "inbox"
    inbox.mkdir(parents=True)
    told = _FEED.format(store=store, workers=workers, alerts=str(alerts).lower())
    (folder / "feed.toml").write_text(told, encoding="utf-8")
    each = []
    for part in parts:
        (inbox / part.name).write_bytes(part.read_bytes())
        each.append(call("feed", "run", "feed.toml", "--quiet", folder=folder))
        print(f"  {part.name}: {each[-1].seconds:.1f} s, {each[-1].memory:.0f} MB", flush=True)
    quiet = call("feed", "run", "feed.toml", "--quiet", folder=folder)
    report = call("feed", "report", "feed.toml", "-o", "out", "--quiet", folder=folder)
    return Nights(each, quiet, report, _stored(folder, store))


_RESIDENT: Final = """import resource, shutil, sys, time
from pathlib import Path
from miner.feed.settings import load_feed
from miner.workflow.feed.running import run_feed
if __name__ == "__main__":
    settings = load_feed("feed.toml")
    for part in map(Path, sys.argv[1:]):
        shutil.copyfile(part, Path("inbox") / part.name)
        start = time.monotonic()
        run_feed(settings)
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(time.monotonic() - start, most, flush=True)
"""


def resident(
    parts: Sequence[Path], folder: Path, *, workers: int, alerts: bool
) -> list[tuple[float, float]]:
    """Run the same nights in one process; seconds and memory in MB of each."""
    (folder / "inbox").mkdir(parents=True)
    told = _FEED.format(store="feed.db", workers=workers, alerts=str(alerts).lower())
    (folder / "feed.toml").write_text(told, encoding="utf-8")
    (folder / "nights.py").write_text(_RESIDENT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "nights.py", *map(str, parts)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [line.split() for line in done.stdout.splitlines()]
    return [(float(seconds), float(memory)) for seconds, memory in lines]


def _stored(folder: Path, store: str) -> int:
    if "://" not in store:
        return sum(one.stat().st_size for one in folder.glob(f"{store}*"))
    with closing(open_database(store)) as database:
        return int(database.query("SELECT pg_database_size(current_database())")[0][0])


def told(name: str, whole: Took, nights: Nights, rows: int) -> list[str]:
    """Return what is said of one store."""
    total = sum(one.seconds for one in nights.each)
    third = max(1, len(nights.each) // 3)
    memory = [max(one.memory for one in part)
              for part in (nights.each[:third], nights.each[-third:])]  # fmt: skip
    ratio, ratio_all = total / whole.seconds, (total + nights.report.seconds) / whole.seconds
    busy = sum(one.busy for one in nights.each) / whole.busy
    return [
        f"{name}: {len(nights.each)} nights {total:.1f} s, report {nights.report.seconds:.1f} s",
        f"  nights / run {ratio:.2f} (processors {busy:.2f}), with the report {ratio_all:.2f}: "
        f"{_judged(ratio_all <= MOST_RATIO)} (at most {MOST_RATIO})",
        f"  a night without news {nights.quiet.seconds:.2f} s: "
        f"{_judged(nights.quiet.seconds < QUIET_SECONDS)} (under {QUIET_SECONDS:.0f} s)",
        f"  memory of the first and the last third {memory[0]:.0f} and {memory[1]:.0f} MB: "
        f"{_judged(memory[1] <= FLAT * memory[0])} (flat)",
        f"  store {nights.stored / 1e6:.0f} MB, {nights.stored / rows:.0f} bytes a row",
    ]


def _judged(fine: bool) -> str:
    return "holds" if fine else "MISSED"


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--export", type=Path, required=True)
    parser.add_argument("--nights", type=int, default=30)
    parser.add_argument("--postgres", help="address of an empty database")
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--alerts", action="store_true", help="judge alerts each night, too")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="feed-benchmark-") as name:
        folder = Path(name)
        parts, rows = cut(wanted.export.absolute(), folder / "parts", wanted.nights)
        workers = str(wanted.workers)
        whole = call("run", "parts", "-o", "run", "--quiet", "--workers", workers, folder=folder)
        print(f"{rows:,} rows; one run {whole.seconds:.1f} s, {whole.memory:.0f} MB", flush=True)
        stayed = resident(parts, folder / "resident", workers=wanted.workers, alerts=wanted.alerts)
        total = sum(seconds for seconds, _ in stayed)
        print(
            f"SQLite, one process: {len(stayed)} nights {total:.1f} s\n"
            f"  nights / run {total / whole.seconds:.2f}: "
            f"{_judged(total <= MOST_RATIO * whole.seconds)} (at most {MOST_RATIO}); memory after "
            f"the first and the last night {stayed[0][1]:.0f} and {stayed[-1][1]:.0f} MB",
            flush=True,
        )
        for kind, store in (("SQLite", "feed.db"), ("PostgreSQL", wanted.postgres)):
            if store is None:
                continue
            found = nightly(
                parts, folder / kind, store, workers=wanted.workers, alerts=wanted.alerts
            )
            print("\n".join(told(kind, whole, found, rows)), flush=True)


if __name__ == "__main__":
    main()
