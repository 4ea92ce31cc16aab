"""A line or two is scored without pandas and pyarrow, and the bytes are those they would write."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from miner.config import Settings
from miner.scoring import Scorer, load
from miner.text.clauses import Clauser
from miner.text.language import identify
from miner.text.signal_rules import load_rules, shipped_rules
from miner.workflow.forms import csv_rows, json_rows
from miner.workflow.frame_forms import csv_of, json_of
from miner.workflow.frames import ChunkScorer
from miner.workflow.lines import chunks_of
from miner.workflow.rows import RowScorer
from miner.workflow.scoring import SCHEMA, SIGNAL_SCHEMA

TEXTS = [
    "The broth was lovely, but the courier came two days late.",
    '=SUM(A1) the "smart" kettle / toaster crashes every single time, never again!',
    "Please ring me on 0161 496 0312 or write to una@example.org, I need it by Friday.",
    "Die Lieferung kam drei Wochen zu spät und niemand antwortet auf meine Mails.",
    "El pedido llegó tarde y la comida estaba fría.",
    "Rooms were filthy 😡\tand the lift\\stairs smelled; staff couldn't care less\u2028sadly.",
    "",
    "   ",
    "ok!",
    "送货太慢了，客服也不回复我的邮件",
    "-1 stars\x00 for the app: it logs me out all day.",
]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return load(Settings().model)


@pytest.mark.parametrize(("at", "dtypes"), [(1, SCHEMA), (2, SIGNAL_SCHEMA)])
def test_both_ways_write_the_same_bytes(scorer: Scorer, at: int, dtypes: dict[str, str]) -> None:
    ids = [str(number) for number in range(1, len(TEXTS) + 1)]
    columns = RowScorer(scorer, "en").columns(TEXTS, ids=ids)[at]
    [chunk] = chunks_of(TEXTS)
    frame = ChunkScorer(scorer, "en").score(chunk)[at]
    assert len(frame) > 3
    assert csv_rows(columns, dtypes) == csv_of(frame, dtypes)
    assert json_rows(columns, dtypes) == json_of(frame, dtypes)


def test_every_figure_there_is_looks_the_same() -> None:
    """Sentiment and confidence have four decimals: these are all of them."""
    values = np.append(np.arange(-10_000, 10_001) / 10_000, [-0.0, np.nan])
    columns, dtypes = {"figure": values}, {"figure": "float64"}
    frame = pd.DataFrame(columns)
    assert csv_rows(columns, dtypes) == csv_of(frame, dtypes)
    assert json_rows(columns, dtypes) == json_of(frame, dtypes)


def test_every_sign_looks_the_same() -> None:
    signs = [chr(code) for code in (*range(0x250), 0x2028, 0xFEFF, 0xFF1D, 0xFF0B, 0x1F600)]
    texts = [*signs, *(f"a{sign}b" for sign in signs), "", None]
    columns, dtypes = {"text": texts}, {"text": "str"}
    frame = pd.DataFrame({"text": pd.array(texts, dtype="str")})
    assert csv_rows(columns, dtypes) == csv_of(frame, dtypes)
    assert json_rows(columns, dtypes) == json_of(frame, dtypes)


def test_many_batches_are_joined(scorer: Scorer) -> None:
    texts = TEXTS * 60  # more than one batch
    found = RowScorer(scorer, "en").columns(texts, ids=[str(at) for at in range(len(texts))])
    once = RowScorer(scorer, "en").columns(TEXTS, ids=[str(at) for at in range(len(TEXTS))])
    assert list(found.mentions["quote"]) == list(once.mentions["quote"]) * 60
    assert found.mentions["feedback"][-1] == len(texts) - len(TEXTS) + once.mentions["feedback"][-1]
    assert len(found.feedback["language"]) == len(texts)


def test_no_texts_give_empty_columns(scorer: Scorer) -> None:
    found = RowScorer(scorer, "en").columns([], ids=[])
    assert csv_rows(found.mentions, SCHEMA) == json_rows(found.signals, SIGNAL_SCHEMA) == ""


def test_lines_and_texts_and_parquet_agree(tmp_path: Path, miner_cli: Callable[..., Any]) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("\n".join(TEXTS[:3]), encoding="utf-8")
    given = [part for text in TEXTS[:3] for part in ("--text", text)]
    target = tmp_path / "mentions.parquet"
    assert miner_cli("score", *given).out == miner_cli("score", lines, "--lines").out
    told = miner_cli("score", *given, "--json", "-o", target)
    frame = pd.read_parquet(target)
    assert json.loads(told.out)["mentions"] == len(frame)
    out = miner_cli("score", *given, "--format", "jsonl").out
    assert [json.loads(line) for line in out.splitlines()] == frame.to_dict("records")


@pytest.mark.parametrize("language", shipped_rules())
def test_words_cut_without_a_look_are_cut_as_the_tokenizer_cuts(language: str) -> None:
    rules = load_rules(language)
    words = sorted(
        {word for phrases in rules.lists.values() for one in phrases for word in one.split()}
    )
    clauser = Clauser(language)
    assert [clauser.cutter([])(word) for word in words] == clauser.tokens_many(words)
    cut = clauser.cutter(words)
    assert [cut(word) for word in words] == clauser.tokens_many(words)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The staff were kind and the room was spotless", "en"),
        ("was mich ärgert: the app stürzt jeden Tag ab und niemand hilft mir", "de"),
        ("und dann kam der Bus wieder nicht, was für ein Ärger", "de"),
        ("het was koud en de soep was niet lekker, we komen niet terug", "nl"),
        ("the best 아주 좋은 서비스였어요 다시 오고 싶어요 정말 감사합니다", "ko"),
    ],
)
def test_function_words_do_not_mislead(text: str, code: str) -> None:
    assert identify(text) == code
