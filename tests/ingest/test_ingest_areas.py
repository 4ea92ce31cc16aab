"""Survey areas rated twice: found by their names, named by hand, kept as numbers, never lost."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from miner.errors import UsageError
from miner.ingest import Export, ReadOptions, declared_areas, inspect, open_export, parse_areas

HEADER = ("Id", "NPS", "Speed now", "Speed wanted", "Comment")


def save(folder: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> Path:
    path = folder / "survey.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def answers(header: Sequence[str], n: int = 30) -> list[list[object]]:
    """Return rows in which every column but the first and the last holds 1 … 5."""
    return [
        [f"A{row}", *(1 + (row * at) % 5 for at in range(1, len(header) - 1)),
         f"I waited {row} minutes at the counter and nobody came."]
        for row in range(n)
    ]  # fmt: skip


def opened(folder: Path, header: Sequence[str], **options: object) -> Export:
    path = save(folder, header, answers(header))
    return open_export([path], ReadOptions(**options))  # type: ignore[arg-type]


def found(export: Export) -> dict[str, tuple[str, str, str]]:
    return {area.name: (area.now, area.wanted, area.kind) for area in export.areas}


@pytest.mark.parametrize(
    ("now", "wanted", "name", "kind"),
    [
        ("Response time now", "Response time wanted", "Response time", "wanted"),
        ("Wanted: opening hours", "Today: opening hours", "Opening hours", "wanted"),
        ("How satisfied are you with our delivery?", "How important is delivery to you?",
         "Delivery", "importance"),
        ("performance_now", "performance_desired", "Performance", "wanted"),
        ("Experience (prices)", "Importance (prices)", "Prices", "importance"),
        ("Svarstid nu", "Svarstid önskat", "Svarstid", "wanted"),
        ("Wie zufrieden sind Sie mit der Lieferung?", "Wie wichtig ist Ihnen die Lieferung?",
         "Lieferung", "importance"),
        ("Prix - actuel", "Prix - souhaité", "Prix", "wanted"),
        ("Precio ahora", "Precio deseado", "Precio", "wanted"),
        ("Levering nu", "Levering gewenst", "Levering", "wanted"),
    ],
)  # fmt: skip
def test_two_columns_named_alike_are_an_area(
    tmp_path: Path, now: str, wanted: str, name: str, kind: str
) -> None:
    export = opened(tmp_path, ("Id", now, wanted, "Comment"))
    swapped = now.startswith("Wanted")
    pair = (wanted, now) if swapped else (now, wanted)
    assert found(export) == {name: (*pair, kind)}
    reasons = {one.column: one.reason for one in export.mapping.columns}
    assert wanted in reasons[now] and "rated 1-5" in reasons[now]


@pytest.mark.parametrize(
    "header",
    [
        ("Id", "Speed now", "Price wanted", "Comment"),  # two things
        ("Id", "Now", "Wanted", "Comment"),  # nothing is named
        ("Id", "Speed now", "Speed today", "Speed wanted", "Comment"),  # which of the two?
    ],
)
def test_what_is_no_pair_is_left_alone(tmp_path: Path, header: tuple[str, ...]) -> None:
    assert opened(tmp_path, header).areas == ()


def test_numbers_off_the_scale_are_no_area(tmp_path: Path) -> None:
    rows = [[f"A{n}", n % 11, n % 7, f"The queue took {n} minutes again."] for n in range(30)]
    path = save(tmp_path, ("Id", "Speed now", "Speed wanted", "Comment"), rows)
    assert open_export([path]).areas == ()


def test_a_satisfaction_of_a_pair_is_no_csat(tmp_path: Path) -> None:
    header = ("Id", "Delivery satisfaction", "Delivery importance", "Overall satisfaction", "Text")
    export = opened(tmp_path, header)
    assert list(found(export)) == ["Delivery"]
    assert export.mapping.names("csat") == ("Overall satisfaction",)


def test_every_answer_is_kept_and_every_trouble_is_named(tmp_path: Path) -> None:
    rows = answers(HEADER, 60)
    rows[3][2], rows[4][3], rows[5][2] = 9, "lots", "n/a"
    rows[6][4] = ""
    rows[7][1], rows[7][4] = "", ""  # the areas alone make it an answer
    path = save(tmp_path, HEADER, rows)
    (chunk,) = open_export([path]).chunks()
    assert list(chunk.feedback)[-3:] == ["area.Speed.now", "area.Speed.wanted", "text"]
    assert {str(chunk.feedback[name].dtype) for name in list(chunk.feedback)[-3:-1]} == {"float64"}
    now = chunk.feedback.set_index("id")["area.Speed.now"]
    assert (now["A1"], pd.isna(now["A3"]), pd.isna(now["A5"])) == (3.0, True, True)
    assert list(chunk.ratings["id"]) == ["A6", "A7"]
    assert list(chunk.ratings["area.Speed.wanted"]) == [rows[6][3], rows[7][3]]
    values = [one for one in chunk.problems if "rating" in one.reason]
    assert [(one.row, one.column, one.value, one.reason) for one in values] == [
        (5, "Speed now", "9", "row.rating-out-of-range"),
        (6, "Speed wanted", "lots", "row.rating-unreadable"),
    ]
    assert "expected 1-5 (area.Speed.now)" in values[0].message


def test_areas_tell_two_answers_apart(tmp_path: Path) -> None:
    """The same words and scores, another rating of an area: no repetition."""
    text = "The woman at the desk was kind."
    rows = [["", 9, 2, 4, text], ["", 9, 3, 4, text], ["", 9, 3, 4, text]]
    path = save(tmp_path, HEADER, rows)
    options = ReadOptions(areas=declared_areas(parse_areas(["S=Speed now,Speed wanted"])))
    (chunk,) = open_export([path], options).chunks()
    assert (chunk.ledger.accepted, chunk.ledger.duplicate) in {(2, 1), (3, 0)}
    assert set(chunk.feedback["area.S.now"]) == {2.0, 3.0}


def test_named_by_hand_they_need_no_telling_name(tmp_path: Path) -> None:
    areas = declared_areas({"Queue": {"now": "Q1a", "wanted": "#3", "theme": "service.speed"}})
    export = opened(tmp_path, ("Id", "Q1a", "Q1b", "Comment"), areas=areas)
    assert [one.to_dict() for one in export.areas] == [
        {"name": "Queue", "now": "Q1a", "wanted": "#3", "theme": "service.speed",
         "kind": "wanted"}
    ]  # fmt: skip
    assert export.mapping.names("area.Queue.wanted") == ("Q1b",)


def test_several_files_share_their_areas(tmp_path: Path) -> None:
    for name, columns in (("one", HEADER), ("two", ("Id", "NPS", "Comment"))):
        (tmp_path / name).mkdir()
        save(tmp_path / name, columns, answers(columns)).rename(tmp_path / f"{name}.csv")
    export = open_export([tmp_path / "one.csv", tmp_path / "two.csv"])
    first, second = export.chunks()
    assert list(found(export)) == ["Speed"]
    assert list(first.feedback) == list(second.feedback)
    assert second.feedback["area.Speed.now"].isna().all()


def test_inspect_says_which_pairs_it_took(tmp_path: Path) -> None:
    seen = inspect([save(tmp_path, HEADER, answers(HEADER))])
    assert seen.to_dict()["areas"][0]["name"] == "Speed"
    assert seen.files[0].rows[0]["area.Speed.now"] == 1.0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("Speed", 'got "Speed", expected NAME=NOW,WANTED'),
        ("Speed=now", "expected NAME=NOW,WANTED"),
        ("Speed=a,b,c,d", "expected NAME=NOW,WANTED"),
        ("Speed=a,,c", "expected NAME=NOW,WANTED"),
    ],
)
def test_an_area_of_another_form_is_told(given: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse_areas([given])


def test_a_column_with_a_comma_goes_in_quotes() -> None:
    assert parse_areas(['Speed="Speed, now",Speed wanted']) == {
        "Speed": {"now": "Speed, now", "wanted": "Speed wanted"}
    }
    with pytest.raises(UsageError, match='The area "A" is given twice'):
        parse_areas(["A=b,c", "A=d,e"])


@pytest.mark.parametrize(
    ("areas", "said"),
    [
        ({"Speed": "now"}, "expected a table with the columns now and wanted"),
        ({"Speed": {"now": "a", "wnated": "b"}}, 'unknown key "wnated".*Nearest: "wanted"'),
        ({"Speed": {"now": "a"}}, "expected a name and two columns"),
        ({"Speed": {"now": "a", "importance": "b"}}, "expected a name and two columns"),
        ({"Speed": {"now": 3, "wanted": "b"}}, "now is 3, expected the name of a column"),
        ({"": {"now": "a", "wanted": "b"}}, "expected a name"),
        ({"Speed": {"now": "a", "wanted": "b"}, "speed": {"now": "c", "wanted": "d"}},
         "given twice"),
        ({"S": {"experience": "a", "importance": "b", "now": "c"}}, "don't go together"),
    ],
)  # fmt: skip
def test_settings_of_another_form_are_told(areas: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        declared_areas(areas)


@pytest.mark.parametrize(
    ("area", "said"),
    [
        ("X=Speed now,Speed wnted", 'no column "Speed wnted" for the area "X".*"Speed wanted"'),
        ("X=Speed now,Comment", 'column "Comment".*expected ratings 1-5 for the area "X"'),
        ("X=Speed now,Speed now", "mapped to both area.X.now and the area"),
    ],
)
def test_columns_that_do_not_fit_are_told(tmp_path: Path, area: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        opened(tmp_path, HEADER, areas=declared_areas(parse_areas([area])))
