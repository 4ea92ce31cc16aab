"""What is said and sent: sentences from figures, a published schema, and masks."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import Any, get_args

import pytest
from feed.alert_samples import finding
from jsonschema import Draft202012Validator

from miner.feed.alerts import (
    Event,
    Evidence,
    Finding,
    Place,
    Quote,
    Story,
    advance,
    headline,
    payload,
    sentence,
)
from miner.feed.alerts.lifecycle import What
from miner.feed.alerts.messages import SCHEMA
from miner.feed.alerts.rule import KINDS
from miner.feed.alerts.sentences import EVENTS, TEMPLATES
from miner.report.languages import speaking
from miner.schemas import ALERT, alert_schema

PUBLISHED = alert_schema()
VALIDATOR = Draft202012Validator(PUBLISHED)
ON = date(2026, 3, 8)
LABELS = {"service.speed": "Speed", "product.price": "Price"}
EVIDENCE = Evidence(
    ids=("ticket-77001", "ticket-77002"),
    phrases=("long queue",),
    quotes=(Quote("ticket-77001", "An hour in the queue, mail me at [e-mail]", "2026-03-05"),
            Quote("ticket-77002", "So slow")),
)  # fmt: skip


def of_kind(kind: str, **more: object) -> Finding:
    base = {
        "kind": kind, "subject": kind, "measure": "share", "theme": "", "seen": 0.214,
        "expected": 0.0312, "low": 0.021, "high": 0.047,
    }  # fmt: skip
    return finding(**{**base, **more})  # type: ignore[arg-type]


SAMPLES = {
    "spike": finding(96, 31.6),
    "score_fall": of_kind("score_fall", measure="points", score="nps", seen=-4.2, expected=21.0,
                          low=12.0, high=30.0, n=410),
    "silent": of_kind("silent", measure="days", source="shop", seen=9.0, expected=1.0, low=1.0,
                      high=3.0, n=80, p=None, q=None),
    "rejects": of_kind("rejects", source="shop"),
    "untagged": of_kind("untagged"),
    "drift_vocabulary": of_kind("drift_vocabulary", words=("zorvex", "pairing")),
    "drift_mix": of_kind("drift_mix", words=("product.price", "service.speed")),
    "drift_confidence": of_kind("drift_confidence", measure="score", seen=0.681, expected=0.749,
                                low=0.73, high=0.768, n=2800),
}  # fmt: skip
SAID = {
    "spike": "Speed: 96 feedback with a negative mention from 2026-03-02 to 2026-03-08, 32 expected"
    " (20 to 41). 3.0 times as many.",
    "score_fall": "NPS: −4 from 2026-03-02 to 2026-03-08, 21 expected (12 to 30), 410 answers.",
    "silent": "shop has sent nothing for 9 days, since 2026-03-02. Its gaps are usually 1, rarely "
    "above 3 days.",
    "rejects": "shop: 21% of the rows were set aside from 2026-03-02 to 2026-03-08, 3% expected "
    "(2% to 5%), 1,500 rows.",
    "untagged": "21% of the feedback has no theme from 2026-03-02 to 2026-03-08, 3% expected "
    "(2% to 5%), 1,500 feedback.",
    "drift_vocabulary": "21% of the words are new from 2026-03-02 to 2026-03-08, 3% expected "
    "(2% to 5%). Said most: zorvex, pairing.",
    "drift_mix": "21% of the mentions moved to other themes from 2026-03-02 to 2026-03-08, 3% "
    "expected (2% to 5%). Gained: Price, Speed.",
    "drift_confidence": "The mean confidence of mentions was 0.68 from 2026-03-02 to 2026-03-08, "
    "0.75 expected (0.73 to 0.77), 2,800 mentions.",
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_sentence(kind: str) -> None:
    assert sentence(SAMPLES[kind], labels=LABELS) == SAID[kind]


def test_every_kind_and_event_has_a_template() -> None:
    assert set(TEMPLATES) == set(KINDS) == set(SAMPLES)
    assert set(EVENTS) == set(get_args(What))


def test_where_a_spike_is() -> None:
    placed = finding(96, 31.6, place=Place("plan=pro", 80, 15.4))
    assert sentence(placed).endswith("Most of it in plan=pro: 80, 15 expected.")
    own = finding(60, 10.0, cohort="plan=pro", also=("a=1", "a=2", "a=3", "a=4"))
    assert sentence(own).startswith("service.speed, plan=pro: 60 feedback")
    assert sentence(own).endswith("Also in a=1, a=2, a=3.")
    assert "times" not in sentence(finding(12, 0.04))


def test_numbers_are_written_in_the_language_spoken() -> None:
    with speaking("sv"):
        assert "0,68" in sentence(SAMPLES["drift_confidence"])


def events() -> dict[str, Event]:
    """One event of each sort."""
    opened = advance((), [finding()], on=ON)
    updated = advance(opened.stories, [finding(200)], on=date(2026, 3, 9))
    closed = advance(updated.stories, [], on=date(2026, 4, 9))
    return {one.what: one for step in (opened, updated, closed) for one in step.events}


def test_headlines() -> None:
    told = {what: headline(one) for what, one in events().items()}
    assert told["opened"] == sentence(finding())
    assert told["updated"] == "Worse than on 2026-03-08: " + sentence(finding(200))
    assert told["closed"].startswith(
        "Over, last seen on 2026-03-09. At its worst: service.speed: 200"
    )


# --- the message --------------------------------------------------------------------------------


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(PUBLISHED)
    assert PUBLISHED["$id"].endswith(f":{ALERT}")
    assert PUBLISHED["properties"]["schema"]["enum"] == [SCHEMA]
    assert PUBLISHED is not alert_schema()


def test_every_property_is_described_required_and_alone() -> None:
    for rule in (PUBLISHED, *PUBLISHED["$defs"].values()):
        assert rule["required"] == list(rule["properties"])
        assert rule["additionalProperties"] is False
        assert all("description" in one for one in rule["properties"].values())


def test_the_schema_holds_the_fields_of_the_types() -> None:
    rules = PUBLISHED["$defs"]
    assert list(rules["Finding"]["properties"]) == [*(f.name for f in fields(Finding)), "ratio"]
    kept = [f.name for f in fields(Story) if f.name not in ("peak", "last")]
    assert list(rules["Story"]["properties"]) == kept
    assert list(rules["Place"]["properties"]) == [f.name for f in fields(Place)]
    for name in ("Finding", "Story"):
        assert rules[name]["properties"]["kind"]["enum"] == list(KINDS)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("what", ["opened", "updated", "closed"])
def test_every_message_follows_the_schema(what: str, masked: bool) -> None:
    message = payload(events()[what], evidence=EVIDENCE, labels=LABELS, feed="shop", masked=masked)
    read = json.loads(json.dumps(message, allow_nan=False))
    VALIDATOR.validate(read)
    assert list(read) == list(PUBLISHED["properties"])
    assert read["event"] == what
    assert read["id"] == events()[what].id


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_follows_the_schema(kind: str) -> None:
    (event,) = advance((), [SAMPLES[kind]], on=ON).events
    message = payload(event)
    VALIDATOR.validate(message)
    assert message["evidence"] == {"n": 0, "ids": [], "phrases": []}


@pytest.mark.parametrize(
    ("place", "value"),
    [(("finding", "p"), 2), (("on",), "yesterday"), (("story", "kind"), "odd"), (("extra",), 1)],
)
def test_the_schema_refuses_what_is_wrong(place: tuple[str, ...], value: Any) -> None:
    message = payload(events()["opened"])
    inner: Any = message
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    assert not VALIDATOR.is_valid(message)


def test_a_masked_message_holds_no_id() -> None:
    whole, masked = (
        json.dumps(payload(events()["opened"], evidence=EVIDENCE, masked=one))
        for one in (False, True)
    )
    assert "ticket-7700" in whole
    assert "ticket-7700" not in masked
    assert json.loads(masked)["evidence"]["n"] == 2
    assert "An hour in the queue" in masked
    assert json.loads(masked)["masked"] is True
