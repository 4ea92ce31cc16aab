"""Use cases: the only place that wires the layers. Each command calls one function of its name.

The names load on first use, so that a command imports what it needs and no more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from miner.workflow.assets import list_models, write_demo
    from miner.workflow.comparing import whatif
    from miner.workflow.customers import customer
    from miner.workflow.explaining import explain
    from miner.workflow.exporting import export, measure_again
    from miner.workflow.inspecting import inspect
    from miner.workflow.labelling import train_labels
    from miner.workflow.learning import evaluate, train
    from miner.workflow.mining import Mined, mine, read
    from miner.workflow.redrawing import redraw
    from miner.workflow.running import run
    from miner.workflow.scoring import score
    from miner.workflow.theming import check_themes

_HOME = {
    "Mined": "mining",
    "check_themes": "theming",
    "customer": "customers",
    "evaluate": "learning",
    "explain": "explaining",
    "export": "exporting",
    "inspect": "inspecting",
    "list_models": "assets",
    "measure_again": "exporting",
    "mine": "mining",
    "read": "mining",
    "redraw": "redrawing",
    "run": "running",
    "score": "scoring",
    "train": "learning",
    "train_labels": "labelling",
    "whatif": "comparing",
    "write_demo": "assets",
}

__all__ = [
    "Mined",
    "check_themes",
    "customer",
    "evaluate",
    "explain",
    "export",
    "inspect",
    "list_models",
    "measure_again",
    "mine",
    "read",
    "redraw",
    "run",
    "score",
    "train",
    "train_labels",
    "whatif",
    "write_demo",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
