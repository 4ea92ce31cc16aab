"""The shipped taxonomy and the errors of a broken one."""

from __future__ import annotations

from pathlib import Path

import pytest

from miner.errors import UsageError
from miner.taxonomy import load_taxonomy, parse_taxonomy

ENTRY = {"key": "service.delivery", "label": "Delivery", "definition": "Things arrive."}


def test_every_shipped_theme_is_explained() -> None:
    tree = load_taxonomy()
    assert len(tree.keys) == 18
    assert {theme.top for theme in tree.themes} == {
        "communication",
        "service",
        "product",
        "general",
    }
    for theme in tree.themes:
        assert len(theme.examples) >= 2, theme.key
        assert len(theme.counter_examples) >= 2, theme.key


def test_an_alias_leads_to_the_theme_that_stayed() -> None:
    tree = parse_taxonomy(
        {"top": {"service": "Service"}, "theme": [{**ENTRY, "aliases": ["service.post"]}]}
    )
    assert tree.resolve("service.post").key == "service.delivery"
    assert tree.label("service") == "Service"


def test_the_hash_follows_the_meaning() -> None:
    one = parse_taxonomy({"top": {"service": "Service"}, "theme": [ENTRY]})
    same = parse_taxonomy({"theme": [dict(reversed(ENTRY.items()))], "top": {"service": "Service"}})
    other = parse_taxonomy({"top": {"service": "Service"}, "theme": [{**ENTRY, "label": "Post"}]})
    assert one.sha256 == same.sha256 != other.sha256


def test_unknown_theme_names_the_nearest() -> None:
    with pytest.raises(
        UsageError, match=r'No theme "service\.delivry".*Nearest: "service\.delivery"'
    ):
        load_taxonomy().resolve("service.delivry")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"key": "Delivery"}, "a key has the form top.name"),
        ({"key": "shop.delivery"}, r"its first part is not in \[top\] \(service\)"),
        ({"label": ""}, "label is missing"),
        ({"exmples": []}, 'unknown field "exmples", nearest "examples"'),
    ],
)
def test_a_broken_entry_says_what_is_wrong(change: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_taxonomy({"top": {"service": "Service"}, "theme": [{**ENTRY, **change}]})


def test_a_catch_all_is_not_ranked() -> None:
    tree = load_taxonomy()
    assert not tree.ranked("general.overall")
    assert tree.ranked("service.billing")
    with pytest.raises(UsageError, match=r'catch_all names "shop", which is not in \[top\]'):
        parse_taxonomy({"catch_all": ["shop"], "top": {"service": "Service"}, "theme": [ENTRY]})


def test_two_equal_keys() -> None:
    with pytest.raises(UsageError, match=r'"service\.delivery" stands twice'):
        parse_taxonomy({"top": {"service": "Service"}, "theme": [ENTRY, ENTRY]})


def test_a_missing_and_a_garbled_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        load_taxonomy(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("version = = 1")
    with pytest.raises(UsageError, match="is not valid TOML"):
        load_taxonomy(tmp_path / "bad.toml")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"top": ["service"]}, r'"top" has another form, expected a table \[top\]'),
        ({"top": {"service": ["Service"]}}, r'"top" has another form'),
        ({"theme": ENTRY}, r'"theme" has another form, expected entries.*\[\[theme\]\]'),
        ({"theme": [1]}, r'"theme" has another form'),
        ({"catch_all": "service"}, r'"catch_all" has another form, expected a list of texts'),
        ({"theme": [{**ENTRY, "examples": "late"}]}, r'delivery": "examples" has another form'),
        ({"theme": [{**ENTRY, "aliases": [["a.b"]]}]}, r'"aliases" has another form'),
        ({"theme": [{**ENTRY, "label": ["x"]}]}, r'"label" has another form, expected a text'),
        ({"translation": {"sv": {"label": "x"}}}, r"translation\.sv: expected tables of words"),
        ({"translation": ["sv"]}, r'"translation" has another form'),
    ],
)
def test_a_field_of_another_form_says_which_is_expected(
    change: dict[str, object], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        parse_taxonomy({"top": {"service": "Service"}, "theme": [ENTRY]} | change)


def test_a_byte_order_mark_is_no_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    text = (
        '[top]\nservice = "Service"\n[[theme]]\nkey = "service.post"\n'
        'label = "Post"\ndefinition = "Parcels."\n'
    )
    path.write_text(text, encoding="utf-8-sig")
    assert load_taxonomy(path).keys == ("service.post",)
