"""The files of a report: complete, repeatable, inert, and fit for nothing at all as input."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from report.report_samples import (
    NASTY,
    NASTY_COHORT,
    NASTY_ID,
    NOW,
    empty,
    nasty,
    silent,
    small,
    stories,
)

from miner.errors import UsageError
from miner.report import ReportData, terminal_rows, write_report
from miner.report.cells import clip, inert
from miner.report.html import embed, render, unbroken
from miner.report.model import SCHEMA
from miner.report.text import escape
from miner.report.text import render as markdown
from miner.report.verbatims import evidence_spans, pieces
from miner.report.workbook import render as workbook
from miner.report.write import csv_tables, csv_text

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
ALL = [stories, small, nasty, silent, empty]


@pytest.mark.parametrize("make", ALL)
def test_all_files_are_written_and_the_same_twice(make: Any, tmp_path: Path) -> None:
    first = write_report(make(), tmp_path / "a", generated=NOW)
    names = ["report.html", "report.xlsx", "report.md", "report.json"]
    assert [path.name for path in first] == names + [
        f"{table.key}.csv" for table in csv_tables(make())
    ]
    second = write_report(make(), tmp_path / "b", generated=NOW)
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == sorted(
        path.name for path in first
    ), "a temporary file was left behind"


def test_the_clock_is_the_only_other_input(tmp_path: Path) -> None:
    early = write_report(small(), tmp_path / "a", generated=NOW, formats=["html", "csv"])
    late = write_report(
        small(), tmp_path / "b", generated=NOW + timedelta(days=1), formats=["html", "csv"]
    )
    assert early[0].read_bytes() != late[0].read_bytes()
    assert early[1].read_bytes() == late[1].read_bytes()


def test_a_wrong_format_or_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r'No report format "pdf"\. Choose from: html, xlsx'):
        write_report(small(), tmp_path, formats=["pdf"], generated=NOW)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="Give another folder with -o FOLDER"):
        write_report(small(), tmp_path / "file", formats=["md"], generated=NOW)


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (path,) = write_report(small(), tmp_path, formats=["md"], generated=NOW)
    before = path.read_bytes()

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_report(stories(), tmp_path, formats=["md"], generated=NOW)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["report.md"]


# --- JSON -------------------------------------------------------------------------------------


def test_json_states_schema_ledger_and_every_estimate_with_n_and_interval() -> None:
    plain = stories().to_json()
    assert plain["schema"] == SCHEMA
    assert plain["ledger"] == {
        "received": 961, "accepted": 900, "duplicate": 14, "empty": 40, "junk": 4, "rejected": 3,
    }  # fmt: skip
    tables = plain["tables"]
    for point in tables["pain_points"]["rows"] + tables["strengths"]["rows"]:
        assert set(point["share"]) == {"value", "low", "high", "n", "unit", "method"}
        assert point["share"]["low"] <= point["share"]["value"] <= point["share"]["high"]
    assert {"themes", "trends", "cohorts", "scores"} <= set(tables)
    assert "taxonomy" not in plain["manifest"], "the themes stand on the top level"
    assert "quality" not in plain["manifest"]["model"]
    json.dumps(plain, allow_nan=False)


def test_json_of_a_small_report_reads_like_this() -> None:
    plain = small().to_json()
    assert plain["reading"]["text"] == "70 rows read, 60 counted, 10 set aside: 10 empty."
    (point,) = plain["tables"]["pain_points"]["rows"]
    assert (point["theme"], point["feedback"], point["rank"]) == ("service.billing", 20, 1)
    assert point["share"]["value"] == pytest.approx(1 / 3, abs=1e-5)
    assert point["gap_nps"]["value"] == -200.0
    assert point["gap_nps"]["n"] == 20, "n of a gap is the number of answers with the theme"
    assert [row["period"] for row in plain["tables"]["trends"]["rows"][:3]] == [
        "2026-01",
        "2026-02",
        "2026-03",
    ]
    assert plain["cards"][0]["sentence"]["text"] == (
        "Billing: 33% (23 to 46) of feedback is negative about it;"
        " associated with −33 NPS points (−45 to −22)."
    )


# --- HTML -------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", ALL)
def test_the_page_refers_to_nothing_outside(make: Any) -> None:
    page = render(make(), generated=NOW)
    without_data = re.sub(r'<script type="application/json".*?</script>', "", page, flags=re.S)
    quoted = re.sub(r"(?s)<(blockquote|mark|b)\b[^>]*>.*?</\1>", "", without_data)
    assert not re.search(r"(?i)\b(?:https?|ftp|wss?):", quoted.replace("http://example.org", ""))
    assert not re.search(r"(?i)<(link|img|iframe|object|embed|base|audio|video)\b", without_data)
    assert not re.search(r"\bsrc\s*=|\burl\((?!#)|@import|fetch\(|XMLHttp|WebSocket", quoted)
    assert not re.search(r'<[a-z]+[^>]* style="', quoted), "the policy would drop it"
    assert not re.search(r"(?i)<[^>]* on[a-z]+=", quoted)


def test_the_policy_lets_only_the_inlined_style_and_script_run() -> None:
    page = render(small(), generated=NOW)
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1] or "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert policy[1].count("sha256-") == 2


def test_nothing_from_the_data_becomes_markup() -> None:
    page = render(nasty(), generated=NOW)
    assert page.count("<script") == 2, "the data and the page's own script"
    assert page.count("</script>") == 2
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(&#39;title&#39;)&lt;/script&gt; ?" in page
    assert "<b>" not in re.sub(r"(?s)<mark[^>]*>.*?</mark>", "", page).replace(
        "<b>How this is computed.</b>", ""
    ).replace("<b>100%</b>", "").replace("<b>0%</b>", "")
    assert NASTY_COHORT not in page
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert data is not None
    assert not set("<>&\u2028\u2029") & set(data[1])
    rows = json.loads(data[1])["rows"]
    shown = {"".join(piece[0] for piece in row["t"]) for row in rows}
    assert shown == set(NASTY)


def test_embedded_json_is_the_value_again() -> None:
    value = {"a": "</script><!--", "b": ["\u2028", "&amp;", 'quote "', "שלום 👎"]}
    assert json.loads(embed(value)) == value
    assert "<" not in embed(value)


@pytest.mark.parametrize("make", ALL)
def test_every_fragment_link_leads_somewhere(make: Any) -> None:
    whole = render(make(), generated=NOW)
    page = re.sub(r'<script type="application/json".*?</script>', "", whole, flags=re.S)
    identifiers = re.findall(r'\bid="([^"]*)"', page)
    assert len(identifiers) == len(set(identifiers)), "an id stands twice"
    targets = set(re.findall(r'href="#([^"]*)"', page))
    rows = embedded(whole)
    known = {f"f{row['f']}" for row in rows} | {f"v{one[2]}" for row in rows for one in row["m"]}
    for target in targets:
        assert target in identifiers or target in known or target.startswith(FILTERS), target


FILTERS = ("theme=", "polarity=", "cohort=", "signal=", "from=", "to=", "q=")


def embedded(page: str) -> list[dict[str, Any]]:
    """Return the feedback records a page holds for its script."""
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert data is not None
    rows: list[dict[str, Any]] = json.loads(data[1])["rows"]
    return rows


def test_the_tables_are_readable_without_script() -> None:
    data = stories()
    page = render(data, generated=NOW)
    body = page[page.index("<body>") : page.index('<script type="application/json"')]
    for card in data.cards:
        assert str(unbroken(card.sentence)) in body
    for row in data.table("pain_points").rows:  # type: ignore[union-attr]
        anchor = f'id="theme={row[1]}&amp;polarity=negative"'
        assert anchor in body, "the fragment is an anchor where there is no script"
    assert body.count('<li class="quote"') >= 5 * len(data.cards)


def test_charts_carry_names_colours_as_variables_and_no_outside_link() -> None:
    page = render(stories(), generated=NOW)
    charts = re.findall(r"<svg role=.*?</svg>", page, re.S)
    assert len(charts) >= 10
    for chart in charts:
        assert re.search(r"<title id=[^>]*>[^<]+</title><desc id=[^>]*>[^<]+</desc>", chart)
        assert "var(--" in chart
        assert not re.search(r'(fill|stroke)="#', chart)
    assert 'href="#theme=service.billing"' in "".join(charts)
    assert 'class="whisker"' in page


# --- workbook ---------------------------------------------------------------------------------


def opened(data: ReportData) -> Any:
    return openpyxl.load_workbook(io.BytesIO(workbook(data, generated=NOW)))


def test_the_workbook_starts_with_the_answer_and_holds_one_table_a_sheet() -> None:
    data = stories()
    book = opened(data)
    assert book.sheetnames[:2] == ["Answer", "Charts"]
    assert book.sheetnames[-1] == "Chart data"
    assert "Pain points" in book.sheetnames
    answer = book["Answer"]
    texts = [cell.value for row in answer.iter_rows() for cell in row if cell.value]
    assert data.cards[0].sentence.text in texts
    links = [
        cell.hyperlink.location for row in answer.iter_rows() for cell in row if cell.hyperlink
    ]
    assert [link.split("!")[0].strip("'") for link in links] == book.sheetnames[1:-1]
    for name in book.sheetnames[2:-1]:
        sheet = book[name]
        (table,) = sheet.tables.values()
        assert sheet.freeze_panes == "A2"
        assert table.autoFilter is not None
        assert table.ref.startswith("A1:")
    assert len(book["Charts"]._charts) >= 4


def test_the_workbook_holds_the_figures_with_formats_and_bars() -> None:
    data = stories()
    sheet = opened(data)["Pain points"]
    head = [cell.value for cell in sheet[1]]
    at = head.index("Share of feedback negative about it")
    shares = [row[at] for row in sheet.iter_rows(min_row=2)]
    wanted = [row[2].value for row in data.table("pain_points").rows]  # type: ignore[union-attr]
    assert [cell.value for cell in shares] == pytest.approx(wanted)
    assert {cell.number_format for cell in shares} == {"0.0%"}
    assert sheet.conditional_formatting


@pytest.mark.parametrize("make", ALL)
def test_the_workbook_has_no_formula_and_no_link_outside(make: Any) -> None:
    content = workbook(make(), generated=NOW)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            text = parts.read(name).decode("utf-8", "replace")
            if name.startswith("xl/worksheets"):
                assert "<f>" not in text, name
            assert 'TargetMode="External"' not in text, name
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_the_workbook_keeps_texts_that_look_like_formulas() -> None:
    sheet = opened(nasty())["Verbatims"]
    head = [cell.value for cell in sheet[1]]
    texts = {row[head.index("Verbatim")].value for row in sheet.iter_rows(min_row=2)}
    assert "=cmd('/C calc')!A0" in texts
    assert {row[0].value for row in sheet.iter_rows(min_row=2)} == {NASTY_ID}


# --- CSV, Markdown, terminal ------------------------------------------------------------------


def test_csv_spreads_estimates_and_no_cell_is_a_formula() -> None:
    data = nasty()
    for table in csv_tables(data):
        rows = list(csv.reader(io.StringIO(csv_text(table, data))))
        assert len(rows) == len(table.rows) + 1
        assert len({len(row) for row in rows}) == 1
        for cell in (cell for row in rows[1:] for cell in row):
            assert not re.match(r"[=+@\t\r|%]|-\D", cell), (table.key, cell)
    points = list(csv.DictReader(io.StringIO(csv_text(data.table("pain_points"), data))))  # type: ignore[arg-type]
    assert {"theme", "share", "share_low", "share_high", "share_n", "trend"} <= set(points[0])
    assert points[0]["example_id"] == "'" + NASTY_ID


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\rx", "\n=x", "  =1", "|x", "%x"])
def test_inert_text_never_starts_like_a_formula(text: str) -> None:
    assert inert(text) == "'" + text
    assert inert("a" + text) == "a" + text


def test_markdown_shows_what_was_written_and_nothing_runs() -> None:
    data = nasty()
    text = markdown(data, generated=NOW)
    assert "<" not in text.replace("&lt;", "")
    assert "https://" not in text
    assert escape("a|b") == r"a\|b"
    assert escape("two\nlines") == "two lines"
    for line in markdown(stories(), generated=NOW).splitlines():
        if line.startswith("|"):
            assert line.endswith("|")


def test_markdown_tables_have_the_same_cells_in_every_row() -> None:
    widths: dict[str, set[int]] = {}
    title = ""
    for line in markdown(stories(), generated=NOW).splitlines():
        title = line if line.startswith("### ") else title
        if line.startswith("|"):
            widths.setdefault(title, set()).add(len(re.findall(r"(?<!\\)\|", line)))
    assert len(widths) >= 8
    assert all(len(found) == 1 for found in widths.values()), widths


def test_the_terminal_table_is_short_and_names_the_three_worst() -> None:
    for make in ALL:
        rows = terminal_rows(make())
        assert 3 <= len(rows) <= 8
        assert rows[0][0] == "Read"
    data = stories()
    labels = [label for label, _ in terminal_rows(data)]
    assert [label for label in labels if label[0].isdigit()] == [
        f"{card.rank}. {data.theme(card.theme).label}" for card in data.cards
    ]


# --- nothing, and next to nothing -------------------------------------------------------------


def test_an_empty_report_says_so_plainly() -> None:
    data = empty()
    assert data.cards == ()
    assert data.verbatims == ()
    for key in ("scores", "what-changed", "trends", "cohorts"):
        said = "No feedback was counted, so there is nothing to show here."
        assert data.band(key).headline.text == said, "nobody knows what the export may hold"
    assert silent().band("scores").headline.text.startswith("The export holds no score")
    assert "Nothing could be counted" in render(data, generated=NOW)
    assert silent().lead.text == "No opinion was found in 25 feedback"


def test_too_few_is_said_in_words() -> None:
    data = small()
    page = render(data, generated=NOW)
    assert "too few" in page
    few = [row for row in data.table("trends").rows if row[-1].value is None]  # type: ignore[union-attr]
    assert all(row[-1].n < data.minimum_n for row in few)


# --- verbatims --------------------------------------------------------------------------------


def test_pieces_joined_are_the_text_and_marks_fit_the_clauses() -> None:
    for data in (stories(), nasty()):
        groups: dict[int, list[Any]] = {}
        for one in data.verbatims:
            groups.setdefault(one.feedback, []).append(one)
        for group in groups.values():
            cut = pieces(group[0].text, group)
            assert "".join(text for text, _, _ in cut) == group[0].text
            for one in group:
                marked = "".join(text for text, _, mentions in cut if one.mention in mentions)
                assert marked == one.text[one.start : one.end]


def test_a_verbatim_leads_back_to_its_feedback() -> None:
    data = stories()
    for one in data.verbatims:
        assert one.text[one.start : one.end] == one.quote
    for card in data.cards:
        quote = data.verbatim(card.verbatim)
        assert quote is not None
        assert (quote.theme, quote.polarity) == (card.theme, "negative")
        assert "negative example" in quote.roles


def test_chosen_verbatims_keep_to_the_stated_number() -> None:
    data = stories()
    shown = data.band("verbatims").headline
    assert shown.figures["most"] == 40
    assert shown.figures["shown"] == len(data.verbatims)
    assert shown.figures["total"] == sum(info.mentions for info in data.themes if info.top)


def test_evidence_is_found_whatever_its_case_and_only_in_the_clause() -> None:
    text = "Rude. RUDE and slow."
    assert evidence_spans(text, 6, 20, "rude · slow · gone") == ((6, 10), (15, 19))
    assert evidence_spans("İstanbul rude", 0, 13, "rude") == ((9, 13),)
    assert evidence_spans(text, 0, 0, "rude") == ()


def test_clip_cuts_at_a_word() -> None:
    assert clip("one two three", 9) == "one two …"
    assert clip("short", 9) == "short"
    assert clip("a\nb", 9) == "a b"
