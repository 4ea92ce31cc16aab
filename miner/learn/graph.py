"""Write a BERT-like encoder and a linear head as an ONNX graph with weights in 8 bits.

Only the weights are in 8 bits: they become 32-bit floats again when the graph is opened, and all
arithmetic is in those. Quantising the arithmetic as well ("dynamic" quantisation) takes one scale
from all clauses of a batch, so that a clause's result would depend on its neighbours; measured, it
is no faster either on a CPU without VNNI, and changes several times as many decisions.

The graph knows no padding: every row of its input must have the same number of pieces.

References
----------
Devlin, Chang, Lee, Toutanova (2019), BERT, NAACL. Blocks of weights with a scale each: Dettmers,
Lewis, Shleifer, Zettlemoyer (2022), 8-bit Optimizers via Block-wise Quantization, ICLR.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from miner.errors import ModelError
from miner.learn.fit import Linear
from miner.learn.graph_audit import OPSET, POSITIONS, WORDS
from miner.learn.reader import INPUT, OUTPUT

Floats = NDArray[np.float32]
Bits = Literal[8, 16, 32]

_IR_VERSION: Final = 9
_LEVELS: Final = 127  # int8, symmetric
# Weights that share a scale. Measured: a scale a column changes twice as many decisions, blocks
# of 16 and 32 no fewer.
_BLOCK: Final = 64


@dataclass(frozen=True)
class Encoder:
    """Weights of an encoder, named as BERT's are, and what they don't say by themselves.

    `heads`: attention heads a layer. `epsilon`: of the layer norms.
    """

    arrays: Mapping[str, Floats]
    layers: int
    heads: int
    epsilon: float


def build_graph(encoder: Encoder, head: Linear, *, max_pieces: int, bits: Bits = 8) -> bytes:
    """Return an ONNX file: pieces, (clauses, pieces), to logits, (clauses, pieces, n_logits).

    Parameters
    ----------
    head : takes the encoder's states to logits; a clause's logits are the mean over its pieces.
    max_pieces : longest clause that will be read.
    bits : of a stored weight; 16 and 32 are for measuring what 8 cost.

    Raises
    ------
    ModelError
        onnx is not installed (it comes with the extra ``teacher``).
    """
    graph = _Graph(bits)
    states = _embed(graph, encoder, max_pieces)
    for layer in range(encoder.layers):
        states = _layer(graph, encoder, f"encoder.layer.{layer}.", states)
    product = graph.add("MatMul", states, graph.array(head.weights))
    graph.add("Add", product, graph.array(head.bias), output=OUTPUT)
    return graph.to_bytes(len(head.bias))


class _Graph:
    """Nodes and arrays in the order they are added; names count up, so bytes repeat."""

    def __init__(self, bits: Bits) -> None:
        try:
            import onnx
        except ImportError as error:
            raise ModelError(
                "Writing a network needs onnx.",
                hint="Run: pip install 'feedback-miner[teacher]'.",
                slug="model.missing-extra",
            ) from error
        self._onnx = onnx
        self._bits = bits
        self._nodes: list[Any] = []
        self._arrays: list[Any] = []

    def array(self, values: NDArray[Any] | Sequence[int], name: str = "") -> str:
        """Store an array and return its name."""
        name = name or f"a{len(self._arrays)}"
        plain = np.ascontiguousarray(np.asarray(values))
        self._arrays.append(self._onnx.numpy_helper.from_array(plain, name))
        return name

    def add(self, operator: str, *inputs: str, output: str = "", **settings: Any) -> str:
        """Add an operator with one output and return that output's name."""
        name = output or f"v{len(self._nodes)}"
        self.node(operator, *inputs, outputs=[name], **settings)
        return name

    def node(self, operator: str, *inputs: str, outputs: Sequence[str], **settings: Any) -> None:
        """Add an operator with the outputs named."""
        made = self._onnx.helper.make_node(operator, list(inputs), list(outputs), **settings)
        self._nodes.append(made)

    def floats(self, name: str) -> str:
        """Return 32-bit floats of what is stored in fewer bits."""
        return self.add("Cast", name, to=self._onnx.TensorProto.FLOAT)

    def matrix(self, values: Floats) -> str:
        """Store a matrix in few bits and return the name of its floats."""
        if self._bits == 32:
            return self.array(values)
        if self._bits == 16:
            return self.floats(self.array(values.astype(np.float16)))
        rows, columns = values.shape
        size = _BLOCK if rows % _BLOCK == 0 else rows
        stored, scale = quantise(values.reshape(-1, size, columns), axis=1)
        exact = self.add("Mul", self.floats(self.array(stored)), self.array(scale))
        return self.add("Reshape", exact, self.array([rows, columns]))

    def rows(self, values: Floats, name: str) -> str:
        """Store a matrix and return the name of the rows that the pieces point to."""
        if self._bits == 32:
            return self.add("Gather", self.array(values, name), INPUT)
        if self._bits == 16:
            stored = self.array(values.astype(np.float16), name)
            return self.floats(self.add("Gather", stored, INPUT))
        whole, scale = quantise(values, axis=1)
        found = self.floats(self.add("Gather", self.array(whole, name), INPUT))
        return self.add("Mul", found, self.add("Gather", self.array(scale), INPUT))

    def to_bytes(self, n_logits: int) -> bytes:
        """Return the whole as a checked ONNX file."""
        helper, kinds = self._onnx.helper, self._onnx.TensorProto
        free = ["clauses", "pieces"]
        graph = helper.make_graph(
            self._nodes,
            "tagger",
            [helper.make_tensor_value_info(INPUT, kinds.INT64, free)],
            [helper.make_tensor_value_info(OUTPUT, kinds.FLOAT, [*free, n_logits])],
            self._arrays,
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION)
        self._onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))


def quantise(values: Floats, *, axis: int) -> tuple[NDArray[np.int8], Floats]:
    """Return whole numbers in -127..127 and the scales along an axis; their product is close.

    Examples
    --------
    >>> stored, scale = quantise(np.array([[127.0, -63.5]], dtype=np.float32), axis=1)
    >>> stored.tolist(), scale.tolist()
    ([[127, -64]], [[1.0]])
    """
    most = np.abs(values).max(axis=axis, keepdims=True)
    scale = np.where(most > 0, most / _LEVELS, 1.0).astype(np.float32)
    return np.rint(values / scale).astype(np.int8), scale


def _embed(graph: _Graph, encoder: Encoder, max_pieces: int) -> str:
    """Add wordpiece and place; the kind of sentence is always the first one."""
    arrays = encoder.arrays
    places = arrays["embeddings.position_embeddings.weight"][:max_pieces]
    kind = arrays["embeddings.token_type_embeddings.weight"][0]
    words = graph.rows(arrays["embeddings.word_embeddings.weight"], WORDS)
    zero = graph.array([0])
    length = graph.add("Shape", INPUT, start=1, end=2)
    here = graph.add("Slice", graph.array(places + kind, POSITIONS), zero, length, zero)
    return _norm(graph, encoder, "embeddings.LayerNorm", graph.add("Add", words, here))


def _layer(graph: _Graph, encoder: Encoder, name: str, states: str) -> str:
    heard = _attend(graph, encoder, f"{name}attention.", states)
    middle = _sum(graph, encoder, f"{name}attention.output.", states, heard)
    inner = graph.add("Gelu", _dense(graph, encoder, f"{name}intermediate.dense", middle))
    return _sum(graph, encoder, f"{name}output.", middle, inner)


def _attend(graph: _Graph, encoder: Encoder, name: str, states: str) -> str:
    """Add self-attention; queries, keys and values come from one product."""
    names = [f"{name}self.{part}" for part in ("query", "key", "value")]
    weights = [encoder.arrays[f"{part}.weight"].T for part in names]
    biases = [encoder.arrays[f"{part}.bias"] for part in names]
    width = weights[0].shape[1]
    each = width // encoder.heads
    shrink = np.float32(each**-0.5)
    joined = np.concatenate([weights[0] * shrink, *weights[1:]], axis=1)
    bias = np.concatenate([biases[0] * shrink, *biases[1:]])
    three = graph.add("Add", graph.add("MatMul", states, graph.matrix(joined)), graph.array(bias))
    by_head = graph.add("Reshape", three, graph.array([0, 0, 3 * encoder.heads, each]))
    turned = graph.add("Transpose", by_head, perm=[0, 2, 1, 3])
    query, key, value = parts = [f"{turned}.{part}" for part in "qkv"]
    graph.node("Split", turned, outputs=parts, axis=1, num_outputs=3)
    match = graph.add("MatMul", query, graph.add("Transpose", key, perm=[0, 1, 3, 2]))
    heard = graph.add("MatMul", graph.add("Softmax", match, axis=-1), value)
    joint = graph.add("Transpose", heard, perm=[0, 2, 1, 3])
    return graph.add("Reshape", joint, graph.array([0, 0, width]))


def _sum(graph: _Graph, encoder: Encoder, name: str, states: str, more: str) -> str:
    """Add what a part of a layer made of the states to the states."""
    added = graph.add("Add", states, _dense(graph, encoder, f"{name}dense", more))
    return _norm(graph, encoder, f"{name}LayerNorm", added)


def _dense(graph: _Graph, encoder: Encoder, name: str, states: str) -> str:
    product = graph.add("MatMul", states, graph.matrix(encoder.arrays[f"{name}.weight"].T))
    return graph.add("Add", product, graph.array(encoder.arrays[f"{name}.bias"]))


def _norm(graph: _Graph, encoder: Encoder, name: str, states: str) -> str:
    scale, shift = (graph.array(encoder.arrays[f"{name}.{part}"]) for part in ("weight", "bias"))
    return graph.add("LayerNormalization", states, scale, shift, axis=-1, epsilon=encoder.epsilon)
