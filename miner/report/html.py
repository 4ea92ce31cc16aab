"""The report as one self-contained page: no script library, no network, opens from disk."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import jinja2
from markupsafe import Markup, escape

from miner.report import marks
from miner.report.assets import asset, csp_hash
from miner.report.bands import link
from miner.report.cells import ARROWS, clip, trend_cell, words
from miner.report.charts import has_narrow, svg
from miner.report.languages import cohort_name, speaking, t
from miner.report.model import PAGE_ROWS, Band, Chart, Column, ReportData, Table
from miner.report.numbers import count, percent, show
from miner.report.outline import chapters
from miner.report.quotes import quote_groups, records, shown_signals
from miner.report.sentences import answers, bare, say
from miner.report.text import started
from miner.report.verbatims import ROLES

HEAT_LEVELS: Final = 6  # steps of colour that are told apart; the style sheet has a class for each
OPEN_ROWS: Final = 12
"""Rows up to which a table is shown whole; a longer one scrolls inside its frame."""
WIDE_COLUMNS: Final = 6
"""Columns up to which a table stands beside a chart; one with more takes the whole width."""
RANKED: Final = ("pain-points", "strengths")
DRAWN: Final = ("cohorts",)
"""Bands whose first table is drawn by the page itself."""
QUIET: Final = ("data-quality", "method")
"""Bands of which the first table alone stands open."""
FIGURES: Final = ("scores",)
"""Bands whose small tables stand open beside their charts."""
_POLARITIES: Final = ("negative", "neutral", "positive")
_UNBROKEN: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\([^()]{1,24}\)")
_SAID_IN_SCRIPT: Final = re.compile(r'\bt\("([^"]+)"')


def render(data: ReportData, *, generated: datetime) -> str:
    """Return the page; the same data and clock give the same bytes.

    Parameters
    ----------
    data : the report.
    generated : when the report was drawn, shown in its footer.
    """
    with speaking(data.language):
        return _rendered(data, generated)


def _rendered(data: ReportData, generated: datetime) -> str:
    style, script = asset("report.css"), asset("report.js")
    page = _environment().get_template("report.html.j2")
    return page.render(
        data=data,
        generated=generated.strftime("%Y-%m-%d %H:%M"),
        style=marks.trusted(style),
        script=marks.trusted(script),
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
        embedded=marks.trusted(embed(records(data) | _script_words(script, data))),
        groups=quote_groups(data),
        level=_level(data),
        heat_groups=[
            (name, len(list(values)))
            for name, values in itertools.groupby(data.heat.columns, key=lambda pair: pair[0])
        ],
    )


@lru_cache(maxsize=1)
def _environment() -> jinja2.Environment:
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("miner.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    made.globals |= {
        "bar": table_bar,
        "bar_scales": bar_scales,
        "chapters": chapters,
        "is_wide": is_wide,
        "named": _named,
        "shown_signals": shown_signals,
        "shown_tables": shown_tables,
        "small": lambda drawing: not has_narrow(drawing),
        "chart": chart,
        "compact": compact,
        "link": link,
        "sparkline": marks.sparkline,
        "strip": marks.strip,
        "sort_key": sort_key,
        "words": words,
        "t": _said,
        "arrows": ARROWS,
        "NUMERIC": ("int", "share", "estimate", "number"),
        "RANKED": RANKED,
    }
    made.filters |= {
        "answers": lambda score: answers(score).text,
        "bare": bare,
        "before": lambda said: said.partition(" (")[0],
        "inside": lambda said: said.partition(" (")[2].removesuffix(")"),
        "clip": clip,
        "cohort_name": cohort_name,
        "count": count,
        "unbroken": unbroken,
        "percent": percent,
        "show": show,
        "started": started,
        "trend_cell": trend_cell,
    }
    return made


def _said(template: str, **figures: Any) -> str:
    """A text of the page's own in its language, filled with figures where it has any."""
    return say(template, **figures).text if figures else t(template)


def _script_words(script: str, data: ReportData) -> dict[str, Any]:
    """The texts the page's script says, in the report's language, by their English."""
    said = {text: t(text) for text in (*_SAID_IN_SCRIPT.findall(script), *_POLARITIES, *ROLES)}
    return {"language": data.language, "words": said}


def embed(value: Any) -> str:
    """Return JSON that is inert inside ``<script type="application/json">``.

    Examples
    --------
    >>> embed(["</script>"])
    '["\\\\u003c/script\\\\u003e"]'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def chart(drawing: Chart) -> Markup:
    """Return a chart's SVG; a wide one comes twice, for screens and for phones."""
    if not has_narrow(drawing):
        return marks.trusted(svg(drawing))
    wide, narrow = svg(drawing), svg(drawing, narrow=True)
    return marks.trusted(f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>')


def bar_scales(table: Table) -> dict[str, tuple[float, float]]:
    """Return, for each column with bars, where its scale begins and ends, with zero inside.

    A column of whole numbers that are all the same has no bars: they would show nothing.
    """
    scales = {}
    for at, column in enumerate(table.columns):
        if column.bar:
            edges = [edge for row in table.rows for edge in _extent(row[at])]
            if column.kind == "int" and len(edges) > 1 and len(set(edges)) == 1:
                continue
            scales[column.key] = (min([0.0, *edges]), max([0.0, *edges]))
    return scales


def _extent(cell: Any) -> tuple[float, ...]:
    if cell is None or isinstance(cell, int | float):
        return () if cell is None else (float(cell),)
    return tuple(bound for bound in (cell.low, cell.value, cell.high) if bound is not None)


def table_bar(cell: Any, tone: str, scale: tuple[float, float]) -> Markup:
    """Return the bar drawn beside a figure, with whiskers where it has an interval."""
    if not (edges := _extent(cell)):
        return Markup("")
    if isinstance(cell, int | float):
        return marks.bar(float(cell), scale, tone=tone)
    known = len(edges) == 3  # low, value and high
    reach = (cell.low, cell.high) if known else None
    return (
        marks.bar(cell.value, scale, tone=tone, reach=reach)
        if cell.value is not None
        else Markup("")
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of one table: its first rows, how many there are, how it is laid out.

    `open` stands in the band itself, else behind a disclosure; `tall` scrolls inside its frame.
    """

    table: Table
    total: int
    open: bool
    tall: bool

    @property
    def broad(self) -> bool:
        """Return whether the table needs the whole width of the page."""
        return len(self.table.columns) > WIDE_COLUMNS

    @property
    def cut(self) -> bool:
        """Return whether rows are left out."""
        return self.total > len(self.table.rows)


def shown_tables(band: Band) -> tuple[Shown, ...]:
    """Return a band's tables as the page shows them.

    A band without charts is its first table; small tables beside it stand open too. Where a chart
    says the same, the table waits behind a disclosure. Empty tables are left out.
    """
    found = []
    for at, table in enumerate(_beside(band)):
        short = len(table.rows) <= OPEN_ROWS
        if band.charts or band.key in DRAWN:
            stands_open = short and band.key in FIGURES
        else:
            stands_open = at == 0 or (band.key not in QUIET and (short or _cites(table)))
        small = compact(table)
        cut = replace(small, rows=small.rows[:PAGE_ROWS])
        found.append(Shown(cut, len(table.rows), stands_open, not short))
    return tuple(found)


def _cites(table: Table) -> bool:
    """Return whether the table lists feedback: a list to work through, not figures."""
    return any(column.kind == "feedback" for column in table.columns)


def _beside(band: Band) -> Iterator[Table]:
    """The tables that have rows, without the one that a ranked band lays out in its own way."""
    tables = band.tables[1:] if band.key in RANKED else band.tables
    return (table for table in tables if table.rows)


def _named(table: Table, row: tuple[Any, ...]) -> dict[str, Any]:
    """A row's cells by the keys of their columns."""
    return {column.key: cell for column, cell in zip(table.columns, row, strict=True)}


def unbroken(text: object) -> Markup:
    """Return text as markup in which no ISO date and no short bracket is broken over two lines.

    Examples
    --------
    >>> unbroken("since 2026-10-02 <b>")
    Markup('since <span class="nowrap">2026-10-02</span> &lt;b&gt;')
    """
    return marks.trusted(
        _UNBROKEN.sub(r'<span class="nowrap">\g<0></span>', str(escape(str(text))))
    )


def is_wide(band: Band) -> bool:
    """Return whether a band needs the whole width: a ranked table, or one of many columns."""
    tables = shown_tables(band)
    return band.key in (*RANKED, *DRAWN) or any(one.open and one.broad for one in tables)


def sort_key(column: Column, value: Any, data: ReportData) -> str:
    """Return what a click on the column's header sorts by; empty sorts last."""
    if value is None:
        return ""
    share = getattr(value, "share", value)
    number = getattr(share, "value", share)
    if column.kind in ("int", "share", "estimate", "cohort"):
        return "" if number is None else f"{float(number):.6f}"
    return words(column, value, data)


def compact(table: Table, *hidden: str) -> Table:
    """Return the table without these columns, or columns that are empty in every row."""
    keep = [
        at
        for at, column in enumerate(table.columns)
        if column.key not in hidden and any(row[at] is not None for row in table.rows)
    ]
    columns = tuple(table.columns[at] for at in keep)
    rows = tuple(tuple(row[at] for at in keep) for row in table.rows)
    return Table(table.key, table.title, columns, rows)


def _level(data: ReportData) -> Callable[[float], int]:
    """Return the colour step 0 … 5 of a heat map cell, on a scale from zero to the largest."""
    shares = [cell.value for row in data.heat.cells for cell in row if cell and cell.value]
    top = max(shares, default=1.0)
    return lambda value: min(int(value / top * HEAT_LEVELS), HEAT_LEVELS - 1)
