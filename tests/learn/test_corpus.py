"""The corpus reader: what it reads, what it refuses, and that the shipped corpus holds up."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from miner.errors import DataError, UsageError
from miner.learn.corpus import ABSENT, SPLITS, Corpus, corpus_sha256, load_corpus, near_duplicates
from miner.types import POLARITIES

PLAIN = {"hand": "x", "split": "train", "industry": "zoos", "register": "guest book"}


def statement(number: int, text: str, labels: list[list[str]], **more: str) -> dict[str, Any]:
    return {"id": f"x-{number}", "text": text, "labels": labels} | PLAIN | more


def response(number: int, text: str, clauses: list[tuple[str, list[list[str]]]]) -> dict[str, Any]:
    parts = [{"span": span, "labels": labels} for span, labels in clauses]
    return {"id": f"r-{number}", "text": text, "clauses": parts} | PLAIN


def write(folder: Path, *entries: Any, part: str = "statements") -> Path:
    (folder / part).mkdir(exist_ok=True)
    lines = [one if isinstance(one, str) else json.dumps(one) for one in entries]
    (folder / part / "x.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def test_statements_and_clauses_become_rows(tmp_path: Path) -> None:
    write(
        tmp_path,
        statement(1, "The keeper knew every penguin.", [["service.competence", "positive"]]),
    )
    write(
        tmp_path,
        response(
            1,
            "Nice zoo. Queue of an hour, though.",
            [
                ("Nice zoo.", [["general.overall", "positive"]]),
                ("Queue of an hour", [["service.speed", "negative"]]),
            ],
        ),
        part="responses",
    )
    corpus = load_corpus(tmp_path)
    assert corpus.ids == ("x-1", "r-1.1", "r-1.2")
    assert corpus.texts[2] == "Queue of an hour"
    assert corpus.responses == ("", "r-1", "r-1")
    found = [
        [(corpus.themes[at], POLARITIES[row[at]]) for at in np.flatnonzero(row != ABSENT)]
        for row in corpus.labels
    ]
    assert found == [
        [("service.competence", "positive")],
        [("general.overall", "positive")],
        [("service.speed", "negative")],
    ]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{broken", r"line 2: not JSON"),
        ("[1, 2]", r"line 2: not a JSON object"),
        (statement(2, "", []), r"line 2: missing or empty: text"),
        (statement(2, "Fine.", [], split="dev"), r'split is "dev", expected one of train, test'),
        (statement(1, "Another.", []), r"its id stands twice, first in statements/x.jsonl, line 1"),
        (statement(2, "the LIONS slept", []), r"its text stands twice, first in .*line 1"),
        (
            statement(2, "Slow.", [["service.sped", "negative"]]),
            r'No theme "service.sped".*Nearest',
        ),
        (
            statement(2, "Slow.", [["service.speed", "bad"]]),
            r'polarity is "bad", expected one of neg',
        ),
        (
            statement(2, "So so.", [["service.speed", "negative"], ["service.speed", "positive"]]),
            r"service.speed is labelled twice",
        ),
        (
            response(2, "One. Two.", [("Two.", []), ("One.", [])]),
            r"clause 2 is not in the text after",
        ),
        ({"id": "x-2", "text": "No labels."} | PLAIN, r'needs either "labels"'),
    ],
)
def test_broken_examples_are_named(tmp_path: Path, entry: Any, message: str) -> None:
    write(tmp_path, statement(1, "The lions slept.", []), entry)
    with pytest.raises(DataError, match=message) as caught:
        load_corpus(tmp_path)
    assert len(caught.value.facts["problems"]) == 1
    assert "GUIDE.md" in caught.value.hint


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    write(tmp_path, *(statement(n, f"Text {n}.", [["no.such", "negative"]]) for n in range(30)))
    with pytest.raises(DataError, match=r"30 broken example\(s\)[\s\S]*… and 10 more") as caught:
        load_corpus(tmp_path)
    assert len(caught.value.facts["problems"]) == 30


def test_an_empty_folder_says_where_examples_go(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no labelled feedback.*folders statements/"):
        load_corpus(tmp_path)


def test_near_duplicates_are_found_across_splits(tmp_path: Path) -> None:
    write(
        tmp_path,
        statement(1, "We waited forty minutes at the gate before anyone let us in.", []),
        statement(2, "The gift shop only sells plastic crocodiles nowadays, sadly.", []),
        statement(
            3, "We waited fourty minutes at the gate before anyone let us in!", [], split="test"
        ),
        statement(4, "Kind regards", [], split="test"),
        statement(5, "Kind regards,,", [["general.overall", "positive"]]) | {"text": "Kind regard"},
    )
    read = load_corpus(tmp_path)
    assert near_duplicates(read.split("train"), read.split("test")) == [("x-1", "x-3")]


def test_an_unknown_split_names_the_known_ones(tmp_path: Path) -> None:
    write(tmp_path, statement(1, "The lions slept.", []))
    with pytest.raises(UsageError, match="Choose one of train, test, test_industry"):
        load_corpus(tmp_path).split("dev")


def test_the_hash_follows_the_content(tmp_path: Path) -> None:
    write(tmp_path, statement(1, "The lions slept.", []))
    before = corpus_sha256(tmp_path)
    assert corpus_sha256(tmp_path) == before
    write(tmp_path, statement(1, "The lions slept!", []))
    assert corpus_sha256(tmp_path) != before


@pytest.fixture(scope="module")
def shipped() -> Corpus:
    return load_corpus()


def test_every_theme_has_examples_in_every_main_split(shipped: Corpus) -> None:
    for split in ("train", "test"):
        counts = (shipped.split(split).labels != ABSENT).sum(axis=0)
        assert counts.min() >= 40, dict(zip(shipped.themes, counts.tolist(), strict=True))


def test_no_hand_and_no_response_is_on_both_sides(shipped: Corpus) -> None:
    sides: dict[str, set[str]] = {}
    for split, hand, whole in zip(shipped.splits, shipped.hands, shipped.responses, strict=True):
        sides.setdefault(whole or hand, set()).add(split)
    assert sides["b"] == sides["g"] == {"test"}
    for name, splits in sides.items():
        assert not {"train", "test"} <= splits, name


def test_held_out_industries_are_nowhere_in_training(shipped: Corpus) -> None:
    import re

    held = re.compile(r"\b(insurance|gyms?|pets?|vets?|veterinary)\b", re.IGNORECASE)
    train, industry = shipped.split("train"), shipped.split("test_industry")
    assert not [name for name in train.industries if held.search(name)]
    near = re.compile(r"fitness|\bdog\b|kennels", re.IGNORECASE)
    assert all(held.search(name) or near.search(name) for name in industry.industries)
    assert len(industry) > 300


@pytest.mark.slow
def test_splits_share_no_near_duplicates(shipped: Corpus) -> None:
    train = shipped.split("train")
    for split in SPLITS[1:]:
        assert near_duplicates(train, shipped.split(split)) == []
