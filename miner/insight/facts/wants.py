"""Survey areas: what customers have now beside what they want, or what matters to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from miner.insight.figures import Estimate

AreaKind = Literal["wanted", "importance"]


@dataclass(frozen=True, slots=True)
class AreaSpec:
    """What a run was told about an area: its theme (None: nobody said) and its second question."""

    name: str
    theme: str | None = None
    kind: AreaKind = "wanted"


@dataclass(frozen=True, slots=True)
class AreaGap:
    """One area over the answers that rate it twice, 1-5.

    `now`, `wanted`: means over the same answers, so that `gap` = wanted - now exactly (paired, t);
    `n` of each is the number of such answers. `p_value`: of the gap being zero, corrected for the
    number of areas (Benjamini-Hochberg), None below the stated minimum. `one_answer`: answers that
    rate only one of the two. `theme`: the theme whose mined text belongs to the area, None where
    none does; `negative`: share of feedback that is negative about it, `negative_n` their number.
    """

    area: str
    kind: AreaKind
    now: Estimate
    wanted: Estimate
    gap: Estimate
    p_value: float | None
    one_answer: int
    theme: str | None
    negative: Estimate | None
    negative_n: int
