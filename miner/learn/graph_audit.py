"""Look into an ONNX graph before it is run: what it may compute, hold, read and give.

An ONNX file is data, but it may point to other files, call operators of other libraries, or hold
loops and sub-graphs. None of that is needed here, so all of it is refused, and so is everything
else that is not on the lists below.

References
----------
ONNX, Open Neural Network Exchange Intermediate Representation Specification, and onnx.proto.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np

from miner.learn.reader import INPUT, OUTPUT
from miner.learn.wire import Value, fields, message, numbers, text

OPSET: Final = 20
"""Version of ONNX's own operators that a graph must be written for."""

OPERATORS: Final = frozenset({
    "Add", "Cast", "Gather", "Gelu", "LayerNormalization", "MatMul", "Mul", "Reshape", "Shape",
    "Slice", "Softmax", "Split", "Transpose",
})  # fmt: skip
"""What a graph may compute: arithmetic on arrays it was given. None grows its input."""

WORDS, POSITIONS = "words", "positions"
"""Names of the arrays with one row a wordpiece, and one row a place in the clause."""

_FLOAT, _INT8, _INT64 = 1, 3, 7
_ITEM: Final = {_FLOAT: 4, _INT8: 1, _INT64: 8}
# Field numbers of onnx.proto that may be used, by message.
_MODEL: Final = {1: "ir_version", 2: "producer", 3: "version", 7: "graph", 8: "opset_import"}
_GRAPH: Final = {1: "node", 2: "name", 5: "initializer", 11: "input", 12: "output"}
_NODE: Final = {1: "input", 2: "output", 3: "name", 4: "op_type", 5: "attribute", 7: "domain"}
_ATTRIBUTE: Final = {1: "name", 2: "f", 3: "i", 8: "ints", 20: "type"}
_TENSOR: Final = {1: "dims", 2: "data_type", 8: "name", 9: "raw_data"}
_DOMAIN, _VERSION = 1, 2


@dataclass(frozen=True)
class GraphFacts:
    """What a graph that passed holds.

    `operators`: how often each is used. `arrays`: shape of each stored array by name. `n_logits`:
    columns it gives.
    """

    operators: Mapping[str, int]
    arrays: Mapping[str, tuple[int, ...]]
    n_logits: int


def audit_graph(data: bytes) -> GraphFacts:
    """Return what a graph holds, if it holds nothing but what a model may.

    Raises
    ------
    ValueError
        It is no ONNX file, or it asks for something that is refused; the message says what.
    """
    whole = _message(data, _MODEL, "the file")
    opsets = [dict(fields(message(one))) for one in whole.get(8, [])]
    if len(opsets) != 1 or opsets[0].get(_VERSION) != OPSET or _named(opsets[0]):
        raise ValueError(f"it is not written for ONNX's own operators, version {OPSET}")
    if len(whole.get(7, [])) != 1:
        raise ValueError("it holds no graph, or several")
    graph = _message(message(whole[7][0]), _GRAPH, "its graph")
    return GraphFacts(
        operators=Counter(_operator(message(one)) for one in graph.get(1, [])),
        arrays=dict(_array(message(one)) for one in graph.get(5, [])),
        n_logits=_ends(graph),
    )


def _message(
    data: bytes | memoryview, known: Mapping[int, str], what: str
) -> dict[int, list[Value]]:
    found: dict[int, list[Value]] = {}
    for number, value in fields(data):
        if number not in known:
            raise ValueError(f"{what} has a field that no model needs (number {number})")
        found.setdefault(number, []).append(value)
    return found


def _named(opset: Mapping[int, Value]) -> bool:
    return text(opset.get(_DOMAIN, memoryview(b""))) != ""


def _operator(data: memoryview) -> str:
    node = _message(data, _NODE, "an operator")
    kind = "".join(text(one) for one in node.get(4, []))
    domain = "".join(text(one) for one in node.get(7, []))
    if kind not in OPERATORS or domain:
        raise ValueError(f'it wants to run "{domain + "." if domain else ""}{kind}"')
    for one in node.get(5, []):
        _message(message(one), _ATTRIBUTE, f"a setting of {kind}")
    return kind


def _array(data: memoryview) -> tuple[str, tuple[int, ...]]:
    tensor = _message(data, _TENSOR, "a stored array")
    name = "".join(text(one) for one in tensor.get(8, []))
    shape = tuple(number for one in tensor.get(1, []) for number in numbers(one))
    (kind,) = tensor.get(2, [0])
    (raw,) = tensor.get(9, [memoryview(b"")])
    raw = message(raw)
    if not isinstance(kind, int) or kind not in _ITEM:
        raise ValueError(f'array "{name}" is of a type that no model needs')
    if len(raw) != prod(shape) * _ITEM[kind]:
        raise ValueError(f'array "{name}" has another size than it says')
    if kind == _FLOAT and not np.isfinite(np.frombuffer(raw, dtype="<f4")).all():
        raise ValueError(f'array "{name}" holds values that are not finite')
    return name, shape


def _ends(graph: Mapping[int, list[Value]]) -> int:
    """Return the number of columns given, if input and output are the ones expected."""
    given = [_value(message(one)) for one in graph.get(11, [])]
    back = [_value(message(one)) for one in graph.get(12, [])]
    if given != [(INPUT, _INT64, (0, 0))]:
        raise ValueError(f'its input is not "{INPUT}", whole numbers of shape (clauses, pieces)')
    name, kind, shape = back[0] if len(back) == 1 else ("", 0, ())
    if (name, kind, shape[:2]) != (OUTPUT, _FLOAT, (0, 0)) or len(shape) != 3 or not shape[2]:
        raise ValueError(f'its output is not "{OUTPUT}", of shape (clauses, pieces, logits)')
    return shape[2]


def _value(data: memoryview) -> tuple[str, int, tuple[int, ...]]:
    """Return name, element type and shape of an input or output; a free dimension is 0."""
    tensor = _inside(_inside(data, 2), 1)
    dims = [dict(fields(message(value))) for number, value in fields(_inside(tensor, 2))]
    kind = dict(fields(tensor)).get(1, 0)
    sizes = [dim.get(1, 0) for dim in dims]
    shape = tuple(size for size in sizes if isinstance(size, int))
    name = text(dict(fields(data)).get(1, memoryview(b"")))
    return name, kind if isinstance(kind, int) else 0, shape


def _inside(data: memoryview, number: int) -> memoryview:
    """Return the message in a field, empty where the field is not there."""
    return message(dict(fields(data)).get(number, memoryview(b"")))
