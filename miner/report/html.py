"""The report as one self-contained page: no script library, no network, opens from disk."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any, Final

import jinja2
from markupsafe import Markup

from miner.report import marks
from miner.report.bands import link
from miner.report.cells import ARROWS, clip, trend_cell, words
from miner.report.charts import svg
from miner.report.model import Chart, Column, DivergingChart, ReportData, Table
from miner.report.numbers import count, percent, show
from miner.report.quotes import quote_groups, records
from miner.report.sentences import answers, bare

NARROW: Final = 150
"""Drawing width of a wide chart's second version, for phones."""
HEAT_LEVELS: Final = 6


def render(data: ReportData, *, generated: datetime) -> str:
    """Return the page; the same data and clock give the same bytes.

    Parameters
    ----------
    data : the report.
    generated : when the report was drawn, shown in its footer.
    """
    style, script = _asset("report.css"), _asset("report.js")
    page = _environment().get_template("report.html.j2")
    return page.render(
        data=data,
        generated=generated.strftime("%Y-%m-%d %H:%M"),
        style=marks.trusted(style),
        script=marks.trusted(script),
        style_hash=_csp_hash(style),
        script_hash=_csp_hash(script),
        embedded=marks.trusted(embed(records(data))),
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
        "bar_top": bar_top,
        "chart": chart,
        "compact": compact,
        "link": link,
        "sparkline": marks.sparkline,
        "strip": marks.strip,
        "sort_key": sort_key,
        "words": words,
        "arrows": ARROWS,
    }
    made.filters |= {
        "answers": lambda score: answers(score).text,
        "bare": bare,
        "before": lambda said: said.partition(" (")[0],
        "inside": lambda said: said.partition(" (")[2].removesuffix(")"),
        "clip": clip,
        "count": count,
        "percent": percent,
        "show": show,
        "trend_cell": trend_cell,
    }
    return made


def _asset(name: str) -> str:
    return resources.files("miner.report").joinpath("templates", name).read_text(encoding="utf-8")


def _csp_hash(text: str) -> str:
    """Return the source expression that lets exactly this inlined text run."""
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


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
    if not isinstance(drawing, DivergingChart):
        return marks.trusted(svg(drawing))
    wide, narrow = svg(drawing), svg(drawing, width=NARROW)
    return marks.trusted(f'<div class="wide">{wide}</div><div class="narrow">{narrow}</div>')


def bar_top(table: Table, key: str) -> float:
    """Return where the scale of a column's bars ends: its largest figure or upper bound."""
    at = [column.key for column in table.columns].index(key)
    cells = [row[at] for row in table.rows if row[at] is not None]
    return max((_extent(cell) for cell in cells), default=0.0)


def _extent(cell: Any) -> float:
    if isinstance(cell, int):
        return float(cell)
    return float(cell.high if cell.high is not None else cell.value or 0.0)


def table_bar(cell: Any, tone: str, top: float) -> Markup:
    """Return the bar drawn beside a figure, with whiskers where it has an interval."""
    if cell is None or (not isinstance(cell, int) and cell.value is None):
        return Markup("")
    if isinstance(cell, int):
        return marks.bar(float(cell), top, tone=tone)
    known = cell.low is not None and cell.high is not None
    return marks.bar(cell.value, top, tone=tone, reach=(cell.low, cell.high) if known else None)


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
