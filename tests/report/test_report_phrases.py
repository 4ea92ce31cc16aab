"""The bands of phrases: what they say is what was found, and leads to the words themselves."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from insight.phrase_samples import bad, frames_of, good
from report.report_samples import NOW, empty, nasty, report_of, silent

from miner.insight.figures import Estimate
from miner.report import ReportData
from miner.report.html import render
from miner.report.model import FeedbackCell, PairChart
from miner.report.text import render as markdown

KEYS = ("keyphrases", "phrases", "emerging")
HATCH = ("the roof hatch leaks again", "a leak at our roof hatch", "roof hatch and its gasket")


@lru_cache(maxsize=1)
def told() -> ReportData:
    """Four months: an exit fee appears, a paper bill goes, a roof hatch has no theme."""
    rows: list[dict[str, Any]] = []
    for month in range(1, 5):
        for at in range(40):
            words = "exit fee" if month > 2 else "paper bill"
            clauses: list[Any] = [bad(f"another {words}" if at < 15 else "charged twice")]
            clauses += [good("a friendly desk", "service.attitude")] if at % 2 else []
            clauses += [HATCH[at % 3]] if at > 34 else []
            rows.append({"clauses": clauses, "date": f"2026-{month:02d}-{1 + at % 28:02d}"})
    return report_of(*frames_of(rows))


def row(data: ReportData, table: str, **wanted: Any) -> dict[str, Any]:
    """Return the one row of a table whose cells are as wanted."""
    found = data.table(table)
    assert found is not None
    keys = [column.key for column in found.columns]
    rows = [dict(zip(keys, one, strict=True)) for one in found.rows]
    [match] = [one for one in rows if all(one[key] == value for key, value in wanted.items())]
    return match


def test_a_headline_names_the_clearest_change() -> None:
    said = told().band("phrases").headline
    after = said.figures["after"]
    assert said.figures["phrase"] in ("exit fee", "paper bill")
    assert isinstance(after, Estimate)
    new = row(told(), "phrases", phrase="exit fee")
    assert (new["kind"], new["hits_before"], new["hits_after"]) == ("new", 0, 30)
    assert new["theme"] == "service.billing"
    assert new["after"].n == 80 and new["after"].value == 30 / 80
    gone = row(told(), "phrases", phrase="paper bill")
    assert (gone["kind"], gone["hits_before"], gone["hits_after"]) == ("gone", 30, 0)


def test_the_chart_pairs_before_and_after_and_leads_to_the_words() -> None:
    [chart] = told().band("phrases").charts
    assert isinstance(chart, PairChart) and chart.names == ("Before", "After")
    pair = next(one for one in chart.pairs if one.label == "exit fee")
    assert (pair.first.value, pair.second.value) == (0, 30 / 80)
    assert pair.link == "#q=exit%20fee"


def test_what_was_compared_is_said_with_its_sizes() -> None:
    notes = [note.text for note in told().band("phrases").notes]
    assert notes[0].startswith("Compared: 2026-03-01 to 2026-04-28 (n = 80) with 2026-01-01 to")
    assert notes[1] == "1 new, 0 growing, 0 fading, 1 gone."


def test_phrases_stand_by_theme_with_a_quote_that_holds_them() -> None:
    found = row(told(), "strength_phrases", phrase="friendly desk")
    assert found["theme"] == "service.attitude"
    assert found["feedback"] == 80 and found["share"].value == 1.0
    quote = told().verbatim(found["example"])
    assert quote is not None and "friendly desk" in quote.quote
    headline = told().band("keyphrases").headline.text
    assert headline.startswith("Negative about Billing, people speak of “")


def test_a_topic_without_a_theme_is_quoted_and_cited() -> None:
    band = told().band("emerging")
    found = row(told(), "emerging", feedback=20)
    assert "roof hatch" in found["topic"] and found["direction"] == "steady"
    assert found["example"] in HATCH
    assert isinstance(found["id"], FeedbackCell) and found["id"].id == f"h{found['id'].position}"
    assert band.headline.text == (
        "20 feedback say something that no theme was surely found for; the largest topic in it:"
        f" “{found['topic']}” (20 feedback)."
    )
    assert band.notes[0].text.startswith("In a topic: 20 of these 20 feedback (100%)")


def test_nothing_to_say_is_no_band() -> None:
    for data in (empty(), silent()):
        assert not {band.key for band in data.bands} & set(KEYS)


def test_feedback_without_dates_has_no_changes_but_keyphrases() -> None:
    rows = [{"clauses": [bad("exit fee")]} for _ in range(30)]
    rows += [{"clauses": [bad("slow desk", "service.speed")]} for _ in range(30)]
    keys = {band.key for band in report_of(*frames_of(rows)).bands}
    assert "keyphrases" in keys and not {"phrases", "emerging"} & keys


def test_when_no_topic_is_shared_it_says_so() -> None:
    rows = [{"clauses": [bad("exit fee")]} for _ in range(30)]
    rows += [{"clauses": [f"{word} lantern"]} for word in ("brass", "copper", "velvet")]
    band = report_of(*frames_of(rows)).band("emerging")
    assert band.tables == ()
    assert band.headline.text == (
        "3 feedback say something that no theme was surely found for; no topic in it is shared by"
        " 10 of them."
    )


def test_hostile_words_stay_words() -> None:
    page = render(nasty(), generated=NOW)
    assert "<script>alert('x')" not in page
    rows = [{"clauses": [bad("=cmd <script>alert(1)</script> wrecked")]} for _ in range(30)]
    rows += [{"clauses": [bad("slow desk", "service.speed")]} for _ in range(30)]
    data = report_of(*frames_of(rows))
    assert data.table("pain_point_phrases") is not None
    assert "<script>alert(1)" not in render(data, generated=NOW)


def test_the_bands_are_in_every_rendering() -> None:
    for text in (render(told(), generated=NOW), markdown(told(), generated=NOW)):
        assert "exit fee" in text and "friendly desk" in text and "roof hatch" in text


def test_without_a_change_nothing_is_counted() -> None:
    rows = [
        {"clauses": [bad("charged twice")], "date": f"2026-{month:02d}-05"}
        for month in range(1, 5)
        for _ in range(20)
    ]
    made = report_of(*frames_of(rows)).band("phrases")
    assert made.headline.text.startswith("None of the ")
    assert len(made.notes) == 1 and made.notes[0].text.startswith("Compared: ")
