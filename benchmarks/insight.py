"""Measure how long the figures and the report take once everything is scored.

    python -m benchmarks.insight [--feedback 100000] [--formats html,xlsx,md,json,csv]

The responses are made of statements of the project's own corpus, three to five each, with their
labels as mentions, spread over two years, four regions, three plans and five stages; scores follow
the sentiment. Nothing is scored here, so the time is that of `miner report` alone.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks._tables import Section, Table, into_page
from miner.insight import MinedTables, TableWriter, analyse
from miner.insight.mentions import (
    FEEDBACK_COLUMNS,
    MENTION_COLUMNS,
    RATING_COLUMNS,
    SIGNAL_COLUMNS,
    empty_table,
)
from miner.learn.corpus import ABSENT, load_corpus
from miner.report import write_report
from miner.report.build import build
from miner.resources import folder
from miner.taxonomy import Taxonomy, load_taxonomy
from miner.types import POLARITIES, Ledger

START: Final = np.datetime64("2024-10-01")
DAYS: Final = 730
LONGEST: Final = 200
"""Characters of a statement."""
GROUPS: Final = {
    "region": ("North", "South", "East", "West"),
    "plan": ("basic", "plus", "pro"),
    "journey stage": ("joining", "using", "paying", "getting help", "leaving"),
}
TONES: Final = {"negative": -0.8, "neutral": 0.0, "positive": 0.8}


def make_tables(n: int, seed: int = 20) -> tuple[dict[str, pd.DataFrame], Taxonomy]:
    """Return feedback, mentions, ratings and signals of n responses, and their themes."""
    rng = np.random.default_rng(seed)
    corpus = load_corpus(folder("corpora"))
    known = corpus.labels != ABSENT
    said = [at for at in np.flatnonzero(known.any(axis=1)) if len(corpus.texts[at]) < LONGEST]
    size = rng.integers(3, 6, n)
    owner = np.repeat(np.arange(n), size)
    drawn = rng.choice(np.array(said), len(owner))
    clause = np.arange(len(owner)) - np.repeat(np.cumsum(size) - size, size)
    texts = np.array(corpus.texts, dtype=object)[drawn]
    lengths = np.array([len(text) for text in texts])
    begin = np.cumsum(lengths + 1) - lengths - 1
    begin -= np.repeat(begin[np.cumsum(size) - size], size)
    theme = known.argmax(axis=1)[drawn]
    sides = [POLARITIES[code] for code in corpus.labels[drawn, theme]]
    tone = np.array([TONES[side] for side in sides])
    whole = pd.Series(texts).groupby(owner).agg(" ".join)
    mood = np.bincount(owner, tone) / size
    mentions = pd.DataFrame({
        "feedback": owner, "id": [f"r{at}" for at in owner], "clause": clause,
        "theme": np.array(corpus.themes, dtype=object)[theme], "polarity": sides,
        "sentiment": tone, "confidence": rng.uniform(0.4, 1.0, len(owner)), "start": begin,
        "end": begin + lengths, "verbatim_start": begin, "verbatim_end": begin + lengths,
        "evidence": [text.split()[0] for text in texts], "quote": texts,
    })[list(MENTION_COLUMNS)]  # fmt: skip
    tables = {
        "feedback": _feedback(rng, whole, mood, size),
        "mentions": mentions,
        "ratings": empty_table(RATING_COLUMNS),
        "signals": _signals(rng, mentions),
    }
    return tables, load_taxonomy(folder("corpora") / "taxonomy.toml")


def _feedback(
    rng: np.random.Generator, texts: pd.Series[str], mood: Any, size: Any
) -> pd.DataFrame:
    n = len(texts)
    answered = rng.random(n) < 0.7
    nps = np.clip(np.round(6 + 4 * mood + rng.normal(0, 2, n)), 0, 10)
    stars = np.clip(np.round(3 + 2 * mood + rng.normal(0, 1, n)), 1, 5)
    frame = pd.DataFrame({
        "feedback": np.arange(n), "id": [f"r{at}" for at in range(n)], "source": "made",
        "row": np.arange(2, n + 2),
        "date": START + rng.integers(0, DAYS, n).astype("timedelta64[D]"),
        "nps": np.where(answered, nps, np.nan), "csat": np.nan, "ces": np.nan, "stars": stars,
        "language": "en", "channel": rng.choice(["app review", "e-mail", "survey"], n),
        "customer": [f"c{at}" for at in rng.integers(0, n // 3 + 1, n)], "sentiment": mood,
        "polarity": np.select([mood < -0.2, mood > 0.2], ["negative", "positive"], "mixed"),
        "n_clauses": size, "n_mentions": size, "scored": True, "verbatim": texts.to_numpy(),
    })[list(FEEDBACK_COLUMNS)]  # fmt: skip
    return frame.assign(**{f"cohort.{name}": rng.choice(v, n) for name, v in GROUPS.items()})


def _signals(rng: np.random.Generator, mentions: pd.DataFrame) -> pd.DataFrame:
    """A signal in one clause of five, its first word shown."""
    kinds = ["complaint", "praise", "question", "request", "churn_risk", "advocacy", "urgency"]
    found = mentions.loc[rng.random(len(mentions)) < 0.2]
    words = found["quote"].str.split().str[0]
    return found.assign(
        kind=rng.choice(kinds, len(found)), words=words, end=found["start"] + words.str.len(),
        verbatim_end=found["verbatim_start"] + words.str.len(),
    )[list(SIGNAL_COLUMNS)]  # fmt: skip


def measure(n: int, formats: Sequence[str]) -> dict[str, float]:
    """Return seconds by step, the peak memory in MB, and the size of the page in MB."""
    frames, themes = make_tables(n)
    clock: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        with TableWriter(place) as writer:
            writer.append(*frames.values())
        mentions = len(frames.pop("mentions"))
        frames.clear()
        begin = time.perf_counter()
        tables = MinedTables.from_parquet(place)
        clock["read"] = _lap(begin)
        begin = time.perf_counter()
        insight = analyse(tables, taxonomy=themes, scales={})
        clock["insight"] = _lap(begin)
        begin = time.perf_counter()
        report = build(
            insight, tables, taxonomy=themes, manifest={"title": "Benchmark"},
            ledger=Ledger(received=n, accepted=n), problems_by_reason={}, model_quality={},
        )  # fmt: skip
        clock["report data"] = _lap(begin)
        for form in formats:
            begin = time.perf_counter()
            write_report(report, place, formats=(form,), generated=datetime.now(UTC))
            clock[form] = _lap(begin)
        page = place / "report.html"
        clock["total"] = sum(clock.values())
        clock["page, MB"] = page.stat().st_size / 1e6 if page.exists() else 0.0
    clock["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"feedback, rows": n, "mentions, rows": mentions} | clock


def _lap(begin: float) -> float:
    return time.perf_counter() - begin


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure once and print a line a step."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--feedback", type=int, default=100_000)
    parser.add_argument("--formats", default="html,xlsx,md,json,csv")
    parser.add_argument("--markdown", type=Path)
    given = parser.parse_args(arguments)
    found = measure(given.feedback, given.formats.split(","))
    table = Table(
        "Figures and report of stored mentions",
        ("step", "seconds"),
        tuple((step, f"{value:,.1f}") for step, value in found.items()),
        "Of the sizes: rows, and MB where it says so.",
    )
    print(table.text())
    if given.markdown:
        page = given.markdown.read_text(encoding="utf-8")
        made = into_page(page, [Section("insight", (table,))])
        given.markdown.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
