"""``feed.toml``: what the feed reads, keeps, reports and warns of; an unknown key is an error."""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from miner.config import Settings
from miner.errors import UsageError, nearest
from miner.feed.alerts import AlertRule
from miner.ingest.areas import declared_areas
from miner.ingest.options import FIELDS, MARKS, RATINGS, Area, ReadOptions

_KINDS: Final = ("files", "table", "query", "stdin")
_REPORT: Final = (
    "title", "grain", "minimum_n", "compare_from", "stage", "rank_by", "verbatims", "due_hours",
    "follow_up_days", "gross_margin", "formats", "logo", "report_language", "benchmark",
    "customers", "customer_map",
)  # fmt: skip
"""Settings of `miner.config.Settings` that a feed's report takes."""

TEMPLATE: Final = Path(__file__).with_name("feed.toml")
"""A commented ``feed.toml`` with every setting."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place where feedback comes from: exactly one of files, table, query and stdin.

    Parameters
    ----------
    name : stands for the source in the store for good.
    files : a file, a folder or a pattern such as ``inbox/*.csv``; mailboxes too.
    table, query : of `database`, an SQLite file or a ``postgresql://`` address.
    cursor : column that only grows, such as ``updated_at``: rows from its last value on are read;
        None reads all rows each time.
    stdin : read JSON Lines, CSV … from standard input.
    complete : each delivery holds everything (of files: the last one in the order of names):
        feedback that is missing there is gone.
    settle_seconds : files changed within so many seconds are left for the next run.
    map : field -> column; besides the fields of `miner run`, ``updated`` (when a row was last
        changed; newer rows win) and ``deleted`` (holds anything where feedback was withdrawn).
    scales : (lowest, highest) of a rating, such as ``csat = [1, 5]``; others are found out from
        the first delivery and kept.
    date_order : ``day`` or ``month``, whichever comes first in 03/04/2026; None finds it out from
        the first delivery.
    areas : survey areas, as in `miner.config.Settings`.
    encoding, delimiter, sheet, format : as in `miner.ingest.ReadOptions`.
    """

    name: str
    files: str | None = None
    table: str | None = None
    query: str | None = None
    database: str | None = None
    cursor: str | None = None
    stdin: bool = False
    complete: bool = False
    settle_seconds: float = 0
    map: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    date_order: str | None = None
    areas: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    format: str | None = None

    @property
    def kind(self) -> str:
        """files | table | query | stdin."""
        return next(kind for kind in _KINDS if getattr(self, kind))

    def read_options(self, areas: Sequence[Area] = ()) -> ReadOptions:
        """Return how its rows are read."""
        return ReadOptions(
            encoding=self.encoding,
            delimiter=self.delimiter,
            sheet=self.sheet,
            format=self.format,
            map={key: value for key, value in self.map.items() if key not in MARKS},
            marks={key: str(self.map[key]) for key in MARKS if key in self.map}
            | ({"cursor": self.cursor} if self.cursor else {}),
            areas=tuple(areas),
        )


@dataclass(frozen=True, slots=True)
class FeedSettings:
    """What one feed is told.

    Parameters
    ----------
    name : of the feed; the heading of its reports.
    store : path of an SQLite file, or ``postgresql://…``.
    sources : at least one, in the order of the report.
    model, taxonomy, language, workers : as in `miner.config.Settings`.
    batch_rows : rows a transaction.
    rescore_rows : rows tagged by an earlier model that a run brings up to date beside its own work.
    redact : take personal data out of the words before they are stored; else they are stored as
        they came and shown without.
    texts_days, rows_days : age in days from which on words and ids are erased, or whole rows are
        deleted; None keeps them.
    report : settings of the report (`miner.config.Settings`).
    days : report on so many days up to today; None on all.
    alerts : rule of the alerts; None for none.
    alerts_file : JSON Lines, one event a line.
    webhook : address each event is sent to; None sends nothing anywhere.
    """

    name: str
    store: str
    sources: tuple[Source, ...]
    model: str = "en"
    taxonomy: str | None = None
    language: str | None = None
    workers: int = 0
    batch_rows: int = 5000
    rescore_rows: int = 20_000
    redact: bool = False
    texts_days: int | None = None
    rows_days: int | None = None
    report: Mapping[str, Any] = field(default_factory=dict)
    days: int | None = None
    alerts: AlertRule | None = field(default_factory=AlertRule)
    alerts_file: str | None = None
    webhook: str | None = None

    def scoring(self) -> Settings:
        """Return the settings of tagging."""
        return Settings(
            model=self.model, taxonomy=self.taxonomy, language=self.language, workers=self.workers
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what a run's record keeps: no passwords."""
        from miner.feed.store.postgres import without_password

        data = dataclasses.asdict(self)
        data["store"] = without_password(self.store)
        for source in data["sources"]:
            if source["database"]:
                source["database"] = without_password(source["database"])
        data["webhook"] = bool(self.webhook)
        return data


def load_feed(path: str | Path) -> FeedSettings:
    """Read ``feed.toml``; paths count from its folder, ``$NAME`` comes from the environment.

    Raises
    ------
    UsageError
        It is missing, is not TOML, has an unknown key or a value that does not fit.
    """
    file = Path(path)
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{file}: {error.strerror or error}.",
            hint="Write one with: miner feed init feed.toml.",
            slug="feed.no-file",
            path=str(file),
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} is not valid TOML: {error}.", hint="Mend that line.", slug="feed.not-toml"
        ) from error
    return _feed(data, _Book(str(path), file.absolute().parent))


@dataclass(frozen=True)
class _Book:
    """The file being read: its name for messages, its folder for paths."""

    name: str
    folder: Path

    def table(self, data: Any, known: Sequence[str], where: str) -> dict[str, Any]:
        """Return a table after a look at its keys."""
        if not isinstance(data, Mapping):
            raise self.wrong(where, data, "a table")
        for key in data:
            if key not in known:
                place = f" in [{where}]" if where else ""
                raise UsageError(
                    f'{self.name}: there is no setting "{key}"{place}.',
                    hint=f"{nearest(key, known)}Settings{place}: {', '.join(known)}.",
                    slug="feed.unknown-key",
                    key=key,
                )
        return dict(data)

    def value(self, data: Mapping[str, Any], key: str, kind: Any, usual: Any) -> Any:
        """Return a value of the kind it must have, or the usual one."""
        if key not in data:
            return usual
        got = data[key]
        whole = kind is int and isinstance(got, int) and not isinstance(got, bool) and got >= 0
        real = kind is float and isinstance(got, int | float) and not isinstance(got, bool)
        if (
            whole
            or (real and got >= 0)
            or (kind in (str, bool) and isinstance(got, kind) and got != "")
        ):
            return got
        raise self.wrong(key, got, _EXPECTED[kind])

    def days(self, data: Mapping[str, Any], key: str) -> int | None:
        """Return a number of days that a calendar can go back, None where nothing is said."""
        found: int | None = self.value(data, key, int, None)
        if (found or 0) > _MOST_DAYS:
            raise self.wrong(key, found, f"at most {_MOST_DAYS:,} days")
        return found

    def path(self, text: str | None) -> str | None:
        """Return a path as counted from the folder of the file; an address as it is."""
        if text is None:
            return None
        text = self.filled(text)
        return text if "://" in text else str(self.folder / Path(text).expanduser())

    def filled(self, text: str) -> str:
        """Return a text with ``$NAME`` and ``${NAME}`` taken from the environment."""
        found = os.path.expandvars(text)
        if "$" in found:
            raise UsageError(
                f"{self.name}: {text} names a variable that is not set.",
                hint="Set it in the environment of the job.",
                slug="feed.unset-variable",
            )
        return found

    def wrong(self, key: str, got: object, expected: str) -> UsageError:
        return UsageError(
            f"{self.name}: {key}: got {got!r}, expected {expected}.",
            hint=f"Mend {key} in {self.name}; miner feed init shows every setting.",
            slug="feed.wrong-value",
            key=key,
            got=got,
        )


_MOST_DAYS: Final = 100_000  # some 270 years: older than any feedback
_EXPECTED: Final = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number from 0",
    float: "a number from 0",
}
_TOP: Final = ("name", "model", "taxonomy", "language", "store", "source", "run", "report",
               "alerts", "retention", "privacy")  # fmt: skip


def _feed(data: dict[str, Any], book: _Book) -> FeedSettings:
    top = book.table(data, _TOP, "")
    store = book.table(top.get("store", {}), ["url"], "store")
    run = book.table(top.get("run", {}), ["workers", "batch_rows", "rescore_rows"], "run")
    privacy = book.table(top.get("privacy", {}), ["redact"], "privacy")
    kept = book.table(top.get("retention", {}), ["texts_days", "rows_days"], "retention")
    report = book.table(top.get("report", {}), [*_REPORT, "days"], "report")
    sources = _sources(top.get("source"), book)
    return FeedSettings(
        name=book.value(top, "name", str, "Feedback"),
        store=book.path(book.value(store, "url", str, "feed.db")) or "feed.db",
        sources=sources,
        model=book.value(top, "model", str, "en"),
        taxonomy=book.path(book.value(top, "taxonomy", str, None)),
        language=book.value(top, "language", str, None),
        workers=book.value(run, "workers", int, 0),
        batch_rows=book.value(run, "batch_rows", int, 5000) or 5000,
        rescore_rows=book.value(run, "rescore_rows", int, 20_000),
        redact=book.value(privacy, "redact", bool, False),
        days=book.days(report, "days"),
        report=_report(report, book),
        texts_days=book.days(kept, "texts_days"),
        rows_days=book.days(kept, "rows_days"),
        **_alerts(top.get("alerts", {}), book),
    )


def _report(data: Mapping[str, Any], book: _Book) -> dict[str, Any]:
    found = {key: value for key, value in data.items() if key != "days"}
    for key in ("logo", "benchmark", "customers"):
        if key in found:
            found[key] = book.path(book.value(found, key, str, None))
    if isinstance(found.get("formats"), list):
        found["formats"] = tuple(found["formats"])
    Settings(**found)  # says what is wrong now, not in the middle of the night
    return found


def _alerts(data: Any, book: _Book) -> dict[str, Any]:
    names = [one.name for one in dataclasses.fields(AlertRule)]
    found = book.table(data, [*names, "on", "file", "webhook"], "alerts")
    on = book.value(found, "on", bool, True)
    webhook = book.value(found, "webhook", str, None)
    rule = {key: value for key, value in found.items() if key in names}
    rule = {key: tuple(value) if isinstance(value, list) else value for key, value in rule.items()}
    return {
        "alerts": AlertRule(**rule) if on else None,
        "alerts_file": book.path(book.value(found, "file", str, None)),
        "webhook": _webhook(webhook, book) if webhook else None,
    }


def _webhook(address: str, book: _Book) -> str:
    from miner.feed.alerts.webhook import wrong_address  # most feeds have none, and ssl is slow

    filled = book.filled(address)
    if wrong_address(filled):
        raise book.wrong("alerts.webhook", address, "an http or https address without a user name")
    return filled


def _sources(data: Any, book: _Book) -> tuple[Source, ...]:
    if not isinstance(data, list) or not data:
        raise book.wrong("source", data, "one or more tables [[source]]")
    found = tuple(_source(one, book) for one in data)
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise book.wrong("source", name, "names that differ")
    if sum(one.stdin for one in found) > 1:
        raise book.wrong("stdin", True, "one source of standard input at most")
    return found


def _source(data: Any, book: _Book) -> Source:
    table = book.table(data, [one.name for one in dataclasses.fields(Source)], "source")
    texts = ("files", "table", "query", "database", "cursor", "date_order", "encoding",
             "delimiter", "sheet", "format")  # fmt: skip
    plain = {key: book.value(table, key, str, None) for key in texts}
    if "name" not in table:
        raise book.wrong("source.name", None, "a name for this source")
    source = Source(
        **plain | {key: book.path(plain[key]) for key in ("files", "database")},
        name=book.value(table, "name", str, ""),
        stdin=book.value(table, "stdin", bool, False),
        complete=book.value(table, "complete", bool, False),
        settle_seconds=book.value(table, "settle_seconds", float, 0.0),
        map=_map(table.get("map", {}), book),
        scales=_scales(table.get("scales", {}), book),
        areas=_areas(table.get("areas", {}), book),
    )
    _check_source(source, book)
    return source


def _check_source(source: Source, book: _Book) -> None:
    given = [kind for kind in _KINDS if getattr(source, kind)]
    if len(given) != 1:
        raise book.wrong(
            f"source {source.name}", given, "exactly one of files, table, query and stdin"
        )
    if (source.kind in ("table", "query")) != (source.database is not None):
        raise book.wrong("database", source.database, "one, together with a table or a query")
    if source.cursor and source.kind not in ("table", "query"):
        raise book.wrong("cursor", source.cursor, "none: only a table or a query has one")
    if source.cursor and source.complete:
        raise book.wrong("complete", True, "no cursor beside it: what is not read is not gone")
    if source.date_order not in (None, "day", "month"):
        raise book.wrong("date_order", source.date_order, "day or month")
    source.read_options(declared_areas(source.areas))


def _map(data: Any, book: _Book) -> dict[str, str | tuple[str, ...]]:
    table = book.table(data, [*FIELDS, *MARKS], "source.map")
    found: dict[str, str | tuple[str, ...]] = {}
    for key, value in table.items():
        columns = tuple(value) if isinstance(value, list) else (value,)
        if not columns or not all(isinstance(one, str) and one for one in columns):
            raise book.wrong(f"map.{key}", value, "the name of a column")
        found[key] = columns[0] if len(columns) == 1 else columns
    return found


def _areas(data: Any, book: _Book) -> dict[str, Mapping[str, str]]:
    if not isinstance(data, Mapping):
        raise book.wrong("source.areas", data, "a table [source.areas]")
    return dict(data)


def _scales(data: Any, book: _Book) -> dict[str, tuple[float, float]]:
    table = book.table(data, RATINGS, "source.scales")
    for key, value in table.items():
        fits = isinstance(value, list) and len(value) == 2
        if (
            not fits
            or not all(isinstance(one, int | float) for one in value)
            or value[0] >= value[1]
        ):
            raise book.wrong(f"scales.{key}", value, "the lowest and the highest, such as [1, 5]")
    return {key: (float(low), float(high)) for key, (low, high) in table.items()}
