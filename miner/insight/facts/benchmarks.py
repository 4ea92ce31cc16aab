"""Averages of an industry or a competitor, and how far the export lies from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from miner.insight.figures import Estimate

BenchmarkMeasure = Literal["nps", "csat", "ces", "stars", "negative", "positive"]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One average from somewhere else.

    `value`: NPS in points (-100 … 100), CSAT and shares of a theme in [0, 1], CES and stars on
    their own scale. `theme` only with ``negative`` and ``positive``: the share of feedback with
    such a mention. `n`: answers behind the average, None where unknown; `sd`: their standard
    deviation, in the unit of the value; `scale`: (lowest, highest) answer, None: the export's.
    """

    name: str
    measure: BenchmarkMeasure
    value: float
    theme: str | None = None
    n: int | None = None
    sd: float | None = None
    scale: tuple[float, float] | None = None
    source: str = ""
    year: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields under their names, JSON-ready."""
        data = asdict(self)
        data["scale"] = list(self.scale) if self.scale else None
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Benchmark:
        """Return what `to_dict` wrote.

        Examples
        --------
        >>> one = Benchmark("Retail", "ces", 5.2, scale=(1, 7))
        >>> Benchmark.from_dict(one.to_dict()) == one
        True
        """
        scale = data["scale"]
        return cls(**{**data, "scale": (scale[0], scale[1]) if scale else None})


@dataclass(frozen=True, slots=True)
class BenchmarkGap:
    """The export beside one benchmark.

    `ours`: the figure of the export; `theirs`: the benchmark, its interval None without an `n`;
    `gap` = ours - theirs with its interval. `p_value`: corrected for the number of benchmarks
    (Benjamini-Hochberg), None where nothing could be tested. `problem`: why there is no gap:
    ``no answers`` (the export has no such score), ``scale`` (asked on another scale), ``too few``;
    empty where there is one.
    """

    benchmark: Benchmark
    ours: Estimate
    theirs: Estimate
    gap: Estimate
    p_value: float | None
    problem: Literal["", "no answers", "scale", "too few"]
