"""Scored texts as Arrow, and models on their way to workers: all that needs no Spark."""

from __future__ import annotations

import pickle
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import miner
from miner.engines import models
from miner.engines.arrow import BATCH, OTHER_LANGUAGE, Grain, Reader, strings
from miner.engines.parcels import Parcel
from miner.errors import ModelError
from miner.resources import folder
from miner.scoring import Scorer

LATE = "The courier was two days late."
SPAT = "Die Lieferung kam leider drei Wochen zu spät."
TEXTS = [
    LATE,
    None,
    "Lovely food 😀, but nobody answers the phone.",
    "",
    "  \n Hello,\n\nthe app   crashes every day.  \n\nKind regards\nKim ",
    "I want a refund! I'm leaving for another bank.",
    "slow " * 5_000,
]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return models.shared_scorer("en")


@pytest.fixture
def own_model(tmp_path: Path) -> Path:
    """A model folder that is not the shipped one, if only by its place."""
    return Path(shutil.copytree(folder("models") / "en", tmp_path / "retail"))


@pytest.fixture
def nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "_loaded", {})


def rows_of(
    grain: Grain, scorer: Scorer, texts: list[str | None], named: list[str | None] | None = None
) -> list[dict[str, Any]]:
    """Return the rows of a result, with the number of their text as id."""
    reader = Reader(grain)
    ids = pa.array(range(len(texts)), pa.int64())
    languages = None if named is None else pa.array(named, pa.string())
    parts = reader.read(scorer, pa.array(texts, pa.string()), [ids], languages)
    names = ["id", *reader.schema.names]
    return [
        row for part in parts for row in pa.RecordBatch.from_arrays(part, names=names).to_pylist()
    ]


def plain(scorer: Scorer, texts: list[str | None]) -> list[dict[str, Any]]:
    """Return what `score_many` gives, in the form of the rows."""
    found = [one.to_dict() for one in scorer.score_many(texts)]
    for at, one in enumerate(found):
        del one["text"]
        one["id"] = at
    return found


def test_a_row_of_scores_is_a_scored_feedback(scorer: Scorer) -> None:
    rows = rows_of("scores", scorer, TEXTS)
    assert rows == plain(scorer, TEXTS)
    assert {flag for row in rows for flag in row["flags"]} == {"not-text", "truncated"}


def test_rows_of_mentions_and_signals_are_those_of_the_scorer(scorer: Scorer) -> None:
    for grain in ("mentions", "signals"):
        table = getattr(scorer, grain)(TEXTS)
        assert len(table) > 3
        assert rows_of(grain, scorer, TEXTS) == table.to_dict("records")


@given(
    texts=st.lists(st.sampled_from(TEXTS[:6]), max_size=12),
    cuts=st.lists(st.integers(0, 12), max_size=4),
)
def test_any_cut_into_parts_gives_the_same_rows(texts: list[str | None], cuts: list[int]) -> None:
    scorer = models.shared_scorer("en")
    reader = Reader("mentions")
    column, ids = pa.array(texts, pa.string()), pa.array(range(len(texts)), pa.int64())
    whole = pa.RecordBatch.from_arrays([column, ids], names=["text", "id"])
    places = sorted({0, len(texts), *(cut for cut in cuts if cut < len(texts))})
    found = [
        row
        for start, stop in pairwise(places)
        for part in reader.read(scorer, *_cut(whole, start, stop))
        for row in zip(*(one.to_pylist() for one in part), strict=True)
    ]
    assert found == [tuple(row.values()) for row in rows_of("mentions", scorer, texts)]


def _cut(batch: Any, start: int, stop: int) -> tuple[Any, list[Any]]:
    part = batch.slice(start, stop - start)
    return part.column(0), [part.column(1)]


def test_a_large_batch_comes_in_several_parts(scorer: Scorer) -> None:
    many = pa.array([LATE] * (BATCH + 1))
    parts = list(Reader("scores").read(scorer, many, [pa.array(range(BATCH + 1))]))
    assert [len(part[0]) for part in parts] == [BATCH, 1]
    assert parts[1][0].to_pylist() == [BATCH]
    assert not list(Reader("scores").read(scorer, pa.array([], pa.string()), []))


def test_types_are_those_of_the_schema_without_a_row_too(scorer: Scorer) -> None:
    for grain in ("scores", "mentions", "signals"):
        reader = Reader(grain)
        for texts in (["", None], TEXTS):
            [part] = reader.read(scorer, pa.array(texts, pa.string()), [])
            assert [one.type for one in part] == [one.type for one in reader.schema]


def test_strings_that_are_no_utf8_are_read(scorer: Scorer) -> None:
    raw = pa.array([b"caf\xe9 was slow", None, "äöü".encode()])
    for column in (raw.view(pa.string()), raw.cast(pa.large_binary()).view(pa.large_string())):
        assert strings(column) == ["caf� was slow", None, "äöü"]
        [part] = Reader("mentions").read(scorer, column, [])
        assert part[0].to_pylist()[0] == "service.speed"


def test_texts_in_another_language_are_not_read(scorer: Scorer) -> None:
    texts = [LATE, LATE, SPAT, SPAT, None, LATE]
    named = ["en-GB", "Deutsch", "en", None, "de", "?"]
    rows = rows_of("scores", scorer, texts, named)
    flags = [row["flags"] for row in rows]
    assert flags == [[], [OTHER_LANGUAGE], [], [OTHER_LANGUAGE], ["not-text"], []]
    assert [bool(row["clauses"]) for row in rows] == [True, False, True, False, False, True]
    assert rows[1]["polarity"] == "neutral" and rows[1]["sentiment"] == 0.0
    assert {row["id"] for row in rows_of("mentions", scorer, texts, named)} - {2} == {0, 5}
    assert {row["id"] for row in rows_of("mentions", scorer, texts)} >= {0, 1, 5}


@pytest.mark.usefixtures("nothing_held")
def test_a_shipped_model_travels_by_name() -> None:
    for model in ("en", folder("models") / "en"):
        parcel = Parcel.of(model)
        assert (parcel.name, parcel.files) == ("en", {})
        assert len(pickle.dumps(parcel)) < 1_000
    assert parcel.scorer().score(LATE) == miner.load().score(LATE)


@pytest.mark.usefixtures("nothing_held")
def test_a_model_folder_travels_whole(own_model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parcel = pickle.loads(pickle.dumps(Parcel.of(own_model)))
    shutil.rmtree(own_model)
    monkeypatch.setattr(models, "_loaded", {})
    scorer = parcel.scorer()
    assert scorer.score(LATE) == miner.load().score(LATE)
    assert parcel.scorer() is scorer, "loaded twice"


@pytest.fixture
def parcel(nothing_held: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parcel]:
    found = Parcel.of("en")
    monkeypatch.setattr(models, "_loaded", {})
    yield found
    assert not models._loaded, "a model that was refused is held"


def test_a_worker_with_another_version_says_so(parcel: Parcel) -> None:
    with pytest.raises(ModelError, match=r"a worker has 0\.\d.*, the driver 9\.9.*==9\.9 on every"):
        replace(parcel, version="9.9").scorer()


def test_a_worker_with_another_model_says_so(parcel: Parcel) -> None:
    with pytest.raises(ModelError, match=r'model "en": a worker has .*, the driver 00ff'):
        replace(parcel, sha256="00ff").scorer()


def test_files_that_were_changed_on_the_way_are_refused(parcel: Parcel, own_model: Path) -> None:
    files = {one.name: one.read_bytes() for one in own_model.iterdir()}
    files["taxonomy.toml"] += b"\n"
    with pytest.raises(ModelError, match=r"is damaged: taxonomy\.toml is not the file"):
        replace(parcel, files=files).scorer()


def test_an_unknown_model_is_refused_before_anything_travels() -> None:
    with pytest.raises(ModelError, match='No model "enn"'):
        Parcel.of("enn")
