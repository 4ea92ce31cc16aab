"""Feedback miner: themes, sentiment and pain points from customer feedback, offline.

The promised names are loaded on first use, so that ``import miner`` costs next to nothing.

Examples
--------
>>> import miner
>>> scorer = miner.load()
>>> [(m.theme, m.polarity) for m in scorer.score("The courier was two days late.").mentions]
[('service.delivery', 'negative')]
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

__all__ = [
    "ClauseTagger",
    "Mined",
    "Scorer",
    "Tagged",
    "TextTagger",
    "__version__",
    "errors",
    "load",
    "mine",
    "read",
    "report_schema",
    "scored_schema",
    "types",
]

_HOMES = {
    "ClauseTagger": "miner.learn.tagging",
    "Mined": "miner.workflow",
    "Scorer": "miner.scoring",
    "Tagged": "miner.learn.tagging",
    "TextTagger": "miner.learn.tagging",
    "load": "miner.scoring",
    "mine": "miner.workflow",
    "read": "miner.workflow",
    "report_schema": "miner.schemas",
    "scored_schema": "miner.schemas",
}
_MODULES = {"errors", "types"}

if TYPE_CHECKING:
    from miner import errors as errors
    from miner import types as types
    from miner.learn.tagging import ClauseTagger as ClauseTagger
    from miner.learn.tagging import Tagged as Tagged
    from miner.learn.tagging import TextTagger as TextTagger
    from miner.schemas import report_schema as report_schema
    from miner.schemas import scored_schema as scored_schema
    from miner.scoring import Scorer as Scorer
    from miner.scoring import load as load
    from miner.workflow import Mined as Mined
    from miner.workflow import mine as mine
    from miner.workflow import read as read


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"miner.{name}")
    raise AttributeError(f"module 'miner' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted(__all__)
