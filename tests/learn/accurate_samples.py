"""A network small enough to read: two layers, 64 states, random weights, a dozen wordpieces."""

from __future__ import annotations

import tomllib

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf, softmax

from miner.learn.bundle import Bundle
from miner.learn.fit import Linear
from miner.learn.graph import Encoder, build_graph
from miner.learn.network import Network
from miner.learn.weights import Rules
from miner.taxonomy import parse_taxonomy

STATES, HEADS, LAYERS, PLACES = 64, 4, 2, 16
PIECES = (
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "soup", "was", "cold", "slow", "lovely",
    "never", "queue", "##s", "paid", "waiter", "rude", "and", ",", ".", "!", "but",
)  # fmt: skip
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
RULES = Rules((0.02, 0.02), 0.01, 0.7, 0.0, 0.9)


def tiny_encoder(seed: int = 3, *, pieces: int = len(PIECES)) -> Encoder:
    """Return random weights under the names that BERT gives them."""
    rng = np.random.default_rng(seed)

    def random(*shape: int) -> NDArray[np.float32]:
        return rng.normal(0, 0.3, shape).astype(np.float32)

    shapes = {
        "embeddings.word_embeddings.weight": (pieces, STATES),
        "embeddings.position_embeddings.weight": (PLACES, STATES),
        "embeddings.token_type_embeddings.weight": (2, STATES),
    }
    arrays = {name: random(*shape) for name, shape in shapes.items()}
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        norms += [f"{name}attention.output.LayerNorm", f"{name}output.LayerNorm"]
        sizes = {
            "attention.self.query": (STATES, STATES),
            "attention.self.key": (STATES, STATES),
            "attention.self.value": (STATES, STATES),
            "attention.output.dense": (STATES, STATES),
            "intermediate.dense": (2 * STATES, STATES),
            "output.dense": (STATES, 2 * STATES),
        }
        for part, size in sizes.items():
            arrays[f"{name}{part}.weight"] = random(*size)
            arrays[f"{name}{part}.bias"] = random(size[0])
    for name in norms:
        arrays[f"{name}.weight"] = 1 + random(STATES)
        arrays[f"{name}.bias"] = random(STATES)
    return Encoder(arrays, layers=LAYERS, heads=HEADS, epsilon=1e-12)


def tiny_head(n_logits: int = 5, seed: int = 4) -> Linear:
    """Return a random linear head."""
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 0.3, (STATES, n_logits)).astype(np.float32)
    return Linear(weights, rng.normal(0, 0.1, n_logits).astype(np.float32))


def tiny_tokenizer() -> str:
    """Return a tokenizer.json that lowers case, cuts words and punctuation, and adds marks."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    vocabulary = {piece: at for at, piece in enumerate(PIECES)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    marks = ("[SEP]", vocabulary["[SEP]"]), ("[CLS]", vocabulary["[CLS]"])
    tokenizer.post_processor = processors.BertProcessing(*marks)
    return str(tokenizer.to_str())


def tiny_network(seed: int = 3, *, rules: Rules = RULES, max_pieces: int = PLACES) -> Network:
    """Return a network of two themes."""
    graph = build_graph(tiny_encoder(seed), tiny_head(), max_pieces=PLACES)
    return Network(graph, tiny_tokenizer(), rules, max_pieces)


def tiny_bundle() -> Bundle:
    """Return it as a model."""
    return Bundle(
        name="tiny",
        taxonomy=parse_taxonomy(tomllib.loads(TAXONOMY)),
        weights=tiny_network(),
        training={"teacher": "none", "tuned_on": []},
        metrics={"splits": {}},
        taxonomy_text=TAXONOMY,
    )


def by_hand(encoder: Encoder, head: Linear, ids: list[int]) -> NDArray[np.float64]:
    """Return the logits of one row of pieces, worked out with numpy alone, in 64 bits."""
    arrays = {name: value.astype(np.float64) for name, value in encoder.arrays.items()}

    def dense(name: str, states: NDArray[np.float64]) -> NDArray[np.float64]:
        return states @ arrays[f"{name}.weight"].T + arrays[f"{name}.bias"]

    def norm(name: str, states: NDArray[np.float64]) -> NDArray[np.float64]:
        centred = states - states.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + encoder.epsilon)
        return centred / spread * arrays[f"{name}.weight"] + arrays[f"{name}.bias"]

    states = arrays["embeddings.word_embeddings.weight"][ids]
    states = states + arrays["embeddings.position_embeddings.weight"][: len(ids)]
    states = norm(
        "embeddings.LayerNorm", states + arrays["embeddings.token_type_embeddings.weight"][0]
    )
    for layer in range(encoder.layers):
        name = f"encoder.layer.{layer}."
        query, key, value = (
            dense(f"{name}attention.self.{part}", states)
            .reshape(len(ids), encoder.heads, -1)
            .transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        match = softmax(query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1]), axis=-1)
        heard = (match @ value).transpose(1, 0, 2).reshape(len(ids), -1)
        states = norm(
            f"{name}attention.output.LayerNorm",
            states + dense(f"{name}attention.output.dense", heard),
        )
        inner = dense(f"{name}intermediate.dense", states)
        inner = inner * 0.5 * (1 + erf(inner / np.sqrt(2)))
        states = norm(f"{name}output.LayerNorm", states + dense(f"{name}output.dense", inner))
    return states.mean(axis=0) @ head.weights + head.bias
