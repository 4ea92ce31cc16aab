"""Which group of customers is the step of the journey they had come to: told by its name."""

from __future__ import annotations

from collections.abc import Sequence

from miner.ingest.words import match


def stage_among(cohorts: Sequence[str]) -> str | None:
    """Return the name that reads like a journey stage, None where none does.

    Parameters
    ----------
    cohorts : names of columns that group customers; the first of equally good ones is taken.

    Examples
    --------
    >>> stage_among(["Plan", "Journey stage"]), stage_among(["Plan", "Region"])
    ('Journey stage', None)
    """
    order = ("exact", "within", "part")
    found = [
        ((order.index(hit.level), hit.rank), name)
        for name in cohorts
        if (hit := match("stage", [name]))
    ]
    return min(found, key=lambda pair: pair[0])[1] if found else None
