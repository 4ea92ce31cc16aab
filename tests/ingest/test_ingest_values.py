"""Dates, ratings, junk: what one cell is read as."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.ingest.dates import (
    DateReader,
    ImpossibleDateError,
    day_first,
    last_possible,
    parse,
    shape,
)
from miner.ingest.junk import is_empty, is_junk
from miner.ingest.ratings import RatingReader, fit_scale, label_set, number
from miner.ingest.words import match, plain


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020/3/18", datetime(2020, 3, 18)),
        ("2024-05", datetime(2024, 5, 1)),
        ("20240517", datetime(2024, 5, 17)),
        ("2024-05-17T08:09:10Z", datetime(2024, 5, 17, 8, 9, 10)),
        ("2024-05-17T08:09:10.123456+02:00", datetime(2024, 5, 17, 6, 9, 10, 123456)),
        ("2015-02-24 11:35:52 -0800", datetime(2015, 2, 24, 19, 35, 52)),
        ("18.03.2020", datetime(2020, 3, 18)),
        ("18.03.2020 17.45", datetime(2020, 3, 18, 17, 45)),
        ("3/4/20 5:04 PM", datetime(2020, 4, 3, 17, 4)),
        ("Mar 18, 2020", datetime(2020, 3, 18)),
        ("18 mars 2020", datetime(2020, 3, 18)),
        ("3. Oktober 2021", datetime(2021, 10, 3)),
        ("18-Mar-20", datetime(2020, 3, 18)),
        ("Tue Feb 24 11:35:52 -0800 2015", datetime(2015, 2, 24, 19, 35, 52)),
        ("1584522000", datetime(2020, 3, 18, 9)),
        ("1584522000000", datetime(2020, 3, 18, 9)),
        ("43908.375", datetime(2020, 3, 18, 9)),
    ],
)
def test_dates(text: str, moment: datetime) -> None:
    assert parse(text, "day") == moment


def test_month_first() -> None:
    assert parse("03/18/2020", "month") == datetime(2020, 3, 18)
    assert parse("18.03.2020", "month") == datetime(2020, 3, 18), "with dots the day comes first"


@pytest.mark.parametrize("text", ["31.02.2020", "2021-13-01", "2021-02-29", "12/30/2020 25:00"])
def test_impossible_dates(text: str) -> None:
    with pytest.raises(ImpossibleDateError, match=text):
        parse(text, "month")


@pytest.mark.parametrize("text", ["soon", "12", "1.2.3", "version 4.5.6", "May", "5 days ago", ""])
def test_no_dates(text: str) -> None:
    assert shape(text) is None
    with pytest.raises(ValueError, match=f"^{text}$"):
        parse(text, "day")


@pytest.mark.parametrize("text", ["1821-05-05", "2027-03-01", "1969-12-31"])
def test_dates_out_of_time(text: str) -> None:
    reader = DateReader("day", last_possible(datetime(2026, 11, 21)))
    assert reader.read("2026-12-01") == datetime(2026, 12, 1)
    with pytest.raises(ImpossibleDateError, match=text):
        reader.read(text)


def test_without_a_clock_the_future_ends_in_2100() -> None:
    assert DateReader("day", last_possible(None)).read("2027-03-01").year == 2027


def test_day_first_is_proven_by_numbers_above_twelve() -> None:
    assert day_first(["01/02/2020", "13/02/2020"]) == "day"
    assert day_first(["01/02/2020", "02/13/2020"]) == "month"
    assert day_first(["01/02/2020", "02/01/2020"]) is None


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda d: d.replace(microsecond=0))
)
def test_dates_survive_being_written(moment: datetime) -> None:
    assert parse(moment.isoformat(), "day") == moment
    assert parse(moment.strftime("%d/%m/%Y %H:%M:%S"), "day") == moment
    assert parse(moment.strftime("%m/%d/%Y %I:%M:%S %p"), "month") == moment


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("4", (4.0, None)),
        ("4,5", (4.5, None)),
        ("4.0", (4.0, None)),
        ("4/5", (4.0, 5.0)),
        ("4 out of 5 stars", (4.0, 5.0)),
        ("4 von 5", (4.0, 5.0)),
        ("5 - Excellent", (5.0, None)),
        ("0 (not at all likely)", (0.0, None)),
        ("3 stars", (3.0, None)),
        ("★★★★☆", (4.0, 5.0)),
        ("⭐⭐", (2.0, 5.0)),
        ("4 of my 5 orders were late", None),
        ("1.2.3", None),
        ("great", None),
        ("", None),
    ],
)
def test_ratings(text: str, rating: tuple[float, float | None] | None) -> None:
    assert number(text) == rating


@pytest.mark.parametrize(
    ("name", "values", "tops", "scale"),
    [
        ("nps", [1, 2, 3], [], (0, 10)),
        ("stars", [1, 5, 3], [], (1, 5)),
        ("stars", [1, 9, 3], [], (1, 10)),
        ("stars", [1, 5, 3, 0] * 9, [], (0, 5)),
        ("stars", [1, 8, 3, 0] * 9, [], (0, 10)),
        ("csat", [1, 5, 3], [], (1, 5)),
        ("csat", [0, 1, 1], [], (0, 1)),
        ("csat", [7, 1, 3], [], (1, 7)),
        ("csat", [70, 100, 35], [], (0, 100)),
        ("ces", [7, 1, 3], [], (1, 7)),
        ("stars", [4, 3], [5.0], (1, 5)),
        ("stars", [1, 2, 5] * 40 + [55], [], (1, 5)),
        ("stars", [10, 40, 90], [], None),
    ],
)
def test_scales(
    name: str, values: list[float], tops: list[float], scale: tuple[float, float] | None
) -> None:
    assert fit_scale(name, [float(v) for v in values], tops) == scale


@pytest.mark.parametrize(
    "words",
    [
        {"Very satisfied": 5, "Dissatisfied": 2},
        {"Mycket nöjd": 5, "Missnöjd": 2},
        {"sehr zufrieden": 5, "unzufrieden": 2},
        {"Très satisfait": 5, "Insatisfait": 2},
        {"Muy satisfecho": 5, "Insatisfecho": 2},
        {"Zeer tevreden": 5, "Ontevreden": 2},
    ],
)
def test_rating_words(words: dict[str, int]) -> None:
    found = label_set(words)
    assert found is not None
    assert found.field == "csat"
    reader = RatingReader(found.scale, found)
    assert {word: reader.read(word) for word in words} == words
    assert reader.read("n/a") is None
    with pytest.raises(ValueError, match="whatever"):
        reader.read("whatever")


def test_one_rating_word_is_no_scale() -> None:
    assert label_set(["good", "blue", "green"]) is None
    assert label_set(["good"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "n/a", "N.A.", "-", "...", "???", "none", "None!", "nothing", "Nothing.", "no comment",
        "asdf", "ASDFGH", "qwertz", "aaaaaa", "xxxx", "sdkfjhsd", "inget", "Keine Angabe", "rien",
        "nada", "n.v.t.", "test", "  -  ", "20", "12345", "7.", " 0 ", "１２", "1" * 50,
    ],
)  # fmt: skip
def test_junk(text: str) -> None:
    assert is_junk(text)


@pytest.mark.parametrize(
    "text",
    [
        "ok", "good", "👍", "😡😡", ":)", "bad", "No", "10/10", "meh", "bra", "gut",
        "Nothing works", "none of it worked", "ASAP please", "rhythm", "满意", "хорошо", "wert",
        "tree", "5 stars", "100%", "5*", "10!", "24/7", "4,5", "+1", "#1", "-20", "5️⃣",
    ],
)  # fmt: skip
def test_short_answers_are_no_junk(text: str) -> None:
    assert not is_junk(text)


@pytest.mark.parametrize("text", ["", " ", "\n\t", "\u200b\ufeff", "\xa0"])
def test_empty(text: str) -> None:
    assert is_empty(text)
    assert not is_empty(text + "a")


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("reviewId", "review id"),
        ("Review_ID", "review id"),
        ("Review Created (UTC)", "review created utc"),
        ("NPS-Score", "nps score"),
        ("E-Mail", "e mail"),
    ],
)
def test_headers_are_compared_as_words(header: str, words: str) -> None:
    assert plain(header) == words


@pytest.mark.parametrize(
    ("field", "header"),
    [
        ("text", "Kundkommentar"), ("text", "Kundenkommentar"), ("text", "Commentaire client"),
        ("text", "Comentarios del cliente"), ("text", "Klantopmerking"), ("date", "Svarsdatum"),
        ("date", "Erstellt am"), ("date", "Fecha de respuesta"), ("stars", "Betyg"),
        ("stars", "Note globale"), ("csat", "Hur nöjd är du?"), ("customer", "Kundennummer"),
        ("nps", "Hoe waarschijnlijk is het dat u ons zou aanbevelen?"),
    ],
)  # fmt: skip
def test_headers_in_six_languages(field: str, header: str) -> None:
    assert match(field, [header]) is not None


def test_a_part_of_a_word_counts_only_where_compounds_are_written_as_one() -> None:
    assert match("text", ["uncommentable"]) is None
