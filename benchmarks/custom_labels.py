"""Time `miner train --corpus` on a large labelled sheet.

    python benchmarks/custom_labels.py [--texts 10000]

The texts are made from the project's own statements: one to four of the same author, joined. Their
labels are 18 themes x 2 polarities = 36, taken as 36 labels (`as labels`) and as 18 labels with a
polarity (`as polarity`). An author is a group, so that no author is judged by a model that learned
from the same hand. The shipped model learned most of these statements itself, so the figures
flatter; what counts here is the time, with reading, cross-validation, curves and card.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from miner.learn.corpus import load_corpus
from miner.learn.custom.layout import Choices
from miner.types import POLARITIES
from miner.workflow import train_labels
from miner.workflow.labelling import OwnLabels, Trained

_SEED = 20
_MOST = 4
_SIGNED = (0, 2)
_FEWEST_OF_A_HAND = 100


def main(arguments: Sequence[str] | None = None) -> None:
    """Make the sheet, fit on it in both readings, print time and figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--texts", type=int, default=10_000, help="texts to make (10000)")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "labelled.csv"
        labels = write_sheet(sheet, chosen.texts)
        print(f"{chosen.texts:,} texts, {labels} labels")
        for name, signs in (("as labels", False), ("as polarity", True)):
            start, busy = time.perf_counter(), time.process_time()
            done = fit(sheet, Path(folder) / name.replace(" ", "-"), signs=signs)
            spent = time.perf_counter() - start, time.process_time() - busy
            report(name, done, spent)


def write_sheet(path: Path, texts: int) -> int:
    """Write a labelled sheet and return how many labels stand in it."""
    corpus = load_corpus()
    hands = np.array(corpus.hands)
    names = [name for name in np.unique(hands) if (hands == name).sum() >= _FEWEST_OF_A_HAND]
    random = np.random.default_rng(_SEED)
    seen = set()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text", "labels", "author"])
        for number in range(texts):
            hand = names[number % len(names)]
            size = int(random.integers(1, _MOST + 1))
            rows = random.choice(np.flatnonzero(hands == hand), size, replace=False)
            labels = {
                f"{corpus.themes[theme]}:{POLARITIES[corpus.labels[row, theme]]}"
                for row in rows
                for theme in np.flatnonzero(np.isin(corpus.labels[row], _SIGNED))
            }
            seen |= labels
            text = " ".join(corpus.texts[row] for row in rows)
            writer.writerow([number, text, ";".join(sorted(labels)) or "none", hand])
    return len(seen)


def fit(sheet: Path, output: Path, *, signs: bool) -> Trained:
    """Fit as `miner train --corpus` does."""
    wanted = OwnLabels(str(sheet), Choices(text="text", signs=signs, form="many", separator=";"))
    return train_labels(wanted, output, say=lambda _: None)


def report(name: str, done: Trained, spent: tuple[float, float]) -> None:
    """Print time (on the clock, of the processor), size and figures of one fit."""
    weights = done.outcome.bundle.weights.weights
    size = (done.folder / "weights.npz").stat().st_size / 1e6
    print(f"{name}: {spent[0]:.0f} s, {spent[1]:.0f} s of one core")
    print(f"  {weights.shape[0]:,} columns x {weights.shape[1]} heads, {size:.1f} MB")
    for key, one in done.outcome.measured.figures.items():
        print(f"  {key:22} {one.value:.3f}  ({one.low:.3f} to {one.high:.3f})")
    print(f"  {done.outcome.advice()}")


if __name__ == "__main__":
    main()
