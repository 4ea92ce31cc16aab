"""What a section of a benchmark found: tables for people, figures for programs, promises."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """A table of finished cells; the first column is text, the others are figures."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse a row that does not fit the head."""
        for row in self.rows:
            if len(row) != len(self.head):
                raise ValueError(f"{self.title}: got {len(row)} cells, expected {len(self.head)}.")

    def text(self) -> str:
        """Return the table for a terminal."""
        lines = (self.head, *self.rows)
        widths = [max(len(line[at]) for line in lines) for at in range(len(self.head))]
        shown = [
            "  ".join(
                cell.ljust(width) if at == 0 else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        ]
        return "\n".join([f"# {self.title}", *shown, *([self.note] if self.note else [])]) + "\n"

    def markdown(self) -> str:
        """Return the table for a page."""
        rule = ("---", *("---:",) * (len(self.head) - 1))
        lines = [f"| {' | '.join(_escaped(line))} |" for line in (self.head, rule, *self.rows)]
        return "\n".join([f"**{self.title}**", "", *lines, *(["", self.note] if self.note else [])])


@dataclass(frozen=True)
class Check:
    """A promise: `value` lies between `low` and `high`, both included; None: no bound there."""

    what: str
    value: float
    low: float | None = None
    high: float | None = None
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value keeps within the bounds."""
        return (self.low is None or self.value >= self.low) and (
            self.high is None or self.value <= self.high
        )

    def row(self) -> tuple[str, ...]:
        """Return the cells of the table of promises."""
        bounds = {
            "at least": self.low if self.high is None else None,
            "at most": self.high if self.low is None else None,
        }
        said = next((f"{name} {one:g}" for name, one in bounds.items() if one is not None), None)
        wanted = said or f"{self.low:g} to {self.high:g}"
        return (
            self.what,
            f"{wanted} {self.unit}".rstrip(),
            f"{self.value:.3g} {self.unit}".rstrip(),
            "yes" if self.holds else "**no**",
        )


@dataclass(frozen=True)
class Section:
    """One section: `figures` are ready for JSON, `said` stands above the tables."""

    name: str
    tables: tuple[Table, ...]
    checks: tuple[Check, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)
    said: str = ""

    def markdown(self) -> str:
        """Return the section's tables for a page."""
        said = [self.said] if self.said else []
        return "\n\n".join([*said, *(table.markdown() for table in self.tables)])


def promises(sections: Sequence[Section]) -> Section:
    """Return the section that lists every promise with what was measured."""
    checks = [check for section in sections for check in section.checks]
    rows = tuple(check.row() for check in checks)
    table = Table("What is promised", ("promise", "wanted", "measured", "kept"), rows)
    return Section("promises", (table,))


def into_page(page: str, sections: Sequence[Section]) -> str:
    """Return a page with the tables of these sections put between their marks.

    A section's marks are ``<!-- table:NAME -->`` and ``<!-- end -->``; one that the page has no
    marks for is added at its end. All else stays as it is.
    """
    for section in sections:
        mark = f"<!-- table:{section.name} -->"
        block = f"{mark}\n{section.markdown()}\n<!-- end -->"
        if mark in page:
            page = re.sub(re.escape(mark) + r".*?<!-- end -->", lambda _: block, page, flags=re.S)  # noqa: B023
        else:
            page = f"{page.rstrip()}\n\n{block}\n".lstrip()
    return page


def _escaped(cells: Sequence[str]) -> list[str]:
    return [cell.replace("|", r"\|") for cell in cells]
