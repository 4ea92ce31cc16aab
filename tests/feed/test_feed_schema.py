"""A store of any released form opens in this version, on both databases."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from feed.feed_samples import Kiosk, feed, nightly, store_as_data, tag_cheaply

from miner.errors import DataError
from miner.feed.store.database import open_database
from miner.feed.store.schema import VERSION, migrate, version_of
from miner.feed.store.store import Store

_DATA = Path(__file__).parent / "data"


def test_every_released_form_has_a_dump() -> None:
    """A new form of the store needs a dump of the one before."""
    assert {int(path.stem.removeprefix("store-")) for path in _DATA.glob("store-*.sql")} == set(
        range(1, VERSION + 1)
    )


@pytest.mark.parametrize("version", range(1, VERSION + 1))
def test_a_store_of_a_released_form_opens_and_goes_on(
    fresh_store: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    """Its rows stand, the same files bring nothing new, another file is read."""
    tag_cheaply(monkeypatch.setattr)
    url = fresh_store()
    if "://" not in url:
        Path(url).parent.mkdir(parents=True)
    with closing(open_database(url)) as database:
        assert migrate(database, to=version) == 0
        for statement in _statements(_DATA / f"store-{version}.sql"):
            database.execute(statement)
    with closing(Store(url)) as store:
        assert version_of(store.database) == VERSION
    kiosk = Kiosk(tmp_path / "in", feed(url, tmp_path / "in"))
    kiosk.deliver("a.csv", nightly(12))
    kiosk.deliver("b.csv", nightly(3, start=12))
    assert kiosk.run().ledger["reviews"]["new"] == 3
    fresh = Kiosk(tmp_path / "in", feed(fresh_store(), tmp_path / "in"))
    fresh.run()
    assert store_as_data(url)["feedback"] == store_as_data(fresh.settings.store)["feedback"]


def _statements(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return [one for one in re.split(r";\n", text) if one.strip()]


def test_a_store_of_a_newer_form_is_refused(fresh_store: Callable[[], str]) -> None:
    """It is left alone, and the message says which form this program knows."""
    url = fresh_store()
    Store(url).close()
    with closing(open_database(url)) as database:
        database.execute("UPDATE meta SET value = '99' WHERE name = 'schema'")
    with pytest.raises(DataError, match=f"has the form 99, this program knows {VERSION}"):
        Store(url)


def test_migrating_stops_where_it_is_told(fresh_store: Callable[[], str]) -> None:
    """A past form can be made, so that the way from it can be tested."""
    url = fresh_store()
    if "://" not in url:
        Path(url).parent.mkdir(parents=True)
    with closing(open_database(url)) as database:
        assert migrate(database, to=1) == 0
        assert version_of(database) == 1
        assert migrate(database) == 1
        assert version_of(database) == VERSION
        assert migrate(database) == VERSION
