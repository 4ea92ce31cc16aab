"""A real Spark cluster on this machine, what its processes cost, and the hash of a result."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pyspark.sql import SparkSession

CLUSTER: Final = "local-cluster[2,1,1024]"
"""Two executors, Java processes of their own with one core and 1,024 MB of heap each: functions
and models really travel, as they don't with ``local[2]``."""

_ENVIRONMENT: Final = {
    "PYSPARK_PYTHON": sys.executable,  # else workers take the first python3 of the path
    "SPARK_LOCAL_IP": "127.0.0.1",  # else executors look for the driver at the host's address
}
_BRIEF: Final = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"""For jobs of a few rows: Java compiles fast code once instead of faster code twice."""

_BITS: Final = 256


@contextmanager
def cluster(*, brief: bool = False) -> Iterator[SparkSession]:
    """Start a cluster, and stop it; the environment is put back.

    `brief`: start sooner, for little work.
    """
    before = {name: os.environ.get(name) for name in _ENVIRONMENT}
    os.environ.update(_ENVIRONMENT)
    try:
        builder = SparkSession.builder.master(CLUSTER).appName("feedback-miner")
        for side in ("driver", "executor") if brief else ():
            builder = builder.config(f"spark.{side}.extraJavaOptions", _BRIEF)
        session = (
            builder.config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("ERROR")
        try:
            yield session
        finally:
            _stop(session)
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


def _stop(session: SparkSession) -> None:
    """Stop all, Java too, and remove what the executors logged under Spark's own folder."""
    import pyspark

    application = session.sparkContext.applicationId
    gateway = session.sparkContext._gateway
    session.stop()
    gateway.shutdown()
    gateway.proc.stdin.close()  # the Java process ends with its input
    gateway.proc.wait(timeout=60)
    type(session.sparkContext)._gateway = None
    type(session.sparkContext)._jvm = None
    work = Path(pyspark.__file__).parent / "work"
    shutil.rmtree(work / application, ignore_errors=True)
    if work.is_dir() and not any(work.iterdir()):
        work.rmdir()


def fingerprint(rows: Iterable[tuple[object, Mapping[str, Any]]]) -> str:
    """Return a hash of rows (id, values) that does not depend on their order.

    The sum of the rows' BLAKE2b hashes, modulo 2^256: a row that is missing, doubled or differs in
    one digit changes it.

    Examples
    --------
    >>> one, two = (7, {"theme": "a"}), (8, {"theme": "b"})
    >>> fingerprint([one, two]) == fingerprint([two, one]) != fingerprint([one])
    True
    """
    return added(
        hashlib.blake2b(
            json.dumps([key, values], ensure_ascii=False, sort_keys=True).encode(
                "utf-8", "surrogatepass"
            ),
            digest_size=_BITS // 8,
        ).hexdigest()
        for key, values in rows
    )


def added(hashes: Iterable[str]) -> str:
    """Return the fingerprint of rows whose parts have these fingerprints."""
    return f"{sum(int(one, 16) for one in hashes) % (1 << _BITS):0{_BITS // 4}x}"


def processes(root: int | None = None) -> dict[int, str]:
    """Return the process and all it started, directly or not: ``driver``, ``java``, ``python``."""
    found: dict[int, str] = {}
    waiting = [os.getpid() if root is None else root]
    while waiting:
        process = waiting.pop()
        try:
            command = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")[0]
            for children in Path(f"/proc/{process}/task").glob("*/children"):
                waiting += map(int, children.read_text(encoding="ascii").split())
        except (FileNotFoundError, ProcessLookupError):
            continue
        if command:  # one that has ended and was not waited for has none
            found[process] = "java" if command.endswith(b"java") else "python"
    found[os.getpid() if root is None else root] = "driver"
    return found


def processor_seconds(process: int) -> float:
    """Return the processor time a process has taken so far, its ended children with it."""
    after_name = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2]
    ticks = map(int, after_name.split()[11:15])  # utime, stime, cutime, cstime: fields 14 to 17
    return sum(ticks) / os.sysconf("SC_CLK_TCK")
