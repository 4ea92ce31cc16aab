"""What an analysis may be given beyond the mined tables: each part is optional."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Extras:
    """Inputs of single parts of the insight; left out, the part is absent or takes its default.

    Examples
    --------
    >>> Extras() == Extras()
    True
    """
