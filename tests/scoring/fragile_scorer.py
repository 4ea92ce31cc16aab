"""A scorer that some texts kill. Imported by the processes too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from process_samples import DEADLY, die

from miner.packing import Packed
from miner.scoring import Scorer


class FragileScorer(Scorer):
    """A scorer that some texts kill, one of them only the first time."""

    folder: Path

    def _packed(self, given: Sequence[object], texts: Sequence[str]) -> Packed:
        for text in texts:
            if text == DEADLY:
                die()
            if text == "dies once" and not (flag := self.folder / "died").exists():
                flag.touch()
                die()
        return super()._packed(given, texts)
