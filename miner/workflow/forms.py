"""A table by column as CSV or JSON lines, with the standard library alone.

The same bytes as `miner.workflow.frame_forms` makes of a frame: for a line or two, importing pandas
and pyarrow would take longer than everything else together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from json.encoder import encode_basestring
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from miner.workflow.rows import Columns

_FORMULA: Final = re.compile("[=+\\-@\t\r\n＝＋－＠]")
"""As in `miner.insight.writer`: what spreadsheets take for a formula (OWASP, CSV Injection)."""


def csv_header(dtypes: Mapping[str, str]) -> str:
    """Return the first line of a CSV file.

    Examples
    --------
    >>> csv_header({"id": "str", "start": "int64"})
    '"id","start"\\n'
    """
    return ",".join(f'"{name}"' for name in dtypes) + "\n"


def csv_rows(columns: Columns, dtypes: Mapping[str, str]) -> str:
    """Return the rows as CSV lines; a text that would start a formula gets an apostrophe.

    Parameters
    ----------
    dtypes : ``str``, ``int64`` or ``float64`` by column, in the order to write; other columns are
        left out. None and NaN leave a cell empty.

    Examples
    --------
    >>> dtypes = {"id": "str", "sentiment": "float64", "quote": "str"}
    >>> print(csv_rows({"id": ["1"], "sentiment": [1.0], "quote": ["=a, b"]}, dtypes), end="")
    "1",1,"'=a, b"
    """
    return "".join(map("{}\n".format, map(",".join, _cells(columns, dtypes, _CSV))))


def json_rows(columns: Columns, dtypes: Mapping[str, str]) -> str:
    """Return the rows as JSON lines; parameters as in `csv_rows`, None and NaN are null.

    Examples
    --------
    >>> print(json_rows({"id": ["1"], "start": [0]}, {"id": "str", "start": "int64"}), end="")
    {"id":"1","start":0}
    """
    line = ",".join(f'"{name}":{{}}' for name in dtypes)
    return "".join(f"{{{line.format(*row)}}}\n" for row in _cells(columns, dtypes, _JSON))


def _cells(
    columns: Columns, dtypes: Mapping[str, str], forms: Mapping[str, Callable[[Any], str]]
) -> zip[tuple[str, ...]]:
    return zip(
        *(map(forms[dtype], _values(columns[name])) for name, dtype in dtypes.items()), strict=True
    )


def _values(column: Any) -> Sequence[Any]:
    """Return a column as Python objects."""
    return column if isinstance(column, list) else list(column.tolist())


def _csv_text(value: str | None) -> str:
    if value is None:
        return ""
    safe = f"'{value}" if _FORMULA.match(value) else value
    return '"' + safe.replace('"', '""') + '"'


def _csv_float(value: float) -> str:
    return "" if value != value else repr(value).removesuffix(".0")


def _json_text(value: str | None) -> str:
    return "null" if value is None else encode_basestring(value).replace("/", "\\/")


def _json_float(value: float) -> str:
    return "null" if value != value else repr(value + 0.0)  # no -0.0


_Forms = Mapping[str, Callable[[Any], str]]
_CSV: Final[_Forms] = {"str": _csv_text, "int64": str, "float64": _csv_float}
_JSON: Final[_Forms] = {"str": _json_text, "int64": str, "float64": _json_float}
