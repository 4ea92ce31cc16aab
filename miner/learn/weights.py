"""What a linear tagger knows: weights in 8 bits, and how probabilities become decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from miner.learn.features import FeatureSettings

_LEVELS: Final = 127  # int8, symmetric


@dataclass(frozen=True, slots=True)
class Neighbours:
    """How much of its neighbours' sign and themes a clause takes over.

    `before`: share of the sign's log-odds of the clause before it; `before_turned`: instead, where
    the clause itself opens with a word of contrast. `after`: of the one after it; `after_turned`:
    instead, where that one opens so. `theme_before`, `theme_after`: what a theme gains where the
    clause before, or after, surely mentions it, in log-odds. See `miner.learn.neighbours`.
    """

    before: float = 0.0
    before_turned: float = 0.0
    after: float = 0.0
    after_turned: float = 0.0
    theme_before: float = 0.0
    theme_after: float = 0.0


@dataclass(frozen=True, slots=True)
class Hints:
    """What else tells that a clause holds an opinion: shares of log-odds.

    `theme`: of the likeliest theme's log-odds. `sign`: of how far from 0 those of the sign are.
    """

    theme: float = 0.0
    sign: float = 0.0


@dataclass(frozen=True, slots=True)
class Rules:
    """How probabilities become decisions; tuned on training hands the model had not seen.

    `themes`: shape (n_themes,), a theme is present from this probability on. `opinion`: below this
    probability of holding an opinion a clause has no mention. `fallback`: where no theme reaches
    its threshold, the nearest one is taken if its probability is at least this share of the
    threshold (1 = never). `rival`: a theme beside a likelier one needs at least this share of
    its probability (0 = always fine). `neutral`: an opinion is neutral from this probability on.
    `neighbours`: what the clauses around it add to a clause's themes and sign. `hints`: what its
    themes and sign add to the log-odds of holding an opinion. `single`: every text mentions one
    theme, whatever the thresholds: the likeliest, its clauses weighed by their words.
    """

    themes: tuple[float, ...]
    opinion: float
    fallback: float
    rival: float
    neutral: float
    neighbours: Neighbours = Neighbours()
    hints: Hints = Hints()
    single: bool = False


@dataclass(frozen=True)
class Weights:
    """All a tagger knows, as plain arrays, just as a model folder holds them.

    `levels`: shape (n_columns, n_heads), int8; the heads are the themes in the taxonomy's order,
    then `miner.learn.tagging.FACTS`. `scale`, `bias`: shape (n_heads,), float32; a weight is its
    level times the scale of its head.
    """

    settings: FeatureSettings
    buckets: NDArray[np.uint32]
    idf: NDArray[np.float32]
    levels: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    rules: Rules

    @classmethod
    def rounded(
        cls,
        *,
        settings: FeatureSettings,
        buckets: NDArray[np.uint32],
        idf: NDArray[np.float32],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        rules: Rules,
    ) -> Weights:
        """Return weights rounded to 8 bits with a scale a head, and idf to 16 bits.

        Parameters
        ----------
        weights : shape (n_columns, n_heads).
        """
        scale = _short(np.abs(weights).max(axis=0, initial=0.0) / _LEVELS)
        return cls(
            settings=settings,
            buckets=buckets,
            idf=idf.astype(np.float16).astype(np.float32),
            levels=np.rint(weights / scale).astype(np.int8),
            scale=scale,
            bias=bias.astype(np.float32),
            rules=rules,
        )

    @property
    def weights(self) -> NDArray[np.float32]:
        """The weights, shape (n_columns, n_heads): four times as large, made anew each time."""
        return np.multiply(self.levels, self.scale, dtype=np.float32)


def _short(scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round up to 11 bits, so that 127 x scale is exact and rounding again changes nothing."""
    mantissa, exponent = np.frexp(np.where(scale > 0, scale, 1.0))
    return np.asarray(np.ldexp(np.ceil(mantissa * 2048) / 2048, exponent), dtype=np.float32)
