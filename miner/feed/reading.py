"""A delivery as batches: what each row means, which ones to tag, what to write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

import pandas as pd

from miner.feed.deliveries import Delivery
from miner.feed.identity import Names
from miner.feed.merge import ERASED, GONE, Delivered, Merger, Plan, Version
from miner.feed.store.records import Record, Tags, stored_date
from miner.feed.store.store import COUNTS, Batch, Place, Store
from miner.feed.tabular import cursor_text
from miner.ingest.convert import Chunk, repeated
from miner.ingest.ledger import OpenBooks
from miner.ingest.records import problem
from miner.ingest.row import Row
from miner.types import RowProblem

_ASIDE: Final = ("empty", "junk", "rejected")
_NOTHING: Final = pd.DataFrame(columns=["id", "text", "language"])

Item = tuple[Delivered, Row, str]
"""What a row was delivered as, its mapped values, and its kind: comment | answer | gone."""


@dataclass(frozen=True)
class Portion:
    """One batch before tagging.

    `feedback`: the rows that are to be tagged, as `miner.ingest` gives them (shape as there).
    `items`: all rows that say or withdraw something, with what they were delivered as; `plan` is
    about them. `tagged`: of each row of `feedback`, its position in `items`.
    """

    feedback: pd.DataFrame
    items: Sequence[Item]
    plan: Plan
    tagged: Sequence[int]
    batch: Batch
    groups: tuple[tuple[str, ...], tuple[str, ...]]

    def records(
        self, tags: Sequence[Tags], words: Sequence[str], languages: Sequence[str | None]
    ) -> Batch:
        """Return the batch with its records.

        Parameters
        ----------
        tags, words, languages : of each row of `feedback`: what tagging says, the words to be
            stored, and the language they are to be read in should they be tagged again.
        """
        of = dict(zip(self.tagged, zip(tags, words, languages, strict=True), strict=True))
        records = [self._record(position, of.get(position)) for position in self.plan.write]
        return replace(self.batch, records=records)

    def _record(self, position: int, tagged: tuple[Tags, str, str | None] | None) -> Record:
        delivered, row, kind = self.items[position]
        cohorts, areas = self.groups
        return Record(
            identity=delivered.identity,
            digest=delivered.digest,
            version=delivered.version,
            ends=self.plan.write[position],
            kind=kind,  # type: ignore[arg-type]
            mapped=row._replace(language=tagged[2])
            if tagged and tagged[2] != row.language
            else row,
            cohorts=dict(zip(cohorts, row.groups, strict=False)),  # type: ignore[arg-type]
            areas=dict(zip(areas, row.areas, strict=False)),  # type: ignore[arg-type]
            words=tagged[1] if tagged else "",
            tags=tagged[0] if tagged else None,
        )


@dataclass
class Reader:
    """Reads deliveries into portions; one for a run, so that it knows what is not written yet.

    `oldest`: feedback from before is no longer kept, and so not taken; None takes all.
    """

    store: Store
    oldest: datetime | None = None
    merger: Merger = field(default_factory=Merger)

    def portions(self, delivery: Delivery) -> Iterator[Portion]:
        """Yield the batches of one delivery, then what its end means.

        Raises
        ------
        DataError
            The file turns out to be damaged further down.
        """
        self.merger.begin()
        reading = _Reading.of(delivery, self.store, self.oldest)
        export = delivery.export
        clear = _clear_from(delivery)
        resumed = delivery.place.position > 0
        for chunk in export.chunks(accountant=OpenBooks(versioned=reading.names.versioned)):
            items = reading.take(chunk)
            if reading.position <= delivery.place.position:
                self.merger.saw(one.identity for one, _, _ in items)
                continue
            portion = self._portion(delivery, reading, chunk, items)
            if resumed:  # batches of another size: rows of this one may be written already
                clear = min((one.row for one in portion.batch.problems), default=None)
            yield replace(portion, batch=replace(portion.batch, clear_rejects_from=clear))
            clear, resumed = None, False
        if delivery.whole:
            yield from self._missing(delivery, reading)
        yield _ending(delivery, reading, clear)

    def written(self, portion: Portion) -> None:
        """Take a portion as stored."""
        self.merger.written(portion.plan, [one for one, _, _ in portion.items])

    def _portion(
        self, delivery: Delivery, reading: _Reading, chunk: Chunk, items: Sequence[Item]
    ) -> Portion:
        rows = [one for one, _, _ in items]
        known = self.store.known(delivery.source.name, [one.identity for one in rows])
        plan = self.merger.decide(rows, known)
        write = set(plan.write)
        numbers = {row.number: at for at, (_, row, kind) in enumerate(items) if kind == "comment"}
        keep = [at for at, row in enumerate(chunk.rows) if numbers.get(row.number) in write]
        expired = reading.expired(chunk)
        words: Counter[str] = Counter(plan.words)
        words.update(one for one in chunk.verdicts if one in _ASIDE)
        words["rejected"] += reading.expired_comments(chunk)
        erased = {
            one.row
            for one in rows
            if one.identity in known and known[one.identity].digest == ERASED
        }
        erased |= {one.row for one in expired}
        problems = [*chunk.problems, *_repeated(plan, items, delivery), *expired]
        read = [*(row for _, row, _ in items), *chunk.aside]
        batch = Batch(
            place=reading.place(delivery.place),
            moved=plan.moved,
            problems=[_silenced(one) if one.row in erased else one for one in problems],
            customers={
                row.number: row.customer
                for row in read
                if row.customer and row.number not in erased
            },
            dates={row.number: when for row in read if (when := stored_date(row.date))},
            words={**words, "received": len(chunk.verdicts)},
        )
        return Portion(
            feedback=chunk.feedback.iloc[keep].reset_index(drop=True),
            items=items,
            plan=plan,
            tagged=[numbers[chunk.rows[at].number] for at in keep],
            batch=batch,
            groups=_groups(delivery),
        )

    def _missing(self, delivery: Delivery, reading: _Reading) -> Iterator[Portion]:
        """Withdraw what a complete delivery no longer holds."""
        place = delivery.place.place
        missing = {
            identity: known
            for identity, known in self.store.standing(delivery.source.name)
            if not self.merger.has_seen(identity)
            and known.digest != ERASED
            and known.version.place <= place
        }
        if not missing:
            return
        rows = [
            Delivered(identity, GONE, Version(known.version.updated, place), 0)
            for identity, known in missing.items()
        ]
        gone = [(one, _NOBODY, "gone") for one in rows]
        plan = self.merger.decide(rows, missing)
        batch = Batch(place=reading.place(delivery.place), words={"gone": len(plan.write)})
        yield Portion(_NOTHING, gone, plan, [], batch, ((), ()))


_NOBODY: Final = Row(0, "", "", None, (None,) * 4, None, None, None, ())


@dataclass
class _Reading:
    """How far a delivery is read: position, cursor, and the account of its rows."""

    names: Names
    place_name: str
    oldest: datetime | None
    base: Counter[str]
    group: Counter[str] = field(default_factory=Counter)
    position: int = 0
    value: str | None = None

    @classmethod
    def of(cls, delivery: Delivery, store: Store, oldest: datetime | None) -> _Reading:
        source, place = delivery.source, delivery.place
        marked = "updated" in delivery.export.options.marks
        names = Names(store.salt, source.name, place.place, versioned=marked or bool(source.cursor))
        return cls(names, place.place, oldest, Counter(place.base))

    def take(self, chunk: Chunk) -> list[Item]:
        """Count the rows of a chunk and say what each was delivered as, in the order of rows."""
        self._count(chunk)
        told = (
            [(row, "comment") for row in chunk.rows]
            + [(row, "answer") for row in chunk.answers]
            + [(row, "gone") for row in chunk.withdrawn]
        )
        found: list[Item] = []
        for row, kind in sorted(told, key=lambda one: one[0].number):
            if self._is_expired(row):
                continue
            delivered = self._delivered(row, kind)
            if delivered is not None:
                found.append((delivered, row, kind))
        return found

    def expired(self, chunk: Chunk) -> list[RowProblem]:
        """Return the rows that are older than what is kept."""
        if self.oldest is None:
            return []
        return [
            problem(self.place_name, row.number, "row.expired", _EXPIRED)
            for row in (*chunk.rows, *chunk.answers)
            if self._is_expired(row)
        ]

    def expired_comments(self, chunk: Chunk) -> int:
        """Return how many of them have words: the others are counted as empty or junk."""
        return sum(map(self._is_expired, chunk.rows))

    def place(self, place: Place, *, finished: bool = False) -> Place:
        """Return the place as it stands after what was taken."""
        counts = self.base + self.group
        return replace(
            place,
            position=self.position,
            finished=finished,
            cursor=self.value if self.value is not None else place.cursor,
            counts={name: counts[name] for name in COUNTS},
            base={name: self.base[name] for name in COUNTS},
        )

    def _is_expired(self, row: Row) -> bool:
        return self.oldest is not None and row.date is not None and row.date < self.oldest

    def _count(self, chunk: Chunk) -> None:
        self.position += len(chunk.verdicts)
        values = chunk.cursors or [None] * len(chunk.verdicts)
        comments = iter(chunk.rows)
        for verdict, value in zip(chunk.verdicts, values, strict=True):
            if value != self.value:
                self.base += self.group
                self.group.clear()
                self.value = value
            self.group["received"] += 1
            if verdict in _ASIDE:
                self.group[verdict] += 1
            elif verdict == "accepted" and self._is_expired(next(comments)):
                self.group["rejected"] += 1

    def _delivered(self, row: Row, kind: str) -> Delivered | None:
        updated = stored_date(row.updated) or ""
        if row.cursor is not None:
            updated = updated or cursor_text(row.cursor)
            if row.cursor != self.names.place:
                self.names.begin(row.cursor)
        version = Version(updated, self.place_name)
        if kind == "gone":
            identity = self.names.withdrawn(row)
            return None if identity is None else Delivered(identity, GONE, version, row.number)
        identity, digest = self.names.of(row, answer=kind == "answer")
        return Delivered(identity, digest, version, row.number)


_EXPIRED: Final = "it is older than the feed keeps feedback ([retention] rows_days)."


def _ending(delivery: Delivery, reading: _Reading, clear: int | None) -> Portion:
    """Return the portion that marks the place as read to its end."""
    place = reading.place(delivery.place, finished=True)
    batch = Batch(place=place, clear_rejects_from=clear)
    return Portion(_NOTHING, [], Plan((), {}, {}), [], batch, ((), ()))


def _clear_from(delivery: Delivery) -> int | None:
    """Return from which row on the rejects of an earlier reading go; None where there is none."""
    if not delivery.anew:
        return None
    return delivery.place.base["received"] + 1 if delivery.source.cursor else 0


def _silenced(one: RowProblem) -> RowProblem:
    """Return trouble with a row of an erased feedback without its words."""
    return replace(one, value="", message=one.reason)


def _repeated(plan: Plan, items: Sequence[Item], delivery: Delivery) -> list[RowProblem]:
    """Return the rows that stand in one file twice; of a table that grows that says nothing."""
    if delivery.source.cursor:
        return []
    mapping = delivery.export.mapping
    column = mapping.names("text")[0]
    return [
        repeated(mapping.source, row, column)
        for word, (_, row, kind) in zip(plan.words, items, strict=True)
        if word == "duplicate" and kind == "comment"
    ]


def _groups(delivery: Delivery) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of cohorts and of the columns of survey areas, in the order of rows."""
    export = delivery.export
    sides = (area.field(side) for area in export.areas for side in ("now", "wanted"))
    return export.cohorts, tuple(sides)
