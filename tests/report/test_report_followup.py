"""The bands to act on: headlines equal their figures, rows lead to their feedback, no formula."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from insight.acting import BAD, GOOD, TREE, frames
from report.report_samples import MANIFEST

from miner.insight import MinedTables, analyse
from miner.insight.acting import followup
from miner.insight.acting.followup import REASONS
from miner.insight.acting.mismatch import CONFIDENCE, SENTIMENT
from miner.insight.acting.questions import ALIKE
from miner.insight.extras import Extras
from miner.insight.facts.followup import FollowUpRule
from miner.report import ReportData, build
from miner.report.cells import words
from miner.report.html import render as html
from miner.report.model import FeedbackCell, Table
from miner.report.tables.followup import CLIPPED, REASON_WORDS, SIDES
from miner.report.write import csv_text
from miner.types import Ledger

DAY = "2026-05-20 14:30"
ROWS: list[dict[str, Any]] = [
    {
        "verbatim": "The plug smoked, I will tell my lawyer. " + "And more. " * 60,
        "signals": [("safety", "plug smoked"), ("legal_threat", "tell my lawyer")],
        "customer": "=1+1",
        "nps": 1.0,
        "csat": 2.0,
        "said": [BAD],
    },
    {"said": [BAD], "signals": [("churn_risk", "I have to say")], "nps": 5.0},
    {"verbatim": "Where is my hub?", "signals": [("question", "Where is my hub?")]},
    {"verbatim": "where is my hub", "signals": [("question", "where is my hub")]},
    {
        "said": [GOOD],
        "signals": [("praise", "What I"), ("advocacy", "I have to say")],
        "nps": 9.0,
        "polarity": "positive",
    },
    {"said": [BAD], "signals": [("complaint", "rather")], "nps": 10.0, "sentiment": -0.9},
    {"said": [GOOD], "signals": [("praise", "rather")], "nps": 0.0, "sentiment": 0.9},
]


def report(rows: list[dict[str, Any]], rule: FollowUpRule | None = None) -> ReportData:
    dated = [{"date": DAY, "polarity": "negative", **row} for row in rows]
    tables = MinedTables.from_frames(*frames(dated))
    insight = analyse(tables, taxonomy=TREE, scales={}, minimum_n=1, extras=Extras(follow_up=rule))
    return build(
        insight,
        tables,
        taxonomy=TREE,
        manifest=MANIFEST,
        ledger=Ledger(received=len(rows), accepted=len(rows)),
        problems_by_reason={},
        model_quality={},
    )


@pytest.fixture(scope="module")
def data() -> ReportData:
    return report(ROWS)


def table(data: ReportData, key: str) -> Table:
    found = data.table(key)
    assert found is not None
    return found


def rows_of(data: ReportData, key: str) -> list[dict[str, Any]]:
    found = table(data, key)
    keys = [column.key for column in found.columns]
    return [dict(zip(keys, row, strict=True)) for row in found.rows]


def test_a_headline_leaves_out_what_nobody_does() -> None:
    made = report([{"verbatim": "so slow", "nps": 1.0} for _ in range(3)]).band("follow-up")
    assert made.headline.text == "3 of 3 feedback since 2026-04-21 call for follow-up."


def test_a_question_asked_twice_among_many_is_not_the_headline() -> None:
    texts = [*["Where is my hub?"] * 2, "Who fits the cable?", "When do you open?"]
    found = report([{"verbatim": text, "signals": [("question", text)]} for text in texts])
    assert found.band("questions").headline.text == (
        "4 feedback ask something (100%); hardly any asks what others ask too."
    )


def test_the_follow_up_headline_is_the_table(data: ReportData) -> None:
    band = data.band("follow-up")
    assert band.headline.text == (
        "4 of 7 feedback since 2026-04-21 call for follow-up: 1 about safety or with a legal"
        " threat, 1 may leave."
    )
    assert band.headline.figures["found"] == len(table(data, "follow_up").rows)
    assert rows_of(data, "follow_up_reasons") == [
        {"priority": 1, "reason": "safety", "feedback": 1},
        {"priority": 1, "reason": "legal threat", "feedback": 1},
        {"priority": 2, "reason": "may leave", "feedback": 1},
        {"priority": 4, "reason": "low score", "feedback": 2},
        {"priority": 5, "reason": "asks a question", "feedback": 2},
    ]


def test_a_case_says_who_why_when_and_in_which_words(data: ReportData) -> None:
    first, second, *_ = rows_of(data, "follow_up")
    text = first.pop("text")
    assert first == {
        "priority": 1, "reasons": "safety · legal threat · low score",
        "id": FeedbackCell(0, "h0"), "customer": "=1+1", "date": "2026-05-20",
        "due": "2026-05-20 20:30", "theme": "service.billing", "scores": "NPS 1 · CSAT 2",
        "evidence": "plug smoked · tell my lawyer", "owner": None, "done": None,
    }  # fmt: skip
    assert text.startswith("The plug smoked")
    assert len(text) <= CLIPPED
    assert (second["due"], second["evidence"]) == ("2026-05-21 14:30", "I have to say")


def test_without_a_signal_the_mention_s_evidence_is_shown() -> None:
    (row,) = rows_of(report([{"said": [BAD], "nps": 3.0}]), "follow_up")
    assert row["evidence"] == "rather"
    (bare,) = rows_of(report([{"nps": 3.0}]), "follow_up")
    assert (bare["evidence"], bare["theme"]) == (None, None)


def test_words_inside_longer_ones_are_said_once() -> None:
    text = "Could you call me back today?"
    signals = [("request", "Could you call"), ("question", text)]
    (row,) = rows_of(report([{"verbatim": text, "signals": signals}]), "follow_up")
    assert row["evidence"] == text


def test_advocates_mismatch_and_questions_equal_their_tables(data: ReportData) -> None:
    (thanked,) = rows_of(data, "advocates")
    assert (thanked["why"], thanked["id"].id) == ("recommends", "h4")
    assert data.band("advocates").headline.text == (
        "1 feedback since 2026-04-21 to thank for, 1 of them recommend the company to others."
    )
    assert data.band("mismatch").headline.text == (
        "1 of 2 feedback with a high score read as angry, 1 of 3 with a low score read as praise."
    )
    sides = [(row["side"], row["id"].id, row["sentiment"]) for row in rows_of(data, "mismatch")]
    assert sides == [(SIDES["high"], "h5", -0.9), (SIDES["low"], "h6", 0.9)]
    shares = rows_of(data, "mismatch_shares")
    assert [(row["hits"], row["share"].n) for row in shares] == [(1, 2), (1, 3)]
    (asked,) = rows_of(data, "questions")
    assert (asked["feedback"], asked["question"]) == (2, "Where is my hub?")
    assert (asked["id"].id, asked["example"].id) == ("h2", "h3")
    assert data.band("questions").headline.text == (
        "2 feedback ask something (29%); the most asked, 2 times: “Where is my hub?”"
    )


def test_what_is_older_undated_or_cut_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followup, "MOST_CASES", 1)
    low = [{"nps": 2.0, "date": date} for date in (DAY, DAY, "2026-01-01", None)]
    band = report(low, FollowUpRule(due_hours=48, days=7)).band("follow-up")
    assert [note.text for note in band.notes] == [
        "The first 1 of 2 are listed.",
        "Due 48 hours after the feedback, 12 hours for priority 1; a date without a time counts"
        " from midnight. The report knows neither the time it is read at nor what has been"
        " answered since.",
        "Only the last 7 days of the export are listed; 1 older feedback would call for follow-up"
        " by the same rule.",
        "1 feedback without a date would call for follow-up; they are not listed.",
    ]
    quiet = report([{"nps": 2.0, "date": "2026-01-01"}, {}]).band("follow-up")
    assert quiet.headline.text == "No feedback since 2026-04-21 calls for follow-up."
    assert quiet.tables == ()


@pytest.mark.parametrize("danger", [True, False])
def test_without_dates_all_are_listed(danger: bool) -> None:
    rows: list[dict[str, Any]] = [{"nps": 2.0, "date": None}]
    if danger:
        rows.append({"verbatim": "Smoke!", "signals": [("safety", "Smoke")], "date": None})
    found = report(rows)
    said = found.band("follow-up").headline.text
    whole = (
        "2 of 2 feedback call for follow-up, 1 of them about"
        if danger
        else "1 of 1 feedback calls for follow-up."
    )
    assert said.startswith(whole)
    assert {row["due"] for row in rows_of(found, "follow_up")} == {None}


def test_where_there_is_nothing_to_do_the_bands_are_absent() -> None:
    keys = {band.key for band in report([{"said": [GOOD], "polarity": "positive"}]).bands}
    assert keys.isdisjoint({"follow-up", "advocates", "mismatch", "questions"})
    assert "pain-points" in keys


def test_questions_that_nobody_repeats_are_said_to_be_so() -> None:
    texts = ("Where is my hub?", "Who fits the cable?")
    found = report([{"verbatim": text, "signals": [("question", text)]} for text in texts])
    assert found.band("questions").headline.text == (
        "2 feedback ask something (100%); no question came twice in like words."
    )
    assert {row["example"] for row in rows_of(found, "questions")} == {None}


def test_the_csv_starts_no_formula(data: ReportData) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(table(data, "follow_up"), data))))
    head, first = rows[0], rows[1]
    assert first[head.index("customer")] == "'=1+1"
    assert head[-2:] == ["owner", "done"]
    assert len(rows) == 1 + len(table(data, "follow_up").rows)


def test_texts_are_inert_in_the_page() -> None:
    text = "<script>alert('x')</script> was what I saw, why?"
    page = html(
        report([{"verbatim": text, "signals": [("question", text)], "nps": 0.0}]),
        generated=datetime(2026, 5, 21),
    )
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_every_row_leads_to_its_feedback(data: ReportData) -> None:
    for key in ("follow_up", "advocates", "mismatch", "questions"):
        for row in rows_of(data, key):
            assert isinstance(row["id"], FeedbackCell)
            assert row["id"].id == f"h{row['id'].position}"


def test_every_reason_has_its_word_and_what_is_stated_is_what_is_computed() -> None:
    assert list(REASON_WORDS) == list(REASONS)
    rules = {
        name: import_module(f"miner.report.bands.{name}").COMPUTED
        for name in ("mismatch", "questions")
    }
    numbers = [float(one) for one in re.findall(r"-?\d\.\d", rules["mismatch"])]
    assert numbers == [-SENTIMENT, CONFIDENCE]
    assert re.findall(r"at least (\d\.\d)", rules["questions"]) == [f"{ALIKE:g}"]


def test_the_cells_read_as_words(data: ReportData) -> None:
    found = table(data, "follow_up")
    said = [
        words(column, cell, data) for column, cell in zip(found.columns, found.rows[0], strict=True)
    ]
    assert said[:5] == ["1", "safety · legal threat · low score", "h0", "=1+1", "2026-05-20"]
