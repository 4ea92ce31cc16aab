"""What an analysis may be given beyond the mined tables: each part is optional."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from miner.insight.customers.customer_base import CustomerBase
from miner.insight.facts.against import Other
from miner.insight.facts.benchmarks import Benchmark
from miner.insight.facts.followup import FollowUpRule
from miner.insight.facts.wants import AreaSpec


@dataclass(frozen=True)
class Extras:
    """Inputs of single parts of the insight; left out, the part is absent or takes its default.

    Attributes
    ----------
    compare_from : the day the later of the two compared windows begins with; None: that of the last
        third of the periods (see `miner.insight.changes.compare.compare`).
    stage : name of the cohort that holds the stages of the journey; None: there is none.
    customers : the customer table; None: no figures on customers.
    areas : what was said about the survey areas; None or an area left out: its theme is the one
        that goes by its name.
    benchmarks : averages to compare with; None: no comparison.
    other : another export to compare with; None: no comparison.
    follow_up : how far back the follow-up list goes, and when a case is due; None: the defaults of
        `FollowUpRule`.
    rank_by : what pain points and strengths are ranked by, one of share, impact, mentions and gap;
        None: share.

    Examples
    --------
    >>> Extras() == Extras()
    True
    """

    compare_from: date | None = None
    stage: str | None = None
    customers: CustomerBase | None = None
    areas: tuple[AreaSpec, ...] | None = None
    benchmarks: tuple[Benchmark, ...] | None = None
    other: Other | None = None
    follow_up: FollowUpRule | None = None
    rank_by: str | None = None
