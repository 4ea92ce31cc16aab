"""What an example says about each output of a teacher, with the unknown left open.

Grain: one row per example, one column per output: sub-themes, themes, opinion, sign, neutral.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from miner.learn.decisions import logistic
from miner.learn.sources import Example

Floats = npt.NDArray[np.float32]

TOPS = ("communication", "service", "product")
FACTS = ("opinion", "sign", "neutral")


def outputs_of(themes: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a teacher's columns: sub-themes, themes, opinion, sign, neutral.

    Examples
    --------
    >>> outputs_of(["service.speed"])[1:]
    ('communication', 'service', 'product', 'opinion', 'sign', 'neutral')
    """
    return (*themes, *TOPS, *FACTS)


def targets(examples: Sequence[Example], outputs: Sequence[str]) -> tuple[Floats, Floats]:
    """Return what the examples say about each output, and how far to trust it.

    Returns
    -------
    known : shape (n_examples, n_outputs), 1 yes, 0 no, between where it is a teacher's opinion,
        NaN unknown.
    weight : same shape, in [0, 1].
    """
    known = np.full((len(examples), len(outputs)), np.nan, np.float32)
    for row, example in enumerate(examples):
        if example.odds:
            known[row] = logistic(np.array(example.odds, np.float32))
        else:
            known[row] = [_known(example, output) for output in outputs]
    weight = np.array([[e.weight] for e in examples], np.float32).reshape(-1, 1)
    return known, np.broadcast_to(weight, known.shape).copy()


def _known(example: Example, output: str) -> float:
    """Return 1, 0 or NaN for one output of one example."""
    if output == "opinion":
        return np.nan if example.opinion is None else float(example.opinion)
    if output == "sign":
        return np.nan if example.sign is None else float(example.sign == "positive")
    if output == "neutral":
        polarities = {polarity for _, polarity in example.labels} - {None}
        return float("neutral" in polarities) if polarities else np.nan
    return _theme_known(example, output)


def _theme_known(example: Example, output: str) -> float:
    top, _, sub = output.partition(".")
    present = {theme for theme, _ in example.labels}
    tops = {theme.partition(".")[0] for theme in present}
    if output in present or (not sub and top in tops):
        return 1.0
    # A label such as a bare "service" says that some sub-theme is there, not which.
    if top in present or example.open_themes & {top, output}:
        return np.nan
    if not sub and any(theme.startswith(f"{top}.") for theme in example.open_themes):
        return np.nan
    return 0.0 if example.complete or example.absent & {top, output} else np.nan
