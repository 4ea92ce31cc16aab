"""A rating column that is left because another one was taken is told so, and how to choose it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from miner.ingest import ReadOptions, open_export
from miner.ingest.overrides import resolve

TEXTS = [
    "The delivery was late once again", "Great staff in the shop", "The box was broken",
    "Nobody answers the phone at night",
]  # fmt: skip


def reasons(folder: Path, *columns: tuple[str, list[object]], **options: str) -> dict[str, str]:
    path = folder / "a.csv"
    names, values = [name for name, _ in columns], [cells for _, cells in columns]
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["Comment", *names], *zip(TEXTS, *values, strict=True)])
    mapping = open_export([path], ReadOptions(map=options)).mapping
    return {one.column: f"{one.field}: {one.reason}" for one in mapping.columns}


SCORE = ("Score", ["4/5", "3/5", "1/5", "5/5"])
STARS = ("Stars", ["★★★☆☆", "★★★★★", "★☆☆☆☆", "★★☆☆☆"])


def test_a_second_column_of_a_rating_names_the_first(tmp_path: Path) -> None:
    found = reasons(tmp_path, SCORE, STARS)  # type: ignore[arg-type]
    assert found["Score"].startswith("stars: name matches 'score'")
    assert found["Stars"] == (
        'ignore: a second column of stars: "Score" was taken; to take this one: --map stars="Stars"'
    )
    turned = reasons(tmp_path, SCORE, STARS, stars="Stars")  # type: ignore[arg-type]
    assert turned["Stars"] == "stars: said by hand"
    assert turned["Score"].endswith('"Stars" was taken; to take this one: --map stars="Score"')


@pytest.mark.parametrize(
    ("name", "cells", "field"),
    [("Would recommend us", [9, 3, 10, 0], "nps"), ("NPS after call", [9, 3, 10, 0], "nps")],
)
def test_other_ratings_too(tmp_path: Path, name: str, cells: list[object], field: str) -> None:
    found = reasons(tmp_path, ("NPS", [10, 2, 7, 6]), (name, cells))
    assert found[name].endswith(f'"NPS" was taken; to take this one: --map {field}="{name}"')


def test_other_numbers_are_no_rating(tmp_path: Path) -> None:
    found = reasons(tmp_path, SCORE, ("Amount", [17, 230, 95, 4000]))  # type: ignore[arg-type]
    assert found["Amount"] == "ignore: a number that is no rating; name it by hand if it is one"


def test_stars_under_a_name_that_says_nothing(tmp_path: Path) -> None:
    found = reasons(tmp_path, ("Colour", STARS[1]))  # type: ignore[arg-type]
    assert found["Colour"] == (
        'ignore: a rating, but of what? Name it by hand: --map stars="Colour"'
    )


def test_a_mark_that_nobody_named_is_no_column_called_by_a_sign() -> None:
    assert resolve("", ["#", "Comment"], ("", "")) is None
    assert resolve("#", ["#", "Comment"], ("", "")) == 0
