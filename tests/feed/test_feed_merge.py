"""What a delivered row means, decided without a store; what erasing takes out of an alert."""

from __future__ import annotations

from miner.feed.merge import Delivered, Known, Merger, Version
from miner.feed.store.privacy import _without

OLD = Known("0d", Version("2026-01-01", "monday.csv"), 2)


def _row(digest: str, updated: str, row: int) -> Delivered:
    return Delivered("a1", digest, Version(updated, "tuesday.csv"), row)


def test_a_content_told_twice_in_a_batch_still_changes_the_one_before() -> None:
    plan = Merger().decide([_row("1e", "2026-02-01", 2), _row("1e", "2026-03-01", 3)], {"a1": OLD})
    assert plan.words == ("changed", "duplicate")
    assert dict(plan.write) == {1: "changed"}


def test_an_older_version_that_comes_late_changes_nothing() -> None:
    plan = Merger().decide([_row("1e", "2025-12-31", 2)], {"a1": OLD})
    assert (plan.words, dict(plan.write), dict(plan.moved)) == (("unchanged",), {}, {})


def test_erasing_takes_what_customers_said_and_leaves_what_the_program_says() -> None:
    alert = {
        "state": "open",
        "finding": {"first": "2026-03-01", "words": ["open sesame", "lamp"]},
        "evidence": {"n": 2, "ids": ["open", "r7"]},
        "verbatims": [{"id": "open", "text": "It stood open all night"}],
    }
    assert _without(alert, {"open", "2026"}) == {
        "state": "open",
        "finding": {"first": "2026-03-01", "words": ["", "lamp"]},
        "evidence": {"n": 2, "ids": ["", "r7"]},
        "verbatims": [{"id": "", "text": ""}],
    }
