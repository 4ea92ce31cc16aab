"""What every band is written from, and the form all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from miner.insight.store import MinedTables
from miner.insight.types import Insight
from miner.report.model import Band, Chart, Point, Sentence, Table, Verbatim
from miner.report.sentences import say
from miner.taxonomy import Taxonomy
from miner.types import Ledger


@dataclass(frozen=True)
class Source:
    """What the bands are written from.

    `verbatims` are the quotes the report embeds, at most `most` a theme and side, `cut` the
    feedback among them that are too long to be shown whole; `tables` gives ids and texts of
    feedback by position. `covers`: first and last day of an export that has nothing in the period.
    """

    insight: Insight
    tables: MinedTables
    tree: Taxonomy
    ledger: Ledger
    problems: Mapping[str, int]
    manifest: Mapping[str, Any]
    model_quality: Mapping[str, Any]
    verbatims: tuple[Verbatim, ...] = ()
    most: int = 0
    cut: int = 0
    covers: tuple[str, str] | None = None
    logo: str | None = None

    @cached_property
    def order(self) -> tuple[str, ...]:
        """Theme keys: pain points first as they rank, then the rest in the taxonomy's order."""
        ranked = (found.theme for found in self.insight.pain_points)
        return tuple(dict.fromkeys((*ranked, *self.tree.keys)))


def band(  # noqa: PLR0913 - a band's parts, all but three by keyword
    key: str,
    title: str,
    headline: Sentence,
    *,
    computed: str,
    tables: tuple[Table, ...] = (),
    charts: tuple[Chart, ...] = (),
    notes: tuple[Sentence, ...] = (),
) -> Band:
    """Return a band: its key is also its fragment in the page, its tables' keys name the files."""
    return Band(
        key=key,
        title=title,
        headline=headline,
        computed=computed,
        notes=notes,
        charts=charts,
        tables=tables,
    )


def described(label: str, points: tuple[Point, ...]) -> str:
    """Return in one sentence where a line starts and where it ends."""
    known = [point for point in points if point.estimate.value is not None]
    if not known:
        return say("{label}: too few to say in every period.", label=label).text
    first, last = known[0], known[-1]
    return say(
        "{label} by period: {first} in {start}, {last} in {end}.",
        label=label,
        first=first.estimate,
        start=first.label,
        last=last.estimate,
        end=last.label,
    ).text


def link(**filters: str) -> str:
    """Return the URL fragment that filters the verbatims.

    Examples
    --------
    >>> link(theme="service.billing", polarity="negative")
    '#theme=service.billing&polarity=negative'
    """
    return "#" + "&".join(f"{key}={_quoted(value)}" for key, value in filters.items())


def _quoted(value: str) -> str:
    return quote(value, safe=":.,-_~")
