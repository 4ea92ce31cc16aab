"""A teacher fitted for real on a handful of sentences: needs the extra ``teacher`` (torch)."""

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from miner.errors import ModelError
from miner.learn.corpus import load_corpus
from miner.learn.distil import (
    Lessons,
    Stage,
    lessons_sha256,
    opinions,
    said_examples,
    stage_examples,
    teach,
)
from miner.learn.pool import Pool
from miner.learn.sources import SourceSpec
from miner.learn.targets import outputs_of, targets
from miner.learn.teacher import soft_labels

THEMES = ("service.speed", "product.quality")
BAD = ("We queued for an hour", "The tills crawl", "Nobody served us for ages", "Such a slow desk")
GOOD = ("The bread is superb", "Best soup ever", "This lamp is beautifully made", "Lovely jam")


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Lessons:
    folder = tmp_path_factory.mktemp("lessons")
    (folder / "statements").mkdir()
    rows = [(text, "service.speed", "negative") for text in BAD]
    rows += [(text, "product.quality", "positive") for text in GOOD]
    lines = [
        json.dumps(
            {"id": f"x-{n}", "hand": "x" if n % 2 else "y", "split": "train", "text": text,
             "labels": [[theme, polarity]], "industry": "shops", "register": "note"}
        )
        for n, (text, theme, polarity) in enumerate(rows)
    ]  # fmt: skip
    (folder / "statements" / "x.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Lessons(load_corpus(folder), {}, {})


def test_a_stage_shows_what_it_says(lessons: Lessons) -> None:
    every = stage_examples(Stage(joined=3), lessons)
    assert len(every) == 8 + 3
    assert {one.source for one in every} == {"own", "own_joined"}
    joined = every[-1]
    assert len(joined.labels) in (1, 2)
    assert joined.weight < 1
    assert {one.group for one in stage_examples(Stage(hands=("x",)), lessons)} == {"x"}
    assert stage_examples(Stage(joined=3), lessons) == every


def test_a_stage_learns_opinions_of_public_texts(lessons: Lessons) -> None:
    outputs = outputs_of(THEMES)
    pool = Pool(
        ("Own words", *(f"Public {n}" for n in range(6))),
        ("own",) + ("web",) * 6,
        ("x",) + ("",) * 6,
    )
    odds = np.linspace(-4, 4, 7 * len(outputs), dtype=np.float32).reshape(7, -1)
    said = said_examples(pool, odds, source="opinions:big")
    assert [one.text for one in said] == list(pool.texts[1:])
    taught = replace(lessons, said=said)
    shown = stage_examples(Stage(opinions=4), taught)
    assert len(shown) == 8 + 4
    assert len(stage_examples(Stage(opinions=9), taught)) == 8 + 6
    assert stage_examples(Stage(), taught) == stage_examples(Stage(), lessons)
    known, weight = targets(shown[-4:], outputs)
    rows = [pool.texts.index(one.text) for one in shown[-4:]]
    assert np.allclose(known, 1 / (1 + np.exp(-odds[rows])), atol=1e-6)
    assert (weight == 1).all()
    hashes = {
        lessons_sha256([Stage(opinions=4)], each, outputs)
        for each in (
            taught,
            replace(lessons, said=said_examples(pool, odds / 2, source="")),
            lessons,
        )
    }
    assert len(hashes) == 3


def test_the_hash_of_lessons_sees_every_change(lessons: Lessons) -> None:
    outputs, twice = outputs_of(THEMES), stage_examples(Stage(), lessons)
    one = lessons_sha256([Stage(joined=2)], lessons, outputs)
    assert one == lessons_sha256([Stage(joined=2)], lessons, outputs)
    others = (
        lessons_sha256([Stage(joined=3)], lessons, outputs),
        lessons_sha256([Stage(joined=2), Stage()], lessons, outputs),
        lessons_sha256([Stage(joined=2)], lessons, outputs[:-1]),
        lessons_sha256([Stage(joined=2)], replace(lessons, labelled=twice), outputs),
    )  # fmt: skip
    assert len({one, *others}) == 5


def test_the_hash_reads_public_sets_with_aspects(lessons: Lessons, tmp_path: Path) -> None:
    aspects = [
        {"category": "food", "polarity": "positive"},
        {"category": "staff", "polarity": "neutral"},
    ]
    with gzip.open(tmp_path / "plates.jsonl.gz", "wt", encoding="utf-8") as handle:
        handle.write(json.dumps({"text": "Fine soup from a waiter.", "aspects": aspects}) + "\n")
    spec = SourceSpec(
        "plates", "Plates", "MIT", "us", "", key=("aspects",),
        themes={"food": ("product.quality",), "staff": ("service.speed",)},
    )  # fmt: skip
    public = replace(
        lessons, files={"plates": tmp_path / "plates.jsonl.gz"}, specs={"plates": spec}
    )
    stage = Stage(public={"plates": 5})
    assert stage_examples(stage, public)[-1].open_themes == {"service.speed"}
    outputs = outputs_of(THEMES)
    with_plates, without = (lessons_sha256([one], public, outputs) for one in (stage, Stage()))
    assert with_plates != without


def test_a_teacher_without_stages_is_refused(lessons: Lessons, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"at least one stage.*\[\[teacher\]\]"):
        teach([], lessons, outputs_of(THEMES), work=tmp_path, say=str)


def test_a_base_that_is_none_is_named(lessons: Lessons, tmp_path: Path) -> None:
    stage = Stage(base=str(tmp_path / "nowhere"))
    with pytest.raises(ModelError, match=r"nowhere holds no pretrained encoder") as missing:
        teach([stage], lessons, outputs_of(THEMES), work=tmp_path, say=str)
    assert "[[teacher]]" in missing.value.hint


def assert_is_mean(folder: Path, stages: list[Path]) -> None:
    import torch
    from safetensors.torch import load_file

    def weights(one: Path) -> dict[str, Any]:
        return {**load_file(one / "model.safetensors"), **torch.load(one / "head.pt")}

    first, second = map(weights, stages)
    moved = 0
    for name, value in weights(folder).items():
        torch.testing.assert_close(value, (first[name] + second[name]) / 2)
        moved += not torch.equal(first[name], second[name])
    assert moved > 20


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_another_encoder_in_16_bits_learns_too(lessons: Lessons, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from miner.learn.teacher import _base_folder

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4}
    small = transformers.MPNetConfig(vocab_size=30522, num_hidden_layers=2, **sizes)
    base = tmp_path / "small"
    transformers.MPNetModel(small).save_pretrained(str(base))
    transformers.AutoTokenizer.from_pretrained(_base_folder("")).save_pretrained(str(base))
    outputs = outputs_of(THEMES)
    stage = Stage(base=str(base), bfloat16=True, passes=40, rate=3e-3)
    folder = teach([stage], lessons, outputs, work=tmp_path, say=str)
    assert json.loads((folder / "teacher.json").read_text())["base"] == "small"
    odds = soft_labels(folder, [BAD[0], GOOD[0]])
    speed = outputs.index("service.speed")
    assert np.isfinite(odds).all()
    assert odds[0, speed] > odds[1, speed]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_teacher_takes_over_opinions(lessons: Lessons, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    outputs = outputs_of(THEMES)
    sign = outputs.index("sign")
    texts = ("The vans are painted blue", "The doors open at nine")
    pool = Pool(texts, ("web",) * 2, ("",) * 2)
    odds = np.zeros((2, len(outputs)), dtype=np.float32)
    odds[:, sign] = -3, 3
    taught = replace(lessons, said=said_examples(pool, odds, source="opinions:big") * 8)
    stages = [
        Stage(passes=12, rate=3e-4, mean=False),
        Stage(passes=12, rate=3e-4, hands=("nobody",), opinions=16),
    ]
    folder = teach(stages, taught, outputs, work=tmp_path, say=str)
    assert folder.name.startswith("teacher-2-"), "the first stage is no part of a mean"
    blue, nine = soft_labels(folder, texts)[:, sign]
    assert blue < -1
    assert nine > 1


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_teacher_learns_and_its_work_is_kept(lessons: Lessons, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    outputs, said = outputs_of(THEMES), []
    stages = [Stage(passes=12, rate=3e-4), Stage(passes=1)]
    folder = teach(stages, lessons, outputs, work=tmp_path, say=said.append)
    assert folder.name.startswith("teacher-mean-2-")
    assert_is_mean(folder, sorted(tmp_path.glob("teacher-[12]-*")))
    pool = Pool(("We queued for ages", "Superb lamp"), ("a", "a"), ("", ""))
    odds = opinions(folder, pool, work=tmp_path, say=said.append)
    speed, sign = outputs.index("service.speed"), outputs.index("sign")
    assert odds.shape == (2, len(outputs))
    assert odds[0, speed] > odds[1, speed]
    assert odds[0, sign] < odds[1, sign]
    before = len(said)
    assert teach(stages, lessons, outputs, work=tmp_path, say=said.append) == folder
    np.testing.assert_array_equal(opinions(folder, pool, work=tmp_path, say=said.append), odds)
    assert len(said) == before, "finished work was done again"
