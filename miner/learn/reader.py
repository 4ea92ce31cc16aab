"""Read texts with an ONNX graph: wordpieces in, logits out, on one thread of the CPU.

The graph gives, for each piece, its part in every logit; a text's logits are their mean. Texts are
run with others of exactly their length, so that nothing is padded and no text can change another's
result. Needs the extra ``accurate``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from miner.errors import ModelError
from miner.text.normalize import normalize

INPUT: Final = "pieces"
OUTPUT: Final = "logits"
"""The graph's one input, (clauses, pieces), and one output, (clauses, pieces, n_logits)."""

# Results are rounded to this: what another batch may change is far smaller.
_DECIMALS: Final = 4
# Pieces run at once: measured, more is no faster.
_CELLS: Final = 512

Floats = NDArray[np.float32]


class Reader:
    """Thread-safe and deterministic: a text's logits never depend on the other texts.

    Parameters
    ----------
    graph : an ONNX file, audited.
    tokenizer : text of a ``tokenizer.json``.
    max_pieces : wordpieces read of a text, the marks of its start and end included.

    Raises
    ------
    ModelError
        onnxruntime or tokenizers is not installed, or one of the two can't be opened.
    """

    def __init__(self, graph: bytes, tokenizer: str, max_pieces: int) -> None:
        self._tokenizer = _open_tokenizer(tokenizer, max_pieces)
        self._session = _open_session(graph)
        self.n_logits = int(self._session.get_outputs()[0].shape[-1])

    def logits(self, texts: Sequence[str]) -> Floats:
        """Return the logits of each text, shape (n_texts, n_logits), rounded to 4 decimals."""
        distinct: dict[tuple[int, ...], int] = {}
        place = [distinct.setdefault(self._pieces(text), len(distinct)) for text in texts]
        return self._run(list(distinct))[place]

    def _pieces(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(normalize(text).text).ids)

    def _run(self, pieces: Sequence[tuple[int, ...]]) -> Floats:
        """Return the logits of each row of pieces; rows of one length run together."""
        found = np.zeros((len(pieces), self.n_logits), dtype=np.float32)
        order = sorted(range(len(pieces)), key=lambda row: len(pieces[row]))
        for length, group in groupby(order, key=lambda row: len(pieces[row])):
            rows, step = list(group), max(_CELLS // length, 1)
            for first in range(0, len(rows), step):
                some = rows[first : first + step]
                block = np.array([pieces[row] for row in some], dtype=np.int64)
                found[some] = self._session.run([OUTPUT], {INPUT: block})[0].mean(axis=1)
        return np.round(found, _DECIMALS)


def _open_tokenizer(text: str, max_pieces: int) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise _missing() from error
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # the library raises bare exceptions
        raise _unreadable("tokenizer", error) from error
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_pieces)
    return tokenizer


def _open_session(graph: bytes) -> Any:
    """Return a session on one thread that keeps no scratch memory per shape."""
    try:
        import onnxruntime
    except ImportError as error:
        raise _missing() from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.log_severity_level = 3
    onnxruntime.disable_telemetry_events()
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its own exceptions share no base class
        raise _unreadable("graph", error) from error


def _missing() -> ModelError:
    return ModelError(
        "This model needs onnxruntime and tokenizers, which are not installed.",
        hint="Run: pip install 'feedback-miner[accurate]', or use the default model: --model en.",
        slug="model.missing-extra",
    )


def _unreadable(what: str, error: Exception) -> ModelError:
    return ModelError(
        f"The model's {what} can't be opened: {error}.",
        hint="Fetch the model again.",
        slug="model.damaged",
    )
