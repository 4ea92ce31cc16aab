"""Alerts of a feed: judged on what the store holds, told once, sent masked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from feed.feed_samples import Kiosk, feed, tag_cheaply
from jsonschema import Draft202012Validator

from miner.feed.alerts import AlertRule, Delivery
from miner.feed.store.store import Store
from miner.feed.store.told import StoredEvent, keep_alerts
from miner.schemas import alert_schema

START = datetime(2026, 6, 1, tzinfo=UTC)
RULE = AlertRule(kinds=("spike", "silent"))
TAGGED = {"key": "service.speed", "label": "Speed"}


def _long(theme: int) -> int:
    """Length of a text that the cheap tagger finds negative about the theme of this number."""
    return next(size for size in range(60, 90) if size % 3 == 0 and size % 4 == theme)


def _day(number: int, *, complaints: int) -> list[dict[str, str]]:
    """The rows of one day: so many complaints about speed, thirty others."""
    day = (START + timedelta(days=number)).strftime("%Y-%m-%d 12:00")
    bad = "The van came late again and nobody said a word".ljust(_long(0), ".")
    fine = "The lamp stands well".ljust(61, ".")
    texts = [bad] * complaints + [fine] * 30
    return [
        {"ref": f"{number}-{at}", "said": text, "when": day, "client": f"c{at}", "plan": "pro"}
        for at, text in enumerate(texts)
    ]


@pytest.fixture
def kiosk(tmp_path: Path, fresh_store: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Kiosk:
    """A feed that watches, with a quiet quarter read."""
    told = {
        "model": {"name": "cheap", "sha256": "0"},
        "taxonomy": {"theme": [TAGGED]},
        "taxonomy_sha256": "t",
    }
    tag_cheaply(monkeypatch.setattr, told=told)
    folder = tmp_path / "in"
    folder.mkdir()
    settings = feed(fresh_store(), folder, batch=5000)
    settings = replace(settings, alerts=RULE, alerts_file=str(tmp_path / "alerts.jsonl"))
    kiosk = Kiosk(folder, settings)
    quiet = [row for day in range(97) for row in _day(day, complaints=3)]
    kiosk.deliver("000.csv", quiet)
    return kiosk


def _night(kiosk: Kiosk, number: int) -> Any:
    from miner.workflow.feed.running import Told, run_feed

    return run_feed(kiosk.settings, Told(now=START + timedelta(days=number + 1, hours=3)))


def _lines(kiosk: Kiosk) -> list[dict[str, Any]]:
    text = Path(str(kiosk.settings.alerts_file)).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_spike_is_opened_once_and_closed_when_it_is_over(kiosk: Kiosk) -> None:
    assert _night(kiosk, 96).watched.events == ()
    for day in range(97, 104):
        kiosk.deliver(f"{day}.csv", _day(day, complaints=14))
        _night(kiosk, day)
        _night(kiosk, day)  # run twice by mistake: nothing is told twice
    for day in range(104, 130):
        kiosk.deliver(f"{day}.csv", _day(day, complaints=3))
        _night(kiosk, day)
    told = [one for one in _lines(kiosk) if one["finding"]["theme"] == "service.speed"]
    events = [one["event"] for one in told]
    assert events[0] == "opened"
    assert events[-1] == "closed"
    assert events.count("opened") == events.count("closed") == 1
    assert len({one["id"] for one in told}) == len(told)
    check = Draft202012Validator(alert_schema())
    assert [list(check.iter_errors(one)) for one in told] == [[]] * len(told)
    assert "Speed" in told[0]["sentence"]
    assert told[0]["verbatims"][0]["text"].startswith("The van came late")
    assert told[0]["evidence"]["ids"][0] in {
        f"{day}-{at}" for day in range(130) for at in range(14)
    }


class _Hook(BaseHTTPRequestHandler):
    got: list[tuple[str, dict[str, Any]]]
    answer = 200

    def do_POST(self) -> None:
        size = int(self.headers["Content-Length"])
        type(self).got.append((self.headers["Idempotency-Key"], json.loads(self.rfile.read(size))))
        self.send_response(type(self).answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[tuple[str, type[_Hook]]]:
    """A real server that takes alerts."""
    kind = type("Hook", (_Hook,), {"got": []})
    server = HTTPServer(("127.0.0.1", 0), kind)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", kind
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_webhook_that_fails_gets_it_again_and_one_that_took_it_never(
    kiosk: Kiosk, hook: tuple[str, type[_Hook]]
) -> None:
    url, server = hook
    kiosk = kiosk.with_settings(webhook=url)
    _night(kiosk, 96)
    server.answer = 500
    for day in range(97, 101):
        kiosk.deliver(f"{day}.csv", _day(day, complaints=14))
        run = _night(kiosk, day)
        if run.watched.raised:
            break
    assert run.watched.unsent
    tried = len(server.got)
    assert tried >= 1
    server.answer = 204
    _night(kiosk, day)
    assert len(server.got) == tried + len(run.watched.unsent)
    _night(kiosk, day)
    assert len(server.got) == tried + len(run.watched.unsent)
    key, message = server.got[-1]
    assert message["id"] == key
    assert message["masked"] is True
    assert message["evidence"]["ids"] == []
    assert not any(f'"{day}-' in json.dumps(message) for day in range(130))


def test_a_webhook_without_an_answer_is_tried_once_a_night(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try may take ten seconds: a hundred events must not take the night."""
    events = [StoredEvent(name, name, "opened", "2026-06-01", "{}", "{}") for name in "abc"]
    with closing(Store(kiosk.settings.store)) as store:
        keep_alerts(store, 1, stories=(), events=events)
    tries: list[str] = []

    def nobody(url: str, _message: object) -> Delivery:
        tries.append(url)
        return Delivery("failed", None, "No answer within 10 seconds.")

    monkeypatch.setattr("miner.workflow.feed.watching.post", nobody)
    run = _night(kiosk.with_settings(webhook="http://hook.example/"), 96)
    assert len(tries) == 1
    assert run.watched.unsent == (
        "a: No answer within 10 seconds.",
        "b: Not tried, as the one before was not answered.",
        "c: Not tried, as the one before was not answered.",
    )


def test_a_source_that_fell_silent_is_told(kiosk: Kiosk) -> None:
    for day in range(97, 112):
        kiosk.deliver(f"{day}.csv", _day(day, complaints=3))
        _night(kiosk, day)
    told = [_night(kiosk, day).watched.events for day in range(112, 122)]
    found = [one for events in told for one in events]
    assert {one["finding"]["source"] for one in found} == {"reviews"}
    assert [one["event"] for one in found].count("opened") == 1
    assert found[0]["event"] == "opened"


def test_nothing_is_judged_while_two_models_are_mixed(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _night(kiosk, 96)
    tag_cheaply(monkeypatch.setattr, shift=1)
    kiosk = kiosk.with_settings(rescore_rows=0)
    kiosk.deliver("97.csv", _day(97, complaints=14))
    run = _night(kiosk, 97)
    assert "still tagged by an earlier model" in run.watched.waits
    assert run.stale == 97 * 33
