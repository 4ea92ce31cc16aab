"""The page's outline, its long tables, and the feedback that tables cite."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from insight.synthetic import tables_of
from report.report_samples import NOW, TREE, small, stories

from miner.config import Settings
from miner.errors import UsageError
from miner.insight import MinedTables, analyse
from miner.report.bands import BANDS
from miner.report.html import bar_scales, render, shown_tables, unbroken
from miner.report.model import PAGE_ROWS, Band, Column, FeedbackCell, Sentence, Table
from miner.report.outline import CHAPTERS, chapters, ordered
from miner.report.verbatims import Citations, citations, collect, collect_cited
from miner.workflow.dressing import LOGO_BYTES, logo_of
from miner.workflow.extras import in_period

ROWS: list[dict[str, Any]] = [
    {"said": [("service.billing", "negative")], "date": "2026-01-10"},
    {"date": "2026-02-10"},
    {"said": [("product.price", "positive")], "date": "2026-03-10"},
]


def band(*tables: Table, key: str = "follow-up") -> Band:
    return Band(key, "Title", Sentence("Headline."), "Computed.", tables=tables)


def listing(n: int) -> Table:
    columns = (Column("n", "n", "int", bar="neutral"), Column("feedback", "Feedback", "feedback"))
    return Table(
        "listing", "Listing", columns, tuple((at, FeedbackCell(at, f"F{at}")) for at in range(n))
    )


def test_every_band_of_a_full_report_has_its_chapter() -> None:
    data = stories()
    known = {key for keys in CHAPTERS.values() for key in keys}
    assert {one.key for one in data.bands} <= known
    assert tuple(one for part in chapters(data.bands) for one in part.bands) == data.bands
    assert data.bands == ordered(reversed(data.bands)), "the order is the outline's own"
    assert data.bands[0].key == "data-quality"
    assert data.bands[-1].key == "method"
    assert len(BANDS) >= len(data.bands) - 1


def test_only_the_rows_a_page_shows_are_cited() -> None:
    found = citations([band(listing(PAGE_ROWS + 40))])
    assert found.feedback == tuple(range(PAGE_ROWS))
    assert found.mentions == ()


def test_a_cited_feedback_comes_whole_with_or_without_mentions() -> None:
    tables = MinedTables.from_frames(*tables_of(ROWS))
    insight = analyse(tables, taxonomy=TREE, scales={}, minimum_n=1)
    cited = Citations(feedback=(1, 2))
    bare = replace(insight, pain_points=(), strengths=())
    assert [one.position for one in collect(bare, tables, most=5, cited=cited)] == [2]
    (silent,) = collect_cited(bare, tables, cited)
    assert (silent.position, silent.date) == (1, "2026-02-10")
    assert silent.text == tables.fetch_feedback([1])["verbatim"].iloc[0]


def test_a_long_table_is_cut_and_says_so() -> None:
    (shown,) = shown_tables(band(listing(PAGE_ROWS + 40)))
    assert (len(shown.table.rows), shown.total, shown.cut, shown.tall) == (100, 140, True, True)
    page = render(replace(small(), bands=(*small().bands, band(listing(140)))), generated=NOW)
    assert "The first 100 of 140 rows; all of them are in the workbook" in page
    assert 'href="#f99">F99</a>' in page
    assert 'href="#f100">F100</a>' not in page


def test_a_list_of_feedback_stands_open_and_quiet_tables_wait() -> None:
    reasons = Table("reasons", "Reasons", (Column("n", "n", "int"),), ((1,), (2,)))
    assert [one.open for one in shown_tables(band(reasons, listing(40)))] == [True, True]
    quiet = shown_tables(band(reasons, reasons, key="data-quality"))
    assert [one.open for one in quiet] == [True, False]


def test_bars_with_figures_below_zero_have_zero_inside() -> None:
    table = Table("t", "T", (Column("x", "x", "int", bar="neutral"),), ((-5,), (15,), (None,)))
    assert bar_scales(table) == {"x": (-5.0, 15.0)}
    page = render(replace(small(), bands=(*small().bands, band(table))), generated=NOW)
    assert not re.search(r'width="-', page)
    same = Table("t", "T", (Column("x", "x", "int", bar="neutral"),), ((1,), (1,), (1,)))
    assert bar_scales(same) == {}


def test_dates_stay_on_one_line_and_texts_stay_inert() -> None:
    assert unbroken("<b> 2026-01-02") == '&lt;b&gt; <span class="nowrap">2026-01-02</span>'
    assert unbroken("−1.3 (−2.7 to −0.3)") == '−1.3 <span class="nowrap">(−2.7 to −0.3)</span>'
    assert unbroken("(a bracket that is long may be broken)").startswith("(a bracket")


def test_signals_and_positions_travel_to_the_script() -> None:
    page = render(stories(), generated=NOW)
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert data is not None
    rows = json.loads(data[1])["rows"]
    positions = [row["f"] for row in rows]
    assert len(set(positions)) == len(positions)
    assert all(isinstance(row["g"], list) for row in rows)


# --- logo and period --------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n" + bytes(20) + b"IEND\xaeB`\x82"


def test_a_logo_is_kept_as_data_and_shown(tmp_path: Path) -> None:
    picture = tmp_path / "logo.png"
    picture.write_bytes(PNG)
    kept = logo_of(Settings(logo=str(picture)))
    assert kept == {"logo": "data:image/png;base64," + base64.b64encode(PNG).decode()}
    page = render(replace(small(), logo=kept["logo"]), generated=NOW)
    assert f'<img class="logo" src="{kept["logo"]}" alt="">' in page.replace("&#43;", "+")
    assert logo_of(Settings()) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (PNG[:20], r"the picture is cut off\. Save it again, as PNG"),
        (b"\xff\xd8\xff\xe0 no end", r"the picture is cut off"),
        (b"<svg></svg>", r"neither PNG nor JPEG\. Save it as PNG: --logo logo\.png"),
        (PNG + bytes(LOGO_BYTES), r"at most 200,000 fit into a page\. Save it smaller"),
        (None, r"No such file or directory\. Give the path of a picture"),
    ],
)
def test_a_logo_that_will_not_do_says_why(tmp_path: Path, content: bytes | None, said: str) -> None:
    picture = tmp_path / "logo"
    if content is not None:
        picture.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        logo_of(Settings(logo=str(picture)))


def test_the_period_is_the_one_the_manifest_states() -> None:
    tables = MinedTables.from_frames(*tables_of(ROWS))
    for since, left in (("2026-02-01", 2), ("2026-03-01", 1)):
        found = in_period(tables, {"settings": {"since": since, "until": None}})
        assert len(found.feedback) == left
    assert in_period(tables, {"settings": {}}) is tables


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(UsageError, match=r"expected a day from 2026-03-01 \(since\) on"):
        Settings(since="2026-03-01", until=str(date(2026, 2, 1)))
    with pytest.raises(UsageError, match=r"Setting since: got 'March', expected a date such as"):
        Settings(since="March")
