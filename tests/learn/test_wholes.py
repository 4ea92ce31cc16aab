"""Figures of whole responses and contrasts, counted by hand with the shipped tagger's answers."""

import json
from pathlib import Path

import numpy as np
import pytest

from miner.learn import wholes
from miner.learn.bundle import load_bundle
from miner.learn.corpus import Corpus, load_corpus
from miner.learn.tagging import NEGATIVE, NEUTRAL, POSITIVE
from miner.learn.variety import variety

PLACE = {"hand": "x", "split": "test", "industry": "shops", "register": "note"}


def written(folder: Path, statements: list[object], responses: list[object]) -> Corpus:
    for name, rows in (("statements", statements), ("responses", responses)):
        (folder / name).mkdir()
        lines = [json.dumps(row) for row in rows]
        text = "".join(f"{line}\n" for line in lines)
        (folder / name / "x.jsonl").write_text(text, encoding="utf-8")
    return load_corpus(folder)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    bad, good = ["service.speed", "negative"], ["product.quality", "positive"]
    two = {"id": "x-1", "text": "Tasty, slow.", "labels": [bad, good], **PLACE}
    one = {"id": "x-2", "text": "Slow.", "labels": [bad], **PLACE}
    whole = {
        "id": "r-1",
        "text": "Hello. Tasty soup. So slow. Fine overall.",
        "clauses": [
            {"span": "Hello.", "labels": []},
            {"span": "Tasty soup.", "labels": [good]},
            {"span": "So slow.", "labels": [bad]},
            {"span": "Fine overall.", "labels": [["general.overall", "neutral"]]},
        ],
        **PLACE,
    }
    return written(tmp_path, [two, one], [whole])


def told(monkeypatch: pytest.MonkeyPatch, answers: dict[str, set[tuple[str, int]]]) -> None:
    monkeypatch.setattr(wholes, "_found", lambda _, texts: [answers[text] for text in texts])


def test_pairs_and_contrasts_by_hand(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    told(
        monkeypatch,
        {
            corpus.wholes["r-1"]: {
                ("product.quality", POSITIVE),  # right
                ("service.delivery", NEGATIVE),  # right theme above, wrong sub-theme
                ("general.overall", NEUTRAL),  # right
                ("communication.clarity", NEGATIVE),  # too much
            },
            "Tasty, slow.": {("product.quality", POSITIVE), ("service.delivery", NEGATIVE)},
        },
    )
    found = wholes.shares(load_bundle("en"), corpus)
    value = {name: float(one.draws(np.ones((1, len(one.above))))[0]) for name, one in found.items()}
    assert value["pair_micro_f1"] == pytest.approx(2 * 2 / (2 + 3))
    assert value["subtheme_pair_micro_f1"] == pytest.approx(2 * 2 / (3 + 4))
    assert value["contrast_both_right"] == 1.0
    told(monkeypatch, {corpus.wholes["r-1"]: set(), "Tasty, slow.": {("service.speed", POSITIVE)}})
    none = wholes.shares(load_bundle("en"), corpus)
    assert none["pair_micro_f1"].above.sum() == 0
    assert none["contrast_both_right"].above.tolist() == [0.0]


def test_figures_without_texts_are_left_out(tmp_path: Path) -> None:
    row = {"id": "x-2", "text": "Slow.", "labels": [["service.speed", "negative"]], **PLACE}
    assert wholes.shares(load_bundle("en"), written(tmp_path, [row], [])) == {}


def test_whole_responses_keep_their_text(corpus: Corpus) -> None:
    assert corpus.wholes == {"r-1": "Hello. Tasty soup. So slow. Fine overall."}
    assert corpus.take(np.array([0])).wholes == {}
    assert corpus.take(np.array([2])).wholes == corpus.wholes


def test_variety_sees_templates(tmp_path: Path) -> None:
    names = ["ann", "bob", "cleo", "dan", "eve", "finn", "gus", "hal", "ida", "joe"]
    rows = [
        {"id": f"x-{n}", "text": f"I was served by {name} at the till and it took an age.",
         "labels": [], **PLACE}
        for n, name in enumerate(names)
    ]  # fmt: skip
    found = variety(written(tmp_path, rows, []))
    assert found.near_duplicates == 1.0
    assert found.openings[0] == ("i was", 1.0)
    assert found.growth < 0.9
    assert found.words == 130
