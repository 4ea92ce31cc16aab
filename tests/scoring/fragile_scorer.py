"""A scorer that some texts kill, in any process but the caller's. Imported by them too."""

from __future__ import annotations

import time
from collections.abc import Sequence
from multiprocessing import parent_process
from pathlib import Path

from process_samples import DEADLY, die

from miner.packing import Packed
from miner.scoring import Scorer


class FragileScorer(Scorer):
    """A scorer that some texts kill, one of them only the first time.

    In the caller's process nothing dies; it takes its time until another has.
    """

    folder: Path

    def _packed(self, given: Sequence[object], texts: Sequence[str]) -> Packed:
        flag = self.folder / "died"
        if parent_process() is None:
            time.sleep(0.0 if flag.exists() else 0.2)
            return super()._packed(given, texts)
        for text in texts:
            if text == DEADLY or (text == "dies once" and not flag.exists()):
                flag.touch()
                die()
        return super()._packed(given, texts)
