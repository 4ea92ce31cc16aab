"""The words around the figures: one of a thing, an empty period, one label for one thing."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from insight.synthetic import tables_of
from report.report_samples import NOW, report_of

from miner.report import ReportData, terminal_rows
from miner.report import text as markdown
from miner.report.html import render
from miner.report.languages import speaking
from miner.report.sentences import say
from miner.report.workbook import render as workbook
from miner.types import Ledger

SCALES = {"stars": (1.0, 5.0), "nps": (0.0, 10.0)}


@lru_cache(maxsize=2)
def starred(language: str) -> ReportData:
    """Ninety feedback over three months with stars, of two channels and two plans."""
    rows = [
        {
            "said": [("service.billing", "negative" if at % 3 == 0 else "positive")],
            "date": f"2026-0{1 + at // 30}-1{at % 9}",
            "stars": 1.0 if at % 3 == 0 else 5.0,
            "channel": "web" if at % 3 == 0 else "shop",
            "cohort.plan": "basic" if at % 2 else "pro",
        }
        for at in range(90)
    ]
    feedback, mentions = tables_of(rows)
    return report_of(feedback, mentions, scales=SCALES, language=language)


def one_row(**more: Any) -> ReportData:
    """The report of a single feedback."""
    said = [("service.billing", "negative")]
    feedback, mentions = tables_of([{"said": said, "date": "2026-03-05", "nps": 3.0}])
    return report_of(feedback, mentions, scales=SCALES, **more)


def test_the_word_beside_a_count_goes_with_it() -> None:
    template = "{n} {n:answer|answers}"
    assert [say(template, n=n).text for n in (0, 1, 2)] == ["0 answers", "1 answer", "2 answers"]
    assert say(template, n=1).figures == {"n": 1}


@pytest.mark.parametrize(("language", "wanted"), [
    ("en", ["1 row read, 1 counted.", "1 answer", "too few to say (n = 1), trend"]),
    ("sv", ["1 rad läst, 1 räknad.", "1 svar", "för få för att säga något (n = 1), trend"]),
])  # fmt: skip
def test_one_of_a_thing_is_said_in_the_singular(language: str, wanted: list[str]) -> None:
    data = one_row(language=language)
    said = "\n".join(words for _, words in terminal_rows(data))
    assert [one for one in wanted if one not in said] == []
    assert data.period == "2026-03-05"
    page = markdown.render(data, generated=NOW) + render(data, generated=NOW)
    assert re.findall(r"\b1 (?:rows|answers|mentions|times|pain points|rader|gånger)\b", page) == []
    assert "too few to say (n = 1) of feedback" not in page


def test_several_rows_set_aside_one_by_one() -> None:
    ledger = Ledger(received=4, accepted=1, empty=1, duplicate=1, rejected=1)
    text = one_row(ledger=ledger, language="sv").reading.text
    assert text == ("4 rader lästa, 1 räknad, 3 lagda åt sidan: 1 tom, 1 dubblett, 1 avvisad.")


@pytest.mark.parametrize(("language", "wanted"), [
    ("en", "No feedback in the period; the export covers 2026-01-01 to 2026-06-28."),
    ("sv", "Inga kundröster i perioden; exporten omfattar 2026-01-01 till 2026-06-28."),
])  # fmt: skip
def test_a_report_of_an_empty_period_names_the_days_of_the_export(
    language: str, wanted: str
) -> None:
    feedback, mentions = tables_of([])
    ledger = Ledger(received=13, accepted=13)
    days = ("2026-01-01", "2026-06-28")
    data = report_of(feedback, mentions, ledger=ledger, language=language, covers=days)
    text, page = markdown.render(data, generated=NOW), render(data, generated=NOW)
    assert wanted in text
    assert wanted.rstrip(".") in page
    for false in ("no dates", "in 0 feedback", "holds no", "inga datum", "i 0 kundröster"):
        assert false not in text.lower()


def test_an_export_without_dates_says_so_as_a_sentence() -> None:
    feedback, mentions = tables_of([{}])
    text = markdown.render(report_of(feedback, mentions), generated=NOW)
    assert "\nNo dates in the export. 1 row read" in text


def test_a_redrawn_report_of_an_empty_period_speaks_of_the_period(
    tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    export = tmp_path / "reviews.csv"
    export.write_text("id,date,comment\n1,2026-01-05,Late again.\n2,2026-06-28,So kind.\n", "utf-8")
    assert miner_cli("run", export, "-o", tmp_path / "out").code == 0
    answer = miner_cli("report", tmp_path / "out", "--since", "2027-01-01", "-o", tmp_path / "w")
    assert answer.code == 0
    assert "covers 2026-01-05 to 2026-06-28" in " ".join(answer.out.split())
    assert "No feedback was counted" in answer.out


def visible(page: str) -> str:
    """What a reader sees of a page, without what customers said."""
    return re.sub(r"(?s)<(script|style|blockquote)\b.*?</\1>|<[^>]*>", " ", page)


def test_a_score_has_one_name_in_a_swedish_report() -> None:
    data = starred("sv")
    for said in (markdown.render(data, generated=NOW), visible(render(data, generated=NOW))):
        assert "Stjärnor" in said
        assert re.findall(r"\b(?:Stars|STARS)\b", said) == []


def test_the_built_in_cohort_is_translated_and_the_export_s_own_are_not() -> None:
    data = starred("sv")
    for said in (markdown.render(data, generated=NOW), visible(render(data, generated=NOW))):
        assert "kanal" in said
        assert "plan" in said
        assert re.findall(r"\bchannel\b", said) == []
    page = render(data, generated=NOW)
    assert 'value="channel:web"' in page, "a filter's address is the same in every language"
    assert '"channel":"kanal"' in page, "the page's script says it too"
    with speaking("sv"):
        assert set(data.cohorts) == {"channel", "plan"}, "so are the keys of the data"


@pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
def test_the_workbook_names_them_alike() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(starred("sv"), generated=NOW)))
    cells = {cell.value for sheet in book for row in sheet.iter_rows() for cell in row}
    assert {"Stjärnor", "kanal"} <= cells
    assert not {"Stars", "STARS", "channel"} & cells
