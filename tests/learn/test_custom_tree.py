"""Trees made from labels, and what `themes check` says about a tree."""

from __future__ import annotations

import copy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from custom_samples import sheet_of
from hypothesis import given
from hypothesis import strategies as st

from miner.learn.bundle import Bundle, load_bundle
from miner.learn.custom.check import (
    Finding,
    against_default,
    confusions,
    label_counts,
    meaning,
    structure,
)
from miner.learn.custom.layout import Choices
from miner.learn.custom.read import read_labels
from miner.learn.custom.tree import make_tree, match_tree, quoted, tree_text
from miner.taxonomy import Taxonomy, load_taxonomy, parse_taxonomy


def tree(*themes: dict[str, Any]) -> Taxonomy:
    """A tree with the top theme `a`; label and definition are filled in."""
    entries = [{"label": one["key"], "definition": f"It is {one['key']}."} | one for one in themes]
    return parse_taxonomy({"top": {"a": "A"}, "theme": entries})


def slugs(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.slug, one.theme) for one in found]


@pytest.mark.parametrize(
    ("label", "key", "shown"),
    [
        ("Delivery", "own.delivery", "Delivery"),
        ("Food#Quality", "food.quality", "Quality"),
        ("Service > Speed", "service.speed", "Speed"),
        ("service.delivery", "service.delivery", "delivery"),
        ("Größe & Farbe", "own.grosse_farbe", "Größe & Farbe"),
        ("24h help", "own.n24h_help", "24h help"),
        ("Price/value", "own.price_value", "Price/value"),
        ("Café", "own.cafe", "Café"),
    ],
)
def test_a_key_is_made_from_a_label(label: str, key: str, shown: str) -> None:
    made = make_tree([label], source="x.csv", language="en")
    assert made.tree.keys == (key,)
    assert made.tree.themes[0].label == shown
    assert made.keys[label] == key


def test_labels_of_other_scripts_get_a_stable_key_and_stay_readable() -> None:
    one = make_tree(["配送", "客服"], source="x.csv", language="zh").tree
    again = make_tree(["客服", "配送"], source="y.csv", language="zh").tree
    assert set(one.keys) == set(again.keys) and len(one.keys) == 2
    assert {theme.label for theme in one.themes} == {"配送", "客服"}


def test_spellings_of_one_label_are_one_and_clashing_keys_two() -> None:
    made = make_tree(["Late delivery", "late_delivery", "C", "C++"], source="x.csv", language="en")
    assert made.keys["Late delivery"] == made.keys["late_delivery"] == "own.late_delivery"
    assert made.keys["C"] == made.keys["C++"] == "own.c"
    other = make_tree(["Grosse", "Größe"], source="x.csv", language="de")
    assert other.tree.keys == ("own.grosse", "own.grosse_2")


@given(st.lists(st.text(min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=8))
def test_any_labels_make_a_tree_that_reads_back(labels: list[str]) -> None:
    made = make_tree(labels, source="x.csv", language="en")
    again = parse_taxonomy(tomllib.loads(tree_text(made.tree)))
    assert again.sha256 == made.tree.sha256 or any(
        "\ud800" <= c <= "\udfff" for c in "".join(labels)
    )
    assert set(made.keys) == set(labels)
    assert set(made.keys.values()) == set(made.tree.keys)


@given(st.text())
def test_quoted_texts_are_toml(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode("utf-8")
    assert tomllib.loads(f"x = {quoted(text)}")["x"] == clean


def test_an_ambiguous_label_matches_no_theme() -> None:
    two = tree({"key": "a.x", "label": "Same"}, {"key": "a.y", "label": "same"})
    assert "same" in match_tree(["same"], two).unknown


def default_data() -> dict[str, Any]:
    path = Path(__file__).parents[2] / "corpora" / "taxonomy.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def test_the_shipped_tree_has_no_error_and_nothing_doubtful() -> None:
    found, findings = structure(default_data(), "taxonomy.toml")
    assert findings == []
    assert found is not None
    assert meaning(found) == []
    assert against_default(found, load_taxonomy()) == []


def test_every_broken_theme_is_named_not_just_the_first() -> None:
    data = default_data()
    data["theme"][0]["lable"] = data["theme"][0].pop("label")
    data["theme"][3]["key"] = "Service Speed"
    data["theme"][5].pop("definition")
    found, findings = structure(data, "mine.toml")
    assert found is None
    assert [(one.level, one.theme, one.message) for one in findings] == [
        ("error", "communication.clarity", 'unknown field "lable", nearest "label"'),
        ("error", "Service Speed", "a key has the form top.name, in lower case"),
        ("error", "service.competence", "definition is missing"),
    ]


def test_rules_over_the_whole_tree_are_checked_where_each_theme_is_sound() -> None:
    data = default_data()
    data["theme"].append(copy.deepcopy(data["theme"][2]))
    twice = 'theme key or alias "communication.updates" stands twice'
    assert structure(data, "mine.toml")[1] == [Finding("error", "taxonomy.invalid", "", twice)]


def test_doubtful_labels_definitions_and_examples() -> None:
    same = "How warm and how clean the water in the big basin is."
    found = meaning(
        tree(
            {"key": "a.water", "label": "Water", "definition": same, "examples": ["Too cold."]},
            {"key": "a.basin", "label": "water!", "definition": same, "examples": ["too cold"]},
            {"key": "a.staff", "definition": "Whether people are helped kindly."},
        )
    )
    assert slugs(found) == [
        ("theme.same-label", "a.basin"),
        ("theme.same-definition", "a.basin"),
        ("theme.same-example", "a.basin"),
        ("theme.no-example", "a.staff"),
    ]
    assert all(one.level == "warning" for one in found)


def test_counter_examples_must_name_a_theme_of_the_tree() -> None:
    found = meaning(
        tree(
            {
                "key": "a.water",
                "examples": ["Cold."],
                "counter_examples": [
                    "Rude. (a.staf)",
                    "Dear. (sadly)",
                    "Wet. (a.water)",
                    "Ok. (a.old)",
                ],
            },
            {"key": "a.staff", "examples": ["Kind."], "aliases": ["a.old"]},
        )
    )
    assert [(one.level, one.slug) for one in found] == [
        ("error", "theme.counter-example-unknown"),
        ("warning", "theme.counter-example-own"),
    ]
    assert found[0].message.endswith('unknown theme "a.staf", nearest "a.staff"')


def test_a_key_that_left_the_default_tree_without_an_alias() -> None:
    data = default_data()
    speed = next(one for one in data["theme"] if one["key"] == "service.speed")
    speed["key"] = "service.waiting"
    found = against_default(parse_taxonomy(data), load_taxonomy())
    assert slugs(found) == [("theme.key-gone", "service.speed")]
    assert 'Renamed? Add aliases = ["service.speed"] to service.waiting.' in found[0].message
    speed["aliases"] = ["service.speed"]
    assert against_default(parse_taxonomy(data), load_taxonomy()) == []


def test_a_tree_of_ones_own_owes_the_default_nothing() -> None:
    assert against_default(tree({"key": "a.water"}), load_taxonomy()) == []


@pytest.fixture(scope="module")
def shipped() -> Bundle:
    return load_bundle("en")


def test_an_example_that_the_model_takes_for_another_theme(shipped: Bundle) -> None:
    data = default_data()
    delivery = next(one for one in data["theme"] if one["key"] == "service.delivery")
    wrong = "The receptionist was rude and shouted at my mother."
    delivery["examples"] = [wrong]
    found = confusions(parse_taxonomy(data), shipped)
    mine = [one for one in found if one.theme == "service.delivery"]
    assert len(mine) == 1
    assert f'takes the example "{wrong}" for service.attitude' in mine[0].message


def test_a_new_theme_that_overlaps_a_known_one(shipped: Bundle) -> None:
    data = default_data()
    new = {
        "key": "service.manners",
        "label": "Manners",
        "definition": "Politeness.",
        "examples": ["The receptionist was rude and shouted at my mother."],
    }
    data["theme"].append(new)
    found = [one for one in confusions(parse_taxonomy(data), shipped) if "manners" in one.theme]
    assert "It does not know service.manners yet." in found[0].message


def test_themes_with_few_labels_and_rows_set_aside_are_listed() -> None:
    rows = [("Cold.", "a.water"), ("Colder.", "a.water"), ("Rude.", "a.staf"), ("", "a.water")]
    rows += [(f"Nice guard number {n}.", "a.staff") for n in range(7)]
    sheet = sheet_of(("text", "label"), rows)
    themes = tree({"key": "a.water"}, {"key": "a.staff"}, {"key": "a.price"})
    found = label_counts(read_labels(sheet, Choices(text="text"), tree=themes))
    assert slugs(found) == [
        ("theme.too-few-labels", "a.water"),
        ("theme.few-labels", "a.staff"),
        ("theme.too-few-labels", "a.price"),
        ("row.unknown-label", ""),
        ("row.empty-text", ""),
    ]
    assert 'Nearest: "a.staff"' in found[3].message
