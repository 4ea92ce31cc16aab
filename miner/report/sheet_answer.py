"""The first sheet of the workbook: the answer, with links to the other sheets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from miner.report.languages import t
from miner.report.model import Card, ReportData, ScoreView
from miner.report.numbers import show
from miner.report.sentences import answers, say

_GREY: Final = "#5A6068"
_LINE: Final = 100
"""Characters that fit on one line of the wide column."""

Line = tuple[str, str, Any]
"""The mark before it, the text, the cell's format."""


def write_answer(
    book: Any,
    page: Any,
    data: ReportData,
    linked: Sequence[tuple[str, str]],
    generated: datetime,
) -> None:
    """Write the answer: what was read, the decisions, the scores, and a link to every sheet.

    `linked`: name of each sheet, and the title of its table.
    """
    styles = _styles(book)
    page.hide_gridlines(2)
    for column, width in enumerate((4, 92, 26, 40)):
        page.set_column(column, column, width)
    page.write_string(0, 0, data.title, styles["big"])
    page.write_string(1, 0, data.period)
    for at, (mark, text, style) in enumerate(_lines(data, styles, generated), 3):
        page.set_row(at, 15 * (1 + len(text) // _LINE))
        page.write_string(at, 0, mark, styles["bold"])
        page.write_string(at, 1, text[:32_000], style)
    page.write_string(3, 2, t("Sheets"), styles["grey"])
    for at, (name, title) in enumerate(linked, 4):
        page.write_url(at, 2, f"internal:'{name}'!A1", book.get_default_url_format(), name)
        page.write_string(at, 3, title if title != name else "", styles["grey"])


def _styles(book: Any) -> dict[str, Any]:
    wrapped = {"text_wrap": True, "valign": "top"}
    return {
        "big": book.add_format({"bold": True, "font_size": 18}),
        "bold": book.add_format({"bold": True, **wrapped}),
        "plain": book.add_format(wrapped),
        "grey": book.add_format({**wrapped, "font_color": _GREY}),
    }


def _lines(data: ReportData, styles: dict[str, Any], generated: datetime) -> list[Line]:
    grey, bold, plain = (styles[name] for name in ("grey", "bold", "plain"))
    lines: list[Line] = [("", data.reading.text, grey), ("", data.lead.text, grey)]
    for card in data.cards:
        lines.append((str(card.rank), card.sentence.text, bold))
        lines += [("", text, plain) for text in _card_lines(card, data)]
    if data.scores:
        lines.append(("", t("Scores"), grey))
    lines += [("", _score_line(score), plain) for score in data.scores]
    lines.append(("", t("What was found"), grey))
    lines += [("", f"{band.title}: {band.headline.text}", plain) for band in data.bands]
    drawn = say("Drawn {when}.", when=f"{generated:%Y-%m-%d %H:%M}")
    return [*lines, ("", drawn.text, grey)]


def _card_lines(card: Card, data: ReportData) -> list[str]:
    quote = data.verbatim(card.verbatim)
    said = [card.association, card.trend_words, card.peak_words, card.cohort_words]
    lines = [sentence.text for sentence in said if sentence is not None]
    return [*lines, f"“{quote.quote}” [{quote.id}]"] if quote else lines


def _score_line(score: ScoreView) -> str:
    return f"{score.label}: {show(score.estimate)}, {answers(score).text} ({score.formula})"
