"""Labelled sheets: every layout is recognised, every row is accounted for, trouble is listed."""

from __future__ import annotations

import pytest
from custom_samples import pool, sheet_of
from hypothesis import given
from hypothesis import strategies as st

from miner.errors import DataError, InternalError, UsageError
from miner.learn.corpus import ABSENT
from miner.learn.custom.layout import Choices, find_layout, split_sign
from miner.learn.custom.read import Account, read_labels
from miner.learn.custom.words import PRESENT
from miner.taxonomy import load_taxonomy, parse_taxonomy

TEXT = Choices(text="text")


def labels_of(labelled, text):
    """Return key -> code of one text."""
    at = labelled.texts.index(text)
    row = labelled.labels[at]
    return {key: int(row[n]) for n, key in enumerate(labelled.tree.keys) if row[n] != ABSENT}


def test_one_label_a_row() -> None:
    sheet = sheet_of(
        ("text", "topic"),
        [("The kettle leaks.", "Quality"), ("Too dear.", "Price"), ("Nice shop.", "Place")],
    )
    labelled = read_labels(sheet, TEXT)
    assert labelled.layout.form == "one"
    assert labelled.tree.keys == ("own.place", "own.price", "own.quality")
    assert labels_of(labelled, "Too dear.") == {"own.price": PRESENT}
    assert labelled.account == Account(received=3, examples=3, merged=0, rejected=0)


@pytest.mark.parametrize("mark", [";", "|", ","])
def test_several_labels_in_a_cell(mark: str) -> None:
    sheet = sheet_of(
        ("text", "tags"),
        [("Slow and dear.", f"speed{mark} price"), ("Dear.", "price"), ("Slow.", "speed")],
    )
    labelled = read_labels(sheet, TEXT)
    assert labelled.layout.form == "many"
    assert labelled.layout.separator == mark
    assert labels_of(labelled, "Slow and dear.") == {"own.price": PRESENT, "own.speed": PRESENT}
    assert f'split at "{mark}"' in " ".join(labelled.layout.reasons)


def test_a_comma_inside_a_label_is_no_separator() -> None:
    sheet = sheet_of(
        ("text", "label"),
        [("Good soup.", "Food, drink"), ("Good tea.", "Food, drink"), ("Dear.", "Cost")],
    )
    assert read_labels(sheet, TEXT).tree.keys == ("own.cost", "own.food_drink")


def test_a_column_for_each_label() -> None:
    sheet = sheet_of(
        ("text", "Delivery", "Price", "date"),
        [
            ("Late and dear.", "1", "1", "2026-01-01"),
            ("Late.", "x", "", "2026-01-02"),
            ("I rang.", "0", "0", "2026-01-03"),
        ],
    )
    labelled = read_labels(sheet, TEXT)
    assert labelled.layout.form == "wide"
    assert labelled.tree.keys == ("own.delivery", "own.price")
    assert labelled.given.tolist() == [[True, True], [True, False], [False, False]]


def test_polarities_in_the_cells_of_a_wide_sheet() -> None:
    sheet = sheet_of(
        ("text", "Delivery", "Price"),
        [("Late but cheap.", "-1", "positive"), ("On time.", "positive", ""), ("So so.", "", "0")],
    )
    labelled = read_labels(sheet, TEXT)
    assert labels_of(labelled, "Late but cheap.") == {"own.delivery": 0, "own.price": 2}


def test_a_polarity_beside_the_label_and_rows_of_one_text() -> None:
    sheet = sheet_of(
        ("text", "aspect", "sentiment"),
        [
            ("Kind nurse, endless wait.", "nurse", "positive"),
            ("Kind nurse, endless wait.", "waiting", "negative"),
            ("Clean ward.", "ward", "pos"),
            ("A ward like any other.", "ward", "mixed"),
        ],
    )
    labelled = read_labels(sheet, TEXT)
    assert labelled.layout.form == "long"
    assert labels_of(labelled, "Kind nurse, endless wait.") == {"own.nurse": 2, "own.waiting": 0}
    assert labels_of(labelled, "A ward like any other.") == {"own.ward": PRESENT}
    assert labelled.account == Account(received=4, examples=3, merged=1, rejected=0)


@pytest.mark.parametrize(
    ("label", "name", "code"),
    [
        ("delivery:negative", "delivery", 0),
        ("delivery_negative", "delivery", 0),
        ("service.delivery=positive", "service.delivery", 2),
        ("Food#Quality - neutral", "Food#Quality", 1),
        ("Staff (pos)", "Staff", 2),
        ("Lieferung:negativ", "Lieferung", 0),
        ("topic_1", "topic_1", None),
        ("out_of_stock", "out_of_stock", None),
        ("negative", "negative", None),
    ],
)
def test_a_polarity_at_the_end_of_a_label(label: str, name: str, code: int | None) -> None:
    assert split_sign(label) == (name, code)


def test_polarities_in_labels_are_taken_off_or_left_on() -> None:
    rows = [
        ("Late.", "delivery:negative"),
        ("Dear.", "price:negative"),
        ("Cheap.", "price:positive"),
    ]
    labelled = read_labels(sheet_of(("text", "label"), rows), TEXT)
    assert labelled.tree.keys == ("own.delivery", "own.price")
    assert labels_of(labelled, "Cheap.") == {"own.price": 2}
    flat = read_labels(sheet_of(("text", "label"), rows), Choices(text="text", signs=False))
    assert flat.tree.keys == ("own.delivery_negative", "own.price_negative", "own.price_positive")


def test_good_and_bad_about_one_label_leaves_its_polarity_open() -> None:
    sheet = sheet_of(
        ("text", "labels"),
        [
            ("Nice forks, bad knives.", "cutlery:positive; cutlery:negative"),
            ("Bad spoons.", "cutlery:negative"),
        ],
    )
    labelled = read_labels(sheet, TEXT)
    assert labels_of(labelled, "Nice forks, bad knives.") == {"own.cutlery": PRESENT}


def test_one_label_with_two_polarities_over_rows_is_kept_and_noted() -> None:
    rows = [
        ("Fine.", "food", "positive"), ("Fine.", "food", "negative"), ("Fine.", "room", "positive"),
        ("Bad soup.", "food", "negative"),
    ]  # fmt: skip
    labelled = read_labels(sheet_of(("text", "topic", "polarity"), rows), TEXT)
    assert labels_of(labelled, "Fine.") == {"own.food": PRESENT, "own.room": 2}
    assert [one.reason for one in labelled.problems] == ["row.polarity-contradicts"]
    assert not labelled.problems[0].fatal
    assert labelled.account == Account(received=4, examples=2, merged=2, rejected=0)


TROUBLE = [
    ("The parcel came late.", "service.delivery", "negative"),
    ("", "service.delivery", "negative"),
    ("No label here.", "", "negative"),
    ("Where do I park?", "service.parking", "negative"),
    ("An odd word.", "service.speed", "purple"),
    ("Looked at, nothing.", "none", ""),
]


def test_trouble_is_listed_and_the_account_balances() -> None:
    sheet = sheet_of(("text", "theme", "polarity"), TROUBLE)
    labelled = read_labels(sheet, TEXT, tree=load_taxonomy())
    assert labelled.texts == ("The parcel came late.", "Looked at, nothing.")
    assert labelled.account == Account(received=6, examples=2, merged=0, rejected=4)
    found = {one.row: one for one in labelled.problems}
    assert {row: one.reason for row, one in found.items()} == {
        3: "row.empty-text",
        4: "row.no-label",
        5: "row.unknown-label",
        6: "row.unknown-polarity",
    }
    assert 'sheet.csv, row 5, column "theme": the taxonomy has no theme "service.parking".' in (
        found[5].message
    )
    assert 'got "purple", expected negative, neutral or positive' in found[6].message


def test_an_empty_label_can_be_said_to_mean_none() -> None:
    sheet = sheet_of(("text", "theme"), [("A fact.", ""), ("Dear.", "price")])
    assert len(read_labels(sheet, TEXT)) == 1
    both = read_labels(sheet, Choices(text="text", empty_is_none=True))
    assert both.given.tolist() == [[False], [True]]


def test_a_text_with_contradicting_rows_is_set_aside() -> None:
    rows = [(f"Remark number {n} about the lift.", "lift") for n in range(30)]
    rows += [
        ("Too slow!", "speed"),
        ("too slow", "price"),
        ("Remark number 1 about the lift", "lift"),
    ]
    labelled = read_labels(sheet_of(("text", "label"), rows), TEXT)
    assert labelled.layout.form == "one"
    assert labelled.account == Account(received=33, examples=30, merged=1, rejected=2)
    assert {one.row for one in labelled.problems} == {32, 33}
    assert "the same text has other labels in row 33" in labelled.problems[0].message
    long = read_labels(sheet_of(("text", "label"), rows), Choices(text="text", form="long"))
    assert labels_of(long, "Too slow!") == {"own.price": PRESENT, "own.speed": PRESENT}


def test_rows_whose_labels_differ_in_case_and_blanks_alone_do_not_contradict() -> None:
    rows = [
        ("Late again.", "Late delivery"),
        ("Late again.", "late  Delivery"),
        ("LATE AGAIN", "late_delivery"),
        ("Dear.", "Price"),
    ]
    labelled = read_labels(sheet_of(("text", "label"), rows), TEXT)
    assert labelled.layout.form == "one"
    assert labelled.problems == ()
    assert labelled.account == Account(received=4, examples=2, merged=2, rejected=0)
    assert labelled.tree.keys == ("own.late_delivery", "own.price")


def test_rows_that_name_a_theme_in_different_words_do_not_contradict() -> None:
    rows = [("Late.", "Delivery"), ("Late.", "service.delivery"), ("Dear.", "product.price")]
    form = Choices(text="text", form="one")
    labelled = read_labels(sheet_of(("text", "label"), rows), form, tree=load_taxonomy())
    assert labelled.account == Account(received=3, examples=2, merged=1, rejected=0)


def test_polarities_of_one_meaning_are_one() -> None:
    rows = [("Late.", "Post", "negative"), ("Late.", "post", "-1"), ("Dear.", "Price", "negative")]
    labelled = read_labels(sheet_of(("text", "label", "sentiment"), rows), TEXT)
    assert labelled.layout.form == "one"
    assert labels_of(labelled, "Late.") == {"own.post": 0}


def test_labels_that_a_taxonomy_lacks_are_to_be_added_to_it() -> None:
    sheet = sheet_of(("text", "label"), [("Full again.", "Parking")])
    with pytest.raises(DataError, match=r"no theme \"Parking\"\. Add the labels to the taxonomy"):
        read_labels(sheet, TEXT, tree=load_taxonomy())


def test_a_wide_cell_that_is_no_flag_is_set_aside() -> None:
    sheet = sheet_of(
        ("text", "A", "B"), [("x y.", "1", "0"), ("z.", "many", "1"), ("w.", "0", "1")]
    )
    choices = Choices(text="text", labels=("A", "B"), form="wide")
    labelled = read_labels(sheet, choices)
    assert [(one.row, one.reason, one.value) for one in labelled.problems] == [
        (3, "row.not-a-flag", "many")
    ]


def test_numbered_label_columns_are_read_together() -> None:
    sheet = sheet_of(
        ("text", "Theme 1", "Theme 2", "Notes"),
        [("Late and dear.", "delivery", "price", "x"), ("Dear.", "price", "", "")],
    )
    labelled = read_labels(sheet, TEXT)
    assert labelled.layout.form == "many"
    assert labelled.given.tolist() == [[True, True], [False, True]]


def test_polarities_written_as_numbers_with_a_decimal_point() -> None:
    rows = [("Late.", "post", "-1.0"), ("Cheap.", "price", "1.0"), ("So so.", "price", "")]
    labelled = read_labels(sheet_of(("text", "label", "sentiment"), rows), TEXT)
    assert labels_of(labelled, "Late.") == {"own.post": 0}
    assert labels_of(labelled, "Cheap.") == {"own.price": 2}
    assert labels_of(labelled, "So so.") == {"own.price": PRESENT}


def test_a_column_of_one_group_is_no_column_of_groups() -> None:
    rows = [("Late.", "post", "shop"), ("Cheap.", "price", "shop")]
    labelled = read_labels(sheet_of(("text", "label", "customer"), rows), TEXT)
    assert labelled.layout.group is None
    assert labelled.groups == ("", "")


def test_groups_and_ids_are_found() -> None:
    sheet = sheet_of(
        ("Response ID", "text", "label", "Author"),
        [
            ("r1", "Late.", "delivery", "kim"),
            ("r2", "Dear.", "price", ""),
            ("", "Slow.", "speed", "kim"),
        ],
    )
    labelled = read_labels(sheet, TEXT)
    assert labelled.groups == ("kim", "", "kim")
    assert labelled.ids == ("r1", "r2", "sheet.csv:4")


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("service.delivery", "service.delivery"),
        ("Delivery", "service.delivery"),
        ("SERVICE > Delivery", "service.delivery"),
        ("billing", "service.billing"),
    ],
)
def test_labels_are_matched_to_a_given_tree(label: str, key: str) -> None:
    labelled = read_labels(
        sheet_of(("text", "label"), [("x y.", label)]), TEXT, tree=load_taxonomy()
    )
    assert labels_of(labelled, "x y.") == {key: PRESENT}


def test_an_alias_leads_to_the_theme_that_stayed() -> None:
    tree = parse_taxonomy(
        {
            "top": {"a": "A"},
            "theme": [{"key": "a.b", "label": "B", "definition": "B.", "aliases": ["a.old"]}],
        }
    )
    labelled = read_labels(sheet_of(("text", "label"), [("x y.", "a.old")]), TEXT, tree=tree)
    assert labels_of(labelled, "x y.") == {"a.b": PRESENT}


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        ({"labels": ("topics",)}, UsageError, r'no column "topics"\. Nearest: "topic"'),
        ({"form": "tall"}, UsageError, r'No layout "tall"\. Choose one of one, long, many, wide'),
        ({"polarity": "mood"}, UsageError, r'no column "mood"\. Columns: text, topic'),
    ],
)
def test_wrong_words_by_hand(said, error, message: str) -> None:
    sheet = sheet_of(("text", "topic"), [("x y.", "a")])
    with pytest.raises(error, match=message):
        find_layout(sheet, Choices(text="text", **said))


def test_no_labels_at_all() -> None:
    sheet = sheet_of(("text", "stars"), [("x y.", "4"), ("z.", "5")])
    with pytest.raises(DataError, match=r'no column looks like labels.*--label-column "…"'):
        read_labels(sheet, TEXT)


def test_no_usable_row_says_why() -> None:
    sheet = sheet_of(("text", "label"), [("", "a"), ("x y.", "")])
    with pytest.raises(DataError, match=r"none of its 2 rows could be used \(1 x row.empty-text"):
        read_labels(sheet, TEXT)


def test_an_account_that_does_not_balance_is_our_bug() -> None:
    with pytest.raises(InternalError, match="does not balance"):
        Account(received=3, examples=1, merged=0, rejected=1)


def test_the_pool_is_read_as_it_was_written() -> None:
    labelled = pool()
    assert labelled.layout.signs
    assert labelled.counts() == {
        "own.booking": 14, "own.lockers": 14, "own.price": 14, "own.staff": 22, "own.water": 21,
    }  # fmt: skip
    assert len(set(labelled.groups)) == 6


CELLS = st.sampled_from(["", "none", "a", "b", "a;b", "a:negative", "b:positive;a", "?"])
ROWS = st.lists(st.tuples(st.sampled_from(["", "one two", "three", "One two!"]), CELLS), min_size=1)


@given(ROWS, st.sampled_from([None, "one", "long", "many"]))
def test_every_row_is_accounted_for(rows, form) -> None:
    """Whatever the sheet holds, the account balances and no rejected row is without a problem."""
    sheet = sheet_of(("text", "label"), rows)
    try:
        labelled = read_labels(sheet, Choices(text="text", labels=("label",), form=form))
    except DataError as error:
        assert error.slug == "labels.none-usable"
        return
    account = labelled.account
    assert account.received == len(rows)
    assert account.examples == len(labelled)
    fatal = {one.row for one in labelled.problems if one.fatal}
    assert len(fatal) == account.rejected
