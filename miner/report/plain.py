"""Turning frozen report data into JSON-ready data, the same for every kind of object."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

_DIGITS: Final = 6
"""Digits kept in files: finer than any figure's interval, coarser than platform noise."""


def jsonable(value: Any) -> Any:
    """Return dicts, lists, strings, numbers, booleans and None for any report object.

    Floats are rounded to six digits and stand as null where they are not finite; an object
    with a `to_json` method speaks for itself.

    Examples
    --------
    >>> jsonable({"share": 1 / 3, "of": (1, None)})
    {'share': 0.333333, 'of': [1, None]}
    """
    if hasattr(value, "to_json"):
        return value.to_json()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: jsonable(getattr(value, field.name)) for field in dataclasses.fields(value)
        }
    if isinstance(value, Mapping):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [
            jsonable(item)
            for item in (sorted(value) if isinstance(value, (set, frozenset)) else value)
        ]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if hasattr(value, "item"):  # a numpy number
        return _scalar(value.item())
    if isinstance(value, float):
        return rounded(value) if math.isfinite(value) else None
    return str(value)


def storable(text: str) -> str:
    """Return text that any file can hold: half of a broken emoji becomes a question mark.

    Examples
    --------
    >>> storable("fine 👎"), storable("broken \\ud83d")
    ('fine 👎', 'broken ?')
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def rounded(value: float) -> float:
    """Return the number rounded to six significant digits, as it stands in files.

    Examples
    --------
    >>> rounded(1 / 3), rounded(0.00001234567)
    (0.333333, 1.23457e-05)
    """
    return float(f"{value:.{_DIGITS}g}")
