"""The only column of a file: is its first row a name, a question or the first feedback?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from miner.errors import DataError
from miner.ingest import Export, open_export
from miner.ingest.options import ReadOptions

LINES = [
    "Great staff in the shop on the corner",
    "The box was broken when it came",
    "Nobody answers the phone in the evening",
    "Cold soup",
]


def saved(folder: Path, first: str, name: str = "four.txt") -> Path:
    path = folder / name
    path.write_text("\n".join([first, *LINES]) + "\n", encoding="utf-8")
    return path


def notes(export: Export) -> list[str]:
    return [note for note in export.notes if "first row" in note]


@pytest.mark.parametrize(
    "first",
    [
        "The delivery was late once again",
        "Too slow.",
        "Great food!",
        "The delivery time was far too long for me",  # "time" names a date
        "Die Lieferung kam drei Tage zu spät",
        "送货太慢了客服也不回复我的邮件",
        "Cold soup",  # stands below once more
    ],
)
def test_an_answer_in_the_first_row_is_refused(tmp_path: Path, first: str) -> None:
    path = saved(tmp_path, first)
    with pytest.raises(DataError, match="the first row looks like data") as caught:
        open_export([path])
    assert caught.value.slug == "ingest.no-header"
    assert "miner score --lines" in caught.value.hint
    assert caught.value.hint.endswith("--map text=#1.")
    export = open_export([path], ReadOptions(map={"text": "#1"}))
    assert export.mapping.names("text") == (first,)


@pytest.mark.parametrize(
    "first",
    [
        "comment", "Comments", "What could we do better?", "Feedback (open text)", "Kommentar",
        "Was können wir besser machen?", "Kundkommentar", "Tell us more:", "Your feedback",
        "¿Qué podemos mejorar?", "Toelichting", "subject",
        "Please leave a comment on your visit:",
    ],
)  # fmt: skip
def test_a_name_or_question_is_taken_as_one(tmp_path: Path, first: str) -> None:
    export = open_export([saved(tmp_path, first)])
    assert not notes(export)
    assert sum(len(chunk.feedback) for chunk in export.chunks()) == len(LINES)


@pytest.mark.parametrize(
    "first",
    [
        "Opinions", "Q7", "Great staff", "Describe your experience with us",
        "Anything else you would like to add", "Please leave us a comment here.",
        "Why is it always so slow?", "Beskriv ditt besök hos oss",
    ],
)  # fmt: skip
def test_what_may_be_either_is_said(tmp_path: Path, first: str) -> None:
    export = open_export([saved(tmp_path, first)])
    (note,) = notes(export)
    assert note.startswith(f'four.txt: the first row ("{first}") was taken for the name')


def test_formats_that_name_their_columns_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "four.jsonl"
    key = "The delivery was late once again"
    path.write_text("\n".join(json.dumps({key: line}) for line in LINES), encoding="utf-8")
    assert open_export([path]).mapping.names("text") == (key,)
