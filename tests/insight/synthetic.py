"""Invented feedback and mentions tables with stories planted in them, for tests of any layer.

``make_tables(seed=0, n=900)`` gives (feedback, mentions, scales); ``make_taxonomy()`` the themes.
What analyse() has to find is written down in `STORIES`. All quotes are made up here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from miner.insight.mentions import FEEDBACK_COLUMNS, MENTION_COLUMNS, RATING_COLUMNS
from miner.taxonomy import Taxonomy, parse_taxonomy

SCALES: dict[str, tuple[float, float]] = {"nps": (0, 10), "csat": (1, 5), "stars": (1, 5)}
FIRST, LAST = np.datetime64("2025-10-01"), np.datetime64("2026-09-17")

STORIES: dict[str, dict[str, Any]] = {
    "spike": {"theme": "service.billing", "peak": "2026-03"},
    "slow region": {"theme": "service.delivery", "cohort": "region", "value": "north"},
    "stopped": {"theme": "product.performance", "since": "2026-06"},
    "started": {"theme": "communication.reachability", "since": "2026-02"},
    "gap": {"theme": "service.delivery", "score": "nps"},
    "strength": {"theme": "service.attitude"},
}

THEMES: dict[str, str] = {
    "communication.clarity": "Clarity",
    "communication.reachability": "Reachability",
    "communication.updates": "Updates",
    "communication.listening": "Listening",
    "service.attitude": "Attitude",
    "service.competence": "Competence",
    "service.resolution": "Resolution",
    "service.speed": "Speed",
    "service.delivery": "Delivery",
    "service.billing": "Billing",
    "service.account": "Account",
    "product.quality": "Quality",
    "product.performance": "Performance",
    "product.usability": "Usability",
    "product.features": "Features",
    "product.price": "Price",
    "product.environment": "Environment",
    "general.overall": "Overall",
}

QUOTES: dict[tuple[str, str], tuple[str, ...]] = {
    ("service.billing", "negative"): (
        "I was charged twice for the same month and nobody refunded it",
        "the invoice shows a fee that was never agreed",
        "my card was billed again after I had cancelled",
    ),
    ("service.delivery", "negative"): (
        "the parcel came nine days after the promised date",
        "the driver left the box in the rain without ringing",
        "my order was sent to the old address again",
    ),
    ("service.delivery", "positive"): (
        "it arrived a day early and well packed",
        "delivery on the minute, as announced",
    ),
    ("product.performance", "negative"): (
        "the app freezes every time I open my basket",
        "pages take half a minute to load in the evening",
        "it crashed three times while I was paying",
    ),
    ("communication.reachability", "negative"): (
        "I called six times and only heard the waiting music",
        "nobody has answered my e-mails for two weeks",
        "the chat window closes before anyone writes back",
    ),
    ("service.attitude", "positive"): (
        "the lady at the desk was kind and took her time",
        "your technician was polite and explained everything",
        "friendly people, every single visit",
    ),
    ("service.attitude", "negative"): (
        "the man on the phone was rude from the first word",
        "I was treated as if I were lying about the damage",
    ),
    ("product.price", "negative"): (
        "much too expensive for what is in the box",
        "the price went up again without any warning",
    ),
    ("product.price", "positive"): ("good value for a family of four",),
    ("product.quality", "positive"): (
        "solid material, still like new after a year of daily use",
        "the best coffee maker we have owned so far",
    ),
    ("product.quality", "negative"): ("the handle broke off in the second week",),
    ("general.overall", "positive"): (
        "I would recommend you to my neighbours",
        "all in all a pleasant experience",
    ),
    ("general.overall", "negative"): ("I am done with this company",),
    ("general.overall", "neutral"): ("I bought it in the spring for my mother",),
    ("product.features", "neutral"): ("it would help to have a version with a longer cable",),
    ("product.usability", "positive"): ("set up in five minutes without reading the manual",),
    ("product.usability", "negative"): ("I can't find where to change my address in the app",),
    ("communication.clarity", "negative"): ("the letter says one thing and the web page another",),
    ("service.speed", "negative"): ("forty minutes in the queue for one signature",),
    ("service.resolution", "positive"): ("they replaced the broken part without any discussion",),
}

_BASE: dict[tuple[str, str], float] = {
    ("service.billing", "negative"): 0.04,
    ("service.delivery", "negative"): 0.07,
    ("service.delivery", "positive"): 0.08,
    ("product.performance", "negative"): 0.24,
    ("communication.reachability", "negative"): 0.04,
    ("service.attitude", "positive"): 0.30,
    ("service.attitude", "negative"): 0.03,
    ("product.price", "negative"): 0.08,
    ("product.price", "positive"): 0.05,
    ("product.quality", "positive"): 0.12,
    ("product.quality", "negative"): 0.03,
    ("general.overall", "positive"): 0.10,
    ("general.overall", "negative"): 0.02,
    ("general.overall", "neutral"): 0.05,
    ("product.features", "neutral"): 0.05,
    ("product.usability", "positive"): 0.04,
    ("product.usability", "negative"): 0.03,
    ("communication.clarity", "negative"): 0.02,
    ("service.speed", "negative"): 0.03,
    ("service.resolution", "positive"): 0.03,
}


def make_taxonomy() -> Taxonomy:
    """Return a small taxonomy with the keys of `THEMES`."""
    top = {key.split(".")[0]: key.split(".")[0].capitalize() for key in THEMES}
    entries = [
        {"key": key, "label": label, "definition": f"What is said about {label.lower()}."}
        for key, label in THEMES.items()
    ]
    return parse_taxonomy({"top": top, "theme": entries})


def make_tables(
    seed: int = 0, n: int = 900
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, tuple[float, float]]]:
    """Return (feedback, mentions, scales) of `n` invented feedback over twelve months."""
    rng = np.random.default_rng(seed)
    feedback = _customers(rng, n)
    feedback["scored"] = rng.random(n) >= 0.03
    feedback["language"] = np.where(feedback["scored"], "en", "fi")
    rows = _said(rng, feedback)
    feedback["verbatim"], mentions = _texts(rng, feedback, rows)
    _summarise(rng, feedback, mentions)
    order = [*FEEDBACK_COLUMNS, *(name for name in feedback if name.startswith("cohort."))]
    feedback = feedback[order].astype(FEEDBACK_COLUMNS)
    return feedback, mentions.astype(MENTION_COLUMNS), dict(SCALES)


def _customers(rng: np.random.Generator, n: int) -> pd.DataFrame:
    span = int((LAST - FIRST) / np.timedelta64(1, "D"))
    minutes = np.sort(rng.integers(0, (span + 1) * 1440, n))
    dates = (FIRST.astype("datetime64[us]") + minutes * np.timedelta64(1, "m")).astype("M8[us]")
    dates[rng.random(n) < 0.02] = np.datetime64("NaT")
    person = rng.integers(1, max(2, n * 3 // 4), n)
    channel = rng.choice(np.array(["web", "app", "store", None], dtype=object), n)
    return pd.DataFrame(
        {
            "feedback": np.arange(n),
            "id": [f"F{number:06d}" for number in range(n)],
            "source": "synthetic.csv",
            "row": np.arange(n) + 2,
            "date": dates,
            "channel": pd.Series(channel, dtype="str"),
            "customer": pd.Series(
                [f"c{p:05d}" if p % 9 else None for p in person.tolist()], dtype="str"
            ),
            "cohort.region": rng.choice(
                ["north", "south", "east", "west"], n, p=[0.2, 0.3, 0.3, 0.2]
            ),
            "cohort.plan": rng.choice(["basic", "pro"], n, p=[0.7, 0.3]),
        }
    ).astype({"cohort.region": "str", "cohort.plan": "str", "source": "str", "id": "str"})


def _said(rng: np.random.Generator, feedback: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    """Return for each (theme, polarity) how often each feedback mentions it: 0, 1 or 2."""
    month = feedback["date"].dt.strftime("%Y-%m").fillna("").to_numpy()
    region = feedback["cohort.region"].to_numpy()
    said = {}
    for key, base in _BASE.items():
        share = np.full(len(feedback), base)
        if key == ("service.billing", "negative"):
            share[month == STORIES["spike"]["peak"]] = 0.45
        if key == ("service.delivery", "negative"):
            share[region == "north"] = 0.35
        if key == ("product.performance", "negative"):
            share[month >= STORIES["stopped"]["since"]] = 0.01
        if key == ("communication.reachability", "negative"):
            share[month >= STORIES["started"]["since"]] = 0.22
        hit = (rng.random(len(feedback)) < share) & feedback["scored"].to_numpy()
        said[key] = hit.astype(int) * (1 + (rng.random(len(feedback)) < 0.06))
    return said


def _texts(
    rng: np.random.Generator, feedback: pd.DataFrame, said: dict[tuple[str, str], np.ndarray]
) -> tuple[pd.Series, pd.DataFrame]:
    """Write the texts clause by clause, and one row a mention that points into them."""
    pieces: list[list[tuple[str, str]]] = [[] for _ in range(len(feedback))]
    for key, times in said.items():
        for row in np.repeat(np.arange(len(times)), times).tolist():
            pieces[row].append(key)
    texts, rows = [], []
    for row, keys in enumerate(pieces):
        text = ""
        for clause, key in enumerate(keys):
            options = QUOTES[key]
            quote = options[int(rng.integers(len(options)))]
            quote = quote[0].upper() + quote[1:] + "."
            start = len(text)
            text += quote + " "
            rows.append((row, clause, *key, start, start + len(quote), quote))
        texts.append(text.rstrip() or ("Kiitos." if row % 2 else "No comment."))
    mentions = pd.DataFrame(
        rows, columns=["feedback", "clause", "theme", "polarity", "start", "end", "quote"]
    )
    return pd.Series(texts, dtype="str"), _finish(rng, feedback, mentions)


def _finish(
    rng: np.random.Generator, feedback: pd.DataFrame, mentions: pd.DataFrame
) -> pd.DataFrame:
    count = len(mentions)
    sign = mentions["polarity"].map({"negative": -1.0, "neutral": 0.0, "positive": 1.0})
    mentions["sentiment"] = (sign * rng.uniform(0.3, 1.0, count)).astype(float).round(3)
    mentions["confidence"] = rng.uniform(0.5, 1.0, count).round(3)
    mentions["verbatim_start"] = mentions["start"]
    mentions["verbatim_end"] = mentions["end"]
    words = mentions["quote"].astype("str").str.findall(r"\w{6,}").str[:2]
    mentions["evidence"] = words.str.join(" · ").astype("str")
    mentions["id"] = feedback["id"].to_numpy()[mentions["feedback"].to_numpy(dtype=int)]
    ordered = mentions.sort_values(["feedback", "clause", "theme"], kind="stable")
    return ordered[list(MENTION_COLUMNS)].reset_index(drop=True)


def _summarise(rng: np.random.Generator, feedback: pd.DataFrame, mentions: pd.DataFrame) -> None:
    """Add sentiment, polarity, counts and the scores, lower where delivery went wrong."""
    n = len(feedback)
    groups = mentions["feedback"].to_numpy(dtype=int)
    sign = np.sign(mentions["sentiment"].to_numpy(dtype=float))
    negative = np.bincount(groups[sign < 0], minlength=n)
    positive = np.bincount(groups[sign > 0], minlength=n)
    feedback["n_mentions"] = np.bincount(groups, minlength=n)
    feedback["n_clauses"] = np.maximum(feedback["n_mentions"], 1)
    total = np.bincount(groups, mentions["sentiment"].to_numpy(dtype=float), minlength=n)
    feedback["sentiment"] = (total / np.maximum(feedback["n_mentions"], 1)).round(3)
    feedback["polarity"] = np.select(
        [(negative > 0) & (positive > 0), negative > 0, positive > 0],
        ["mixed", "negative", "positive"],
        "neutral",
    )
    late = (mentions["theme"] == "service.delivery") & (mentions["polarity"] == "negative")
    hurt = np.isin(np.arange(n), groups[late.to_numpy()])
    mood = 7.6 + 0.9 * np.minimum(positive, 2) - 0.9 * np.minimum(negative, 2) - 2.6 * hurt
    nps = np.clip(np.rint(mood + rng.normal(0, 1.6, n)), 0, 10)
    feedback["nps"] = np.where(rng.random(n) < 0.75, nps, np.nan)
    csat = np.clip(np.rint(1 + 0.4 * (mood + rng.normal(0, 1.6, n))), 1, 5)
    feedback["csat"] = np.where(rng.random(n) < 0.3, csat, np.nan)
    stars = np.clip(np.rint(1 + 0.4 * (mood + rng.normal(0, 2.0, n))), 1, 5)
    feedback["stars"] = np.where(rng.random(n) < 0.4, stars, np.nan)
    feedback["ces"] = np.nan


def tables_of(rows: list[dict[str, Any]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return both tables from a short description: one dict a feedback.

    Keys, all optional: ``said`` (list of (theme, polarity)), and any column of the feedback table;
    a mention's text is its own invented sentence.
    """
    blank = {
        "source": "hand.csv",
        "date": pd.NaT,
        **dict.fromkeys(("nps", "csat", "ces", "stars")),
        "language": "en",
        "channel": None,
        "customer": None,
        "sentiment": 0.0,
        "polarity": "neutral",
        "n_clauses": 1,
        "scored": True,
    }
    cohorts = sorted({name for row in rows for name in row if name.startswith("cohort.")})
    feedback, mentions = [], []
    for place, row in enumerate(rows):
        said = row.get("said", [])
        text = ""
        for clause, (theme, polarity) in enumerate(said):
            quote = f"What I have to say about {theme} is rather {polarity}, number {place}."
            mentions.append(_mention(place, clause, (theme, polarity), len(text), quote))
            text += quote + " "
        own = {key: value for key, value in row.items() if key != "said"}
        counts = {"feedback": place, "id": f"h{place}", "row": place + 2, "n_mentions": len(said)}
        feedback.append(
            {**blank, **dict.fromkeys(cohorts), **counts, "verbatim": text.strip(), **own}
        )
    types = FEEDBACK_COLUMNS | dict.fromkeys(cohorts, "str")
    return _typed(feedback, types), _typed(mentions, MENTION_COLUMNS)


def ratings_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the ratings table of a short description: one dict an answer without a comment."""
    cohorts = sorted({name for row in rows for name in row if name.startswith("cohort.")})
    types = RATING_COLUMNS | dict.fromkeys(cohorts, "str")
    blank: dict[str, Any] = dict.fromkeys(types) | {"source": "hand.csv", "date": pd.NaT}
    return _typed(
        [
            {**blank, "id": f"r{place}", "row": 10_000 + place, **row}
            for place, row in enumerate(rows)
        ],
        types,
    )


def _mention(
    row: int, clause: int, opinion: tuple[str, str], start: int, quote: str
) -> dict[str, Any]:
    end = start + len(quote)
    place = {"start": start, "end": end, "verbatim_start": start, "verbatim_end": end}
    theme, polarity = opinion
    sentiment = {"negative": -0.8, "neutral": 0.0, "positive": 0.8}[polarity]
    said = {"theme": theme, "polarity": polarity, "sentiment": sentiment, "confidence": 0.9}
    words = {"evidence": "rather", "quote": quote}
    return {"feedback": row, "id": f"h{row}", "clause": clause, **said, **place, **words}


def _typed(rows: list[dict[str, Any]], types: dict[str, str]) -> pd.DataFrame:
    columns = {name: [row[name] for row in rows] for name in types}
    return pd.DataFrame({name: pd.Series(v, dtype=types[name]) for name, v in columns.items()})
