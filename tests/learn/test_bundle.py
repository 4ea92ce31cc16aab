"""A model folder is audited before use: every kind of damage has its own message."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from miner.errors import ModelError
from miner.learn import bundle as bundles
from miner.learn.bundle import Bundle, available, load_ahead, load_bundle, pack, save_bundle
from miner.learn.features import FeatureSettings, fit_featurizer
from miner.learn.weights import Hints, Neighbours, Rules, Weights
from miner.taxonomy import parse_taxonomy

TAXONOMY = """
[top]
service = "Service"
product = "Product"

[[theme]]
key = "service.speed"
label = "Speed"
definition = "How fast."

[[theme]]
key = "product.taste"
label = "Taste"
definition = "How good."
"""
CLAUSES = [("slow", "service"), ("lovely", "soup"), ("the", "soup", "was", "slow")]


@pytest.fixture
def bundle() -> Bundle:
    import tomllib

    taxonomy = parse_taxonomy(tomllib.loads(TAXONOMY))
    featurizer = fit_featurizer(CLAUSES, FeatureSettings(bits=10), min_count=1)
    rng = np.random.default_rng(1)
    weights = Weights.rounded(
        settings=featurizer.settings,
        buckets=featurizer.buckets,
        idf=featurizer.idf,
        weights=rng.normal(size=(len(featurizer.buckets), 5)).astype(np.float32),
        bias=rng.normal(size=5).astype(np.float32),
        rules=Rules((0.3, 0.4), 0.5, 0.7, 0.5, 0.4),
    )
    return Bundle(
        name="tiny",
        taxonomy=taxonomy,
        weights=weights,
        training={"recipe": "none", "inputs": {}},
        metrics={"splits": {}},
        taxonomy_text=TAXONOMY,
        recipe_text="# by hand\n",
    )


@pytest.fixture
def saved(bundle: Bundle, tmp_path: Path) -> Path:
    return save_bundle(bundle, tmp_path / "tiny", card="# Card\n")


def test_what_was_saved_scores_the_same(bundle: Bundle, saved: Path) -> None:
    loaded = load_bundle(saved)
    assert (loaded.tagger.scores(CLAUSES) == bundle.tagger.scores(CLAUSES)).all()
    assert loaded.sha256 == bundle.sha256
    assert loaded.weights.rules == bundle.weights.rules
    assert loaded.training == bundle.training
    assert loaded.metrics == bundle.metrics
    assert (loaded.name, loaded.language) == ("tiny", "en")


def test_younger_settings_are_kept_and_left_out_where_they_say_nothing(
    bundle: Bundle, saved: Path, tmp_path: Path
) -> None:
    """A model from before them keeps its hash: stores know what they scored by it."""
    manifest = json.loads((saved / "manifest.json").read_text())
    assert not {"neighbours", "hints"} & set(manifest["rules"])
    younger = {"reach", "apart", "cancels", "negations", "joints", "heightens", "heights"}
    assert not younger & set(manifest["features"])
    weights = replace(
        bundle.weights,
        settings=replace(
            bundle.weights.settings,
            reach=3,
            apart=True,
            cancels=True,
            negations=("not", "ne"),
            joints=("and",),
            heightens=True,
            heights=(("can",), (), ("be",), ("more",), (), ("worse",), ()),
        ),
        rules=replace(
            bundle.weights.rules,
            neighbours=Neighbours(0.1, -0.2, 0.3, -0.4),
            hints=Hints(theme=0.3),
        ),
    )
    given = replace(bundle, weights=weights)
    loaded = load_bundle(save_bundle(given, tmp_path / "younger"))
    assert loaded.sha256 == given.sha256 != bundle.sha256
    assert loaded.weights.rules == weights.rules
    assert loaded.weights.settings == weights.settings


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("neighbours", {"before": "much"}),
        ("neighbours", {"beyond": 1.0}),
        ("neighbours", {"after": float("nan")}),
        ("neighbours", 3),
        ("hints", {"sign": float("inf")}),
        ("hints", {"smell": 0.5}),
    ],
)
def test_broken_shares_are_refused(saved: Path, name: str, wrong: object) -> None:
    path = saved / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["rules"][name] = wrong
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"damaged: manifest\.json has a broken setting"):
        load_bundle(saved)


def test_a_feature_of_a_newer_program_is_refused(saved: Path) -> None:
    path = saved / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["features"]["rhymes"] = True
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="unknown feature 'rhymes'"):
        load_bundle(saved)


def test_saving_again_gives_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    again = save_bundle(load_bundle(saved), tmp_path / "again", card="# Card\n")
    for file in sorted(saved.iterdir()):
        assert (again / file.name).read_bytes() == file.read_bytes(), file.name
    assert len(list(saved.iterdir())) == len(list(again.iterdir())) == 6


def test_rounding_what_was_rounded_changes_nothing(bundle: Bundle) -> None:
    once = pack(bundle.weights)
    twice = pack(Weights.rounded(**_exact(bundle.weights)))
    assert all((once[name] == twice[name]).all() for name in once)


def test_rounding_moves_weights_by_less_than_half_a_step(bundle: Bundle) -> None:
    exact = bundle.weights.weights + np.float32(0.0123)
    rounded = Weights.rounded(**_exact(bundle.weights) | {"weights": exact})
    moved = np.abs(rounded.weights - exact)
    assert (moved <= 0.51 * np.abs(exact).max(axis=0) / 127 * 1.001).all()


def test_a_model_folder_is_replaced_whole(bundle: Bundle, saved: Path) -> None:
    save_bundle(bundle, saved)  # without a card this time
    assert not (saved / "README.md").exists()
    assert [path.name for path in saved.parent.iterdir()] == ["tiny"]


def test_a_folder_of_something_else_is_not_overwritten(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ModelError, match=r"exists and is no model folder.*Give another name"):
        save_bundle(bundle, tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_failed_save_leaves_the_old_model(
    bundle: Bundle, saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (saved / "manifest.json").read_bytes()

    def full(*_: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        save_bundle(bundle, saved)
    assert (saved / "manifest.json").read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["tiny"]


def test_an_unknown_name_lists_the_models_there_are(saved: Path) -> None:
    assert available(saved.parent) == ("tiny",)
    with pytest.raises(ModelError, match=r'No model "tiy".*Shipped: .*Train one: miner train'):
        load_bundle("tiy")
    with pytest.raises(ModelError, match="neither a shipped model nor a folder"):
        load_bundle(saved.parent)


def _exact(weights: Weights) -> dict[str, Any]:
    names = ("settings", "buckets", "idf", "weights", "bias", "rules")
    return {name: getattr(weights, name) for name in names}


def _manifest(root: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = root / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def _rewrite(root: Path, change: Callable[[dict[str, Any]], None], *, honest: bool = True) -> None:
    """Change arrays in the file; an honest manifest vouches for the changed ones."""
    arrays = dict(np.load(root / "weights.npz"))
    change(arrays)
    np.savez_compressed(root / "weights.npz", **arrays)

    def vouch(manifest: dict[str, Any]) -> None:
        data = (root / "weights.npz").read_bytes()
        manifest["files"]["weights.npz"] = hashlib.sha256(data).hexdigest()
        if honest:
            manifest["arrays"] = {
                name: {
                    "dtype": array.dtype.str,
                    "shape": list(array.shape),
                    "sha256": hashlib.sha256(array.tobytes()).hexdigest(),
                }
                for name, array in arrays.items()
            }

    _manifest(root, vouch)


def newer(root: Path) -> None:
    _manifest(root, lambda manifest: manifest.update(format=99))


def no_format(root: Path) -> None:
    _manifest(root, lambda manifest: manifest.pop("format"))


def no_rules(root: Path) -> None:
    _manifest(root, lambda manifest: manifest.pop("rules"))


def broken_rule(root: Path) -> None:
    _manifest(root, lambda manifest: manifest["rules"].update(neutral=[0.1]))


def manifest_is_a_list(root: Path) -> None:
    (root / "manifest.json").write_text("[]")


def manifest_is_cut(root: Path) -> None:
    text = (root / "manifest.json").read_text()
    (root / "manifest.json").write_text(text[: len(text) // 2])


def pickle_inside(root: Path) -> None:
    (root / "model.pkl").write_bytes(b"cos\nsystem\n")


def link_inside(root: Path) -> None:
    (root / "metrics.json").unlink()
    (root / "metrics.json").symlink_to("/etc/hostname")


def no_weights(root: Path) -> None:
    (root / "weights.npz").unlink()


def one_bit(root: Path) -> None:
    data = bytearray((root / "weights.npz").read_bytes())
    data[len(data) // 2] ^= 1
    (root / "weights.npz").write_bytes(bytes(data))


def other_taxonomy(root: Path) -> None:
    text = (root / "taxonomy.toml").read_text().replace("How fast.", "How quick.")
    (root / "taxonomy.toml").write_text(text)
    digest = hashlib.sha256(text.encode()).hexdigest()
    _manifest(root, lambda manifest: manifest["files"].update({"taxonomy.toml": digest}))


def not_a_zip(root: Path) -> None:
    (root / "weights.npz").write_bytes(b"PK nothing")
    digest = hashlib.sha256(b"PK nothing").hexdigest()
    _manifest(root, lambda manifest: manifest["files"].update({"weights.npz": digest}))


def objects(root: Path) -> None:
    _rewrite(root, lambda arrays: arrays.update(bias=np.array([{}, 1, 2, 3, 4], dtype=object)))


def not_finite(root: Path) -> None:
    _rewrite(root, lambda arrays: arrays.update(bias=np.array([1, 2, np.nan, 4, 5], "<f4")))


def other_values(root: Path) -> None:
    _rewrite(root, lambda arrays: arrays.update(bias=np.zeros(5, "<f4")), honest=False)


def other_dtype(root: Path) -> None:
    _rewrite(root, lambda arrays: arrays.update(bias=arrays["bias"].astype("<f8")))


def other_shape(root: Path) -> None:
    _rewrite(root, lambda arrays: arrays.update(scale=np.ones(3, "<f4")))


def unsorted(root: Path) -> None:
    _rewrite(root, lambda arrays: arrays.update(buckets=arrays["buckets"][::-1].copy()))


def beyond(root: Path) -> None:
    def change(arrays: dict[str, Any]) -> None:
        arrays["buckets"][-1] = 1 << 10

    _rewrite(root, change)


def one_array_more(root: Path) -> None:
    _rewrite(root, lambda arrays: arrays.update(more=np.zeros(1)), honest=False)


def too_few_heads(root: Path) -> None:
    def change(arrays: dict[str, Any]) -> None:
        arrays["weights"] = arrays["weights"][:, :4].copy()
        arrays["scale"], arrays["bias"] = arrays["scale"][:4], arrays["bias"][:4]

    _rewrite(root, change)
    _manifest(root, lambda manifest: manifest["rules"].update(themes=[0.5]))


def bomb(root: Path) -> None:
    """A small file whose arrays would fill the memory."""
    with zipfile.ZipFile(root / "weights.npz", "a", zipfile.ZIP_DEFLATED) as archive:
        head = io.BytesIO()
        np.lib.format.write_array(head, np.zeros(10, "<f4"))
        with archive.open("big.npy", "w", force_zip64=True) as file:
            file.write(head.getvalue())
            for _ in range(80):
                file.write(bytes(1 << 20))
    digest = hashlib.sha256((root / "weights.npz").read_bytes()).hexdigest()
    _manifest(root, lambda manifest: manifest["files"].update({"weights.npz": digest}))


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (newer, r"newer format 99, this program reads up to 1\. Update feedback-miner"),
        (no_format, "manifest.json states no format"),
        (no_rules, "manifest.json lacks rules"),
        (broken_rule, "manifest.json has a broken setting"),
        (manifest_is_a_list, "manifest.json is no JSON object"),
        (manifest_is_cut, "manifest.json can't be read"),
        (pickle_inside, r"does not belong into a model: model\.pkl\. Remove it"),
        (link_inside, "does not belong into a model: metrics.json"),
        (no_weights, "weights.npz is missing"),
        (one_bit, "weights.npz is not the file the manifest was made for"),
        (other_taxonomy, "taxonomy.toml is not the one it was trained with"),
        (not_a_zip, "weights.npz can't be read"),
        (objects, "weights.npz can't be read .*allow_pickle"),
        (not_finite, 'array "bias" holds values that are not finite'),
        (other_values, 'array "bias" is not what the manifest says'),
        (other_dtype, 'array "bias" is not what the manifest says'),
        (other_shape, r'array "scale" has shape \(3,\), expected \(5,\)'),
        (unsorted, "hash buckets are not sorted"),
        (beyond, "hash buckets beyond its hash"),
        (one_array_more, "holds more or other arrays than the manifest names"),
        (too_few_heads, "weights and its taxonomy differ in number of themes"),
        (bomb, "holds more or other arrays than the manifest names"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_harmed_model_is_refused(saved: Path, harm: Callable[[Path], None], message: str) -> None:
    load_bundle(saved)
    harm(saved)
    with pytest.raises(ModelError, match=message) as caught:
        load_bundle(saved)
    assert caught.value.hint
    assert caught.value.exit_code == 4


def test_the_shipped_model_loads_fast_and_is_small(root: Path) -> None:
    import time

    from miner.text.clauses import Clauser  # what loading shares with scoring is imported before

    assert Clauser
    start = time.perf_counter()
    bundle = load_bundle("en")
    assert bundle.tagger
    took = time.perf_counter() - start
    size = sum(path.stat().st_size for path in (root / "models" / "en").iterdir())
    assert size < 12e6
    assert took < 1.0  # 0.3 s on an idle machine; a shared one gets some slack


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miner.processes.cores", lambda: 2)


@pytest.mark.usefixtures("cores")
def test_a_model_begun_ahead_is_taken_up_once(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = load_bundle(saved)
    read: list[Path] = []
    load = bundles._load
    monkeypatch.setattr(bundles, "_load", lambda root: (read.append(root), load(root))[1])
    load_ahead(saved)
    first = load_bundle(saved)
    assert len(read) == 1
    assert (first.sha256, first.training) == (expected.sha256, expected.training)
    assert load_bundle(saved) is not first
    assert len(read) == 2


@pytest.mark.usefixtures("cores")
def test_what_goes_wrong_ahead_is_told_when_the_model_is_asked_for(saved: Path) -> None:
    load_ahead("no such model")  # is no error here
    with pytest.raises(ModelError, match="no such model"):
        load_bundle("no such model")
    (saved / "weights.npz").write_bytes(b"x")
    load_ahead(saved)
    with pytest.raises(ModelError, match="is damaged"):
        load_bundle(saved)


def test_nothing_is_begun_where_there_is_one_core(
    saved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miner.processes.cores", lambda: 1)
    load_ahead(saved)
    assert not bundles._begun
