"""A teacher's folder becomes a model: calibrated on what earlier teachers had not seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from accurate_samples import PLACES, tiny_encoder, tiny_head, tiny_tokenizer

import miner.learn.export as exporting
from miner import resources
from miner.errors import DataError, ModelError
from miner.learn.bundle import load_bundle, save_bundle
from miner.learn.corpus import load_corpus
from miner.learn.costs import widths
from miner.learn.export import Unseen, export_teacher, read_teacher
from miner.learn.network import NetworkTagger
from miner.learn.network_card import render_network_card
from miner.learn.tagging import NEGATIVE, POSITIVE
from miner.learn.targets import outputs_of
from miner.learn.train import Calibrated
from miner.learn.weights import Hints

CORPUS = load_corpus()
HAND = CORPUS.split("train").hands[0]


def make_teacher(folder: Path, seed: int, outputs: tuple[str, ...]) -> Path:
    """Write what a fitted teacher leaves; its weights are those of `seed`."""
    folder.mkdir()
    settings = {"max_tokens": PLACES, "seed": seed}
    about = {"base": "tiny", "outputs": outputs, "settings": settings}
    (folder / "teacher.json").write_text(json.dumps(about))
    (folder / "config.json").write_text('{"model_type": "bert"}')
    (folder / "tokenizer.json").write_text(tiny_tokenizer())
    (folder / "model.safetensors").write_bytes(bytes([seed]))
    (folder / "head.pt").write_bytes(bytes([seed]))
    return folder


WIDTHS = [{"bits": 8, "megabytes": 0.1, "texts_per_second": 900, "themes": 0.01, "signs": 0.005}]


def small_corpora(folder: Path) -> Path:
    """Return a corpora folder with forty of the shipped test statements."""
    shipped = resources.folder("corpora")
    lines = (shipped / "statements" / "b.jsonl").read_text().splitlines()[:40]
    made = folder / "corpora"
    (made / "statements").mkdir(parents=True)
    (made / "statements" / "b.jsonl").write_text("\n".join(lines) + "\n")
    (made / "taxonomy.toml").write_text((shipped / "taxonomy.toml").read_text())
    return made


@pytest.fixture
def teachers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two teachers of the corpus' themes; torch's files are not read but made up."""
    outputs = outputs_of(CORPUS.themes)

    def weights(folder: Path, _: Any) -> Any:
        seed = (folder / "head.pt").read_bytes()[0]
        return tiny_encoder(seed), tiny_head(len(outputs), seed)

    monkeypatch.setattr(exporting, "_weights", weights)
    return (
        make_teacher(tmp_path / "one", 1, outputs),
        make_teacher(tmp_path / "two", 2, outputs),
    )


def test_a_teacher_becomes_a_model(teachers: tuple[Path, Path], tmp_path: Path) -> None:
    earlier, last = teachers
    exported = export_teacher(last, [Unseen(earlier, (HAND,))], name="mine")
    bundle = load_bundle(save_bundle(exported.bundle, tmp_path / "mine"))
    assert bundle.sha256 == exported.bundle.sha256
    assert len(bundle.weights.rules.themes) == len(CORPUS.themes)
    (tuned,) = bundle.training["tuned_on"]
    assert tuned["hands"] == [HAND]
    assert tuned["teacher"] == read_teacher(earlier, CORPUS.themes).sha256
    assert bundle.training["teacher"] == read_teacher(last, CORPUS.themes).sha256
    assert tuned["teacher"] != bundle.training["teacher"]
    assert bundle.training["base"] == "tiny"
    again = export_teacher(last, [Unseen(earlier, (HAND,))], name="mine").bundle
    assert again.weights == bundle.weights


def test_the_calibrated_head_is_the_teachers_mixed(teachers: tuple[Path, Path]) -> None:
    earlier, last = teachers
    exported = export_teacher(last, [Unseen(earlier, (HAND,))], name="mine")
    texts = list(CORPUS.texts[:20])
    fitted = read_teacher(last, CORPUS.themes)
    exact = exporting.Reader(fitted.graph(bits=32), fitted.tokenizer, PLACES).logits(texts)
    mixed = NetworkTagger(exported.stored_in(32)).scores(texts)
    # the same mix of the teacher's logits for every text
    known = np.column_stack([exact, np.ones(len(texts))])
    rest = np.linalg.lstsq(known, mixed, rcond=None)[0]
    assert np.abs(known @ rest - mixed).max() < 0.05 * np.abs(mixed).max() + 1e-3


def test_facts_keep_the_odds_of_the_corpus(
    teachers: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is tuned on hands that praise more than others do would call too much praise."""
    n_outputs = len(outputs_of(CORPUS.themes))
    nothing = np.zeros((n_outputs, len(CORPUS.themes) + 3), np.float32)
    same = Calibrated(nothing, nothing[0], Hints())
    monkeypatch.setattr(exporting, "calibration", lambda *_: same)
    exported = export_teacher(teachers[1], [Unseen(teachers[0], (HAND,))], name="mine")
    train = CORPUS.split("train")

    def odds_of_praise(labels: Any) -> float:
        praised, faulted = ((labels == sign).any(axis=1) for sign in (POSITIVE, NEGATIVE))
        yes, no = (praised & ~faulted).sum(), (faulted & ~praised).sum()
        return float(np.log((yes + 1) / (no + 1)))

    mine = train.labels[np.array(train.hands) == HAND]
    bias = exported.head.bias
    assert not bias[: len(CORPUS.themes)].any()
    assert bias[-1] == pytest.approx(odds_of_praise(train.labels) - odds_of_praise(mine), abs=1e-5)


def test_wider_weights_are_measured(teachers: tuple[Path, Path]) -> None:
    earlier, last = teachers
    exported = export_teacher(last, [Unseen(earlier, (HAND,))], name="mine")
    few = CORPUS.take(np.flatnonzero(np.array(CORPUS.splits) == "test")[:80])
    rows = widths(exported, few)
    assert [one["bits"] for one in rows] == [32, 16, 8]
    assert rows[0]["themes"] == rows[0]["signs"] == 0
    assert all(one["texts_per_second"] > 0 for one in rows)


def test_a_folder_without_a_teacher_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"holds no teacher: .*teacher\.json") as missing:
        read_teacher(tmp_path, CORPUS.themes)
    assert "miner train --work" in missing.value.hint


def test_a_teacher_of_other_themes_is_refused(teachers: tuple[Path, Path]) -> None:
    with pytest.raises(ModelError, match="was fitted to other themes"):
        read_teacher(teachers[0], CORPUS.themes[1:])


def test_a_teacher_of_another_kind_of_network_is_refused(teachers: tuple[Path, Path]) -> None:
    (teachers[1] / "config.json").write_text('{"model_type": "mpnet"}')
    with pytest.raises(ModelError, match="of the kind mpnet, only bert") as refused:
        read_teacher(teachers[1], CORPUS.themes)
    assert "learnt from" in refused.value.hint


def test_an_unknown_hand_lists_those_there_are(teachers: tuple[Path, Path]) -> None:
    with pytest.raises(DataError, match=r"hand\(s\) nobody") as unknown:
        export_teacher(teachers[1], [Unseen(teachers[0], (HAND, "nobody"))], name="mine")
    assert HAND in unknown.value.hint


@pytest.mark.parametrize("given", ["work/one", "work/one=", "=u,v", "=", "work/one=,"])
def test_unseen_hands_must_be_said(given: str, miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("export", "work/two", "--unseen", given, "-o", "mine")
    assert answer.code == 2
    assert f'got "{given}", expected FOLDER=HAND,HAND' in answer.err


def test_only_a_network_is_measured_again(miner_cli: Callable[..., Any], tmp_path: Path) -> None:
    answer = miner_cli("export", "en", "-o", tmp_path / "mine", "-q")
    assert answer.code == 4
    assert 'The model "en" is no network.' in answer.err
    assert "miner evaluate --model en" in answer.err
    assert not (tmp_path / "mine").exists()


def test_a_network_is_measured_again_with_the_same_weights(
    miner_cli: Callable[..., Any], tmp_path: Path, teachers: tuple[Path, Path]
) -> None:
    first = export_teacher(teachers[1], [Unseen(teachers[0], (HAND,))], name="mine").bundle
    folder = save_bundle(replace(first, metrics={"widths": WIDTHS}), tmp_path / "mine")
    answer = miner_cli("export", folder, "--corpora", small_corpora(tmp_path), "-o", folder, "-q")
    assert answer.code == 0, answer.err
    again = load_bundle(folder)
    assert again.sha256 == first.sha256
    assert again.metrics["widths"] == WIDTHS
    assert again.metrics["splits"]["test"]["as_labelled"]["n_examples"] == 40
    card = (folder / "README.md").read_text()
    assert card == render_network_card(again)
    assert "| 8 | 0.1 | 900 | 1.0% | 0.5% |" in card
