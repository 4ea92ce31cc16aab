"""Reports to test with: planted stories, small ones by hand, and texts that try to break out."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from insight.synthetic import make_tables, make_taxonomy, ratings_of, tables_of

from miner.insight import MinedTables, analyse
from miner.report import ReportData, build
from miner.types import Ledger

NOW = datetime(2026, 5, 4, 9, 30)
TREE = make_taxonomy()

_FIGURE = {"value": 0.88, "low": 0.861, "high": 0.902, "n": 640}
_LABEL = {"precision": 0.71, "recall": 0.66, "f1": 0.684, "n": 55}
QUALITY: dict[str, Any] = {
    "splits": {
        "test": {
            "as_scored": {
                "figures": {"sign_accuracy": _FIGURE, "top_macro_f1": _FIGURE | {"value": 0.87}},
                "themes": {"service.billing": _LABEL},
            }
        }
    },
    "human_agreement": [0.7, 0.8],
}
MANIFEST: dict[str, Any] = {
    "schema": "miner-manifest/1",
    "title": "Autumn reviews",
    "inputs": [{"name": "reviews.xlsx", "sha256": "ab" * 32, "rows": 961}],
    "notes": ["The column “score” was read as NPS."],
    "model": {"name": "en", "sha256": "cd" * 32, "quality": QUALITY},
    "taxonomy": {"top": {}, "theme": []},
    "settings": {"minimum_n": 10},
}

NASTY = (
    "<script>alert('x')</script> is what I typed",
    "</script><img src=x onerror=alert(1)>",
    "=cmd('/C calc')!A0",
    "+1 and @SUM(A1) and -2",
    'she said "it\'s broken" and "again"',
    "\u202eright to left\u202c שלום ומרחבا",
    "thumbs down 👎🏽 and a family 👨‍👩‍👧 broke it",
    "line\u2028separator and\u2029paragraph | pipe `tick` *star* https://example.org/a",
)
NASTY_ID = '=HYPERLINK("http://example.org")'
NASTY_COHORT = "</select><script>1</script>"


@lru_cache(maxsize=1)
def stories() -> ReportData:
    """Return the report of the synthetic tables: all bands filled."""
    feedback, mentions, scales = make_tables(seed=3, n=900)
    ledger = Ledger(received=961, accepted=900, empty=40, duplicate=14, junk=4, rejected=3)
    return report_of(feedback, mentions, scales=scales, ledger=ledger)


def report_of(feedback: Any, mentions: Any, **facts: Any) -> ReportData:
    """Return the report of two tables."""
    tables = MinedTables.from_frames(feedback, mentions, facts.pop("ratings", None))
    minimum_n = facts.pop("minimum_n", 10)
    insight = analyse(tables, taxonomy=TREE, scales=facts.pop("scales", {}), minimum_n=minimum_n)
    given: dict[str, Any] = {
        "taxonomy": TREE,
        "manifest": MANIFEST,
        "ledger": Ledger(received=len(feedback), accepted=len(feedback)),
        "problems_by_reason": {"row.rating-out-of-range": 3, "row.date-unreadable": 5},
        "model_quality": QUALITY,
    }
    return build(insight, tables, **given | facts)


def empty() -> ReportData:
    """Return the report of nothing: no feedback, no scores, no dates, no mentions."""
    feedback, mentions = tables_of([])
    return report_of(feedback, mentions, manifest={}, model_quality={}, problems_by_reason={})


def silent() -> ReportData:
    """Return the report of feedback in which nobody had an opinion, without dates or scores."""
    feedback, mentions = tables_of([{} for _ in range(25)])
    return report_of(feedback, mentions)


@lru_cache(maxsize=1)
def small() -> ReportData:
    """Return a report small enough to read: 2 themes, 4 months, 2 plans, NPS."""
    rows = []
    for at in range(60):
        bad = at % 3 == 0
        rows.append(
            {
                "said": [("service.billing", "negative")]
                if bad
                else [("product.price", "positive")],
                "date": f"2026-0{1 + at // 15}-1{at % 9}",
                "nps": 3.0 if bad else 9.0,
                "polarity": "negative" if bad else "positive",
                "cohort.plan": "basic" if at % 2 else "pro",
            }
        )
    feedback, mentions = tables_of(rows)
    return report_of(feedback, mentions, ledger=Ledger(received=70, accepted=60, empty=10))


@lru_cache(maxsize=1)
def half_silent() -> ReportData:
    """Return the report of 1,240 answers to NPS, 1,200 of them without a comment; CSAT all with."""
    spoken = [
        {"said": [("product.price", "negative")], "nps": 4.0, "csat": 2.0, "date": "2026-01-12"}
        for _ in range(40)
    ]
    silent = [{"nps": 9.0 + at % 2, "date": f"2026-0{1 + at % 3}-20"} for at in range(1200)]
    feedback, mentions = tables_of(spoken)
    ledger = Ledger(received=1240, accepted=40, empty=1200)
    return report_of(feedback, mentions, ratings=ratings_of(silent), ledger=ledger)


@lru_cache(maxsize=1)
def nasty() -> ReportData:
    """Return a report whose every text tries to break out of where it stands."""
    rows = [
        {
            "said": [("service.billing", "negative")],
            "date": f"2026-0{1 + at % 3}-11",
            "cohort.plan": NASTY_COHORT if at % 2 else "=1+1",
        }
        for at in range(3 * len(NASTY))
    ]
    feedback, mentions = tables_of(rows)
    texts = [NASTY[at % len(NASTY)] for at in range(len(rows))]
    feedback["verbatim"] = texts
    feedback["id"] = NASTY_ID
    mentions["quote"], mentions["id"] = texts, NASTY_ID
    mentions["evidence"] = "<script> · 👎"
    mentions["start"] = mentions["verbatim_start"] = 0
    mentions["end"] = mentions["verbatim_end"] = [len(text) for text in texts]
    manifest = MANIFEST | {
        "title": "<script>alert('title')</script> \ud83d",
        "notes": ["</style><b>"],
    }
    return report_of(feedback, mentions, manifest=manifest, problems_by_reason={"row.<b>": 1})
