"""A file of benchmarks, TOML or CSV, read and checked."""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from miner.errors import UsageError, nearest
from miner.insight.facts.benchmarks import Benchmark, BenchmarkMeasure
from miner.taxonomy import Taxonomy

MEASURES: Final[tuple[BenchmarkMeasure, ...]] = get_args(BenchmarkMeasure)
FIELDS: Final = ("name", "measure", "theme", "value", "n", "sd", "scale", "source", "year")
_SHARES: Final = ("csat", "negative", "positive")
_OF_THEMES: Final = ("negative", "positive")
_TABLE: Final = "benchmark"
_TABLES: Final = (".csv", ".tsv")
_FORM: Final = (
    'Write for example: [[benchmark]] name = "Retail 2025" measure = "nps" value = 32 n = 1200.'
)
_AS_TABLE: Final = (
    "Write for example: name,measure,value,n in row 1, Retail 2025,nps,32,1200 in row 2."
)
_LONGEST: Final = 200
"""Characters of a name or a source: it stands in a chart."""


def read_benchmarks(path: str | Path, taxonomy: Taxonomy) -> tuple[Benchmark, ...]:
    """Return the benchmarks of a file, in its order.

    Parameters
    ----------
    path : CSV (by its ending, ``.csv`` or ``.tsv``; the first row names the columns), else TOML
        with one ``[[benchmark]]`` table each. Fields: ``name``, ``measure`` (nps, csat, ces,
        stars, negative, positive), ``value`` (NPS in points; CSAT and theme shares in [0, 1] or
        ``"78%"``; CES and stars on their scale), ``theme`` with negative and positive; perhaps
        ``n``, ``sd`` (NPS in points), ``scale`` (``"1-7"``), ``source``, ``year``.
    taxonomy : the themes there are; merged keys lead to their heir.

    Raises
    ------
    UsageError
        The file is missing or of another form, or an entry breaks a rule; the message names it.
    """
    place = Path(path)
    entries = _entries(place)
    if not entries:
        hint = _AS_TABLE if place.suffix.lower() in _TABLES else _FORM
        raise _bad(str(place), "there is no benchmark in it", hint=hint)
    return tuple(_benchmark(where, entry, taxonomy) for where, entry in entries)


def _entries(path: Path) -> list[tuple[str, Mapping[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        what = "it is not UTF-8 text" if isinstance(error, ValueError) else error.strerror or error
        raise _bad(
            str(path), str(what), hint="Give the path of a TOML or CSV file to --benchmark."
        ) from error
    if path.suffix.lower() in _TABLES:
        try:
            return [(f"{path}, row {row}", entry) for row, entry in _rows(text)]
        except csv.Error as error:
            raise _bad(str(path), f"it is not valid CSV: {error}", hint=_AS_TABLE) from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _bad(str(path), f"it is not valid TOML: {error}", hint=_FORM) from error
    for key in data:
        if key != _TABLE:
            raise _bad(str(path), f'unknown key "{key}"', hint=nearest(key, [_TABLE]) + _FORM)
    found = data.get(_TABLE, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise _bad(str(path), "expected [[benchmark]] tables", hint=_FORM)
    return [(f"{path}, benchmark {number}", one) for number, one in enumerate(found, 1)]


def _rows(text: str) -> Iterable[tuple[int, Mapping[str, Any]]]:
    """Yield row number (the header is row 1) and filled cells of each row that has any."""
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    header = [name.strip().lower() for name in next(table, [])]
    for row, cells in enumerate(table, 2):
        filled = {
            header[at] if at < len(header) else f"column {at + 1}": cell.strip()
            for at, cell in enumerate(cells)
            if cell.strip()
        }
        if filled:
            yield row, filled


def _check_fields(where: str, entry: Mapping[str, Any]) -> None:
    for key in entry:
        if key not in FIELDS:
            raise _bad(where, f'unknown field "{key}"', hint=_known(key, FIELDS, "Fields"))
    for key in ("name", "measure", "value"):
        if entry.get(key) in (None, ""):
            raise _bad(where, f"{key} is missing", hint=_FORM)
    for key in ("name", "source"):
        if len(str(entry.get(key, ""))) > _LONGEST:
            raise _bad(where, f"{key} is longer than {_LONGEST} characters", hint="Shorten it.")


def _benchmark(where: str, entry: Mapping[str, Any], taxonomy: Taxonomy) -> Benchmark:
    _check_fields(where, entry)
    measure = _measure(where, entry["measure"])
    scale = _scale(where, entry.get("scale"))
    value = _value(where, measure, entry["value"])
    sd = entry.get("sd")
    if sd is not None and measure in _SHARES:
        raise _bad(where, f"sd says nothing about {measure}, a share", hint="Leave sd out.")
    if scale is not None and measure in ("ces", "stars") and not scale[0] <= value <= scale[1]:
        ends = f"{scale[0]:g}-{scale[1]:g}"
        raise _bad(where, f"value is {value:g}, off its scale {ends}", hint="Mend one of the two.")
    return Benchmark(
        name=str(entry["name"]),
        measure=measure,
        value=value,
        theme=_theme(where, measure, entry.get("theme"), taxonomy),
        n=_whole(where, "n", entry.get("n"), least=2),
        sd=None if sd is None else _positive(where, "sd", sd),
        scale=scale,
        source=str(entry.get("source", "")),
        year=_whole(where, "year", entry.get("year"), least=1900),
    )


def _measure(where: str, given: Any) -> BenchmarkMeasure:
    wanted = str(given).strip().lower()
    for measure in MEASURES:
        if wanted == measure:
            return measure
    hint = _known(wanted, MEASURES, "Measures")
    raise _bad(where, f'no measure "{given}"', hint=hint, slug="benchmark.unknown-measure")


def _theme(where: str, measure: str, given: Any, taxonomy: Taxonomy) -> str | None:
    if measure not in _OF_THEMES:
        if given is None:
            return None
        raise _bad(
            where, f"theme doesn't go with {measure}",
            hint='Leave it out, or set measure to "negative" or "positive".',
        )  # fmt: skip
    if given is None:
        raise _bad(where, f'measure "{measure}" needs a theme', hint="See all: miner themes list.")
    try:
        return taxonomy.resolve(str(given)).key
    except UsageError as error:
        raise _bad(
            where, f'no theme "{given}" in the taxonomy', hint=error.hint,
            slug="benchmark.unknown-theme",
        ) from error  # fmt: skip


def _value(where: str, measure: str, given: Any) -> float:
    if measure in _SHARES:
        if isinstance(given, str) and given.rstrip().endswith("%"):
            value = _number(where, "value", given.rstrip()[:-1]) / 100
        else:
            value = _number(where, "value", given)
        if not 0 <= value <= 1:
            raise _bad(
                where, f"value is {given}, expected a share from 0 to 1",
                hint='Write 0.78 or "78%".',
            )  # fmt: skip
        return value
    value = _number(where, "value", given)
    if measure == "nps" and not -100 <= value <= 100:
        raise _bad(where, f"value is {given}, expected -100 to 100", hint="NPS is in points.")
    return value


def _number(where: str, name: str, given: Any) -> float:
    try:
        if isinstance(given, bool):
            raise ValueError  # true and false are ints in Python
        value = float(given.strip().replace(",", ".") if isinstance(given, str) else given)
    except (ValueError, TypeError) as error:
        raise _bad(where, f"{name} is {given!r}, expected a number", hint=_FORM) from error
    if not math.isfinite(value):
        raise _bad(where, f"{name} is {given!r}, expected a number", hint=_FORM)
    return value


def _positive(where: str, name: str, given: Any) -> float:
    value = _number(where, name, given)
    if value < 0:
        raise _bad(where, f"{name} is {given}, expected 0 or more", hint="Mend that value.")
    return value


def _whole(where: str, name: str, given: Any, *, least: int) -> int | None:
    if given is None:
        return None
    value = _number(where, name, given)
    if not value.is_integer() or value < least:
        raise _bad(
            where, f"{name} is {given}, expected a whole number from {least}",
            hint="Mend that value, or leave it out.",
        )  # fmt: skip
    return int(value)


def _scale(where: str, given: Any) -> tuple[float, float] | None:
    """Return the ends of ``"1-7"`` or ``[1, 7]``."""
    if given is None:
        return None
    parts = given.split("-") if isinstance(given, str) else given
    if not isinstance(parts, list) or len(parts) != 2:
        raise _bad(where, f"scale is {given!r}, expected two ends", hint='Write scale = "1-7".')
    low, high = (_number(where, "scale", part) for part in parts)
    if not low < high:
        raise _bad(where, f"scale is {given!r}, expected the lower end first", hint="Swap them.")
    return low, high


def _known(name: str, known: Iterable[str], what: str) -> str:
    names = list(known)
    return f"{nearest(name, names)}{what}: {', '.join(names)}."


def _bad(where: str, what: str, *, hint: str, slug: str = "benchmark.invalid") -> UsageError:
    return UsageError(f"{where}: {what}.", hint=hint, slug=slug)
