"""The report as Markdown, and the few lines a terminal shows at the end of a run."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from miner.report.cells import clip, words
from miner.report.languages import speaking, t
from miner.report.model import Band, Card, ReportData, Table
from miner.report.numbers import count, show
from miner.report.sentences import answers, say, trend_words

LONGEST_TABLE: Final = 40
"""Rows of a table that are written out; the CSV files hold all."""
_RIGHT: Final = ("int", "share", "number", "estimate")
_SPECIAL = re.compile(r"([\\`*_\[\]{}#|~])")


def render(data: ReportData, *, generated: datetime) -> str:
    """Return the report as GitHub-flavoured Markdown, every table and sentence of it."""
    with speaking(data.language):
        return _rendered(data, generated)


def _rendered(data: ReportData, generated: datetime) -> str:
    head = [f"# {escape(data.title)}", f"{started(data.period)}. {escape(data.reading.text)}"]
    cards = [f"## {escape(data.lead.text)}", *(_card(card, data) for card in data.cards)]
    bands = [_band(band, data) for band in data.bands]
    foot = say("Drawn {when}.", when=f"{generated:%Y-%m-%d %H:%M}").text
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


def started(text: str) -> str:
    """Return the text as a sentence begins: its first letter is a capital.

    Examples
    --------
    >>> started("no dates in the export")
    'No dates in the export'
    """
    return text[:1].upper() + text[1:]


def _card(card: Card, data: ReportData) -> str:
    lines = [f"**{card.rank}. {escape(card.sentence.text)}**"]
    said = (card.association, card.trend_words, card.peak_words, card.cohort_words)
    facts = [sentence.text.rstrip(".") for sentence in said if sentence is not None]
    lines.append(escape("; ".join([*facts, f"n = {count(card.n)}"])) + ".")
    quote = data.verbatim(card.verbatim)
    if quote is not None:
        lines.append(f"> “{escape(clip(quote.quote, 300))}” ({escape(quote.id)})")
    return "\n\n".join(lines)


def _band(band: Band, data: ReportData) -> str:
    parts = [f"## {band.title}", f"**{escape(band.headline.text)}**"]
    parts += [escape(note.text) for note in band.notes]
    parts += [_table(table, data) for table in band.tables if table.rows]
    parts.append(f"*{escape(t('How this is computed.'))}* {escape(band.computed)}")
    return "\n\n".join(parts)


def _table(table: Table, data: ReportData) -> str:
    rule = ["---:" if column.kind in _RIGHT else "---" for column in table.columns]
    rows = [[column.label for column in table.columns]]
    for row in table.rows[:LONGEST_TABLE]:
        cells = zip(table.columns, row, strict=True)
        rows.append([escape(words(column, value, data)) for column, value in cells])
    head, *lines = (f"| {' | '.join(row)} |" for row in rows)
    lines = [f"### {escape(table.title)}", "", head, f"|{'|'.join(rule)}|", *lines]
    left = len(table.rows) - LONGEST_TABLE
    if left > 0:
        more = say(
            "{left} more {left:row is|rows are} in report.xlsx and in report.json.", left=left
        )
        lines += ["", more.text]
    return "\n".join(lines)


def terminal_rows(data: ReportData) -> list[tuple[str, str]]:
    """Return label and words of at most eight lines: what was read, scores, worst pain points.

    Two lines are left to the caller for the places of the files.
    """
    with speaking(data.language):
        return _terminal_rows(data)


def _terminal_rows(data: ReportData) -> list[tuple[str, str]]:
    rows = [(t("Read"), data.reading.text), (t("Period"), data.period)]
    rows += [
        (score.label, f"{show(score.estimate)}, {answers(score).text}") for score in data.scores[:2]
    ]
    if not data.cards:
        rows.append((t("Pain points"), data.lead.text))
    for card in data.cards:
        share = card.sentence.figures["share"]
        template = "{share} of feedback, n = {n}, {trend}"
        if share.value is None:
            template = "{share}, {trend}"
        said = say(template, share=share, n=card.n, trend=trend_words(card.trend))
        rows.append((f"{card.rank}. {data.theme(card.theme).label}", said.text))
    return rows
