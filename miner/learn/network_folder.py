"""The part of a model folder that is a network: its two files, audited, and what vouches for them.

`model.onnx` is looked into field by field before onnxruntime sees it, `tokenizer.json` may not
point to a row that the graph does not hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from miner.errors import ModelError
from miner.learn.audit import GRAPH, TOKENIZER, broken_setting, damaged, read_rules
from miner.learn.graph_audit import POSITIONS, WORDS, GraphFacts, audit_graph
from miner.learn.network import Network
from miner.learn.tagging import FACTS

_FEWEST_PIECES = 3  # a clause of one piece, between two marks


def read_network(root: Path, manifest: Mapping[str, Any]) -> Network:
    """Return the network of a folder whose files are those the manifest was made for.

    Raises
    ------
    ModelError
        The graph holds what no model needs, or graph, tokenizer, thresholds and settings do not
        fit one another.
    """
    try:
        settings = manifest["network"]
        max_pieces = int(settings["max_pieces"])
    except (KeyError, TypeError, ValueError) as error:
        raise broken_setting(root, error) from error
    network = Network(
        graph=(root / GRAPH).read_bytes(),
        tokenizer=(root / TOKENIZER).read_text(encoding="utf-8"),
        rules=read_rules(root, manifest),
        max_pieces=max_pieces,
    )
    if settings != network_settings(network):
        raise damaged(root, "its network is not the one the manifest was made for")
    _check(root, network)
    return network


def network_settings(network: Network) -> dict[str, Any]:
    """Return what makes a network this network, for the manifest and the model's hash."""
    return {
        "max_pieces": network.max_pieces,
        "graph": hashlib.sha256(network.graph).hexdigest(),
        "tokenizer": hashlib.sha256(network.tokenizer.encode()).hexdigest(),
    }


def network_files(network: Network) -> dict[str, bytes]:
    """Return the files of a network by name."""
    return {GRAPH: network.graph, TOKENIZER: network.tokenizer.encode()}


def _check(root: Path, network: Network) -> None:
    try:
        facts = audit_graph(network.graph)
    except ValueError as error:
        raise _refused(root, error) from error
    try:
        highest = _highest_piece(network.tokenizer)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(root, f"{TOKENIZER} holds no vocabulary ({error})") from error
    wrong = _misfit(network, facts, highest)
    if wrong:
        raise damaged(root, wrong)


def _misfit(network: Network, facts: GraphFacts, highest: int) -> str:
    """Return what does not fit, "" where all does."""
    words, places = (facts.arrays.get(name, (0,))[0] for name in (WORDS, POSITIONS))
    if facts.n_logits != len(network.rules.themes) + len(FACTS):
        return f"its graph gives {facts.n_logits} logits for {len(network.rules.themes)} themes"
    if highest >= words:
        return f"its tokenizer has piece {highest}, its graph {words} pieces"
    if not _FEWEST_PIECES <= network.max_pieces <= places:
        return f"it wants to read {network.max_pieces} pieces, its graph reads up to {places}"
    return ""


def _highest_piece(tokenizer: str) -> int:
    settings = json.loads(tokenizer)
    added = [int(one["id"]) for one in settings.get("added_tokens") or ()]
    return max([*map(int, settings["model"]["vocab"].values()), *added])


def _refused(root: Path, error: ValueError) -> ModelError:
    return ModelError(
        f"{root}: {GRAPH} is no graph this program runs: {error}.",
        hint="Don't use this folder unless you know where it comes from; fetch the model again.",
        slug="model.graph-refused",
        path=str(root),
    )
