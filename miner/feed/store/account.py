"""The account a report gives of what the store holds: rows, reasons, files, languages."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from miner.feed.store.database import marks
from miner.feed.store.privacy import DELETED
from miner.feed.store.store import Place, Store, dump
from miner.feed.store.tables import standing
from miner.types import Ledger, RowProblem

_ASIDE: Final = ("empty", "junk", "rejected")


@dataclass(frozen=True)
class Holding:
    """What a store holds, as a report says it.

    `ledger`: received are the rows of all places less those of feedback that is gone; a version
    that was replaced counts as a duplicate. `problems`: rejects by reason. `inputs`: facts of each
    place in order, `mappings` likewise. `withdrawn`: feedback that was there and is gone; `erased`:
    feedback whose words are.
    """

    ledger: Ledger
    problems: dict[str, int]
    inputs: list[dict[str, Any]]
    mappings: list[dict[str, Any]]
    withdrawn: int
    erased: int


def holding(store: Store, sources: Sequence[str], *, as_of: int | None = None) -> Holding:
    """Return the account of the sources named, in their order.

    Parameters
    ----------
    as_of : as it stood after this run.
    """
    places = [place for name in sources for place in store.places(name).values()]
    kinds = _kinds(store, sources, as_of)
    accepted, withdrawn = kinds["comment"], kinds["gone"]
    if as_of is None:
        counts = sum((Counter(place.counts) for place in places), Counter())
        aside = {name: counts[name] for name in _ASIDE}
        told = accepted + sum(aside.values())
        away = withdrawn + sum(int(store.noted(DELETED + name) or 0) for name in sources)
        duplicate = max(counts["received"] - away - told, 0)
    else:
        counts = _until(store, sources, as_of)
        aside = {name: counts[name] for name in _ASIDE}
        told, duplicate = accepted + sum(aside.values()), counts["duplicate"]
    problems = _problems(store, sources)
    if duplicate:
        problems["row.duplicate"] = duplicate
    return Holding(
        ledger=Ledger(received=told + duplicate, accepted=accepted, duplicate=duplicate, **aside),
        problems=dict(sorted(problems.items())),
        inputs=[dict(place.facts) for place in places],
        mappings=_mappings(store, places),
        withdrawn=withdrawn,
        erased=_erased(store, sources),
    )


def rejects(store: Store, source: str) -> Iterator[RowProblem]:
    """Yield the rows of a source set aside and the values dropped, by place and row."""
    rows = store.database.stream(
        "SELECT place, place_row, place_column, value, reason, message, fatal FROM rejects "
        "WHERE source = ? ORDER BY place, place_row, nth",
        [source],
    )
    for place, row, column, value, reason, message, fatal in rows:
        yield RowProblem(place, int(row), column, value, reason, message, bool(fatal))


def note_export(store: Store, folder: str, wanted: Mapping[str, Any]) -> None:
    """Remember a folder that shows customers' words, so that erasing can redraw it."""
    (run,) = store.database.query("SELECT COALESCE(MAX(run), 0) FROM runs")[0]
    store.database.execute(
        f"INSERT INTO exports (folder, run, wanted) VALUES ({marks(3)}) ON CONFLICT (folder) "
        "DO UPDATE SET run = excluded.run, wanted = excluded.wanted",
        [folder, run, dump(wanted)],
    )


def exports(store: Store) -> dict[str, dict[str, Any]]:
    """Return the folders of reports drawn so far, and what each was asked to show."""
    rows = store.database.query("SELECT folder, wanted FROM exports ORDER BY folder")
    return {folder: json.loads(wanted) for folder, wanted in rows}


def _kinds(store: Store, sources: Sequence[str], as_of: int | None) -> Counter[str]:
    clause, values = standing(as_of)
    rows = store.database.query(
        f"SELECT kind, COUNT(*) FROM feedback WHERE {clause} AND source IN ({marks(len(sources))}) "
        "GROUP BY kind",
        [*values, *sources],
    )
    return Counter({kind: int(count) for kind, count in rows})


def _until(store: Store, sources: Sequence[str], run: int) -> Counter[str]:
    """Return what runs up to this one set aside."""
    names = (*_ASIDE, "duplicate")
    sums = ", ".join(f"COALESCE(SUM({name}), 0)" for name in names)
    row = store.database.query(
        f"SELECT {sums} FROM ledger WHERE run <= ? AND source IN ({marks(len(sources))})",
        [run, *sources],
    )[0]
    return Counter(dict(zip(names, map(int, row), strict=True)))


def _problems(store: Store, sources: Sequence[str]) -> dict[str, int]:
    rows = store.database.query(
        f"SELECT reason, COUNT(*) FROM rejects WHERE source IN ({marks(len(sources))}) "
        "GROUP BY reason",
        sources,
    )
    return {reason: int(count) for reason, count in rows if reason != "row.duplicate"}


def _erased(store: Store, sources: Sequence[str]) -> int:
    rows = store.database.query(
        "SELECT COUNT(*) FROM feedback WHERE erased = 1 AND until_run IS NULL "
        f"AND source IN ({marks(len(sources))})",
        sources,
    )
    return int(rows[0][0])


def _mappings(store: Store, places: Sequence[Place]) -> list[dict[str, Any]]:
    layouts = {
        int(number): json.loads(text)
        for number, text in store.database.query("SELECT layout, mapping FROM layouts")
    }
    return [dict(layouts[place.layout], source=place.place) for place in places if place.layout]
