"""The data card's numbers are counted, not typed: the tables must be what the corpus says."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from miner.learn.agreement import AGREEMENT, agreement, load_twice
from miner.learn.corpus import ABSENT, SPLITS, Corpus, load_corpus
from miner.learn.markdown import table
from miner.learn.tagging import NEGATIVE, NEUTRAL, POSITIVE
from miner.learn.variety import Variety, variety
from miner.types import POLARITIES, SIGNALS


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus()


def sizes(corpus: Corpus) -> str:
    """Statements, whole responses, clauses and mentions by split."""
    rows: list[list[object]] = []
    for split in SPLITS:
        part = corpus.split(split)
        whole = {name for name in part.responses if name}
        clauses = sum(bool(name) for name in part.responses)
        mentions = int((part.labels != ABSENT).sum())
        none = int((part.labels == ABSENT).all(axis=1).sum())
        rows.append([f"`{split}`", len(part) - clauses, len(whole), clauses, mentions, none])
    total = ["all", *(sum(int(str(row[at])) for row in rows) for at in range(1, 6))]
    heads = ["split", "statements", "responses", "clauses in them", "mentions", "without opinion"]
    return table(heads, [*rows, total])


def themes(corpus: Corpus) -> str:
    rows: list[list[object]] = [
        [
            f"`{theme}`",
            *(int((corpus.labels[:, at] == code).sum()) for code in range(len(POLARITIES))),
        ]
        for at, theme in enumerate(corpus.themes)
    ]
    return table(["theme", *POLARITIES], rows)


def hands(corpus: Corpus) -> str:
    names = sorted(set(corpus.hands), key=lambda name: (len(name) > 1, name))
    rows: list[list[object]] = []
    for name in names:
        part = corpus.take(np.array([hand == name for hand in corpus.hands]))
        mentions = int((part.labels != ABSENT).sum())
        rows.append([name, len(part), mentions, len(set(part.industries))])
    return table(["hand", "examples", "mentions", "industries"], rows)


def signals(corpus: Corpus) -> str:
    """Examples with each kind of signal, by split."""
    rows: list[list[object]] = []
    for kind in SIGNALS:
        held = [
            split
            for split, found in zip(corpus.splits, corpus.signals, strict=True)
            if found and kind in dict(found)
        ]
        rows.append([f"`{kind}`", *(held.count(split) for split in SPLITS)])
    looked = [
        s for s, found in zip(corpus.splits, corpus.signals, strict=True) if found is not None
    ]
    rows.append(["examples looked at", *(looked.count(split) for split in SPLITS)])
    return table(["signal", *(f"`{split}`" for split in SPLITS)], rows)


@cache
def spread() -> Variety:
    """How varied the shipped corpus is, worked out once."""
    return variety(load_corpus())


def varied(_: Corpus) -> str:
    found = spread()
    rows: list[list[object]] = [
        ["near-duplicates (six words or more, cosine of 5-grams over 0.8)", found.near_duplicates],
        ["running words", found.words],
        ["different words", found.distinct],
        ["growth of the vocabulary (Heaps' exponent)", found.growth],
        *([f"texts that begin “{opening}”", share] for opening, share in found.openings),
    ]
    return table(["", "value"], rows)


def agreed(_: Corpus) -> str:
    found = agreement(load_twice())
    return table(["", "alpha"], [[AGREEMENT[name], f"{at:.2f}"] for name, at in found.items()])


BUILDS = {
    "sizes": sizes,
    "themes": themes,
    "hands": hands,
    "signals": signals,
    "variety": varied,
    "agreement": agreed,
}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow) if name == "variety" else name for name in BUILDS],
)
def test_the_tables_are_true(root: Path, corpus: Corpus, name: str) -> None:
    card = (root / "corpora" / "README.md").read_text(encoding="utf-8")
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", card, re.DOTALL)
    assert found, f"the card lacks the table {name}"
    assert found[1] == BUILDS[name](corpus)


def test_the_corpus_is_as_large_and_even_as_promised(corpus: Corpus) -> None:
    statements = sum(not name for name in corpus.responses)
    assert statements >= 9000
    assert len(corpus.wholes) >= 900
    held = np.array([split != "train" for split in corpus.splits])
    test = corpus.take(held)
    assert sum(not name for name in test.responses) >= 1800
    assert len(test.wholes) >= 250
    for at, theme in enumerate(corpus.themes):
        for code in (NEGATIVE, POSITIVE):
            assert (corpus.labels[:, at] == code).sum() >= 60, (theme, code)
    assert (corpus.labels == NEUTRAL).sum() >= 900
    assert (corpus.labels == ABSENT).all(axis=1).sum() >= 900
    assert not set(corpus.split("train").hands) & {"b", "g", "s", "t"}


@pytest.mark.slow
def test_texts_are_not_made_from_templates() -> None:
    found = spread()
    assert found.near_duplicates < 0.01
    # English has .4 to .6 (Heaps' law: Manning, Raghavan, Schütze 2008, 5.1.1), the second half
    # of a larger corpus less: .40 between 355,000 and 710,000 words here
    assert found.growth > 0.35
    assert found.openings[0][1] < 0.02


def test_the_card_counts_industries(root: Path, corpus: Corpus) -> None:
    card = (root / "corpora" / "README.md").read_text(encoding="utf-8")
    assert f"{len(set(corpus.industries))} industries" in card


def test_the_guide_names_only_themes_that_exist(root: Path, corpus: Corpus) -> None:
    guide = (root / "corpora" / "GUIDE.md").read_text(encoding="utf-8")
    named = Counter(re.findall(r"`([a-z]+\.[a-z]+)`", guide))
    known = {*corpus.themes, "taxonomy.toml"}
    assert set(named) <= known, set(named) - known
    assert len(set(named) & set(corpus.themes)) == len(corpus.themes)


def test_the_guides_example_row_can_be_read(root: Path, tmp_path: Path) -> None:
    guide = (root / "corpora" / "GUIDE.md").read_text(encoding="utf-8")
    row = re.search(r"```json\n(.*?)\n```", guide, re.DOTALL)
    assert row
    (tmp_path / "statements").mkdir()
    (tmp_path / "statements" / "x.jsonl").write_text(json.dumps(json.loads(row[1])) + "\n")
    assert len(load_corpus(tmp_path)) == 1
