"""The store of a feed: what every part of it reads and writes, one transaction a batch.

`Store` holds runs, taggers, layouts, places and versions of feedback; `miner.feed.store.tables`
reads what a report is drawn from, `miner.feed.store.privacy` erases.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from miner.errors import DataError
from miner.feed.merge import GONE, WORDS, Known, Version
from miner.feed.store.batch import COUNTS as COUNTS
from miner.feed.store.batch import Batch as Batch
from miner.feed.store.batch import Place as Place
from miner.feed.store.database import Database, in_parts, marks, open_database
from miner.feed.store.lock import me
from miner.feed.store.records import FEEDBACK, MENTION, REJECT, SIGNAL, TAGS, Tags
from miner.feed.store.schema import migrate

Kind = Literal["run", "rescore", "erase"]
_LEDGER: Final = ("received", *WORDS, "empty", "junk", "rejected")


class Store:
    """One open store.

    Examples
    --------
    >>> store = Store(":memory:")
    >>> run = store.begin("run", settings={}, versions={})
    >>> store.end(run, "done")
    >>> store.runs()[0]["state"]
    'done'
    """

    def __init__(self, url: str) -> None:
        self.database: Database = open_database(url)
        try:
            migrate(self.database)
            self.salt = self._salt()
        except BaseException:
            self.database.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    def _salt(self) -> bytes:
        found = self.database.query("SELECT value FROM meta WHERE name = 'salt'")
        if found:
            return bytes.fromhex(found[0][0])
        self.database.execute(  # of two first runs the quicker one's counts
            "INSERT INTO meta VALUES ('salt', ?) ON CONFLICT (name) DO NOTHING",
            [secrets.token_hex(16)],
        )
        return self._salt()

    def noted(self, name: str) -> str | None:
        """Return what was noted under a name, None where nothing was."""
        rows = self.database.query("SELECT value FROM meta WHERE name = ?", [name])
        return rows[0][0] if rows else None

    def note(self, name: str, value: str) -> None:
        """Note something under a name."""
        self.database.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [name, value],
        )

    # runs

    def begin(
        self, kind: Kind, *, settings: Mapping[str, Any], versions: Mapping[str, Any],
        now: datetime | None = None,
    ) -> int:  # fmt: skip
        """Open the record of a run and return its number; runs that died are marked so."""
        with self.database.transaction():
            self.database.execute("UPDATE runs SET state = 'died' WHERE state = 'running'")
            run = self._next("runs", "run")
            self.database.execute(
                "INSERT INTO runs (run, kind, state, started, holder, versions, settings) "
                f"VALUES ({marks(7)})",
                [run, kind, "running", _now(now), *map(dump, (me(), versions, settings))],
            )
        return run

    def end(
        self, run: int, state: str, *, seconds: Mapping[str, float] | None = None, problem: str = ""
    ) -> None:
        """Close the record of a run: done | stopped | failed."""
        self.database.execute(
            "UPDATE runs SET state = ?, ended = ?, seconds = ?, problem = ? WHERE run = ?",
            [state, _now(), dump(seconds or {}), problem, run],
        )

    def runs(self, *, last: int = 20) -> list[dict[str, Any]]:
        """Return the records of the last runs, newest first, with their ledgers."""
        names = ("run", "kind", "state", "started", "ended", "holder", "versions", "tagger",
                 "seconds", "problem", "settings")  # fmt: skip
        rows = self.database.query(
            f"SELECT {', '.join(names)} FROM runs ORDER BY run DESC LIMIT ?", [last]
        )
        found = [dict(zip(names, row, strict=True)) for row in rows]
        for one in found:
            for name in ("holder", "versions", "seconds", "settings"):
                one[name] = json.loads(one[name]) if one[name] else {}
            one["ledger"] = self.ledger(one["run"])
        return found

    def ledger(self, run: int) -> dict[str, dict[str, int]]:
        """Return what a run read, by source and word."""
        rows = self.database.query(
            f"SELECT source, {', '.join(_LEDGER)} FROM ledger WHERE run = ? ORDER BY source", [run]
        )
        return {row[0]: dict(zip(_LEDGER, row[1:], strict=True)) for row in rows}

    def check_run(self, run: int) -> None:
        """Raise DataError unless there is such a run."""
        if not self.database.query("SELECT 1 FROM runs WHERE run = ?", [run]):
            (last,) = self.database.query("SELECT COALESCE(MAX(run), 0) FROM runs")[0]
            raise DataError(
                f"There is no run {run} in this store; the last one is {last}.",
                hint="See them with: miner feed status feed.toml.",
                slug="feed.no-run",
            )

    # taggers

    def tagger(self, facts: Mapping[str, Any], run: int) -> int:
        """Return the number of a model with a taxonomy, and note that the run tags with it.

        Parameters
        ----------
        facts : ``model`` (with ``name`` and ``sha256``), ``taxonomy`` and ``taxonomy_sha256``.
        """
        key = [facts["model"]["sha256"], facts["taxonomy_sha256"]]
        where = "WHERE model_sha256 = ? AND taxonomy_sha256 = ?"
        found = self.database.query(f"SELECT tagger FROM taggers {where}", key)
        number = int(found[0][0]) if found else self._next("taggers", "tagger")
        with self.database.transaction():
            if not found:
                self.database.execute(
                    f"INSERT INTO taggers VALUES ({marks(5)})",
                    [number, facts["model"]["name"], *key, dump(facts)],
                )
            self.database.execute("UPDATE runs SET tagger = ? WHERE run = ?", [number, run])
        return number

    def tagger_facts(self, number: int) -> dict[str, Any]:
        """Return the facts of a tagger by its number."""
        (text,) = self.database.query("SELECT facts FROM taggers WHERE tagger = ?", [number])[0]
        return dict(json.loads(text))

    def newest_tagger(self) -> int | None:
        """Return the tagger of the last run that tagged; None before the first."""
        rows = self.database.query(
            "SELECT tagger FROM runs WHERE tagger IS NOT NULL ORDER BY run DESC LIMIT 1"
        )
        return int(rows[0][0]) if rows else None

    def tagged(self) -> dict[int, int]:
        """Return how many versions of feedback each tagger has tagged."""
        rows = self.database.query(
            "SELECT tagger, COUNT(*) FROM feedback WHERE kind = 'comment' GROUP BY tagger"
        )
        return {int(tagger): int(count) for tagger, count in rows}

    def stale_count(self) -> int:
        """Return how many versions of feedback another tagger than the newest has tagged."""
        newest = self.newest_tagger()
        return sum(count for tagger, count in self.tagged().items() if tagger != newest)

    # layouts and places

    def layouts(self, source: str) -> dict[str, tuple[int, dict[str, Any]]]:
        """Return the mappings a source was read by so far: header -> (number, mapping)."""
        rows = self.database.query(
            "SELECT header, layout, mapping FROM layouts WHERE source = ? ORDER BY layout", [source]
        )
        return {header: (int(number), json.loads(text)) for header, number, text in rows}

    def keep_layout(self, source: str, header: str, mapping: Mapping[str, Any]) -> int:
        """Keep how a header is read from now on, and return the layout's number."""
        with self.database.transaction():
            number = self._next("layouts", "layout")
            self.database.execute(
                f"INSERT INTO layouts VALUES ({marks(4)})", [number, source, header, dump(mapping)]
            )
        return number

    def places(self, source: str) -> dict[str, Place]:
        """Return the places of a source that were read, by name, in order."""
        rows = self.database.query(
            f"SELECT {', '.join(_PLACE)} FROM places WHERE source = ? ORDER BY place", [source]
        )
        return {row[1]: _place(row) for row in rows}

    # feedback

    def known(self, source: str, identities: Sequence[str]) -> dict[str, Known]:
        """Return the last version of those feedback the store has."""
        found: dict[str, Known] = {}
        for part in in_parts(identities):
            rows = self.database.query(
                "SELECT identity, digest, updated, place, place_row FROM feedback "
                f"WHERE source = ? AND until_run IS NULL AND identity IN ({marks(len(part))})",
                [source, *part],
            )
            for identity, digest, updated, place, row in rows:
                found[identity] = Known(digest, Version(updated, place), int(row))
        return found

    def standing(self, source: str) -> Iterable[tuple[str, Known]]:
        """Yield identity and last version of every feedback of a source that is not gone."""
        rows = self.database.stream(
            "SELECT identity, digest, updated, place, place_row FROM feedback "
            "WHERE source = ? AND until_run IS NULL AND digest <> ?",
            [source, GONE],
        )
        for identity, digest, updated, place, row in rows:
            yield identity, Known(digest, Version(updated, place), int(row))

    def stale(self, tagger: int, most: int) -> list[tuple[int, str, str | None, str]]:
        """Return key, id, language the export named, and words of feedback tagged otherwise."""
        rows = self.database.query(
            "SELECT feedback, id, said_language, words FROM feedback "
            "WHERE kind = 'comment' AND tagger <> ? ORDER BY feedback LIMIT ?",
            [tagger, most],
        )
        return [(int(key), name or "", language, words) for key, name, language, words in rows]

    def keep_erased(self, tagger: int) -> None:
        """Take feedback whose words were erased as tagged by this tagger: it can't be again."""
        self.database.execute(
            "UPDATE feedback SET tagger = ? WHERE erased = 1 AND tagger <> ?", [tagger, tagger]
        )

    def retag(self, tags: Mapping[int, Tags]) -> None:
        """Replace what tagging says of feedback, by key, in one transaction."""
        sets = ", ".join(f"{name} = ?" for name in (*TAGS, "tagger"))
        with self.database.transaction():
            for table in ("mentions", "signals"):
                for part in in_parts(list(tags)):
                    self.database.execute(
                        f"DELETE FROM {table} WHERE feedback IN ({marks(len(part))})", part
                    )
            self.database.many(
                f"UPDATE feedback SET {sets} WHERE feedback = ?",
                [(*one.values, one.tagger, key) for key, one in tags.items()],
            )
            self._insert_tags(tags)

    def _insert_tags(self, tags: Mapping[int, Tags]) -> None:
        mentions = [row for key, one in tags.items() for row in one.mention_rows(key)]
        signals = [row for key, one in tags.items() for row in one.signal_rows(key)]
        self._insert("mentions", MENTION, mentions)
        self._insert("signals", SIGNAL, signals)

    def standing_facts(self, source: str) -> dict[str, Any]:
        """Return how much feedback of a source stands, and the date of the newest."""
        rows = self.database.query(
            "SELECT COUNT(*), MAX(happened) FROM feedback "
            "WHERE source = ? AND until_run IS NULL AND kind <> 'gone'",
            [source],
        )
        count, newest = rows[0]
        return {"feedback": int(count), "newest": newest}

    def commit(self, run: int, batch: Batch) -> None:
        """Write one batch: versions, mentions, signals, rejects, place and ledger together."""
        with self.database.transaction():
            self._write_records(run, batch)
            self._write_moves(batch)
            self._write_rejects(batch)
            self._write_place(run, batch.place)
            self._count(run, batch)

    def _write_records(self, run: int, batch: Batch) -> None:
        source, records = batch.place.source, batch.records
        self.database.many(
            "UPDATE feedback SET until_run = ?, ended = ? "
            "WHERE source = ? AND identity = ? AND until_run IS NULL",
            [(run, one.ends, source, one.identity) for one in records],
        )
        key = self._next("feedback", "feedback")
        numbered = list(enumerate(records, key))
        self._insert("feedback", FEEDBACK, [one.row(k, source, run) for k, one in numbered])
        self._insert_tags({k: one.tags for k, one in numbered if one.tags is not None})

    def _write_moves(self, batch: Batch) -> None:
        self.database.many(
            "UPDATE feedback SET updated = ?, place = ?, place_row = ? "
            "WHERE source = ? AND identity = ? AND until_run IS NULL",
            [
                (version.updated, version.place, row, batch.place.source, identity)
                for identity, (version, row) in batch.moved.items()
            ],
        )

    def _write_rejects(self, batch: Batch) -> None:
        where = [batch.place.source, batch.place.place]
        if batch.clear_rejects_from is not None:
            self.database.execute(
                "DELETE FROM rejects WHERE source = ? AND place = ? AND place_row >= ?",
                [*where, batch.clear_rejects_from],
            )
        rows = [
            (*where, one.row, one.column, one.value, one.reason, one.message, int(one.fatal),
             batch.customers.get(one.row), batch.dates.get(one.row), nth)
            for nth, one in enumerate(batch.problems)
        ]  # fmt: skip
        self._insert("rejects", REJECT, rows)

    def _write_place(self, run: int, place: Place) -> None:
        self.database.execute(
            "DELETE FROM places WHERE source = ? AND place = ?", [place.source, place.place]
        )
        values = (
            place.source, place.place, place.stamp, place.sha256, place.position,
            int(place.finished), place.cursor, dump(place.counts), dump(place.base), place.layout,
            dump(place.facts), run,
        )  # fmt: skip
        self._insert("places", (*_PLACE, "run"), [values])

    def _count(self, run: int, batch: Batch) -> None:
        values = [batch.words.get(name, 0) for name in _LEDGER]
        sums = ", ".join(f"{name} = ledger.{name} + excluded.{name}" for name in _LEDGER)
        self.database.execute(
            f"INSERT INTO ledger (run, source, {', '.join(_LEDGER)}) "
            f"VALUES ({marks(len(_LEDGER) + 2)}) "
            f"ON CONFLICT (run, source) DO UPDATE SET {sums}",
            [run, batch.place.source, *values],
        )

    def _insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        if rows:
            self.database.many(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(len(columns))})", rows
            )

    def _next(self, table: str, column: str) -> int:
        """Return the next number; the lock of the store makes this the only writer."""
        return int(self.database.query(f"SELECT COALESCE(MAX({column}), 0) + 1 FROM {table}")[0][0])


_PLACE: Final = ("source", "place", "stamp", "sha256", "position", "finished", "place_cursor",
                 "counts", "base", "layout", "facts")  # fmt: skip


def _place(row: Sequence[Any]) -> Place:
    values = dict(zip(_PLACE, row, strict=True))
    return Place(
        source=values["source"],
        place=values["place"],
        stamp=values["stamp"],
        sha256=values["sha256"],
        position=int(values["position"]),
        finished=bool(values["finished"]),
        cursor=values["place_cursor"],
        counts=json.loads(values["counts"]),
        base=json.loads(values["base"]),
        layout=values["layout"],
        facts=json.loads(values["facts"]),
    )


def dump(data: object) -> str:
    """Return plain data as JSON; the order of keys is kept."""
    return json.dumps(data, ensure_ascii=False, default=str)


def _now(moment: datetime | None = None) -> str:
    return (moment or datetime.now(UTC)).astimezone(UTC).isoformat(sep=" ", timespec="seconds")
