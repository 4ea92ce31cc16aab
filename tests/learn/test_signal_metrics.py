"""Precision and recall of signals, counted on rows made for the purpose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from miner.learn.bundle import Bundle, load_bundle
from miner.learn.corpus import Corpus, load_corpus
from miner.learn.signal_metrics import signal_metrics
from miner.types import SIGNALS

ROWS = [
    ("Please send a new lid.", [["request", "Please send a new lid"]]),
    ("Bring back the ginger biscuits", []),  # found, not marked
    ("A lid would do nicely, someday.", [["request", "A lid would do nicely"]]),  # marked, missed
    ("My solicitor will be in touch.", [["legal_threat", "solicitor"]]),
    ("We moved in on Tuesday.", []),
]


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle("en")


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    (tmp_path / "statements").mkdir()
    rows = [
        {
            "id": f"q-{at}", "hand": "q", "split": "train", "text": text, "labels": [],
            "signals": signals, "industry": "retail", "register": "chat",
        }
        for at, (text, signals) in enumerate(ROWS)
    ]  # fmt: skip
    rows.append({**rows[-1], "id": "q-x", "text": "Please call me."})
    del rows[-1]["signals"]  # nobody looked: doesn't count
    lines = "\n".join(map(json.dumps, rows))
    (tmp_path / "statements" / "q.jsonl").write_text(lines, encoding="utf-8")
    return load_corpus(tmp_path)


def test_hits_misses_and_words_are_counted(bundle: Bundle, corpus: Corpus) -> None:
    found = signal_metrics(bundle, corpus)
    assert found["n"] == len(ROWS)
    assert list(found["kinds"]) == list(SIGNALS)
    request = found["kinds"]["request"]
    assert (request["n"], request["found"]) == (2, 2)
    assert request["precision"] == request["recall"] == request["f1"] == 0.5
    assert request["overlap"] == 1.0
    threat = found["kinds"]["legal_threat"]
    assert threat["f1"] == 1.0
    marked, shown = len("solicitor"), len("My solicitor will be in touch")
    assert threat["overlap"] == pytest.approx(2 * marked / (marked + shown), abs=1e-4)
    assert found["kinds"]["safety"] == {
        "precision": 0.0, "recall": 0.0, "f1": 0.0, "n": 0, "found": 0, "overlap": None,
    }  # fmt: skip


def test_rows_nobody_looked_at_are_no_measure(bundle: Bundle, corpus: Corpus) -> None:
    unseen = corpus.take(~(corpus.labels != corpus.labels).any(axis=1) & False)
    assert signal_metrics(bundle, unseen) == {}


def test_the_shipped_model_finds_plain_signals(bundle: Bundle) -> None:
    """Own gold that nobody tunes on; the floor is low, the figures stand in the card."""
    kinds = signal_metrics(bundle, load_corpus().split("test"))["kinds"]
    assert min(kinds[kind]["precision"] for kind in kinds) > 0.4
    for kind in ("complaint", "praise", "request", "question", "legal_threat"):
        assert kinds[kind]["f1"] > 0.6, kind
