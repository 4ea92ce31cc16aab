"""Two taggings compared: every flip is told, counts balance, examples are the first ones."""

from __future__ import annotations

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from miner.insight.flips import FLIP_COLUMNS, KINDS, Comparer, Comparison

COLUMNS = ["feedback", "clause", "theme", "polarity", "confidence", "quote", "id"]
THEMES = ("a.x", "a.y", "a.z")


def mentions(*rows: tuple[int, int, str, str, float]) -> pd.DataFrame:
    """Mentions from (feedback, clause, theme, polarity, confidence)."""
    full = [(*row, f"Clause {row[0]}.{row[1]}", f"id{row[0]}") for row in rows]
    return pd.DataFrame(full, columns=COLUMNS)


def compare(before: pd.DataFrame, after: pd.DataFrame, n: int = 20) -> Comparison:
    comparer = Comparer()
    comparer.add(before, after, n)
    return comparer.result(THEMES)


def test_each_kind_of_flip() -> None:
    found = compare(
        mentions(
            (0, 0, "a.x", "negative", 0.9),  # stays
            (1, 0, "a.x", "negative", 0.9),  # turns
            (2, 0, "a.x", "negative", 0.4),  # lost
            (3, 0, "a.x", "positive", 0.5),  # moves
        ),
        mentions(
            (0, 0, "a.x", "negative", 0.8),
            (1, 0, "a.x", "positive", 0.7),
            (3, 0, "a.y", "positive", 0.6),
            (4, 1, "a.y", "neutral", 0.5),  # gained
        ),
    )
    told = {one.kind: (one.id, one.from_theme, one.to_theme) for one in found.flips}
    assert told == {
        "turned": ("id1", "a.x", "a.x"),
        "lost": ("id2", "a.x", ""),
        "moved": ("id3", "a.x", "a.y"),
        "gained": ("id4", "", "a.y"),
    }
    x, y, z = found.themes
    assert (x.before, x.lost, x.moved_out, x.turned, x.after) == (4, 1, 1, 1, 2)
    assert (y.before, y.gained, y.moved_in, y.after) == (0, 1, 1, 2)
    assert x.moved_to == {"a.y": 1}
    assert z.flips == 0
    assert (x.share_before.value, x.share_after.value) == (4 / 20, 2 / 20)


def test_the_surest_mention_lost_moves_to_the_surest_one_gained() -> None:
    found = compare(
        mentions((0, 0, "a.x", "negative", 0.4), (0, 0, "a.y", "negative", 0.9)),
        mentions((0, 0, "a.z", "negative", 0.9)),
    )
    assert [(one.kind, one.from_theme, one.to_theme) for one in found.flips] == [
        ("moved", "a.y", "a.z"),
        ("lost", "a.x", ""),
    ]


def test_a_share_of_few_feedback_says_nothing() -> None:
    found = compare(mentions((0, 0, "a.x", "negative", 0.4)), mentions(), n=3)
    assert found.themes[0].share_before.value is None


def test_examples_are_a_few_of_every_way() -> None:
    found = compare(mentions(*((n, 0, "a.x", "negative", 0.5) for n in range(9))), mentions())
    assert [one.id for one in found.examples(2)] == ["id0", "id1"]
    assert found.examples(0) == []
    assert list(found.table().columns) == list(FLIP_COLUMNS)
    assert len(found.table()) == 9


ROWS = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 2), st.sampled_from(THEMES)),
    st.tuples(st.sampled_from(["negative", "positive"]), st.floats(0, 1)),
)


@given(ROWS, ROWS)
def test_counts_balance_and_cuts_change_nothing(old, new) -> None:
    """before + gained + in - lost - out = after, and two chunks are as good as one."""
    before, after = (
        mentions(*((*key, *value) for key, value in rows.items())) for rows in (old, new)
    )
    whole = compare(before, after)
    assert (whole.before, whole.after) == (len(before), len(after))
    for one in whole.themes:
        came, left = one.gained + one.moved_in, one.lost + one.moved_out
        assert one.before + came - left == one.after
        assert sum(one.moved_to.values()) == one.moved_out
    comparer = Comparer()
    for part in (range(3), range(3, 6)):
        comparer.add(before[before["feedback"].isin(part)], after[after["feedback"].isin(part)], 10)
    assert comparer.result(THEMES).to_dict() == whole.to_dict()


@given(ROWS)
def test_equal_taggings_flip_nothing(rows) -> None:
    same = mentions(*((*key, *value) for key, value in rows.items()))
    assert compare(same, same).to_dict()["flips"] == dict.fromkeys(KINDS, 0)
