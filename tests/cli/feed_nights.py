"""Invented nights of a small shop's feed, for tests of `miner feed`."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

HEADER = ("Id", "Date", "Comment", "CSAT", "Customer", "Plan", "Changed", "Withdrawn")

CONFIG = """
name = "Lantern shop"
[store]
url = "store/shop.db"
[[source]]
name = "reviews"
files = "inbox/*.csv"
[source.map]
id = "Id"
date = "Date"
text = "Comment"
csat = "CSAT"
customer = "Customer"
cohort = "Plan"
updated = "Changed"
deleted = "Withdrawn"
[source.scales]
csat = [1, 5]
[run]
workers = 1
"""

SAID = (
    "The courier came late and nobody told me.",
    "Lovely lamp, warm light and easy to set up.",
    "I was charged twice and the refund never came.",
    "The woman on the phone was friendly and solved it.",
    "The app crashes whenever I open my orders.",
)

Cells = tuple[str, ...]


def review(number: int, text: str = "", *, changed: str = "", withdrawn: str = "") -> Cells:
    """Return one row; the same number gives the same row."""
    day = f"2026-10-{number % 28 + 1:02d}"
    said = text or f"{SAID[number % len(SAID)]} Order {number}."
    plan = ("basic", "pro")[number % 2]
    changed = changed or f"{day} 08:00"
    return (f"r{number}", day, said, str(number % 5 + 1), f"C{number % 20}", plan, changed,
            withdrawn)  # fmt: skip


def write_night(folder: Path, name: str, rows: Iterable[Cells]) -> Path:
    """Write one delivery into the inbox of a feed."""
    path = folder / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *rows])
    return path


def write_config(folder: Path, more: str = "") -> Path:
    """Write ``feed.toml``; `more` goes to its end, and so into the table [run] first."""
    path = folder / "feed.toml"
    path.write_text(CONFIG + more, encoding="utf-8")
    return path
