"""`miner feed run`: read what is new, tag it, keep it, say what is unusual."""

from __future__ import annotations

import gc
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from miner import __version__
from miner.errors import DataError, MinerError
from miner.feed.deliveries import Delivery, Trouble, deliveries
from miner.feed.reading import Portion, Reader
from miner.feed.settings import FeedSettings, Source
from miner.feed.store.sqlite import MEMORY
from miner.feed.store.store import Store
from miner.text.language import load_ahead
from miner.workflow.feed.upkeep import Watch, expire, rescore_some
from miner.workflow.feed.watching import Watched, watch
from miner.workflow.pipeline import Progress, silent

if TYPE_CHECKING:  # a night without news loads no model
    from miner.workflow.feed.tagging import Tagging
    from miner.workflow.frames import ScoredTables

Stopping = Callable[[], bool]
"""Asked between batches whether to stop after the one at hand."""


@dataclass(frozen=True)
class Told:
    """What one call may say beyond ``feed.toml``.

    `dry_run`: say what would be read, write nothing. `max_rows`: stop after about so many rows.
    `workers` None: as the settings say. `now`: the clock, None: the machine's.
    """

    dry_run: bool = False
    max_rows: int | None = None
    workers: int | None = None
    now: datetime | None = None

    @property
    def moment(self) -> datetime:
        """The clock, in UTC."""
        return (self.now or datetime.now(UTC)).astimezone(UTC)


@dataclass(frozen=True)
class FeedRun:
    """What a run did.

    `state`: done | stopped | dry. `ledger`: by source, rows by word. `rescored`: rows of an earlier
    model brought up to date, `stale`: those left. `erased`: rows whose words aged out. `seconds`:
    by stage. `troubles`: places that could not be read. `watched`: what the alerts say.
    """

    run: int | None
    state: str
    ledger: Mapping[str, Mapping[str, int]]
    seconds: Mapping[str, float]
    troubles: tuple[Trouble, ...] = ()
    rescored: int = 0
    stale: int = 0
    erased: int = 0
    watched: Watched = field(default_factory=lambda: Watched())

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as plain data, for JSON logs."""
        return {
            "run": self.run,
            "state": self.state,
            "ledger": {source: dict(counts) for source, counts in self.ledger.items()},
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "troubles": [
                {"source": one.source, "place": one.place, "error": one.error.slug,
                 "message": one.message}
                for one in self.troubles
            ],
            "rescored": self.rescored,
            "stale": self.stale,
            "erased": self.erased,
            **self.watched.to_dict(),
        }  # fmt: skip


def never() -> bool:
    """Don't stop."""
    return False


def run_feed(
    settings: FeedSettings, told: Told | None = None, *,
    progress: Progress = silent, stopping: Stopping = never,
) -> FeedRun:  # fmt: skip
    """Read what the sources have, once; what a run that died left half done comes first.

    Raises
    ------
    HeldError
        Another run is at work on this store.
    UsageError, DataError, ModelError
        See `miner.errors`. What was written stays; the next run goes on from there.
    """
    told = told or Told()
    if told.dry_run:
        return _dry(settings, told, progress)
    with opened(settings) as store, store.database.lock():
        run = store.begin("run", settings=settings.to_dict(), versions=versions(), now=told.moment)
        job = _Job(settings, told, store, run, progress, stopping)
        with closing_record(store, run), seldom_garbage():
            done = job.work()
        store.end(run, done.state, seconds=done.seconds, problem=_said(done.troubles))
        return done


@contextmanager
def closing_record(store: Store, run: int) -> Iterator[None]:
    """Write into the record of a run how it ended, where an error or Ctrl-C ends it."""
    try:
        yield
    except BaseException as error:
        stopped = isinstance(error, KeyboardInterrupt)
        problem = "interrupted" if stopped else str(error) or type(error).__name__
        with suppress(MinerError):
            store.end(run, "stopped" if stopped else "failed", problem=problem)
        raise


@contextmanager
def seldom_garbage() -> Iterator[None]:
    """Look for reference cycles less often: the rows of a batch live as long as it does.

    Python's default looks each time 700 objects were made, which costs a run 15 % of its time
    (ten nights of 5,300 rows in one process: 21.4 s, with this 18.1 s).
    """
    usual = gc.get_threshold()
    gc.set_threshold(max(usual[0], _GARBAGE_AFTER), *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


_GARBAGE_AFTER: Final = 50_000
"""Objects: some thousand rows with all that hangs on them."""


@contextmanager
def opened(settings: FeedSettings) -> Iterator[Store]:
    """Open the store of a feed and let go of it."""
    store = Store(settings.store)
    try:
        yield store
    finally:
        store.close()


def versions() -> dict[str, str]:
    """Return what a run's record says of the program."""
    return {"feedback-miner": __version__, "python": platform.python_version()}


@dataclass
class _Job:
    """One run at work."""

    settings: FeedSettings
    told: Told
    store: Store
    run: int
    progress: Progress
    stopping: Stopping
    troubles: list[Trouble] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)
    rows: int = 0
    tagging: Tagging | None = None

    def work(self) -> FeedRun:
        with self._timed("read and tag"):
            self._read()
        with self._timed("retention"):
            erased = expire(self.store, self.settings, self.told.moment)
        with self._timed("rescore"):
            rescored, stale = self._rescore()
        with self._timed("alerts"):
            watched = watch(self.store, self.settings, run=self.run, now=self.told.moment)
        return FeedRun(
            run=self.run,
            state="stopped" if self._full() else "done",
            ledger=self.store.ledger(self.run),
            seconds=dict(self.seconds),
            troubles=tuple(self.troubles),
            rescored=rescored,
            stale=stale,
            erased=erased,
            watched=watched,
        )

    def _read(self) -> None:
        reader = Reader(self.store, oldest(self.settings, self.told.moment))
        portions = self._portions(reader)
        # nothing to tag, as in most nights of a quiet source: no model is loaded
        for portion in portions:
            if len(portion.feedback):
                self._tag(reader, chain([portion], portions))
                break
            self._keep(reader, portion, None)

    def _portions(self, reader: Reader) -> Iterator[Portion]:
        for source in self.settings.sources:
            for found in self._deliveries(source):
                with self._noting(source.name, found.place.place):
                    yield from self._of(reader, found)
                if self._full():
                    return

    def _deliveries(self, source: Source) -> Iterator[Delivery]:
        with self._noting(source.name, ""):
            for found in deliveries(
                source, self.store, now=self.told.moment, batch_rows=self.settings.batch_rows,
                keep=not self.told.dry_run,
            ):  # fmt: skip
                if isinstance(found, Trouble):
                    self.troubles.append(found)
                else:
                    yield found

    @contextmanager
    def _noting(self, source: str, place: str) -> Iterator[None]:
        """Note what can't be read and go on with the rest; a store that fails ends the run."""
        try:
            yield
        except DataError as error:
            if error.slug.startswith("store."):
                raise
            self.troubles.append(Trouble(source, place, error))

    def _of(self, reader: Reader, delivery: Delivery) -> Iterator[Portion]:
        for portion in reader.portions(delivery):
            self.rows += portion.batch.words.get("received", 0)
            yield portion
            if self._full():
                return

    def _full(self) -> bool:
        most = self.told.max_rows
        return self.stopping() or (most is not None and self.rows >= most)

    def _tag(self, reader: Reader, portions: Iterator[Portion]) -> None:
        load_ahead()  # before the imports that take as long
        from miner.workflow.spreading import score_chunks

        tagging = self._loaded()
        tagger = self.store.tagger(tagging.facts, self.run)
        workers = self.settings.workers if self.told.workers is None else self.told.workers
        if workers == 0:
            portions, long = _is_long(portions)
            workers = 0 if long else 1
        for portion, tables in score_chunks(portions, tagging.rows, workers):
            self._keep(reader, portion, tables, tagger)
            if self.stopping():  # what was read ahead is left for the next run
                return

    def _keep(
        self, reader: Reader, portion: Portion, tables: ScoredTables | None, tagger: int = 0
    ) -> None:
        if tables is not None and len(tables.feedback):
            from miner.workflow.feed.tagging import tagged

            batch = tagged(portion, tables, tagger, redact=self.settings.redact)
        else:
            batch = portion.records([], [], [])
        if self.settings.redact:
            from miner.workflow.feed.tagging import without_personal_data

            batch = without_personal_data(batch, self.settings)
        self.store.commit(self.run, batch)
        reader.written(portion)
        self.progress("Reading and tagging", self.rows, None)

    def _loaded(self) -> Tagging:
        from miner.workflow.feed.tagging import load_tagging

        self.tagging = self.tagging or load_tagging(self.settings)
        return self.tagging

    def _rescore(self) -> tuple[int, int]:
        """Bring rows of an earlier model up to date, so many a run."""
        stale = self.store.stale_count()
        if not stale or not self.settings.rescore_rows:
            return 0, stale
        return rescore_some(
            self.store, self._loaded(), run=self.run, most=self.settings.rescore_rows,
            watch=Watch(stopping=self.stopping),
        )  # fmt: skip

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.monotonic()
        yield
        self.seconds[stage] += time.monotonic() - start  # type: ignore[assignment]


def oldest(settings: FeedSettings, now: datetime) -> datetime | None:
    """Return the moment before which feedback is no longer kept, None where all is."""
    if settings.rows_days is None:
        return None
    return (now - timedelta(days=settings.rows_days)).replace(tzinfo=None)


def _dry(settings: FeedSettings, told: Told, progress: Progress) -> FeedRun:
    """Say what a run would read."""
    with store_to_look_at(settings) as store:
        job = _Job(settings, told, store, 0, progress, never)
        reader = Reader(store, oldest(settings, told.moment))
        counts: dict[str, Counter[str]] = {}
        for portion in job._portions(reader):
            source = counts.setdefault(portion.batch.place.source, Counter())
            source.update(portion.batch.words)
            progress("Reading", job.rows, None)
        ledger = {source: dict(found) for source, found in counts.items()}
        return FeedRun(None, "dry", ledger, {}, tuple(job.troubles))


@contextmanager
def store_to_look_at(settings: FeedSettings) -> Iterator[Store]:
    """Open the store; where there is none yet, an empty one that leaves nothing behind."""
    there = "://" in settings.store or Path(settings.store).is_file()
    store = Store(settings.store if there else MEMORY)
    try:
        yield store
    finally:
        store.close()


_LOOK_ROWS: Final = 20_000
"""Rows looked at before processes are started that tag: starting them takes as long as tagging some
ten thousand (docs/speed.md), and most nights bring fewer."""


def _is_long(portions: Iterator[Portion]) -> tuple[Iterator[Portion], bool]:
    """Return the portions, and whether at least half of the first rows are there to be tagged."""
    first: list[Portion] = []
    seen = 0
    for portion in portions:
        first.append(portion)
        seen += portion.batch.words.get("received", 0)
        if seen >= _LOOK_ROWS:
            break
    return chain(first, portions), 2 * sum(len(one.feedback) for one in first) >= _LOOK_ROWS


_MOST_SAID: Final = 5
"""Troubles named in a run's record; all are in the log."""


def _said(troubles: tuple[Trouble, ...]) -> str:
    return " ".join(map(str, troubles[:_MOST_SAID]))
