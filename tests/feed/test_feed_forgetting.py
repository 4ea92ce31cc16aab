"""What was erased is nowhere in the bytes, and no delivery brings it back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from feed.feed_samples import COLUMNS, Kiosk, feed, fields, nightly, store_as_data, tag_cheaply

from miner.errors import DataError
from miner.feed.store.account import note_export
from miner.feed.store.database import open_database
from miner.feed.store.privacy import Erased, erase_customer
from miner.feed.store.store import Store, dump
from miner.feed.store.told import StoredEvent, keep_alerts, told_events
from miner.workflow.feed import keeping
from miner.workflow.feed.keeping import erase_from_feed

_ID = "ticket-88417-quillon"
_CUSTOMER = "Åsa-Quillfeather"
_OTHER = "somebody-else-entirely"
_TEXT = "My zeppelin subscription was cancelled by a marmalade robot in Oxelösund."
_SECRETS = (_ID, _CUSTOMER, _CUSTOMER.lower(), "zeppelin", "marmalade robot", "Oxelösund")
_ROW = {
    "ref": _ID, "said": _TEXT, "when": "2026-03-04 08:15", "likely": "eleven zeppelins",
    "client": _CUSTOMER, "plan": "pro",
}  # fmt: skip
"""Its words are in a reject too: a rating that is none, and a second time as a repeated row."""


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    tag_cheaply(monkeypatch.setattr)


@pytest.fixture
def kiosk(fresh_store: Callable[[], str], tmp_path: Path) -> Kiosk:
    """A feed that has read a customer among others, in two files and two versions."""
    made = Kiosk(tmp_path / "in", feed(fresh_store(), tmp_path / "in"))
    made.deliver("monday.csv", [*nightly(20), _ROW, _ROW, *nightly(20, start=20)])
    made.run()
    made.deliver("tuesday.csv", [{**_ROW, "said": _TEXT + " Again."}])
    made.run()
    return made


def _files(store: str, request: pytest.FixtureRequest) -> list[Path]:
    if "://" not in store:
        return [one for one in Path(store).parent.rglob("*") if one.is_file()]
    server = request.getfixturevalue("postgres")
    with closing(open_database(store)) as database:
        own = "SELECT oid FROM pg_database WHERE datname = current_database()"
        folder = server.data / "base" / str(database.query(own)[0][0])
    return [one for one in folder.rglob("*") if one.is_file()]


def _found(files: Iterable[Path], secrets: Iterable[str] = _SECRETS) -> set[tuple[str, str]]:
    wanted = {one: one.encode() for one in secrets}
    return {
        (path.name, name)
        for path in files
        for data in [path.read_bytes()]
        for name, raw in wanted.items()
        if raw in data
    }


def _settle(store: str) -> None:
    """Make the server write down what it holds, samples of the columns included."""
    if "://" in store:
        with closing(open_database(store)) as database:
            database.execute("ANALYZE")
            database.execute("CHECKPOINT")


def test_an_erased_customer_is_nowhere_in_the_bytes(
    kiosk: Kiosk, request: pytest.FixtureRequest
) -> None:
    """Store, journal, samples the server keeps of its columns: searched before and after."""
    store = kiosk.settings.store
    _settle(store)
    assert {name for _, name in _found(_files(store, request))} >= {_ID, _CUSTOMER, "zeppelin"}
    before = store_as_data(store)
    done = erase_from_feed(kiosk.settings, _CUSTOMER.upper()).erased
    assert done.feedback == 2
    assert done.rejects >= 2
    _settle(store)
    assert _found(_files(store, request)) == set()
    after = store_as_data(store)
    assert len(after["feedback"]) == len(before["feedback"])
    assert after["places"] == before["places"]
    themes = [[one["mentions"][0][2] for one in data["feedback"] if one["mentions"]]
              for data in (before, after)]  # fmt: skip
    assert themes[0] == themes[1]


def test_no_delivery_brings_an_erased_customer_back(
    kiosk: Kiosk, request: pytest.FixtureRequest
) -> None:
    """The same file with one more row is read anew: nothing of the customer is stored again."""
    store = kiosk.settings.store
    erase_from_feed(kiosk.settings, _CUSTOMER)
    kiosk.deliver("monday.csv", [*nightly(20), _ROW, _ROW, *nightly(21, start=20)])
    kiosk.deliver("wednesday.csv", [{**_ROW, "said": _TEXT + " And again."}])
    done = kiosk.run()
    assert done.ledger["reviews"]["new"] == 1
    _settle(store)
    assert _found(_files(store, request)) == set()


def test_an_unknown_customer_is_said(kiosk: Kiosk) -> None:
    """Nothing is erased for a name nobody has."""
    with pytest.raises(DataError, match='nothing of a customer "nobody-at-all"'):
        erase_from_feed(kiosk.settings, "nobody-at-all")


def test_erasing_that_was_cut_off_is_finished_by_saying_it_again(
    kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are gone from the tables, but not yet from the file of alerts and the reports."""
    told, out = tmp_path / "alerts.jsonl", tmp_path / "out"
    kiosk = kiosk.with_settings(alerts_file=str(told))
    out.mkdir()
    (out / "manifest.json").touch()
    with closing(Store(kiosk.settings.store)) as store:
        note_export(store, str(out), {"only": []})
    drawn: list[Path] = []
    monkeypatch.setattr(keeping, "feed_report", lambda _, folder, **__: drawn.append(folder))

    def cut_off(store: Store, customer: str) -> Erased:
        erase_customer(store, customer)
        raise DataError("The disk is full.", hint="Make room.", slug="store.lost")

    with monkeypatch.context() as patch, pytest.raises(DataError, match="disk is full"):
        patch.setattr(keeping, "erase_customer", cut_off)
        erase_from_feed(kiosk.settings, _CUSTOMER)
    with closing(Store(kiosk.settings.store)) as store:
        assert store.runs(last=1)[0]["state"] == "failed"
    assert (drawn, told.exists()) == ([], False)
    done = erase_from_feed(kiosk.settings, _CUSTOMER)
    assert (done.erased.feedback, done.redrawn) == (0, (str(out),))
    assert (drawn, told.exists()) == ([out], True)
    with pytest.raises(DataError, match="holds nothing of a customer"):
        erase_from_feed(kiosk.settings, _CUSTOMER)


def test_what_alerts_quote_ages_too(kiosk: Kiosk) -> None:
    """Ids and quotes of old feedback go from alerts; a younger quote stays until its time."""
    alert = {
        "finding": {"first": "2026-05-01"},
        "evidence": {"n": 2, "ids": [_ID, "r7"], "phrases": ["zeppelin"]},
        "verbatims": [
            {"id": _ID, "date": "2026-05-01", "text": _TEXT},
            {"id": "r7", "date": "2026-05-06", "text": "The lamp is bent."},
        ],
    }
    young = {**alert, "finding": {"first": "2026-05-05"}}
    events = [
        StoredEvent(name, name, "opened", "2026-05-07", dump(one), dump(one))
        for name, one in (("old", alert), ("young", young))
    ]
    with closing(Store(kiosk.settings.store)) as store:
        keep_alerts(store, 1, stories=(), events=events)
    kiosk.with_settings(texts_days=200).run()  # counts from 2026-05-05 on
    with closing(Store(kiosk.settings.store)) as store:
        old, kept = told_events(store)
    assert old.masked == old.payload
    assert json.loads(old.payload) == {
        "finding": {"first": "2026-05-01"},
        "evidence": {"n": 2, "ids": [], "phrases": []},
        "verbatims": [{"id": None, "date": "2026-05-01", "text": ""}, alert["verbatims"][1]],
    }
    assert json.loads(kept.payload) == young


def test_words_and_rows_age_out_of_the_bytes(kiosk: Kiosk, request: pytest.FixtureRequest) -> None:
    """Older words go, older rows go, and the same files bring nothing back."""
    store = kiosk.settings.store
    aged = kiosk.with_settings(texts_days=200)  # counts from 2026-05-05 on
    assert aged.run().erased > 2
    _settle(store)
    assert _found(_files(store, request), ["zeppelin", _ID]) == set()
    young = [one for one in store_as_data(store)["feedback"] if not one["erased"]]
    assert all(one["happened"] >= "2026-05-05" for one in young)
    assert any(one["words"] for one in young)
    before = len(store_as_data(store)["feedback"])
    gone = kiosk.with_settings(rows_days=200)
    gone.run()
    left = store_as_data(store)["feedback"]
    assert 0 < len(left) < before
    assert all(one["happened"] >= "2026-05-05" for one in left)
    gone.deliver("monday.csv", [*nightly(20), _ROW, *nightly(20, start=20), _ROW])
    gone.run()
    assert len(store_as_data(store)["feedback"]) == len(left)
    assert _found(_files(store, request), ["zeppelin", _ID]) == set()


_MAIL, _PHONE, _CARD = "bea.quill@harbourmail.example", "+46 8 123 456 78", "4111 1111 1111 1111"
_PRIVATE = (_MAIL, _PHONE, _CARD)


@pytest.mark.parametrize("repeated", [False, True])
def test_a_feed_that_redacts_stores_no_personal_data(
    fresh_store: Callable[[], str], tmp_path: Path, request: pytest.FixtureRequest, repeated: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Neither in words and quotes nor in rows set aside; tagging again changes nothing."""
    monkeypatch.undo()  # the real tagger: redaction is its part
    texts = [
        f"Write to {_MAIL} please, the invoice is still wrong.",
        f"Nobody called me back on {_PHONE}, I waited for two days.",
        f"You charged {_CARD} twice and the staff laughed about it.",
        f"{_MAIL} {_PHONE}",
    ]
    rows = [
        {"ref": f"p{at}", "said": text, "when": "2026-05-01", "likely": "5", "client": f"k{at}"}
        for at, text in enumerate(texts)
    ]
    if repeated:
        rows += rows
        rows.append({**rows[0], "ref": "p9", "likely": f"ask {_MAIL}"})
    store = fresh_store()
    settings = replace(feed(store, tmp_path / "in"), redact=True)
    kiosk = Kiosk(tmp_path / "in", settings)
    kiosk.deliver("a.csv", [*rows, *nightly(12)])
    kiosk.run()
    _settle(store)
    assert _found(_files(store, request), _PRIVATE) == set()
    before = store_as_data(store)
    with closing(open_database(store)) as database:
        database.execute("UPDATE feedback SET tagger = 99 WHERE kind = 'comment'")
    from miner.workflow.feed.keeping import rescore_feed

    assert rescore_feed(settings).left == 0
    assert store_as_data(store) == before


def test_the_map_of_the_samples_names_every_column() -> None:
    """So that no column of the sample feeds is read as something by chance."""
    named = json.dumps(fields(marks=True))
    assert all(f'"{column}"' in named for column in COLUMNS)
