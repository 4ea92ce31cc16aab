"""Settings of a run: TOML -> one frozen object; an unknown key is an error with the nearest valid.

The command line overrides the file, the file overrides the defaults.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, get_args

from miner.errors import UsageError, nearest

ReportFormat = Literal["html", "xlsx", "md", "json", "csv"]
REPORT_FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)
_GRAINS = ("auto", "month", "week")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run may be told.

    Parameters
    ----------
    model : name of a shipped model or path of a model folder.
    taxonomy : path of a taxonomy TOML; None means the model's own.
    language : the language to assume where a row names none and its text is too short to tell;
        None means the model's.
    encoding, delimiter, sheet : of the input; None means found out.
    map : field -> column name, overriding what was recognised.
    grain : trend by ``month`` or ``week``; ``auto`` takes weeks below ten weeks of data.
    minimum_n : below this many feedback a figure says "too few".
    verbatims : at most so many verbatims per theme and side in the report.
    formats : report files to write.
    workers : processes that score; 0 means one per core for long input.
    title : heading of the report; None means the input's name.

    Examples
    --------
    >>> Settings().model
    'en'
    """

    model: str = "en"
    taxonomy: str | None = None
    language: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    map: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    grain: str = "auto"
    minimum_n: int = 10
    verbatims: int = 40
    formats: tuple[str, ...] = REPORT_FORMATS
    workers: int = 0
    title: str | None = None
    now: datetime | None = None

    def __post_init__(self) -> None:
        if self.grain not in _GRAINS:
            raise _wrong("grain", self.grain, "auto, month or week")
        for name in ("minimum_n", "verbatims"):
            if getattr(self, name) < 1:
                raise _wrong(name, getattr(self, name), "a whole number from 1")
        if self.workers < 0:
            raise _wrong("workers", self.workers, "0 (one per core) or a whole number from 1")
        for one in self.formats:
            if one not in REPORT_FORMATS:
                raise _wrong("formats", one, "one or more of " + ", ".join(REPORT_FORMATS))

    def to_dict(self) -> dict[str, Any]:
        """Return what changes the numbers or the files, for the manifest (no clock, no workers)."""
        data = dataclasses.asdict(self)
        del data["now"], data["workers"]
        data["map"] = dict(sorted(self.map.items()))
        data["formats"] = list(self.formats)
        return data


def load_settings(path: str | Path | None = None, **overrides: Any) -> Settings:
    """Read a settings file and apply the overrides that are not None.

    Raises
    ------
    UsageError
        The file is missing, is not TOML, has an unknown key or a value out of range.
    """
    values = _from_file(Path(path)) if path is not None else {}
    values |= {key: value for key, value in overrides.items() if value is not None}
    if "formats" in values:
        values["formats"] = tuple(values["formats"])
    if "map" in values:
        values["map"] = {
            key: tuple(value) if isinstance(value, list) else value
            for key, value in dict(values["map"]).items()
        }
    try:
        return Settings(**values)
    except TypeError as error:
        raise UsageError(
            f"{path or 'settings'}: a value has the wrong type ({error}).",
            hint="The README lists every setting with an example.",
            slug="config.wrong-type",
        ) from error


def _from_file(path: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror or error}.",
            hint="Give the path of a settings file to --config.",
            slug="config.unreadable",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{path} is not valid TOML: {error}.", hint="Mend that line.", slug="config.not-toml"
        ) from error
    known = [one.name for one in dataclasses.fields(Settings)]
    for key in data:
        if key not in known:
            raise UsageError(
                f'{path}: no setting "{key}".',
                hint=f"{nearest(key, known)}Settings: {', '.join(known)}.",
                slug="config.unknown-key",
                key=key,
            )
    return data


def _wrong(name: str, got: object, expected: str) -> UsageError:
    return UsageError(
        f"Setting {name}: got {got!r}, expected {expected}.",
        hint=f"Change {name} in the settings file or on the command line.",
        slug="config.out-of-range",
        setting=name,
        got=got,
    )
