"""A report small enough to read in every format: one table that holds each kind of cell."""

from __future__ import annotations

from dataclasses import replace

from miner.insight.types import Estimate, PeriodCell, Trend
from miner.report.languages import speaking
from miner.report.localise import localised
from miner.report.model import (
    Band,
    BarChart,
    Card,
    CohortCell,
    Column,
    FeedbackCell,
    HeatMap,
    IntervalBar,
    LineChart,
    Pair,
    PairChart,
    PlacedTheme,
    Point,
    QuadrantChart,
    ReportData,
    ScoreView,
    Sentence,
    Table,
    ThemeInfo,
    Verbatim,
    WaterfallChart,
)
from miner.report.sentences import say

SHARE = Estimate(0.25, 0.2, 0.306, 240, "share", "Wilson")
FEW = Estimate(None, None, None, 7, "share", "Wilson")
NPS = Estimate(-12.4, -21.3, -3.5, 240, "points", "adjusted Wald")
TREND = Trend(
    "rising", 0.004, (PeriodCell("2026-03", 80, 30, SHARE),), "2026-03", "2026-02", 0.04, 0.31
)
STEADY = Trend("steady", 0.62, (), None, None, None, None)
TEXT = "Charged twice, and =nobody answered | ever."
COLUMNS = (
    Column("rank", "Rank", "int"),
    Column("theme", "Theme", "theme"),
    Column("share", "Share", "estimate", bar="negative"),
    Column("nps_gap", "NPS gap", "estimate", signed=True),
    Column("of_counted", "Of feedback counted", "share"),
    Column("weight", "Value", "number"),
    Column("trend", "Trend", "trend"),
    Column("cohort", "Worst cohort", "cohort"),
    Column("side", "Side", "word"),
    Column("said", "Name", "text"),
    Column("example", "Example", "quote"),
    Column("feedback", "Feedback", "feedback"),
    Column("owner", "Owner", "text"),
    Column("done", "Done", "text"),
)
ROWS = (
    (1, "service.billing", SHARE, NPS, 0.318, 2.5, TREND,
     CohortCell("plan", "basic", SHARE, FEW, 0.003), "negative", "=1+1", 4, FeedbackCell(2, "R-17"),
     None, None),
    (2, "product.price", FEW, None, None, None, STEADY, None, "positive", None, None, None,
     None, None),
)  # fmt: skip


def bars() -> tuple[IntervalBar, ...]:
    """Two figures with their intervals, one below zero."""
    up = Estimate(6.4, 2.0, 10.8, 90, "points", "bootstrap")
    down = Estimate(-40.0, -52.0, -28.0, 60, "points", "bootstrap")
    return (IntervalBar("Price", up, "positive"), IntervalBar("Billing", down, "negative"))


def charts() -> tuple[LineChart | BarChart | WaterfallChart | QuadrantChart | PairChart, ...]:
    """One drawing of each kind; the waterfall falls from above zero to below it."""
    points = tuple(Point(f"2026-0{at}", SHARE) for at in (1, 2, 3))
    return (
        LineChart("line", "Share by month", "A line.", points, "negative"),
        BarChart("bars", "Bars", "Bars.", bars()),
        WaterfallChart("fall", "From baseline", "Steps.", ("Baseline", 20.0), bars(),
                       ("NPS", -13.6)),
        QuadrantChart("quadrant", "Quadrant", "Themes.", "Impact", "Trend",
                      ("monitor", "celebrate", "fix now", "watch"),
                      (PlacedTheme("Billing", -4.0, 0.2, "fix now", "negative", ""),
                       PlacedTheme("Price", 2.0, 0.0, "celebrate", "positive", ""))),
        PairChart("pairs", "Pairs", "Pairs.", ("Before", "After"),
                  (Pair("Billing", SHARE, replace(SHARE, value=0.3, high=0.36)),)),
    )  # fmt: skip


def golden(language: str = "en") -> ReportData:
    """Return the report in one language."""
    with speaking(language):
        return _golden(language)


def _golden(language: str) -> ReportData:
    label = {"en": "Billing", "sv": "Fakturering"}[language]
    band = Band(
        "pain-points",
        "Pain points",
        say("{label} is the largest pain point: {share} of feedback is negative about it.",
            label=label, share=SHARE),
        "Every figure above follows from the stored mentions, the export's own columns and the"
        " settings listed here.",
        notes=(say("{undated} feedback {undated:carries|carry} no date: {undated:it counts|they"
                   " count} in every total and in no period.", undated=1200),),
        charts=charts(),
        tables=(Table("pain_points", "Pain points", COLUMNS, ROWS),),
    )  # fmt: skip
    quote = Verbatim(
        4, 2, "R-17", "service.billing", "negative", -0.8, TEXT[:13], TEXT, 0, 13, ((0, 7),),
        ("negative example",), "2026-03-04", "2026-03", "reviews.csv", {"nps": 3.0},
        {"plan": "basic"}, 2,
    )  # fmt: skip
    card = Card(
        rank=1,
        theme="service.billing",
        sentence=say("{label}: {share} of feedback is negative about it{shift}{impact}.",
                     label=label, share=SHARE, shift=Sentence(""), impact=Sentence("")),
        association=say("Associated with {label} lower by {gap:size}.", label="NPS", gap=NPS),
        trend=TREND,
        trend_words=Sentence("p"),
        peak_words=None,
        cohort_words=None,
        n=1260,
        verbatim=4,
    )  # fmt: skip
    score = ScoreView("nps", "NPS", "promoters minus detractors", NPS, NPS, {"promoters": 80},
                      12, None)  # fmt: skip
    return ReportData(
        title="Autumn reviews",
        period=say("{first} to {last}", first="2026-01-03", last="2026-03-30").text,
        reading=say("{received} {received:row|rows} read, {counted} counted.",
                    received=14212, counted=12904),
        ledger={"received": 14212, "accepted": 12904, "duplicate": 8, "empty": 1300, "junk": 0,
                "rejected": 0},
        lead=say("The {shown} largest of {all} pain points, worst first", shown=1, all=2),
        cards=(card,),
        scores=(score,),
        bands=(localised(band),),
        heat=HeatMap((), (), ()),
        polarity={"negative": 60, "positive": 180},
        counted=12904,
        minimum_n=10,
        themes=(ThemeInfo("service.billing", label, "Service", "Money.", 60, 1),),
        cohorts={"plan": ("basic",)},
        periods=("2026-01", "2026-02", "2026-03"),
        verbatims=(quote,),
        manifest={"title": "Autumn reviews"},
        model_quality={},
        language=language,
    )  # fmt: skip
