"""One customer on one page: Markdown for a wiki, HTML for a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import jinja2
from markupsafe import Markup

from miner.insight.facts.customer_view import CustomerEntry, CustomerView
from miner.insight.metrics import LABELS
from miner.report.assets import asset, csp_hash
from miner.report.plain import storable
from miner.report.text import escape
from miner.taxonomy import Taxonomy

NOTE: Final = (
    "The id is shown as the export gave it; texts are redacted: e-mail, phone, card and order"
    " numbers are masked."
)


def rows(view: CustomerView, tree: Taxonomy) -> list[tuple[str, ...]]:
    """Return one row per entry: date, channel, scores, what was said, opinions and signals.

    Examples
    --------
    >>> from miner.taxonomy import parse_taxonomy
    >>> tree = parse_taxonomy({"top": {"service": "Service"}, "theme": [
    ...     {"key": "service.speed", "label": "Speed", "definition": "Waiting."}]})
    >>> entry = CustomerEntry("7", "a.csv", 2, "2026-03-01T10:00", "chat", {"nps": 3.0},
    ...     None, None, None, (), ())
    >>> rows(CustomerView("C1", (entry,), {}), tree)
    [('2026-03-01 10:00', 'chat', 'NPS 3', '(no comment)', '')]
    """
    return [
        (
            when(one),
            storable(one.channel or "–"),
            scores(one.scores),
            storable(one.text) if one.text is not None else "(no comment)",
            findings(one, tree),
        )
        for one in view.entries
    ]


HEADER: Final = ("Date", "Channel", "Scores", "What they said", "Found in it")


def when(entry: CustomerEntry) -> str:
    """Return the moment as a reader sees it."""
    return (entry.date or "no date").replace("T", " ").removesuffix(" 00:00")


def scores(given: Mapping[str, float]) -> str:
    """Return the scores in words, "" where none was given."""
    return ", ".join(f"{LABELS.get(name, name)} {value:g}" for name, value in given.items())


def findings(entry: CustomerEntry, tree: Taxonomy) -> str:
    """Return the opinions and signals of one entry as one line."""
    opinions = (f"{label(tree, one.theme)} {one.polarity}" for one in entry.mentions)
    signs = (f"{one.kind.replace('_', ' ')} (“{storable(one.words)}”)" for one in entry.signals)
    return "; ".join(dict.fromkeys([*opinions, *signs]))


def label(tree: Taxonomy, theme: str) -> str:
    """Return a theme's label; a key outside the taxonomy stands for itself."""
    return tree.label(theme) if theme in tree.keys else theme


def facts(view: CustomerView) -> list[tuple[str, str]]:
    """Return what the customer table holds, in words."""
    names = {
        "start": "customer since",
        "end": "left",
        "cost": "acquisition cost",
        "monthly_revenue": "monthly revenue",
    }
    return [
        (
            names.get(name, name),
            f"{value:,.2f}" if isinstance(value, float) else storable(str(value)),
        )
        for name, value in view.record.items()
    ]


def markdown(view: CustomerView, tree: Taxonomy) -> str:
    """Return the page as Markdown."""
    known = "".join(f"- {escape(name)}: {escape(value)}\n" for name, value in facts(view))
    head = f"# Customer {escape(storable(view.customer))}\n\n{known}"
    parts = [head + ("\n" if known else ""), f"{NOTE}\n"]
    for date, channel, given, said, found in rows(view, tree):
        title = " · ".join(filter(None, (date, channel, given)))
        quote = "\n".join(f"> {escape(line)}" for line in said.splitlines() or [""])
        parts.append(f"\n## {escape(title)}\n\n{quote}\n")
        if found:
            parts.append(f"\n{escape(found)}\n")
    return "".join(parts)


def html(view: CustomerView, tree: Taxonomy) -> str:
    """Return the page as one self-contained HTML file: no script, no network."""
    style = asset("customer.css")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    values: dict[str, Any] = {
        "customer": storable(view.customer),
        "facts": facts(view),
        "entries": [
            (entry, row) for entry, row in zip(view.entries, rows(view, tree), strict=True)
        ],
        "note": NOTE,
        "style": Markup(style),  # noqa: S704 - our own file
        "style_hash": csp_hash(style),
    }
    return environment.from_string(asset("customer.html.j2")).render(values)
