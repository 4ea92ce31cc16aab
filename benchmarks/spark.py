"""Measure Spark on two workers beside this machine alone, on the same rows; compare the results.

    python -m benchmarks.spark [--rows 200000] [--texts FILE …] [--markdown docs/spark.md]

The rows are made of statements of the project's own corpus, one to five each, a word in twenty
new; or they are read from FILE: JSON lines with "text", or one text a line, gzipped or not. Rows
go in as Parquet and come out as Parquet. docs/spark.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

import miner
from benchmarks._spark_cluster import (
    CLUSTER,
    added,
    cluster,
    fingerprint,
    processes,
    processor_seconds,
)
from benchmarks._speed_memory import highest
from benchmarks._speed_texts import mixed, read_texts
from benchmarks._tables import Check, Section, Table, into_page
from benchmarks.speed import machine
from miner.engines import spark
from miner.engines.parcels import Parcel
from miner.learn.corpus import load_corpus
from miner.resources import folder

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from miner.types import Scored

FILES: Final = 8
"""Parquet files of the input: a few tasks a worker, so that none waits long for the other."""

_SEED: Final = 20
_STATEMENTS: Final = (1, 5)
_READ: Final = 10_000  # rows of a result that are held at a time
_WAIT: Final = 1.0  # seconds


@dataclass(frozen=True)
class Run:
    """What one way of scoring took: seconds of wall time, and of all processors together."""

    seconds: float
    work: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Score the rows in each way, print the table and whether all results are the same."""
    given = parse(arguments)
    with tempfile.TemporaryDirectory() as place:
        found = measure(Path(place), given.rows, given.texts)
    for table in found.tables:
        print(table.text())
    for check in found.checks:
        print("  ".join(check.row()))
    if given.markdown:
        page = given.markdown.read_text(encoding="utf-8") if given.markdown.exists() else ""
        about = Section("machine", (), said=machine())
        given.markdown.write_text(into_page(page, [about, found]), encoding="utf-8")
    if not all(check.holds for check in found.checks):
        sys.exit(1)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; argparse says what is wrong with them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.spark",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=200_000, metavar="N",
                        help="rows to score (default: 200000)")  # fmt: skip
    parser.add_argument("--texts", type=Path, nargs="+", metavar="FILE",
                        help="take the texts of these files (default: made up)")  # fmt: skip
    parser.add_argument("--markdown", type=Path, metavar="PAGE",
                        help="put the tables into this page, between its marks")  # fmt: skip
    return parser.parse_args(arguments)


def measure(place: Path, rows: int, files: Sequence[Path] | None = None) -> Section:
    """Return what was measured, as tables, figures and promises."""
    given = read_texts(files).measured if files else ()
    texts = list(islice(cycle(given) if given else made_up(), rows))
    write_rows(place / "in", texts)
    one, expected = in_one_process(texts)
    runs = {"this machine, one process": one, "this machine, two processes": in_two(texts)}
    start = time.perf_counter()
    with cluster() as session:
        figures = {"start": time.perf_counter() - start, **first_task(session)}
        runs["Spark, two workers"] = on_spark(session, place)
        figures |= highest_of_each()
        stored = session.read.parquet(str(place / "score"))
        mentions = stored.selectExpr("id", "inline(mentions)")
        mentions.write.parquet(str(place / "mentions"))
    figures |= {
        "rows": rows,
        "characters": sum(map(len, texts)) / rows,
        "core_seconds": runs["Spark, two workers"].work,
        "stored": size_of(place / "score"),
        "stored_mentions": size_of(place / "mentions"),
    }
    different = int(fingerprint(_stored(place / "score")) != expected)
    tables = (_times(runs, rows), _costs(figures))
    return Section("spark", tables, (Check("results that differ", different, high=0),), figures)


def made_up() -> Iterator[str]:
    """Yield feedback without end: statements of the corpus joined, a word in twenty new."""
    chance = random.Random(_SEED)
    statements = mixed(load_corpus(folder("corpora")).texts, seed=_SEED)
    while True:
        yield " ".join(islice(statements, chance.randint(*_STATEMENTS)))


def write_rows(place: Path, texts: Sequence[str]) -> None:
    """Write the texts with ids from 0 into a folder of Parquet files."""
    place.mkdir()
    step = -(-len(texts) // FILES)
    for number, at in enumerate(range(0, len(texts), step)):
        part = texts[at : at + step]
        ids = pa.array(range(at, at + len(part)), pa.int64())
        table = pa.table({"id": ids, "comment": pa.array(part)})
        pq.write_table(table, place / f"{number:02}.parquet")


def in_one_process(texts: Sequence[str]) -> tuple[Run, str]:
    """Score in this process; return the hash of what it finds too, which is not in the time."""
    scored = miner.load().score_many(texts)
    taken, worked, hashes = 0.0, 0.0, []
    for at in range(0, len(texts), _READ):
        start, work = time.perf_counter(), time.process_time()
        some = list(islice(scored, _READ))
        taken += time.perf_counter() - start
        worked += time.process_time() - work
        hashes.append(fingerprint((at + n, _plain(one)) for n, one in enumerate(some)))
    return Run(taken, worked), added(hashes)


def in_two(texts: Sequence[str]) -> Run:
    """Score in two processes that this one starts; what they find is dropped."""
    scorer = miner.load()
    start, worked = time.perf_counter(), processor_seconds(os.getpid())
    deque(scorer.score_many(texts, workers=2), maxlen=0)
    return Run(time.perf_counter() - start, processor_seconds(os.getpid()) - worked)


def first_task(session: SparkSession) -> dict[str, float]:
    """Make both workers load the model; return how long each took inside, and all from outside."""
    parcel = Parcel.of("en")

    def load(batches: Iterator[Any]) -> Iterator[Any]:
        for _ in batches:
            start = time.perf_counter()
            parcel.scorer()
            taken = time.perf_counter() - start
            time.sleep(_WAIT)  # so that the other worker takes the other task
            yield pa.RecordBatch.from_pydict({"process": [os.getpid()], "taken": [taken]})

    start = time.perf_counter()
    rows = session.range(2, numPartitions=2).mapInArrow(load, "process long, taken double")
    found = {row.process: row.taken for row in rows.collect()}
    whole = time.perf_counter() - start - _WAIT
    return {"workers": len(found), "load": max(found.values()), "first_task": whole}


def on_spark(session: SparkSession, place: Path) -> Run:
    """Score Parquet to Parquet."""
    started = {one: processor_seconds(one) for one in processes()}
    start = time.perf_counter()
    scored = spark.score(session.read.parquet(str(place / "in")))
    scored.write.parquet(str(place / "score"))
    taken = time.perf_counter() - start
    # those of the executors: the driver's Python only waits
    work = sum(processor_seconds(one) - started.get(one, 0.0) for one in processes())
    return Run(taken, work)


def highest_of_each() -> dict[str, float]:
    """Return the most memory that any Python worker and any Java process has held, in MB."""
    found = [(kind, highest(str(one))) for one, kind in processes().items()]
    return {kind: max(size for name, size in found if name == kind) for kind in ("python", "java")}


def size_of(place: Path) -> int:
    """Return how many bytes the Parquet files of a folder have."""
    return sum(one.stat().st_size for one in place.glob("*.parquet"))


def _plain(scored: Scored) -> Mapping[str, Any]:
    return {name: value for name, value in scored.to_dict().items() if name != "text"}


def _stored(place: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Yield id and values of the rows of a folder of Parquet files."""
    for file in sorted(place.glob("*.parquet")):
        for batch in pq.ParquetFile(file).iter_batches(_READ):
            for row in batch.to_pylist():
                yield row.pop("id"), row


def _times(runs: Mapping[str, Run], rows: int) -> Table:
    first = next(iter(runs.values()))
    return Table(
        f"{rows:,} rows",
        ("", "seconds", "rows/s", "times one process", "core-seconds"),
        tuple(
            (
                name,
                f"{run.seconds:,.1f}",
                f"{rows / run.seconds:,.0f}",
                f"{first.seconds / run.seconds:.2f}",
                f"{run.work:,.1f}",
            )
            for name, run in runs.items()
        ),
        "Spark reads and writes Parquet; this machine reads a list and drops what it finds. "
        "Core-seconds are processor time, Java's too; what else ran hardly disturbs it.",
    )


def _costs(figures: Mapping[str, float]) -> Table:
    rows = figures["rows"]
    shown = (
        ("characters a row", f"{figures['characters']:,.0f}"),
        ("core-seconds per 1,000 rows", f"{figures['core_seconds'] / rows * 1000:.3f}"),
        ("result, bytes a row", f"{figures['stored'] / rows:,.0f}"),
        ("result of mentions alone, bytes a row", f"{figures['stored_mentions'] / rows:,.0f}"),
        ("start of the cluster, s", f"{figures['start']:,.1f}"),
        ("first task: Python, imports and model, s", f"{figures['first_task']:,.1f}"),
        ("of that the imports and the model, a worker, s", f"{figures['load']:,.1f}"),
        ("peak memory of a Python worker, MB", f"{figures['python']:,.0f}"),
        ("peak memory of a Java process, MB", f"{figures['java']:,.0f}"),
    )
    return Table("What it takes", ("", "measured"), shown, f"{CLUSTER}; Parquet with snappy.")


if __name__ == "__main__":
    main()
