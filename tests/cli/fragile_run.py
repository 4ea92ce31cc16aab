"""`miner` in which the first process that scores anything dies, and a scorer that a text kills.

Run as a script: each process runs it again, as a module, and so is fragile too.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from miner.workflow.frames import ScoredTables
from miner.workflow.rows import RowScorer

if os.environ.get("DIES"):
    columns = RowScorer.columns

    def fragile(self: RowScorer, texts: list[str], **rest: Any) -> Any:
        """Score, or die as `kill -9` would have it."""
        flag = Path(os.environ["DIES"])
        if not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return columns(self, texts, **rest)

    RowScorer.columns = fragile  # type: ignore[method-assign]


@dataclass
class Fragile:
    """Stands for a scorer of chunks, at no cost: any process that sees the text dies."""

    deadly: str

    def score(self, feedback: pd.DataFrame) -> ScoredTables:
        """Return no mentions."""
        if self.deadly in set(feedback["text"]):
            os.kill(os.getpid(), signal.SIGKILL)
        nothing = pd.DataFrame({"feedback": []})
        return ScoredTables(feedback.assign(feedback=range(len(feedback))), nothing, nothing)


if __name__ == "__main__":
    from miner.cli import main

    main(sys.argv[1:])
