"""`miner explain`: what a person reads in a terminal of any width, and what a program gets."""

from __future__ import annotations

import io
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

import miner
from miner.cli._explained import draw
from miner.cli._word_table import adding_up, figure
from miner.learn.bundle import load_bundle
from miner.scoring import Scorer

TWO = "Love the shampoo but the delivery took three weeks."
SEVERAL = f"{TWO} Rude staff and it was overpriced. My order number is 4711.\n\nKind regards,\nAnna"
LONG = (
    "Hi team,\nI ordered the large kettle on the 3rd, you promised delivery within two days for "
    "£ 12.50 extra and it came nine days later with the box torn open, and nobody sent me a word "
    "about it when I rang the hotline three times and waited for 45 minutes each time 😡."
)
FIGURE = re.compile(r"(?<!\S)(?:[+-]\d+\.\d\d|0\.00)(?!\S)")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


def drawn(scorer: Scorer, text: str, *, width: int = 100, **options: Any) -> str:
    """What a terminal of this width would show, without colours."""
    to = io.StringIO()
    shown = Console(file=to, width=width, highlight=False, markup=False, emoji=False)
    chosen = {"words": 12, "all_themes": False} | options
    draw(scorer.explain(text), shown, **chosen)
    return to.getvalue()


def tables(output: str) -> Iterator[tuple[list[list[float]], list[float]]]:
    """Yield each word table: its rows of figures (start, words, others), and its sums."""
    rows: list[list[float]] = []
    for line in output.splitlines():
        found = [float(one) for one in FIGURE.findall(line)]
        if line.startswith("   start ") and found:  # prose may begin a line so too
            rows = [found]
        elif line.startswith("   sum ") and rows:
            yield rows, found
            rows = []
        elif rows and found:
            rows.append(found)


@pytest.mark.parametrize("width", [60, 80, 100, 140])
@pytest.mark.parametrize("text", [TWO, SEVERAL, LONG])
@pytest.mark.parametrize("words", [3, 12, None])
def test_what_is_shown_adds_up(scorer: Scorer, text: str, width: int, words: int | None) -> None:
    output = drawn(scorer, text, width=width, words=words)
    assert max(cell_len(line) for line in output.splitlines()) <= width
    found = list(tables(output))
    clauses = scorer.explain(text).clauses
    mentions = sum(
        sum(one.decided for one in clause.themes) or 1 for clause in clauses if clause.opinion
    )
    assert len(found) == mentions
    for rows, sums in found:
        for at, total in enumerate(sums):
            assert round(sum(row[at] for row in rows), 2) == total


def test_words_left_out_are_said(scorer: Scorer) -> None:
    output = drawn(scorer, LONG, words=3)
    tokens = max(len(one.sign.words) for one in scorer.explain(LONG).clauses if one.sign)
    assert f"{tokens - 3} other words" in output
    assert "other word" not in drawn(scorer, LONG, words=None)
    assert re.search(r"\b1 other word ", drawn(scorer, "Rude staff.", words=2))


def test_what_a_person_reads(scorer: Scorer) -> None:
    output = drawn(scorer, SEVERAL)
    assert re.search(r"This text: mixed, sentiment [+-]0\.\d\d \(from -1 to \+1\)", output)
    assert re.search(r"^1 +Love the shampoo +(Quality|Features): positive", output, re.M)
    assert re.search(r"^2 +but the delivery took three weeks\. +Delivery: negative", output, re.M)
    assert re.search(r"Not read: a signature\.", output)
    assert re.search(
        r"(Quality|Features) \(product\.\w+\): positive, confidence [01]\.\d\d \(needs 0\.\d\d\)",
        output,
    )
    assert re.search(r"No mention: it holds no opinion \(0\.\d+ is below its threshold", output)
    assert len(re.findall(r"Why not [A-Z][\w ]+\? ", output)) == 4
    assert re.search(r'More for Delivery than for [A-Z][\w ]+: "delivery" \+\d', output)
    assert "the words near a theme's own words count more" in " ".join(output.split())
    assert "Sentiment of the text: " in output
    assert re.search(r"^ +clauses around +[+-]?\d\.\d\d [█ ]*[+-]?\d\.\d\d", output, re.M)
    assert "The clause before and the one after speak for their themes" in " ".join(output.split())
    alone = drawn(scorer, "Rude staff.")
    assert "word near" not in alone
    assert "clauses around" not in alone


def test_the_parts_of_the_sentiment_add_up(scorer: Scorer) -> None:
    lines = drawn(scorer, SEVERAL).split("clause  sentiment  weight")[1].splitlines()[1:]
    rows = [line.split() for line in lines if line.strip()[:1].isdigit()]
    total = next(line.split() for line in lines if line.strip().startswith("sum"))
    assert len(rows) == 4
    for at, name in ((2, 1), (3, 2)):
        assert round(sum(float(row[at]) for row in rows), 2) == float(total[name])


def test_all_themes_are_listed(scorer: Scorer) -> None:
    to = io.StringIO()
    console = Console(file=to, width=60, highlight=False, markup=False, emoji=False)
    draw(scorer.explain(TWO, all_themes=True), console, words=12, all_themes=True)
    for theme in scorer.taxonomy.themes:
        row = (
            rf"^   {re.escape(theme.label)} +[01]\.\d\d +0\.\d\d +(mentioned|too unlikely|another)"
        )
        assert len(re.findall(row, to.getvalue(), re.M)) == 2


def test_the_nearest_theme_is_said_to_be_that(scorer: Scorer) -> None:
    found = scorer.explain("Rude staff.")
    [clause] = found.clauses
    nearest = replace(clause.themes[0], reason="theme.nearest", sentence="It came nearest.")
    clause = replace(clause, themes=(nearest, *clause.themes[1:]))
    to = io.StringIO()
    draw(replace(found, clauses=(clause,)), Console(file=to, width=80), words=12, all_themes=False)
    assert "It came nearest." in to.getvalue()
    assert "It came nearest." not in drawn(scorer, "Rude staff.")


def test_where_a_text_has_its_likeliest_theme_no_threshold_is_shown() -> None:
    bundle = load_bundle("en")
    weights = replace(bundle.weights, rules=replace(bundle.weights.rules, single=True))
    one = Scorer(replace(bundle, weights=weights))
    said = drawn(one, "The food was delicious.", all_themes=True)
    assert "(product.quality): positive, confidence" in said
    assert said.count("(needs") == 2  # opinion and neutral


def test_customers_words_steer_nothing(scorer: Scorer) -> None:
    text = (
        "late [bold red]parcel[/] :smile: \x1b[31mred\x07\x9b2J \u202eevil \ud800 [link=x]y[/link]"
    )
    output = drawn(scorer, text)
    assert "[bold red]parcel[/] :smile:" in output
    assert "[link=x]y[/link]" in output
    assert not set(output) & set("\x1b\x07\x9b\u202e\ud800")


@settings(max_examples=60)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=30), st.sampled_from([TWO, "😡👍🏽", "没有人接电话", "\ud83d", "[/]"])
        ),
        max_size=4,
    ).map(" ".join),
    st.integers(30, 120),
)
def test_any_text_at_any_width(scorer: Scorer, text: str, width: int) -> None:
    output = drawn(scorer, text, width=width)
    assert output.startswith("This text: ")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", output)
    for rows, sums in tables(output):
        assert all(len(row) >= len(sums) for row in rows)


@given(st.lists(st.floats(-20, 20), max_size=40))
def test_rounded_parts_add_up(parts: list[float]) -> None:
    hundredths = adding_up(parts, sum(parts))
    assert sum(hundredths) == round(sum(parts) * 100)
    assert all(
        abs(one - part * 100) < 1 + 1e-9 for one, part in zip(hundredths, parts, strict=True)
    )


def test_a_figure_has_a_sign_unless_it_is_nothing() -> None:
    assert [figure(one).strip() for one in (1.005, -0.126, 0.0, -0.004)] == [
        "+1.00", "-0.13", "0.00", "0.00",
    ]  # fmt: skip


def test_json_is_the_explanation(scorer: Scorer, miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("explain", SEVERAL, "--format", "json")
    assert answer.code == 0
    assert json.loads(answer.out) == json.loads(json.dumps(scorer.explain(SEVERAL).to_dict()))
    assert miner_cli("explain", SEVERAL, "--json").out == answer.out
    every = json.loads(miner_cli("explain", TWO, "--json", "--all").out)
    assert len(every["clauses"][0]["themes"]) == len(scorer.taxonomy.themes)


def test_json_of_a_broken_character(miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("explain", "\ud800 late", "--json")
    assert answer.code == 0
    assert json.loads(answer.out)["text"] == "\ud800 late"


def test_an_empty_text(miner_cli: Callable[..., Any]) -> None:
    answer = miner_cli("explain", "")
    assert (answer.code, answer.err) == (0, "")
    assert "It is empty: there is nothing to explain." in answer.out
    assert "Nothing to read: no words." in miner_cli("explain", " \n").out


def test_standard_input(monkeypatch: pytest.MonkeyPatch, miner_cli: Callable[..., Any]) -> None:
    def feed(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    feed(b"Love the shampoo\nbut the delivery took three weeks.\n")
    assert "Delivery: negative" in miner_cli("explain", "-").out
    feed("Le café était sale".encode("cp1252"))
    refused = miner_cli("explain", "-")
    assert refused.code == 3
    assert "is not text in UTF-8" in refused.err
    assert "--encoding cp1252" in refused.err
    feed("Le café était sale".encode("cp1252"))
    assert "café" in miner_cli("explain", "-", "--encoding", "cp1252").out


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        ((), 2, "Missing argument 'TEXT'"),
        ((TWO, "--words", "-1"), 2, "is not in the range x>=0"),
        ((TWO, "--format", "xml"), 2, "'xml' is not one of 'text', 'json'"),
        ((TWO, "--model", "nowhere"), 4, 'No model "nowhere"'),
    ],
)
def test_wrong_use(
    args: tuple[str, ...], code: int, message: str, miner_cli: Callable[..., Any]
) -> None:
    answer = miner_cli("explain", *args)
    assert answer.code == code
    assert message in answer.err


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("colour", [True, False])
def test_in_a_real_terminal_of_sixty_columns(colour: bool, root: Path) -> None:
    output = in_terminal(60, root, {} if colour else {"NO_COLOR": "1"})
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    assert max(cell_len(line) for line in plain.splitlines()) <= 60
    assert "Delivery (service.delivery): negative" in plain
    assert bool(re.search(r"\x1b\[(?:\d;)?3[12]m", output)) == colour


def in_terminal(width: int, root: Path, env: dict[str, str]) -> str:
    """Run the command with a terminal of this width as its output."""
    import fcntl
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    kept = {name: one for name, one in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    kept |= {"TERM": "xterm-256color", "PYTHONPATH": str(root)} | env
    command = [sys.executable, "-m", "miner", "explain", TWO]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=kept) as run:
        os.close(theirs)
        parts = []
        try:
            while part := os.read(ours, 65536):
                parts.append(part)
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(ours)
        assert run.wait(timeout=60) == 0
    return b"".join(parts).decode()
