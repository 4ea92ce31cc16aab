"""The report as Markdown, and the few lines a terminal shows at the end of a run."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from miner.report.cells import clip, words
from miner.report.model import Band, Card, ReportData, Table
from miner.report.numbers import show
from miner.report.sentences import answers, trend_words

LONGEST_TABLE: Final = 40
"""Rows of a table that are written out; the CSV files hold all."""
_SPECIAL = re.compile(r"([\\`*_\[\]{}#|~])")


def render(data: ReportData, *, generated: datetime) -> str:
    """Return the report as GitHub-flavoured Markdown, every table and sentence of it."""
    head = [f"# {escape(data.title)}", f"{data.period}. {escape(data.reading.text)}"]
    cards = [f"## {escape(data.lead.text)}", *(_card(card, data) for card in data.cards)]
    bands = [_band(band, data) for band in data.bands]
    foot = f"Drawn {generated:%Y-%m-%d %H:%M}."
    return "\n\n".join([*head, *cards, *bands, "---", foot]) + "\n"


def escape(text: str) -> str:
    """Return text that Markdown shows as it is: one line, no markup, no live link or name.

    Examples
    --------
    >>> escape("a|b *c* <script>")
    'a\\\\|b \\\\*c\\\\* &lt;script&gt;'
    """
    line = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = line.replace("@", "&#64;").replace("://", ":&#47;&#47;")
    return _SPECIAL.sub(r"\\\1", line)


def _card(card: Card, data: ReportData) -> str:
    lines = [f"**{card.rank}. {escape(card.sentence.text)}**"]
    said = (card.association, card.trend_words, card.peak_words, card.cohort_words)
    facts = [sentence.text.rstrip(".") for sentence in said if sentence is not None]
    lines.append(escape("; ".join([*facts, f"n = {card.n:,}"])) + ".")
    quote = data.verbatim(card.verbatim)
    if quote is not None:
        lines.append(f"> “{escape(clip(quote.quote, 300))}” ({escape(quote.id)})")
    return "\n\n".join(lines)


def _band(band: Band, data: ReportData) -> str:
    parts = [f"## {band.title}", f"**{escape(band.headline.text)}**"]
    parts += [escape(note.text) for note in band.notes]
    parts += [_table(table, data) for table in band.tables if table.rows]
    parts.append(f"*How this is computed:* {escape(band.computed)}")
    return "\n\n".join(parts)


def _table(table: Table, data: ReportData) -> str:
    rule = [
        "---:" if column.kind in ("int", "share", "estimate") else "---" for column in table.columns
    ]
    rows = [[column.label for column in table.columns], rule]
    for row in table.rows[:LONGEST_TABLE]:
        cells = zip(table.columns, row, strict=True)
        rows.append([escape(words(column, value, data)) for column, value in cells])
    lines = [f"### {escape(table.title)}", ""] + [f"| {' | '.join(row)} |" for row in rows]
    left = len(table.rows) - LONGEST_TABLE
    if left > 0:
        lines += ["", f"{left:,} more rows are in {table.key}.csv and in report.json."]
    return "\n".join(lines)


def terminal_rows(data: ReportData) -> list[tuple[str, str]]:
    """Return label and words of at most eight lines: what was read, scores, worst pain points.

    Two lines are left to the caller for the places of the files.
    """
    rows = [("Read", data.reading.text), ("Period", data.period)]
    rows += [
        (score.label, f"{show(score.estimate)}, {answers(score).text}") for score in data.scores[:2]
    ]
    if not data.cards:
        rows.append(("Pain points", data.lead.text))
    for card in data.cards:
        share = card.sentence.figures["share"]
        said = f"{show(share)} of feedback, n = {card.n:,}, {trend_words(card.trend).text}"
        rows.append((f"{card.rank}. {data.theme(card.theme).label}", said))
    return rows
