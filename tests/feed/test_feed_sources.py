"""What is taken from a source, and how a column keeps its meaning."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from feed.feed_samples import CLOCK, Kiosk, feed, nightly, store_as_data, tag_cheaply

from miner.feed.store.account import holding
from miner.feed.store.database import open_database
from miner.types import Ledger
from miner.workflow.feed.keeping import erase_from_feed
from miner.workflow.feed.running import Told, opened, run_feed

COLUMNS = ("ref", "said", "when", "score", "rating")


@pytest.fixture
def kiosk(tmp_path: Path, fresh_store: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """An empty folder and its feed, tagged by arithmetic."""
    tag_cheaply(monkeypatch.setattr)
    folder = tmp_path / "in"
    folder.mkdir()
    return Kiosk(folder, feed(fresh_store(), folder))


def _said(kiosk: Kiosk) -> dict[str, dict[str, object]]:
    found = store_as_data(kiosk.settings.store)["feedback"]
    return {one["id"]: one for one in found}


def _scored(numbers: range, scores: list[int]) -> list[dict[str, str]]:
    return [
        {
            "ref": f"s{number}",
            "said": f"The kettle hums a little louder every week, number {number}.",
            "when": "2026-05-04",
            "score": str(scores[at % len(scores)]),
            "rating": "4",
        }
        for at, number in enumerate(numbers)
    ]


def _with_map(kiosk: Kiosk, **map_: str) -> Kiosk:
    source = replace(kiosk.settings.sources[0], map={"id": "ref", "text": "said", **map_})
    return kiosk.with_settings(sources=(source,))


def test_a_column_keeps_the_scale_it_had_in_the_first_delivery(kiosk: Kiosk) -> None:
    kiosk = _with_map(kiosk, csat="score")
    kiosk.deliver("1.csv", _scored(range(30), [1, 3, 7, 10]), COLUMNS)
    kiosk.run()
    kiosk.deliver("2.csv", _scored(range(30, 40), [1, 2, 5]), COLUMNS)
    kiosk.run()
    with_scale = store_as_data(kiosk.settings.store)
    assert not [one for one in with_scale["rejects"] if "rating" in one[5]]
    assert _said(kiosk)["s32"]["csat"] == 5
    database = open_database(kiosk.settings.store)
    ((layouts,),) = database.query("SELECT COUNT(*) FROM layouts")
    database.close()
    assert layouts == 1


def test_a_new_column_does_not_change_what_the_others_mean(kiosk: Kiosk) -> None:
    kiosk = _with_map(kiosk, csat="score")
    kiosk.deliver("1.csv", _scored(range(30), [1, 3, 7, 10]), COLUMNS)
    kiosk.run()
    shops = ("north", "south")
    scored = enumerate(_scored(range(30, 60), [1, 2, 5]))
    more = [dict(one, shop=shops[at % 2]) for at, one in scored]
    kiosk.deliver("2.csv", more, (*COLUMNS, "shop"))
    kiosk.run()
    assert _said(kiosk)["s32"]["csat"] == 5
    with_shop = [one for one in _said(kiosk).values() if "north" in str(one["cohorts"])]
    assert len(with_shop) == 15


def test_what_is_said_by_hand_later_holds_for_what_is_read_then(kiosk: Kiosk) -> None:
    first = _with_map(kiosk, csat="score")
    first.deliver("1.csv", _scored(range(30), [1, 3, 5]), COLUMNS)
    first.run()
    second = _with_map(kiosk, csat="rating", ignore="score")
    second.deliver("2.csv", _scored(range(30, 40), [1, 3, 5]), COLUMNS)
    second.run()
    said = _said(kiosk)
    assert [said["s0"]["csat"], said["s31"]["csat"]] == [1, 4]


def test_a_header_without_rows_is_a_quiet_night_and_a_picture_is_a_trouble(kiosk: Kiosk) -> None:
    kiosk.deliver("1.csv", [])
    kiosk.deliver("2.csv", nightly(5))
    (kiosk.folder / "3.csv").write_bytes(b"\x89PNG\r\n\x1a\n and then some")
    run = kiosk.run()
    assert [(one.place, one.error.slug) for one in run.troubles] == [("3.csv", "ingest.not-text")]
    assert run.ledger["reviews"]["new"] == 5


def test_a_file_still_being_written_waits(kiosk: Kiosk) -> None:
    source = replace(kiosk.settings.sources[0], settle_seconds=60)
    kiosk = kiosk.with_settings(sources=(source,))
    kiosk.deliver("1.csv", nightly(4))
    moment = CLOCK - timedelta(seconds=30)
    os.utime(kiosk.folder / "1.csv", (moment.timestamp(), moment.timestamp()))
    assert kiosk.run().ledger == {}
    moment = CLOCK - timedelta(seconds=90)
    os.utime(kiosk.folder / "1.csv", (moment.timestamp(), moment.timestamp()))
    assert kiosk.run().ledger["reviews"]["new"] == 4


def test_a_run_asked_to_stop_leaves_what_was_read_ahead(kiosk: Kiosk) -> None:
    """Batches are read ahead for the processes that tag: a stop must not wait for all of them."""
    kiosk.deliver("1.csv", nightly(60))
    kiosk = kiosk.with_settings(batch_rows=20)
    written: list[int] = []
    run = run_feed(
        kiosk.settings,
        Told(now=CLOCK, workers=0),
        progress=lambda _what, rows, _total: written.append(rows),
        stopping=lambda: bool(written),
    )
    assert (run.state, run.ledger["reviews"]["received"]) == ("stopped", 20)
    assert kiosk.run().ledger["reviews"]["received"] == 40


def test_a_trouble_names_its_file(kiosk: Kiosk) -> None:
    """Of a folder of nights the one whose column has another name."""
    kiosk.deliver("1.csv", nightly(4))
    kiosk.deliver("2.csv", [], COLUMNS)
    (kiosk.folder / "3.csv").write_text("ref,words\nr90,The lamp hums at night.\n")
    (trouble,) = kiosk.run().troubles
    assert trouble.message.startswith('3.csv: There is no column "said" to map to text.')
    assert str(trouble).endswith(trouble.error.hint)


def test_a_dry_run_counts_and_writes_nothing(kiosk: Kiosk) -> None:
    kiosk.deliver("1.csv", nightly(9))
    kiosk.run()
    kiosk.deliver("2.csv", nightly(20))
    before = store_as_data(kiosk.settings.store)
    dry = kiosk.run(dry_run=True)
    assert (dry.state, dry.run) == ("dry", None)
    assert dry.ledger["reviews"]["unchanged"] == 9
    assert dry.ledger["reviews"]["new"] == 11
    assert store_as_data(kiosk.settings.store) == before


def test_a_missing_folder_fails_its_source_alone(kiosk: Kiosk, tmp_path: Path) -> None:
    away = replace(kiosk.settings.sources[0], name="away", files=str(tmp_path / "share"))
    kiosk = kiosk.with_settings(sources=(away, *kiosk.settings.sources))
    kiosk.deliver("1.csv", nightly(3))
    run = kiosk.run()
    assert [(one.source, one.error.slug) for one in run.troubles] == [
        ("away", "feed.source-missing")
    ]
    assert run.ledger["reviews"]["new"] == 3


def test_a_report_reads_one_moment_while_a_run_writes(kiosk: Kiosk) -> None:
    kiosk.deliver("1.csv", nightly(9))
    kiosk.run()
    count = "SELECT COUNT(*) FROM feedback"
    reader = open_database(kiosk.settings.store)
    with reader.snapshot():
        before = reader.query(count)
        kiosk.deliver("2.csv", nightly(20))
        kiosk.run()
        assert reader.query(count) == before
    assert reader.query(count) > before
    reader.close()


def test_what_aged_out_is_no_duplicate(kiosk: Kiosk) -> None:
    kiosk.deliver("1.csv", nightly(60))
    kiosk.run()
    everything = holding_of(kiosk)
    aged = kiosk.with_settings(rows_days=200)
    aged.run()
    left = holding_of(kiosk)
    assert 0 < left.accepted < everything.accepted
    assert left.duplicate == everything.duplicate


def test_erasing_reaches_rows_that_say_nothing(kiosk: Kiosk) -> None:
    rows = nightly(5)
    rows.append(dict(rows[0], ref="r9", said="????", client="Nils Holm"))
    kiosk.deliver("1.csv", rows)
    kiosk.run()
    forgotten = erase_from_feed(kiosk.settings, "Nils Holm")
    assert forgotten.erased.rejects == 1
    assert not [one for one in store_as_data(kiosk.settings.store)["rejects"] if "????" in one]


def holding_of(kiosk: Kiosk) -> Ledger:
    """The account of what the store holds."""
    with opened(kiosk.settings) as store:
        return holding(store, ["reviews"]).ledger
