"""The JSON Schema of a scored feedback: what `to_dict` gives follows it, nothing else does."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from types import GenericAlias
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import miner
from miner.errors import DataError
from miner.schemas import SCORED, problems
from miner.scoring import Scorer
from miner.types import Clause, Mention, Scored, Signal

SCHEMA = miner.scored_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
TEXT = "Hello,\nthe food was delicious, but nobody answers the phone! I am leaving.\nKind regards"
PIECES = [
    "the courier was late", "I love the new app", "!!!", "\n", "  ", "but", "😀", "can I cancel?",
    "\ud800", "I'm switching to another bank.", "> quoted", "Dear team,", "Regards\nKim", "é", "17",
]  # fmt: skip
NAMES: dict[type, str] = {float: "number", int: "integer", str: "string"}


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


@pytest.fixture(scope="module")
def sample(scorer: Scorer) -> dict[str, Any]:
    data = scorer.score(TEXT).to_dict()
    assert all(data[name] for name in ("mentions", "signals", "clauses"))
    return data


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].endswith(f":{SCORED}")
    assert SCHEMA is not miner.scored_schema()


def described(rule: Any) -> bool:
    if isinstance(rule, dict) and "properties" in rule:
        return all("description" in one for one in rule["properties"].values())
    return True


def test_every_property_is_described_required_and_alone() -> None:
    for rule in (SCHEMA, *SCHEMA["$defs"].values()):
        assert described(rule)
        assert rule["additionalProperties"] is False
        assert rule["required"] == list(rule["properties"])


def expected(hint: Any) -> dict[str, Any]:
    """Return what the schema must say of a field of this type."""
    if get_origin(hint) is Literal:
        return {"type": "string", "enum": list(get_args(hint))}
    if get_origin(hint) is tuple:
        return {"type": "array", "items": expected(get_args(hint)[0])}
    if is_dataclass(hint):
        return {"$ref": f"#/$defs/{hint.__name__}"}  # type: ignore[union-attr]
    return {"type": NAMES[hint]}


def without_ranges(rule: dict[str, Any]) -> dict[str, Any]:
    found = {
        key: value
        for key, value in rule.items()
        if key not in ("description", "minimum", "maximum", "pattern")
    }
    if "items" in found:
        found["items"] = without_ranges(found["items"])
    return found


@pytest.mark.parametrize("kind", [Scored, Mention, Signal, Clause])
def test_the_types_and_the_schema_are_the_same(kind: type) -> None:
    """A field that comes, goes or changes its type needs a new version of the schema."""
    rule = SCHEMA if kind is Scored else SCHEMA["$defs"][kind.__name__]
    hints = get_type_hints(kind)
    assert list(rule["properties"]) == [one.name for one in fields(kind)]
    for name, found in rule["properties"].items():
        assert without_ranges(found) == expected(hints[name]), name
    assert isinstance(tuple[int], GenericAlias)  # what `expected` relies on


def test_no_definition_is_left_over() -> None:
    assert set(SCHEMA["$defs"]) == {"Mention", "Signal", "Clause"}


@settings(max_examples=60)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=12), max_size=8).map(" ".join))
def test_whatever_is_scored_follows_it_and_comes_back(text: str) -> None:
    scored = _shared().score(text)
    data = scored.to_dict()
    VALIDATOR.validate(data)
    wire = json.loads(json.dumps(data, allow_nan=False))
    assert wire == data
    assert Scored.from_dict(wire) == scored


@pytest.mark.parametrize("value", [None, float("nan"), 3, b"x", "bad " * 20_000])
def test_what_is_no_text_or_too_long_follows_it_too(value: object, scorer: Scorer) -> None:
    scored = scorer.score(value)
    VALIDATOR.validate(scored.to_dict())
    assert Scored.from_dict(scored.to_dict()) == scored


def at(*path: Any) -> Callable[[Any], tuple[Any, Any]]:
    def find(data: Any) -> tuple[Any, Any]:
        for key in path[:-1]:
            data = data[key]
        return data, path[-1]

    return find


WRONG: list[tuple[Any, Any, str]] = [
    (at("text"), None, r"text: got None, expected a string"),
    (at("sentiment"), 1.5, r"sentiment: got 1.5, expected -1 to 1"),
    (at("sentiment"), True, r"sentiment: got True, expected a number"),
    (at("polarity"), "bad", r"polarity: got 'bad', expected one of negative, neutral, positive, m"),
    (at("mentions"), {}, r"mentions: got \{\}, expected an array"),
    (at("mentions", 0, "polarity"), "mixed", r"mentions\[0\]\.polarity: got 'mixed'"),
    (at("mentions", 0, "theme"), "Delivery", r"mentions\[0\]\.theme: got 'Delivery', expected te"),
    (at("mentions", 0, "confidence"), -0.1, r"confidence: got -0.1, expected 0 to 1"),
    (at("mentions", 0, "start"), -1, r"mentions\[0\]\.start: got -1, expected 0 or more"),
    (at("mentions", 0, "start"), 0.5, r"start: got 0.5, expected an integer"),
    (at("mentions", 0, "evidence"), [1], r"mentions\[0\]\.evidence\[0\]: got 1, expected a string"),
    (at("mentions", 0, "more"), 1, r"mentions\[0\]: got 'more', expected only theme, polarity"),
    (at("signals", 0, "kind"), "anger", r"signals\[0\]\.kind: got 'anger', expected one of comp"),
    (at("clauses", 0, "kind"), "noise", r"clauses\[0\]\.kind: got 'noise'"),
    (at("clauses", 0), [], r"clauses\[0\]: got \[\], expected an object"),
    (at("flags"), ["a", 2], r"flags\[1\]: got 2, expected a string"),
]


@pytest.mark.parametrize(("place", "value", "words"), WRONG)
def test_wrong_data_fail_both_checks(
    place: Any, value: Any, words: str, sample: dict[str, Any]
) -> None:
    data = copy.deepcopy(sample)
    holder, key = place(data)
    holder[key] = value
    assert not VALIDATOR.is_valid(data)
    with pytest.raises(DataError, match=rf"no scored feedback: .*{words}.*scored_schema\(\)"):
        Scored.from_dict(data)


@pytest.mark.parametrize("path", [("text",), ("mentions", 0, "evidence"), ("clauses", 0, "kind")])
def test_a_missing_field_fails_both_checks(path: Any, sample: dict[str, Any]) -> None:
    data = copy.deepcopy(sample)
    holder, key = at(*path)(data)
    del holder[key]
    assert not VALIDATOR.is_valid(data)
    with pytest.raises(DataError, match=f'got no "{key}", expected one'):
        Scored.from_dict(data)


@pytest.mark.parametrize("value", [None, [], "text", 3])
def test_what_is_no_object_fails(value: Any) -> None:
    with pytest.raises(DataError, match=r"the whole: got .*, expected an object"):
        Scored.from_dict(value)


def test_offsets_must_lie_inside_the_text(sample: dict[str, Any]) -> None:
    data = copy.deepcopy(sample)
    data["signals"][0]["end"] = len(TEXT) + 1
    with pytest.raises(
        DataError, match=rf"signals\[0\]: got .*, expected a stretch of 0 to {len(TEXT)}"
    ):
        Scored.from_dict(data)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 90) | st.floats(-2, 2) | st.sampled_from(
        ["negative", "mixed", "praise", "statement", "service.delivery", ""]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("start"), inner),
    max_leaves=3,
)  # fmt: skip


@settings(max_examples=150)
@given(value=ANY, data=st.data())
def test_both_checks_agree_on_any_change(value: Any, data: st.DataObject) -> None:
    changed = _shared().score(TEXT).to_dict()
    holder: Any = changed
    while True:
        key = data.draw(
            st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder)))
        )
        if not holder[key] or not isinstance(holder[key], dict | list) or data.draw(st.booleans()):
            break
        holder = holder[key]
    holder[key] = value
    agreed = not list(problems(changed))
    # JSON Schema counts 1.0 as an integer, Python's types don't
    if not (isinstance(value, float) and value.is_integer()):
        assert agreed == VALIDATOR.is_valid(changed)


_kept: list[Scorer] = []


def _shared() -> Scorer:
    """One scorer for the tests that draw their texts, which can't take a fixture well."""
    if not _kept:
        _kept.append(miner.load())
    return _kept[0]
