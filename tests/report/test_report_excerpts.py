"""A text too long to show whole: files stay small, offsets right, all that is cited readable."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from insight.synthetic import tables_of
from report.report_samples import NOW, report_of, small

from miner.report import ReportData, write_report
from miner.report import text as markdown
from miner.report.excerpts import LEFT_OUT, LONGEST, LONGEST_CLAUSE, clause_shown, excerpt, merged
from miner.report.html import render
from miner.report.quotes import records
from miner.report.workbook import render as workbook

LATE = "The delivery was late again. "


def tables_with(text: str, clauses: list[tuple[int, int]], evidence: str = "late") -> Any:
    """Twelve short feedback, and one of this text with a mention in each of these clauses."""
    rows = [{"said": [("service.delivery", "negative")], "date": "2026-03-01"} for _ in range(12)]
    rows.append({"said": [("service.delivery", "negative")] * len(clauses), "date": "2026-03-02"})
    feedback, mentions = tables_of(rows)
    feedback.loc[12, "verbatim"] = text
    here = mentions.index[mentions["feedback"] == 12]
    for at, (start, end) in zip(here, clauses, strict=True):
        mentions.loc[at, ["verbatim_start", "verbatim_end", "start", "end"]] = [start, end] * 2
        mentions.loc[at, "quote"] = text[start:end]
        mentions.loc[at, "evidence"] = evidence
    return feedback, mentions


@lru_cache(maxsize=4)
def long_report(times: int) -> ReportData:
    """The report in which one text repeats a sentence so many times, the first 800 tagged."""
    step, clause = len(LATE), len(LATE) - 1
    clauses = [(at * step, at * step + clause) for at in range(min(times, 800))]
    return report_of(*tables_with(LATE * times, clauses))


def test_one_long_text_does_not_make_a_large_file(tmp_path: Path) -> None:
    sizes = []
    for times in (700, 4000, 16000):
        folder = tmp_path / str(times)
        write_report(long_report(times), folder, formats=["json", "html"], generated=NOW)
        sizes.append([(folder / name).stat().st_size for name in ("report.json", "report.html")])
    for size in map(max, zip(*sizes, strict=True)):
        assert size < 700_000
    assert max(sizes[2][0] / sizes[0][0], sizes[2][1] / sizes[0][1]) < 1.5


def test_offsets_stay_right_in_a_cut_text() -> None:
    data = long_report(4000)
    shown = [one for one in data.verbatims if one.position == 12]
    assert 5 <= len(shown) < 100
    for one in shown:
        assert len(one.text) < LONGEST + 50
        assert one.text[one.start : one.end] == one.quote == LATE.strip()
        assert [one.text[start:end] for start, end in one.evidence] == ["late"]


def test_whatever_is_cited_can_be_read_and_filtered() -> None:
    data = long_report(4000)
    rows = {row["f"]: row for row in records(data)["rows"]}
    assert len(rows) == len({one.position for one in data.verbatims})
    assert [row["f"] for row in rows.values() if any("late" in piece[0] for piece in row["t"])]
    for table in (table for band in data.bands for table in band.tables):
        for at, column in enumerate(table.columns):
            cited = [row[at] for row in table.rows if row[at] is not None]
            if column.kind == "quote":
                assert all(data.verbatim(one) for one in cited), table.key
            if column.kind == "feedback":
                assert all(one.position in rows for one in cited), table.key


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_every_writer_says_that_texts_were_cut() -> None:
    data = long_report(4000)
    [note] = data.band("verbatims").notes
    assert note.text.startswith("1 of these texts is longer than 2,000 characters")
    assert "feedback.csv holds all of it" in markdown.render(data, generated=NOW)
    assert "1 of these texts is longer" in render(data, generated=NOW)
    book = openpyxl.load_workbook(io.BytesIO(workbook(data, generated=NOW)))
    longest = max(
        len(str(cell.value)) for sheet in book for row in sheet.iter_rows() for cell in row
    )
    assert longest < LONGEST + 50


@pytest.mark.parametrize("size", [LONGEST - 1, LONGEST])
def test_a_text_of_ordinary_length_is_shown_whole(size: int) -> None:
    text = (LATE * 100)[:size]
    data = report_of(*tables_with(text, [(0, 28), (29, 57), (1900, 1950)]))
    shown = [one for one in data.verbatims if one.position == 12]
    assert [one.text for one in shown] == [text] * 3
    assert sorted((one.start, one.end) for one in shown) == [(0, 28), (29, 57), (1900, 1950)]
    assert data.band("verbatims").notes == ()
    assert small().band("verbatims").notes == ()


def test_a_long_clause_is_quoted_around_its_evidence() -> None:
    text = "and so on " * 900 + "late " + "and so on " * 900
    data = report_of(*tables_with(text, [(0, len(text))]))
    [one] = [one for one in data.verbatims if one.position == 12]
    assert "late" in one.quote
    assert len(one.quote) <= LONGEST_CLAUSE
    assert one.text[one.start : one.end] == one.quote
    assert [one.text[start:end] for start, end in one.evidence] == ["late"]
    assert one.text.startswith(f"{LEFT_OUT} ")
    assert one.text.endswith(f" {LEFT_OUT}")


def test_erased_words_leave_their_mentions_as_they_were() -> None:
    data = report_of(*tables_with("", [(3, 9)]))
    [one] = [one for one in data.verbatims if one.position == 12]
    assert (one.text, one.start, one.end) == ("", 3, 9)


@given(
    words=st.lists(st.sampled_from(["late", "é", "👎🏽", "a-b", "\n", "……"]), min_size=1),
    times=st.integers(1, 2000),
    cuts=st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 400)), max_size=8),
)
def test_what_was_asked_for_stands_in_every_excerpt(
    words: list[str], times: int, cuts: list[tuple[int, int]]
) -> None:
    text = (" ".join(words) + " ") * times
    spans = [(at, min(at + size, len(text))) for at, size in cuts if at < len(text)]
    found = excerpt(text, spans)
    for start, end in spans:
        place = found.place(start, end)
        assert place is not None
        assert found.text[slice(*place)] == text[start:end]
    parts = [text[start:end] for start, end in found.stretches]
    places = zip(found.places, parts, strict=True)
    assert all(found.text[at : at + len(part)] == part for at, part in places)
    asked = sum(end - start for start, end in merged(spans))
    assert len(found.text) <= max(LONGEST, asked) + 3 * (len(parts) + 1)
    assert (found.text == text) or len(text) > LONGEST


@given(st.integers(0, 4000), st.integers(1, 4000), st.integers(0, 3000))
def test_what_is_quoted_of_a_clause_lies_in_it(start: int, size: int, at: int) -> None:
    text = "so on " * 1500
    clause, evidence = (start, start + size), (start + at % size, start + at % size + 1)
    low, high = clause_shown(text, clause, [evidence])
    assert start <= low <= evidence[0] < high <= start + size
    assert high - low <= max(LONGEST_CLAUSE, 1)


def test_the_json_holds_what_the_schema_says(tmp_path: Path) -> None:
    from jsonschema import Draft202012Validator

    import miner

    write_report(long_report(4000), tmp_path, formats=["json"], generated=NOW)
    plain = json.loads((tmp_path / "report.json").read_text("utf-8"))
    Draft202012Validator(miner.report_schema()).validate(plain)
