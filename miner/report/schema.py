"""The JSON Schema of ``report.json``, made from the dataclasses that are written into it.

``python -m miner.report.schema`` prints it; `miner.report_schema` reads the published file, and a
test holds the two equal, so that a field that comes or goes is seen before it is published.
"""

from __future__ import annotations

import json
import sys
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final, Literal, get_args, get_origin

from miner.insight.figures import Estimate
from miner.insight.types import Trend
from miner.report.model import (
    SCHEMA,
    Card,
    Cited,
    CohortCell,
    FeedbackCell,
    Kind,
    ScoreView,
    Sentence,
    ThemeInfo,
    Verbatim,
)
from miner.types import Ledger

Rule = dict[str, Any]

NAME: Final = SCHEMA.removeprefix("miner-").replace("/", "-")
_SCALARS: Final[dict[Any, str]] = {
    str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null",
}  # fmt: skip
_CELLS: Final = (Estimate, Trend, CohortCell, FeedbackCell)
"""What a table's cell can be beside text, a number, true, false and null."""


def report_rule() -> Rule:
    """Return the JSON Schema (draft 2020-12) of a whole report.

    Examples
    --------
    >>> report_rule()["$id"]
    'urn:feedback-miner:schema:report-1'
    """
    known: dict[str, Rule] = {}
    properties = {name: _described(hint, text, known) for name, (hint, text) in _WHOLE.items()}
    known["Table"] = _object(
        {name: _described(hint, text, known) for name, (hint, text) in _TABLE.items()}
        | {"columns": _columns(), "rows": _rows(known)},
        "One table: what its columns hold, and one object a row under the columns' keys.",
    )
    known["Finding"] = _object(
        {name: _described(hint, text, known) for name, (hint, text) in _FINDING.items()},
        "What one band of the report says.",
    )
    properties |= {
        "tables": _map("Table", "Every table of the report by its key."),
        "findings": _map("Finding", "What each band says, by its key, in reading order."),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:feedback-miner:schema:{NAME}",
        "title": "Report",
        **_object(properties, "Everything a report shows, as report.json holds it."),
        "$defs": dict(sorted(known.items())),
    }


_WHOLE: Final[dict[str, tuple[Any, str]]] = {
    "schema": (Literal[SCHEMA], "The form of this file and its version."),
    "language": (str, "The language of sentences, titles and labels: an ISO 639-1 code."),
    "generated": (str, "When the report was drawn: ISO 8601, UTC."),
    "title": (str, "The report's heading."),
    "period": (str, "First and last day of the feedback counted, in words."),
    "reading": (Sentence, "What was read, counted and set aside."),
    "ledger": (Ledger, "The account of the rows read."),
    "counted": (int, "Feedback the figures rest on."),
    "minimum_n": (int, "Below so many feedback a figure is null."),
    "polarity": (Mapping[str, int], "Feedback by its tone."),
    "periods": (tuple[str, ...], "ISO months or ISO weeks, oldest first, without gaps."),
    "lead": (Sentence, "The line above the decisions."),
    "cards": (tuple[Card, ...], "The decisions, worst first."),
    "scores": (tuple[ScoreView, ...], "NPS, CSAT, CES and stars, those the export has."),
    "taxonomy": (tuple[ThemeInfo, ...], "The themes and top themes."),
    "cohort_values": (Mapping[str, tuple[str, ...]], "The values of each cohort."),
    "verbatims": (tuple[Verbatim, ...], "The mentions that can be read, redacted."),
    "cited": (tuple[Cited, ...], "Feedback a table cites though it holds no mention."),
    "manifest": (Mapping[str, Any], "Where the figures come from."),
    "model_quality": (Mapping[str, Any], "The model's own measured figures."),
}
_TABLE: Final[dict[str, tuple[Any, str]]] = {
    "band": (str, "The key of the band the table stands in."),
    "title": (str, "The table's title."),
}
_FINDING: Final[dict[str, tuple[Any, str]]] = {
    "title": (str, "The band's title."),
    "headline": (Sentence, "The finding in one sentence."),
    "notes": (tuple[Sentence, ...], "What a reader should know beside it."),
    "computed": (str, "How the band's figures are computed."),
}


def _columns() -> Rule:
    parts = {
        "key": {"type": "string", "description": "The name of the column in every row."},
        "label": {"type": "string", "description": "What a reader sees above the column."},
        "kind": _rule(Kind, {}) | {"description": "What the column's cells are."},
    }
    return {"type": "array", "items": _object(parts, ""), "description": "Left to right."}


def _rows(known: dict[str, Rule]) -> Rule:
    cells = [_rule(one, known) for one in _CELLS]
    plain = {"type": ["null", "string", "number", "boolean"]}
    row = {"type": "object", "additionalProperties": {"anyOf": [plain, *cells]}}
    return {"type": "array", "items": row, "description": "One object a row."}


def _map(name: str, description: str) -> Rule:
    inside = {"$ref": f"#/$defs/{name}"}
    return {"type": "object", "additionalProperties": inside, "description": description}


def _object(properties: Mapping[str, Rule], description: str) -> Rule:
    head = {"description": description} if description else {}
    return {
        "type": "object",
        **head,
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _described(hint: Any, description: str, known: dict[str, Rule]) -> Rule:
    return _rule(hint, known) | {"description": description}


def _rule(hint: Any, known: dict[str, Rule]) -> Rule:
    """The rule of one type; dataclasses are added to the known definitions."""
    if hint is Any:
        return {}
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    if is_dataclass(hint):
        return _defined(hint, known)
    return _generic(hint, known)


def _generic(hint: Any, known: dict[str, Rule]) -> Rule:
    origin, inside = get_origin(hint), get_args(hint)
    if origin is Literal:
        return {"type": "string", "enum": list(inside)}
    if origin in (typing.Union, types.UnionType):
        return _one_of([_rule(one, known) for one in inside])
    if origin is tuple:
        return _array(inside, known)
    return {"type": "object", "additionalProperties": _rule(inside[1], known)}


def _array(inside: tuple[Any, ...], known: dict[str, Rule]) -> Rule:
    if inside[-1] is Ellipsis:
        return {"type": "array", "items": _rule(inside[0], known)}
    parts = [_rule(one, known) for one in inside]
    return {"type": "array", "prefixItems": parts, "items": False, "minItems": len(parts)}


def _one_of(rules: list[Rule]) -> Rule:
    """Single types side by side where each is no more than a type."""
    if all(list(rule) == ["type"] for rule in rules):
        return {"type": [rule["type"] for rule in rules]}
    return {"anyOf": rules}


def _defined(kind: Any, known: dict[str, Rule]) -> Rule:
    name = kind.__name__
    if name not in known:
        known[name] = {}  # so that a type that holds itself ends here
        hints = typing.get_type_hints(kind)
        properties = {one.name: _rule(hints[one.name], known) for one in fields(kind)}
        known[name] = _object(properties, _first_sentence(kind))
    return {"$ref": f"#/$defs/{name}"}


def _first_sentence(kind: Any) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())


def as_text() -> str:
    """Return the schema as the published file holds it."""
    return json.dumps(report_rule(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(as_text())
