"""The graph computes what BERT and a linear head compute, and holds nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from accurate_samples import PIECES, PLACES, by_hand, tiny_encoder, tiny_head, tiny_tokenizer

from miner.learn.graph import build_graph, quantise
from miner.learn.graph_audit import OPERATORS, POSITIONS, WORDS, audit_graph
from miner.learn.reader import Reader

TEXTS = [
    "",
    "the soup was cold.",
    "lovely soups, never slow!",
    "the queue, but the soup was lovely",
]


def logits(bits: int) -> np.ndarray:
    graph = build_graph(tiny_encoder(), tiny_head(), max_pieces=PLACES, bits=bits)
    return Reader(graph, tiny_tokenizer(), PLACES).logits(TEXTS)


def expected() -> np.ndarray:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(tiny_tokenizer())
    rows = [by_hand(tiny_encoder(), tiny_head(), tokenizer.encode(text).ids) for text in TEXTS]
    return np.array(rows)


def test_a_graph_with_all_bits_computes_what_numpy_does() -> None:
    assert np.abs(logits(32) - expected()).max() < 2e-4


@pytest.mark.parametrize(("bits", "near"), [(16, 0.02), (8, 0.2)])
def test_fewer_bits_move_logits_by_little(bits: int, near: float) -> None:
    moved = np.abs(logits(bits) - expected())
    assert 0 < moved.max() < near
    assert expected().std(axis=0).mean() > 2 * moved.mean()


def test_fewer_bits_are_smaller_files() -> None:
    sizes = [
        len(build_graph(tiny_encoder(), tiny_head(), max_pieces=PLACES, bits=bits))
        for bits in (32, 16, 8)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[2] < 0.4 * sizes[0]


def test_the_same_weights_give_the_same_bytes() -> None:
    one, other = (build_graph(tiny_encoder(), tiny_head(), max_pieces=PLACES) for _ in range(2))
    assert one == other
    assert one != build_graph(tiny_encoder(5), tiny_head(), max_pieces=PLACES)


def test_it_passes_the_audit_and_says_what_it_holds() -> None:
    facts = audit_graph(build_graph(tiny_encoder(), tiny_head(), max_pieces=12))
    assert set(facts.operators) == OPERATORS
    assert facts.n_logits == 5
    assert facts.arrays[WORDS][0] == len(PIECES)
    assert facts.arrays[POSITIONS][0] == 12


def test_quantised_numbers_are_within_half_a_step() -> None:
    values = np.random.default_rng(1).normal(size=(6, 40)).astype(np.float32)
    values[2] = 0
    stored, scale = quantise(values, axis=1)
    assert (np.abs(stored * scale - values) <= 0.5001 * scale).all()
    assert np.abs(stored).max() == 127
    assert (stored[2] == 0).all()
