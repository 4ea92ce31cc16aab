"""The data card's numbers are counted, not typed: the tables must be what the corpus says."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from miner.learn.corpus import ABSENT, SPLITS, Corpus, load_corpus
from miner.types import POLARITIES


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus()


def table(heads: list[str], rows: list[list[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


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


@pytest.mark.parametrize("build", [sizes, themes, hands], ids=lambda build: build.__name__)
def test_the_tables_are_true(root: Path, corpus: Corpus, build: object) -> None:
    card = (root / "corpora" / "README.md").read_text(encoding="utf-8")
    name = build.__name__  # type: ignore[attr-defined]
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- end -->", card, re.DOTALL)
    assert found, f"the card lacks the table {name}"
    assert found[1] == build(corpus)  # type: ignore[operator]


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
