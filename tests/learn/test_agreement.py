"""Krippendorff's alpha by hand, and the second labelling that ships."""

from pathlib import Path

import pytest

from miner.errors import DataError
from miner.learn.agreement import Twice, agreement, alpha, load_twice, masi


def test_alpha_of_a_hand_worked_table() -> None:
    # Four items, two annotators, one differs: observed 1/4; values a a a b b b b b, so expected is
    # 2 * 3 * 5 / (8 * 7).
    pairs = [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")]
    assert alpha(pairs) == pytest.approx(1 - (1 / 4) / (2 * 3 * 5 / 56))
    assert alpha([("a", "a"), ("b", "b")]) == 1.0
    assert alpha([("a", "a")]) == 1.0
    assert alpha([("a", "b"), ("b", "a")]) < 0


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("ab", "ab", 0.0), ("", "", 0.0), ("a", "b", 1.0), ("a", "", 1.0), ("ab", "a", 2 / 3),
     ("ab", "bc", 1 - 1 / 9)],
)  # fmt: skip
def test_masi_looks_at_what_is_shared_and_how(one: str, other: str, distance: float) -> None:
    assert masi(frozenset(one), frozenset(other)) == pytest.approx(distance)
    assert masi(frozenset(other), frozenset(one)) == pytest.approx(distance)


def test_polarity_counts_only_where_both_found_the_theme() -> None:
    bad, good = ("service.speed", "negative"), ("service.speed", "positive")
    price = ("product.price", "negative")
    items = [Twice("1", (bad,), (good,)), Twice("2", (bad,), (bad,)), Twice("3", (price,), ())]
    found = agreement(items)
    assert found["polarity"] == pytest.approx(alpha([("n", "p"), ("n", "n")]))
    assert found["opinion"] < 1


def test_the_shipped_second_labelling_is_large_and_agrees() -> None:
    items = load_twice()
    assert len(items) >= 1000
    assert len({one.id for one in items}) == len(items)
    assert any(one.first != one.second for one in items)
    found = agreement(items)
    assert all(0.7 < value < 1 for value in found.values()), found


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "second.jsonl").write_text('{"id": "x", "first": []}\n')
    with pytest.raises(DataError, match=r"second.jsonl: 'second'.*id, first and second"):
        load_twice(tmp_path / "second.jsonl")
