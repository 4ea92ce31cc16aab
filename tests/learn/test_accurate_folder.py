"""A network's folder is audited before use: every kind of damage has its own message."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from accurate_samples import PIECES, tiny_bundle, tiny_encoder, tiny_head
from onnx import TensorProto, helper, numpy_helper

from miner.errors import ModelError
from miner.learn.bundle import load_bundle, save_bundle
from miner.learn.graph import build_graph

TEXTS = ["The soup was cold.", "Lovely soup, but never paid!", ""]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save_bundle(tiny_bundle(), tmp_path / "tiny", card="# Card\n")


def rewrite(root: Path, name: str, data: bytes, **network: Any) -> None:
    """Change a file; the manifest vouches for the changed one."""
    (root / name).write_bytes(data)
    path = root / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["files"][name] = hashlib.sha256(data).hexdigest()
    key = {"model.onnx": "graph", "tokenizer.json": "tokenizer"}[name]
    manifest["network"] |= {key: manifest["files"][name], **network}
    path.write_text(json.dumps(manifest))


def change(root: Path, act: Callable[[onnx.ModelProto], None]) -> None:
    """Change the graph, with a manifest that vouches for it."""
    model = onnx.load_from_string((root / "model.onnx").read_bytes())
    act(model)
    rewrite(root, "model.onnx", model.SerializeToString())


def test_what_was_saved_scores_the_same(saved: Path) -> None:
    bundle, loaded = tiny_bundle(), load_bundle(saved)
    assert (loaded.tagger.scores(TEXTS) == bundle.tagger.scores(TEXTS)).all()
    assert loaded.sha256 == bundle.sha256
    assert loaded.weights == bundle.weights
    assert (loaded.name, loaded.recipe_text) == ("tiny", "")


def test_saving_again_gives_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    again = save_bundle(load_bundle(saved), tmp_path / "again", card="# Card\n")
    names = sorted(path.name for path in saved.iterdir())
    assert names == sorted(
        [
            "README.md",
            "manifest.json",
            "metrics.json",
            "model.onnx",
            "taxonomy.toml",
            "tokenizer.json",
        ]
    )
    for name in names:
        assert (again / name).read_bytes() == (saved / name).read_bytes(), name


def test_other_weights_are_another_model(saved: Path) -> None:
    before = load_bundle(saved).sha256
    rewrite(saved, "model.onnx", build_graph(tiny_encoder(9), tiny_head(), max_pieces=16))
    assert load_bundle(saved).sha256 != before


def test_a_linear_model_is_asked_for_in_vain() -> None:
    with pytest.raises(ModelError, match=r'"tiny" is a network, a linear one is needed'):
        assert tiny_bundle().linear


def test_a_changed_file_is_noticed(saved: Path) -> None:
    data = bytearray((saved / "model.onnx").read_bytes())
    data[-40] ^= 1
    (saved / "model.onnx").write_bytes(data)
    with pytest.raises(ModelError, match=r"model\.onnx is not the file the manifest was made for"):
        load_bundle(saved)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "taxonomy.toml"])
def test_a_missing_file_is_named(saved: Path, name: str) -> None:
    (saved / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        load_bundle(saved)


@pytest.mark.parametrize("name", ["weights.npz", "model.onnx.data", "extra.so"])
def test_a_foreign_file_is_refused(saved: Path, name: str) -> None:
    (saved / name).write_bytes(b"x")
    with pytest.raises(ModelError, match=f"what does not belong into a model: {name}"):
        load_bundle(saved)


def test_an_unknown_kind_is_refused(saved: Path) -> None:
    path = saved / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"kind": "pickle"}))
    with pytest.raises(ModelError, match="of a kind of model that is not known"):
        load_bundle(saved)


def _custom_operator(model: onnx.ModelProto) -> None:
    model.graph.node[0].domain = "com.example"


def _own_operators(model: onnx.ModelProto) -> None:
    model.opset_import.append(helper.make_opsetid("com.example", 1))


def _old_operators(model: onnx.ModelProto) -> None:
    model.opset_import[0].version = 17


def _loop(model: onnx.ModelProto) -> None:
    inner = helper.make_graph([], "inner", [], [])
    model.graph.node.append(helper.make_node("If", ["x"], ["y"], then_branch=inner))


def _sub_graph(model: onnx.ModelProto) -> None:
    inner = helper.make_graph([], "inner", [], [])
    model.graph.node[0].attribute.append(helper.make_attribute("body", inner))


def _function(model: onnx.ModelProto) -> None:
    model.functions.append(
        helper.make_function("com.example", "F", [], [], [], [helper.make_opsetid("", 20)])
    )


def _metadata(model: onnx.ModelProto) -> None:
    helper.set_model_props(model, {"run": "me"})


def _elsewhere(model: onnx.ModelProto) -> None:
    array = model.graph.initializer[0]
    array.data_location = TensorProto.EXTERNAL
    array.external_data.add(key="location", value="../../secret")


def _sparse(model: onnx.ModelProto) -> None:
    values = numpy_helper.from_array(np.ones(1, dtype=np.float32), "s")
    model.graph.sparse_initializer.append(
        helper.make_sparse_tensor(values, numpy_helper.from_array(np.zeros(1, np.int64)), [4])
    )


def _text(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(helper.make_tensor("t", TensorProto.STRING, [1], [b"x"]))


def _double(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(numpy_helper.from_array(np.ones(2), "d"))


def _short(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[0] += 1


def _not_a_number(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(
        numpy_helper.from_array(np.array([np.nan], dtype=np.float32), "n")
    )


def _two_inputs(model: onnx.ModelProto) -> None:
    model.graph.input.append(helper.make_tensor_value_info("more", TensorProto.FLOAT, ["n"]))


def _other_input(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT


def _fixed_batch(model: onnx.ModelProto) -> None:
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1


def _other_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = "answer"


def _free_output(model: onnx.ModelProto) -> None:
    model.graph.output[0].type.tensor_type.shape.dim[2].dim_param = "any"


@pytest.mark.parametrize(
    ("act", "what"),
    [
        (_custom_operator, r'wants to run "com\.example\.\w+"'),
        (_own_operators, "not written for ONNX's own operators, version 20"),
        (_old_operators, "not written for ONNX's own operators, version 20"),
        (_loop, 'wants to run "If"'),
        (_sub_graph, "a setting of .* has a field that no model needs"),
        (_function, "the file has a field that no model needs"),
        (_metadata, "the file has a field that no model needs"),
        (_elsewhere, "a stored array has a field that no model needs"),
        (_sparse, "its graph has a field that no model needs"),
        (_text, "a stored array has a field that no model needs"),
        (_double, 'array "d" is of a type that no model needs'),
        (_short, "has another size than it says"),
        (_not_a_number, 'array "n" holds values that are not finite'),
        (_two_inputs, 'its input is not "pieces"'),
        (_other_input, 'its input is not "pieces"'),
        (_fixed_batch, 'its input is not "pieces"'),
        (_other_output, 'its output is not "logits"'),
        (_free_output, 'its output is not "logits"'),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)
def test_a_graph_with_more_than_a_model_needs_is_refused(
    saved: Path, act: Callable[[onnx.ModelProto], None], what: str
) -> None:
    change(saved, act)
    with pytest.raises(ModelError, match=what) as refused:
        load_bundle(saved)
    assert refused.value.slug == "model.graph-refused"
    assert "fetch the model again" in refused.value.hint


@pytest.mark.parametrize("data", [b"", b"not a graph", b"\x08\x09" + b"\xff" * 40])
def test_what_is_no_graph_is_refused(saved: Path, data: bytes) -> None:
    rewrite(saved, "model.onnx", data)
    with pytest.raises(ModelError, match="is no graph this program runs"):
        load_bundle(saved)


@pytest.mark.parametrize("cut", [100, 3_000, 30_000])
def test_half_a_graph_is_refused(saved: Path, cut: int) -> None:
    rewrite(saved, "model.onnx", (saved / "model.onnx").read_bytes()[:-cut])
    with pytest.raises(ModelError, match="is no graph this program runs"):
        load_bundle(saved)


def test_a_graph_that_passes_but_does_not_run_is_refused(saved: Path) -> None:
    def unwire(model: onnx.ModelProto) -> None:
        model.graph.node[5].input[0] = "nowhere"

    change(saved, unwire)
    bundle = load_bundle(saved)
    with pytest.raises(ModelError, match="The model's graph can't be opened"):
        assert bundle.tagger


def test_graph_and_themes_must_fit(saved: Path) -> None:
    rewrite(saved, "model.onnx", build_graph(tiny_encoder(), tiny_head(6), max_pieces=16))
    with pytest.raises(ModelError, match="gives 6 logits for 2 themes"):
        load_bundle(saved)


def test_graph_and_vocabulary_must_fit(saved: Path) -> None:
    small = build_graph(tiny_encoder(pieces=9), tiny_head(), max_pieces=16)
    rewrite(saved, "model.onnx", small)
    with pytest.raises(ModelError, match=f"has piece {len(PIECES) - 1}, its graph 9 pieces"):
        load_bundle(saved)


@pytest.mark.parametrize("pieces", [17, 2])
def test_graph_and_length_must_fit(saved: Path, pieces: int) -> None:
    rewrite(saved, "model.onnx", (saved / "model.onnx").read_bytes(), max_pieces=pieces)
    with pytest.raises(ModelError, match=f"wants to read {pieces} pieces, .* up to 16"):
        load_bundle(saved)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"model": {"vocab": [1, 2]}}'])
def test_a_tokenizer_without_a_vocabulary_is_refused(saved: Path, text: str) -> None:
    rewrite(saved, "tokenizer.json", text.encode())
    with pytest.raises(ModelError, match=r"tokenizer\.json (holds no vocabulary|is)"):
        load_bundle(saved)


def test_a_tokenizer_that_can_not_be_opened_says_so(saved: Path) -> None:
    rewrite(saved, "tokenizer.json", b'{"model": {"type": "Abacus", "vocab": {"a": 1}}}')
    bundle = load_bundle(saved)
    with pytest.raises(ModelError, match="The model's tokenizer can't be opened"):
        assert bundle.tagger


@pytest.mark.parametrize("setting", [None, {}, {"max_pieces": "many"}, {"max_pieces": 16}])
def test_broken_settings_are_refused(saved: Path, setting: Any) -> None:
    path = saved / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"network": setting}))
    with pytest.raises(ModelError, match=r"has a broken setting|is not the one the manifest"):
        load_bundle(saved)
