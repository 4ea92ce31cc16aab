"""Scorers by model name, loaded once a process: for machinery that only keeps the name."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # imported where it is used: spaCy imports its components with every pipeline
    from miner.scoring import Scorer

_KEPT: Final = 4
_lock = threading.Lock()
_loaded: dict[Hashable, Scorer] = {}


def check_model(model: str | Path) -> None:
    """Raise ModelError where there is no such model; loads nothing."""
    from miner.learn.audit import locate

    locate(model)


def shared_scorer(model: str | Path) -> Scorer:
    """Return the scorer of a shipped model or a model folder, the same one to every caller.

    A folder that was written anew is loaded anew.

    Raises
    ------
    ModelError
        As `miner.load` raises it.

    Examples
    --------
    >>> shared_scorer("en") is shared_scorer("en")
    True
    """
    from miner.learn.audit import MANIFEST, locate
    from miner.scoring import load

    root = locate(model).resolve()
    return held((root, (root / MANIFEST).stat().st_mtime_ns), lambda: load(root))


def held(key: Hashable, make: Callable[[], Scorer]) -> Scorer:
    """Return the scorer this process holds under a key, made where it holds none.

    The last few are held; whoever asks meanwhile waits for the one that is being made.
    """
    with _lock:
        if key not in _loaded:
            scorer = make()
            while len(_loaded) >= _KEPT:
                del _loaded[next(iter(_loaded))]
            _loaded[key] = scorer
        return _loaded[key]
