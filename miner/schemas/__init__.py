"""The JSON Schema of what the library gives, and the check that data follows it.

A schema is a file of this folder, versioned in its name and its ``$id`` (``scored-1.json``). The
check reads the schema itself, so that the two can't differ; it knows the keywords used there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

SCORED: Final = "scored-1"
"""Version of the scored feedback that `miner.types.Scored.to_dict` writes."""

REPORT: Final = "report-1"
"""Version of the report that `miner run` writes as ``report.json``."""

ALERT: Final = "alert-1"
"""Version of the event of an alert that `miner feed run` writes and sends."""

_FOLDER: Final = Path(__file__).resolve().parent
_TYPES: Final[dict[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, Mapping),
    "array": lambda value: isinstance(value, list | tuple),
    "string": lambda value: isinstance(value, str),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
}
_SHOWN: Final = 60  # characters of a wrong value that a message shows


def scored_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one scored feedback, a fresh copy.

    `miner.types.Scored.to_dict` gives its instances, `miner.types.Scored.from_dict` reads them.

    Examples
    --------
    >>> schema = scored_schema()
    >>> schema["$id"]
    'urn:feedback-miner:schema:scored-1'
    >>> schema["properties"]["polarity"]["enum"]
    ['negative', 'neutral', 'positive', 'mixed']
    """
    found: dict[str, Any] = json.loads(_text(SCORED))
    return found


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``report.json``, a fresh copy.

    Examples
    --------
    >>> report_schema()["$id"]
    'urn:feedback-miner:schema:report-1'
    """
    found: dict[str, Any] = json.loads(_text(REPORT))
    return found


def alert_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of one event of an alert, a fresh copy.

    `miner.feed.alerts.payload` gives its instances.

    Examples
    --------
    >>> alert_schema()["$id"]
    'urn:feedback-miner:schema:alert-1'
    """
    found: dict[str, Any] = json.loads(_text(ALERT))
    return found


def problems(data: object, name: str = SCORED) -> Iterator[str]:
    """Yield what is wrong with data, each as ``place: got …, expected …``; nothing where all fits.

    Parameters
    ----------
    data : plain data, as a JSON reader gives it; tuples count as arrays.
    name : of a schema of this folder.

    Examples
    --------
    >>> next(problems({"text": 3}))
    'the whole: got no "sentiment", expected one'
    """
    schema = _parsed(name)
    return _problems(data, schema, schema.get("$defs", {}), "")


def scored_problem(data: Any) -> str:
    """Return what is wrong with a scored feedback first, empty where nothing is.

    That offsets lie inside the text is looked at too: a schema can't say it.
    """
    wrong = next(problems(data, SCORED), "")
    if wrong:
        return wrong
    size = len(data["text"])
    for name in ("mentions", "signals", "clauses"):
        for at, one in enumerate(data[name]):
            if not one["start"] <= one["end"] <= size:
                found = f"{one['start']} to {one['end']}"
                return f"{name}[{at}]: got {found}, expected a stretch of 0 to {size}"
    return ""


def plain(value: Any) -> Any:
    """Return JSON-ready data: dataclasses as dicts in field order, tuples as lists.

    Examples
    --------
    >>> plain({"words": ("late", "again")})
    {'words': ['late', 'again']}
    """
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list | tuple) else value


def _problems(
    value: object, rule: Mapping[str, Any], known: Mapping[str, Any], place: str
) -> Iterator[str]:
    if "$ref" in rule:
        rule = known[rule["$ref"].rpartition("/")[2]]
    wrong = _mismatch(value, rule)
    if wrong:
        yield f"{place or 'the whole'}: got {_shown(value)}, expected {wrong}"
    elif isinstance(value, Mapping):
        yield from _in_object(value, rule, known, place)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(value):
            yield from _problems(item, rule["items"], known, f"{place}[{at}]")


def _in_object(
    value: Mapping[Any, Any], rule: Mapping[str, Any], known: Mapping[str, Any], place: str
) -> Iterator[str]:
    here = place or "the whole"
    for name in rule["required"]:
        if name not in value:
            yield f'{here}: got no "{name}", expected one'
    for name, item in value.items():
        if name not in rule["properties"]:
            yield f"{here}: got {_shown(name)}, expected only {', '.join(rule['properties'])}"
        else:
            inner = f"{place}.{name}" if place else name
            yield from _problems(item, rule["properties"][name], known, inner)


def _mismatch(value: Any, rule: Mapping[str, Any]) -> str:
    """Return what was expected of a single value, empty where it fits."""
    if not _TYPES[rule["type"]](value):
        return f"{'an' if rule['type'][0] in 'aio' else 'a'} {rule['type']}"
    if "enum" in rule and value not in rule["enum"]:
        return f"one of {', '.join(rule['enum'])}"
    if "pattern" in rule and not re.search(rule["pattern"], value):
        return f"text like {rule['pattern']}"
    low, high = rule.get("minimum"), rule.get("maximum")
    # written so that NaN, which JSON doesn't have, fits no range
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        return f"{low} or more" if high is None else f"{low} to {high}"
    return ""


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _text(name: str) -> str:
    return (_FOLDER / f"{name}.json").read_text(encoding="utf-8")


@lru_cache(maxsize=4)
def _parsed(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(_text(name))
    return found
