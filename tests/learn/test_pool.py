"""The pool, the labels of public clauses, and a teacher's kept opinions."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from miner.errors import DataError, UsageError
from miner.learn.corpus import Corpus, load_corpus, plain_text
from miner.learn.distil import Stage
from miner.learn.inputs import Places, prepare
from miner.learn.opinions import Opinions, load_opinions, quantised, save_opinions
from miner.learn.pool import OWN, VARIANT, Pool, PoolSettings, build_pool
from miner.learn.public_labels import labelled_examples, load_public_labels, text_hash
from miner.learn.recipe import Recipe, SoftSettings, file_sha256, load_recipe
from miner.learn.sources import SourceSpec
from miner.learn.targets import outputs_of
from miner.taxonomy import load_taxonomy

NAME = "nltk_pros_cons"
SPEC = SourceSpec(NAME, "Invented", "MIT", "us", "", key=("tag",))
HELD = "The ferry smelled of diesel all the way."


@pytest.fixture(scope="module")
def corpora(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pool-corpora")
    (folder / "statements").mkdir()
    texts = {
        "x": ["The lamp flickers whenever the fridge starts.", "Our guide was a gem.", "Fine."],
        "y": ["Nobody phoned me back about the roof.", "Bread like a brick, soup like heaven."],
    }
    rows = [(hand, "train", text) for hand, lines in texts.items() for text in lines]
    rows.append(("z", "test", HELD))
    lines = [
        json.dumps(
            {"id": f"{hand}-{n}", "hand": hand, "split": split, "text": text, "labels": [],
             "industry": "shops", "register": "note"}
        )
        for n, (hand, split, text) in enumerate(rows)
    ]  # fmt: skip
    (folder / "statements" / "all.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("public") / f"{NAME}.jsonl.gz"
    rows = [
        {"text": "Warm bed but the pillow was a brick.", "tag": "bed"},
        {"text": "The view is worth the climb! Bring water.", "tag": "view"},
        {"text": "our GUIDE was a gem", "tag": "guide"},  # stands in train already
        {"text": HELD.upper(), "tag": "boat"},  # stands in a test split
        {"text": "?!", "tag": "noise"},
    ] + [{"text": f"Towel number {'i' * n} was damp.", "tag": "bed"} for n in range(1, 9)]
    with gzip.open(path, "wt", encoding="utf-8") as handle:
        handle.writelines(json.dumps(row) + "\n" for row in rows)
    return path


@pytest.fixture(scope="module")
def corpus(corpora: Path) -> Corpus:
    return load_corpus(corpora)


def pool_of(corpus: Corpus, public: Path, **settings: int) -> Pool:
    count = settings.pop("rows", 50)
    chosen = PoolSettings(sets={NAME: count}, **settings)
    return build_pool(chosen, {NAME: public}, {NAME: SPEC}, corpus)


def test_a_pool_holds_clauses_and_no_test_text(corpus: Corpus, public: Path) -> None:
    pool = pool_of(corpus, public)
    assert pool.texts[:5] == corpus.split("train").texts
    assert pool.sources[:5] == (OWN,) * 5
    assert "Warm bed" in pool.texts
    assert "but the pillow was a brick." in pool.texts
    plain = [plain_text(text) for text in pool.texts]
    assert plain_text(HELD) not in plain
    assert len(set(plain)) == len(plain)
    assert "?!" not in pool.texts


def test_labels_of_a_set_take_turns(corpus: Corpus, public: Path) -> None:
    drawn = pool_of(corpus, public, rows=4).texts[5:]
    assert len(drawn) == 4
    assert any("view" in text or "water" in text for text in drawn), "one tag crowded out the rest"


def test_the_same_files_give_the_same_pool_in_any_order(
    corpus: Corpus, public: Path, tmp_path: Path
) -> None:
    turned = tmp_path / public.name
    with gzip.open(public, "rt", encoding="utf-8") as handle:
        lines = handle.readlines()
    with gzip.open(turned, "wt", encoding="utf-8") as handle:
        handle.writelines(reversed(lines))
    one, two = pool_of(corpus, public), pool_of(corpus, turned)
    assert sorted(one.texts) == sorted(two.texts)
    assert pool_of(corpus, public).sha256 == one.sha256
    assert pool_of(corpus, public, rows=3).sha256 != one.sha256


def test_variants_name_the_hands_they_come_from(corpus: Corpus, public: Path) -> None:
    pool = pool_of(corpus, public, variants=40)
    varied = [
        hand for hand, source in zip(pool.hands, pool.sources, strict=True) if source == VARIANT
    ]
    assert len(varied) > 8
    assert set("".join(varied)) <= set("xy+")
    assert any("+" in hand for hand in varied)
    assert len(pool_of(corpus, public, variants=3)) == len(pool) - len(varied) + 3


def test_labels_of_public_clauses_are_found_by_hash(
    corpus: Corpus, public: Path, tmp_path: Path
) -> None:
    (tmp_path / "public_labels").mkdir()
    file = tmp_path / "public_labels" / f"{NAME}.jsonl"
    labels = [["product.quality", "negative"]]
    lines = [
        json.dumps({"text": text_hash("but the PILLOW was a brick"), "labels": labels}),
        json.dumps({"text": text_hash("Bring water."), "labels": []}),
        json.dumps({"text": text_hash("Our guide was a gem."), "labels": labels}),
    ]
    file.write_text("\n".join(lines))
    found = labelled_examples(
        load_public_labels(tmp_path, load_taxonomy()), pool_of(corpus, public)
    )
    assert {(one.text, one.labels, one.sign, one.opinion) for one in found} == {
        ("but the pillow was a brick.", (("product.quality", "negative"),), "negative", True),
        ("Bring water.", (), None, False),
    }
    file.write_text(json.dumps({"text": "ab", "labels": [["product.quality", "bad"]]}))
    with pytest.raises(DataError, match=r"jsonl, line 1: polarity is \"bad\""):
        load_public_labels(tmp_path, load_taxonomy())


def test_opinions_come_back_as_they_were_kept(tmp_path: Path) -> None:
    odds = np.array([[-20.0, -1.03], [0.02, 7.0]], dtype=np.float32)
    one = Opinions(("a", "b"), "pool", "teacher", quantised(odds))
    save_opinions(one, tmp_path / "one.npz")
    save_opinions(one, tmp_path / "two.npz")
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    back = load_opinions(tmp_path / "one.npz")
    assert (back.outputs, back.pool, back.teacher) == (("a", "b"), "pool", "teacher")
    assert np.abs(back.odds - np.clip(odds, -7.9375, 7.9375)).max() <= 1 / 32
    (tmp_path / "one.npz").write_bytes(b"PK\x03\x04 no")
    with pytest.raises(DataError, match="holds no teacher's opinions"):
        load_opinions(tmp_path / "one.npz")


def test_opinions_of_another_pool_are_not_taken(
    corpora: Path, corpus: Corpus, public: Path, tmp_path: Path
) -> None:
    recipe = Recipe(
        name="tiny",
        data={NAME: file_sha256(public)},
        pool=PoolSettings(sets={NAME: 20}),
        soft=SoftSettings(teacher="t1"),
    )
    files, tree = {NAME: public}, load_taxonomy()
    places = Places(corpora)
    outputs = outputs_of(corpus.themes)
    (corpora / "recipes").mkdir(exist_ok=True)
    (corpora / "sources.toml").write_text(
        f'[sets.{NAME}]\ntitle="x"\nlicence="MIT"\nattribution="x"\nsource="x"\nkey=["tag"]\n'
    )
    pool = build_pool(PoolSettings(sets={NAME: 20}), files, {NAME: SPEC}, corpus)
    codes = quantised(np.ones((len(pool), len(outputs)), np.float32))
    kept = Opinions(outputs, pool.sha256, "t1", codes)
    save_opinions(kept, corpora / "recipes" / "tiny.npz")
    inputs, hashes = prepare(recipe, files, corpus, tree, places=places, say=str)
    assert inputs.odds is not None
    assert inputs.odds.max() == 1.0
    assert hashes["pool"] == pool.sha256
    for wrong in (
        replace(recipe, soft=SoftSettings(teacher="t2")),
        replace(recipe, pool=PoolSettings(sets={NAME: 2})),
    ):
        with pytest.raises(DataError, match=r"needs a teacher's opinions of \d+ texts.*--work"):
            prepare(wrong, files, corpus, tree, places=places, say=str)


def test_a_stage_may_learn_the_opinions_beside_another_recipe(
    corpora: Path, corpus: Corpus, public: Path
) -> None:
    settings, outputs = PoolSettings(sets={NAME: 20}), outputs_of(corpus.themes)
    (corpora / "recipes").mkdir(exist_ok=True)
    (corpora / "sources.toml").write_text(
        f'[sets.{NAME}]\ntitle="x"\nlicence="MIT"\nattribution="x"\nsource="x"\nkey=["tag"]\n'
    )
    pool = build_pool(settings, {NAME: public}, {NAME: SPEC}, corpus)
    codes = quantised(np.ones((len(pool), len(outputs)), np.float32))
    save_opinions(Opinions(outputs, pool.sha256, "t1", codes), corpora / "recipes" / "large.npz")
    save_opinions(Opinions(outputs, pool.sha256, "t2", codes), corpora / "recipes" / "small.npz")
    small = Recipe(
        name="small",
        data={NAME: file_sha256(public)},
        pool=settings,
        soft=SoftSettings(teacher="t2", recorded="large"),
        stages=(Stage(opinions=5),),
    )
    given = {"files": {NAME: public}, "corpus": corpus, "taxonomy": load_taxonomy()}
    inputs, hashes = prepare(small, **given, places=Places(corpora), say=str)
    assert (inputs.odds is not None, hashes["teacher"]) == (True, "t2")
    other = replace(small, pool=PoolSettings(sets={NAME: 2}))
    with pytest.raises(DataError, match=r"beside the recipe large are not of the pool of small"):
        prepare(other, **given, places=Places(corpora), say=str)


def test_opinions_to_learn_must_be_named(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text("[[teacher]]\nopinions = 5\n")
    with pytest.raises(UsageError, match=r"opinions needs a \[pool\] and \[soft\] recorded"):
        load_recipe(path)
