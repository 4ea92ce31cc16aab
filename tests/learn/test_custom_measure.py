"""Own labels: what figures claim, in what language the texts are, where the curve ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from custom_samples import pool, pool_sheet, sheet_of, tiny_model
from hypothesis import given, settings
from hypothesis import strategies as st

from miner.learn.custom.card import render
from miner.learn.custom.curve import learning_curve
from miner.learn.custom.fit import Judged, judge, make_task, unseen
from miner.learn.custom.layout import Choices
from miner.learn.custom.measure import measure
from miner.learn.custom.model import train_labels
from miner.learn.custom.read import Labelled, read_labels
from miner.learn.evaluate import Figure


def alone(n: int) -> Labelled:
    """The first texts of the pool, each a group of its own."""
    whole = pool()
    return replace(
        whole, texts=whole.texts[:n], groups=("",) * n, labels=whole.labels[:n], ids=whole.ids[:n]
    )


def verdict(labelled: Labelled, wrong: int = 0) -> Judged:
    """A verdict that agrees with the labels but for the first texts, in which all is wrong."""
    found = labelled.given.copy()
    found[:wrong] = ~found[:wrong]
    sentiment = np.where(labelled.labels == 2, 0.8, -0.8).astype(np.float32)
    sentiment[:wrong] *= -1
    pairs = (labelled.labels[:, :, None] == np.arange(3)) ^ (np.arange(len(found)) < wrong)[
        :, None, None
    ]
    return Judged(found, pairs, found.astype(np.float32), sentiment, sentiment)


def figures(n: int, wrong: int = 0) -> dict[str, Figure]:
    labelled = alone(n)
    return dict(measure(labelled, verdict(labelled, wrong)).figures)


def test_all_right_in_few_texts_is_no_proof_of_perfection() -> None:
    """Wilson's interval of 30 of 30 starts at .886; labels with a sign stand in fewer texts."""
    for name, one in figures(30).items():
        assert one.value == one.high == 1.0, name
        assert 0.8 < one.low < 0.89, name


def test_all_wrong_in_few_texts_is_no_proof_of_uselessness() -> None:
    one = figures(30, wrong=30)["exact_share"]
    assert (one.value, one.low) == (0.0, 0.0)
    assert one.high == pytest.approx(0.1135, abs=1e-4)


@given(st.integers(20, 80), st.integers(0, 19))
@settings(max_examples=30)
def test_intervals_hold_the_value_and_fall_with_each_fault(n: int, wrong: int) -> None:
    better, worse = figures(n, wrong), figures(n, wrong + 1)
    for name, one in better.items():
        assert 0.0 <= one.low <= one.value <= one.high <= 1.0, name
    assert worse["exact_share"].low <= better["exact_share"].low


def test_groups_are_counted_not_texts() -> None:
    """Six authors of 84 texts: all right says little of a seventh."""
    labelled = pool()
    assert measure(labelled, verdict(labelled)).figures["exact_share"].low < 0.65


def test_with_many_faults_the_draws_decide() -> None:
    """Half of 80 texts: Wilson's interval of 40 of 80 is .392 to .608."""
    one = figures(80, wrong=40)["exact_share"]
    assert one.low == pytest.approx(0.392, abs=0.02)
    assert one.high == pytest.approx(0.608, abs=0.02)


def one_label_each() -> Labelled:
    """The pool's rows with just one label."""
    sheet = pool_sheet()
    at = sheet.header.index("labels")
    cells = [row for row in sheet.rows if row[at] != "none" and ";" not in row[at]]
    return read_labels(sheet_of(sheet.header, cells), Choices(text="comment", signs=False))


def test_the_curve_of_one_label_a_text_ends_where_the_model_is_measured() -> None:
    """Both take the likeliest label; the curve looks at clauses, so not quite equal."""
    labelled = one_label_each()
    task = make_task(labelled, tiny_model(), folds=3)
    seen = unseen(task)
    measured = measure(labelled, judge(task, seen)).labels
    for key, points in learning_curve(task, seen).points.items():
        assert points[-1].f1 == pytest.approx(measured[key].f1, abs=0.02), key


def test_texts_in_another_language_are_spoken_of() -> None:
    """A model reads the language it started from: it will never be asked about such texts."""
    labelled = one_label_each()
    late = "Paketet kom tre dagar för sent och ingen kunde säga var det var"
    foreign = replace(labelled, texts=tuple(f"{late}, {at}." for at in range(len(labelled))))
    quiet = {"name": "pool", "source": pool_sheet(), "folds": 2, "say": lambda _: None}
    said = train_labels(foreign, tiny_model(), **quiet)  # type: ignore[arg-type]
    assert said.reasons[-1].startswith('Language: 100% of the texts are not in "en"')
    assert said.reasons[-1] in render(said)
    silent = train_labels(labelled, tiny_model(), **quiet)  # type: ignore[arg-type]
    assert not any("Language" in reason for reason in silent.reasons)
