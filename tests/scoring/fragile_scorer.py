"""A scorer that some texts kill. Imported by the processes too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from process_samples import DEADLY, die

from miner.scoring import ScoredBatch, Scorer


class FragileScorer(Scorer):
    """A scorer that some texts kill, one of them only the first time."""

    folder: Path

    def score_batch(self, texts: Sequence[str]) -> ScoredBatch:
        for text in texts:
            if text == DEADLY:
                die()
            if text == "dies once" and not (flag := self.folder / "died").exists():
                flag.touch()
                die()
        return super().score_batch(texts)
