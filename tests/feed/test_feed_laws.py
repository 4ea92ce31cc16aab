"""Laws of the store: how a feed was cut into files, batches and runs can't be seen in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from feed.feed_samples import COLUMNS, TEXTS, Kiosk, feed, fields, store_as_data, tag_cheaply
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

Rows = list[dict[str, str]]
_FOLDERS = count(1)
_PHASES = (Phase.explicit, Phase.generate)  # an example costs a second: none is spent on shrinking

_JUNK = ("", "n/a", "...", "asdfgh")
_MOMENTS = st.integers(1, 6).map(lambda day: f"2026-03-0{day} 10:00")


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    tag_cheaply(monkeypatch.setattr)


def _or_nothing(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(values, st.just(""))


_ROW = st.fixed_dictionaries(
    {
        "ref": _or_nothing(st.sampled_from(["1", "2", "3", "4", "5"])),
        "changed": _or_nothing(_MOMENTS),
        "withdrawn": st.sampled_from(["", "", "", "yes"]),
        "said": st.sampled_from([*TEXTS, *_JUNK]),
        "when": st.sampled_from(["", "2026-02-01", "2026-02-03 08:15", "soon", "2026-02-04 23:59"]),
        "likely": st.sampled_from(["", "0", "7", "10", "11", "lots"]),
        "client": _or_nothing(st.sampled_from(["ann", "bo", "cy"])),
        "plan": _or_nothing(st.sampled_from(["basic", "pro"])),
    }
)
_ANCHORS = [
    {
        "ref": f"a{day}", "changed": f"2026-03-0{day} 10:00", "withdrawn": "", "said": TEXTS[day],
        "when": f"2026-02-0{day} 11:0{day}", "likely": str(day), "client": f"dee{day}",
        "plan": "pro",
    }
    for day in range(1, 6)
]  # fmt: skip
"""Rows each delivery begins with: a column with nothing but bad dates is refused as a date."""
_FEED = st.lists(st.lists(_ROW, min_size=1, max_size=12), min_size=1, max_size=4)
_COLUMNS = st.sampled_from([fields(), fields(ids=False), fields(marks=True)])


@st.composite
def _nights(draw: st.DrawFn, files: list[Rows]) -> list[tuple[list[int], int | None]]:
    """Files of each night, in any order, and after how many rows the night is cut short."""
    left = draw(st.permutations(range(len(files))))
    nights = []
    while left:
        size = draw(st.integers(1, len(left)))
        nights.append((list(left[:size]), draw(st.one_of(st.none(), st.integers(1, 9)))))
        left = left[size:]
    return nights


def _name(number: int) -> str:
    return f"part-{number}.csv"


@pytest.fixture
def kiosks(fresh_store: Callable[[], str], tmp_path: Path) -> Callable[..., Kiosk]:
    """Make kiosks with stores and folders of their own."""

    def make(**told: Any) -> Kiosk:
        folder = tmp_path / f"in{next(_FOLDERS)}"
        folder.mkdir()
        return Kiosk(folder, feed(fresh_store(), folder, **told))

    return make


@settings(max_examples=8, phases=_PHASES)
@given(data=st.data(), files=_FEED, columns=_COLUMNS, batch=st.sampled_from([2, 7, 50]))
def test_any_split_of_files_into_runs_gives_one_store(
    kiosks: Callable[..., Kiosk], data: st.DataObject, files: list[Rows], columns: Any, batch: int
) -> None:
    """Files come in any order, in any number of runs that may stop anywhere, in any batches."""
    nights = data.draw(_nights(files))
    whole = kiosks(map=columns, batch=5000)
    for number, rows in enumerate(files):
        whole.deliver(_name(number), _ANCHORS + rows)
    assert not whole.run().troubles
    split = kiosks(map=columns, batch=batch)
    for night, most in nights:
        for number in night:
            split.deliver(_name(number), _ANCHORS + files[number])
        split.run(max_rows=most)
    split.with_settings(batch_rows=3).run()
    assert split.run().state == "done"
    assert store_as_data(split.settings.store) == store_as_data(whole.settings.store)


@settings(max_examples=6, phases=_PHASES)
@given(data=st.data(), rows=st.lists(_ROW, min_size=1, max_size=25), ids=st.booleans())
def test_a_table_read_by_its_cursor_gives_one_store_however_it_grew(
    kiosks: Callable[..., Kiosk], data: st.DataObject, rows: Rows, ids: bool
) -> None:
    """Rows are added between runs, some at the very moment of the last one read."""
    rows = _ANCHORS + rows
    ticks = sorted(data.draw(st.lists(st.integers(8, 12), min_size=len(rows), max_size=len(rows))))
    cuts = sorted(data.draw(st.sets(st.integers(5, len(rows)), max_size=4)) | {len(rows)})
    held: list[dict[str, Any]] = []
    for steps in ([len(rows)], cuts):
        made = kiosks(batch=data.draw(st.sampled_from([3, 7])))
        table = made.folder / "shop.db"
        kiosk = made.with_settings(
            sources=feed(
                "", table, table="reviews", database=str(table), cursor="tick",
                map=fields(ids=ids),
            ).sources
        )  # fmt: skip
        done = 0
        for upto in steps:
            _append(table, rows[done:upto], ticks[done:upto])
            done = upto
            assert not kiosk.run().troubles
            kiosk.run()
        held.append(store_as_data(kiosk.settings.store))
    assert held[1]["feedback"] == held[0]["feedback"]
    assert held[1]["rejects"] == held[0]["rejects"]
    assert held[1]["places"][0][:5] == held[0]["places"][0][:5]


def _append(path: Path, rows: Rows, ticks: list[int]) -> None:
    with closing(sqlite3.connect(path)) as shop, shop:
        columns = ", ".join(f'"{name}" TEXT' for name in COLUMNS)
        shop.execute(f"CREATE TABLE IF NOT EXISTS reviews ({columns}, tick INTEGER)")
        shop.executemany(
            f"INSERT INTO reviews VALUES ({', '.join('?' * (len(COLUMNS) + 1))})",
            [
                (*(row[name] for name in COLUMNS), tick)
                for row, tick in zip(rows, ticks, strict=True)
            ],
        )


@settings(max_examples=5, phases=_PHASES)
@given(files=st.lists(st.lists(_ROW, min_size=1, max_size=8), min_size=1, max_size=3))
def test_what_a_complete_delivery_lacks_is_gone_whatever_was_read_before(
    kiosks: Callable[..., Kiosk], files: list[Rows]
) -> None:
    """Only the last delivery counts, whether the earlier ones were read or not."""
    split = kiosks(complete=True)
    for number, rows in enumerate(files):
        split.deliver(_name(number), _ANCHORS + rows)
        split.run()
    last = kiosks(complete=True)
    last.deliver(_name(len(files) - 1), _ANCHORS + files[-1])
    last.run()
    stores = [store_as_data(one.settings.store, standing_only=True) for one in (split, last)]
    assert stores[0] == stores[1]
