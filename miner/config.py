"""Settings of a run: TOML -> one frozen object; an unknown key is an error with the nearest valid.

The command line overrides the file, the file overrides the defaults.
"""

from __future__ import annotations

import dataclasses
import math
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from miner.errors import UsageError, nearest

ReportFormat = Literal["html", "xlsx", "md", "json", "csv"]
REPORT_FORMATS: tuple[ReportFormat, ...] = get_args(ReportFormat)
RANKINGS = ("share", "impact", "mentions", "gap")
_GRAINS = ("auto", "month", "week")
_LEAST = 1e-6
_RANGES: Final[Mapping[str, tuple[bool, float, float, str]]] = {
    "minimum_n": (True, 1, 1_000_000, "a whole number from 1, at most 1000000"),
    "verbatims": (True, 1, 1_000_000, "a whole number from 1, at most 1000000"),
    "follow_up_days": (True, 1, 36600, "a whole number from 1, at most 36600"),
    "workers": (True, 0, 1024, "0 (one per core) or a whole number from 1, at most 1024"),
    "due_hours": (False, _LEAST, 8784, "a number above 0, at most 8784"),
    "gross_margin": (False, _LEAST, 1, "a share above 0 and at most 1"),
}
"""Of each number: whether whole, the least, the most, and both in words."""
REPORT_LANGUAGES = ("en", "sv")
USUAL: Final[Mapping[str, Any]] = {
    "grain": "auto",
    "minimum_n": 10,
    "verbatims": 40,
    "formats": REPORT_FORMATS,
}
"""What a run takes where its settings say nothing; a report drawn again takes what it had."""


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
    areas : survey areas rated 1-5 twice, by name: a table with the columns ``now`` and ``wanted``
        (or ``experience`` and ``importance``) and perhaps a ``theme``; others are recognised.
    benchmark : path of a TOML or CSV file of industry or competitor averages.
    against : path of another export, or the folder of an earlier run, to compare with.
    customers : path of a customer table: id, start, end, revenue, acquisition cost.
    customer_map : field -> column name of the customer table, overriding what was recognised;
        without a table, the columns are those of the export.
    gross_margin : share of revenue left after its direct cost, for the lifetime value; None
        counts all revenue.
    grain : trend by ``month`` or ``week``; ``auto`` takes weeks below ten weeks of data. None means
        as the report was drawn before, else auto.
    minimum_n : below this many feedback a figure says "too few"; None means as the report was drawn
        before, else 10.
    compare_from : first day of the later of the two windows compared (such as ``2026-03-01``); the
        one before is as long. None means as the report was drawn before, else the last third of
        the periods and the third before it.
    since, until : first and last day of the period the report is drawn for (such as
        ``2026-01-01``); feedback outside it, or without a date, is set aside. None means as the
        report was drawn before, else from the first and to the last date.
    stage : name of the column that holds the stages of the customer's journey; None means as the
        report was drawn before, else the one its name gives away.
    rank_by : what pain points and strengths are ranked by: ``share`` of feedback, additive
        ``impact`` on the first score, number of ``mentions``, or ``gap`` in the score; None means
        as the report was drawn before, else share.
    verbatims : at most so many verbatims per theme and side in the report; None means as the
        report was drawn before, else 40.
    due_hours : hours from a feedback to the time its follow-up is due; None means as the report
        was drawn before, else 24.
    follow_up_days : days the follow-up list reaches back from the last date; None means as the
        report was drawn before, else 30.
    formats : report files to write; None means as the report was drawn before, else all.
    workers : processes that score; 0 means one per core for long input.
    title : heading of the report; None means the input's name.
    logo : path of a PNG or JPEG picture for the head of the page; None means as before.
    report_language : of the report's own words, numbers and theme labels: ``en`` or ``sv``; None
        means as the report was drawn before, else English.

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
    areas: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    benchmark: str | None = None
    against: str | None = None
    customers: str | None = None
    customer_map: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    gross_margin: float | None = None
    grain: str | None = None
    minimum_n: int | None = None
    compare_from: str | None = None
    since: str | None = None
    until: str | None = None
    stage: str | None = None
    rank_by: str | None = None
    verbatims: int | None = None
    due_hours: float | None = None
    follow_up_days: int | None = None
    formats: tuple[str, ...] | None = None
    workers: int = 0
    title: str | None = None
    logo: str | None = None
    report_language: str | None = None
    now: datetime | None = None

    def __post_init__(self) -> None:
        self._check_kinds()
        if self.sheet is not None:
            object.__setattr__(self, "sheet", str(self.sheet))
        self._check_choices()
        self._check_numbers()
        self._check_clock()
        for name in ("compare_from", "since", "until"):
            self._check_day(name)
        if self.since and self.until and self.since > self.until:
            raise _wrong("until", self.until, f"a day from {self.since} (since) on")

    def _check_kinds(self) -> None:
        """Refuse what only a settings file can say: a number where a name belongs."""
        for names, fits, expected in _KINDS:
            for name in names:
                got = getattr(self, name)
                if got is not None and not fits(got):
                    raise _wrong(name, got, expected)

    def _check_choices(self) -> None:
        known: tuple[tuple[str, tuple[str, ...]], ...] = (
            ("grain", _GRAINS),
            ("rank_by", RANKINGS),
            ("report_language", REPORT_LANGUAGES),
        )
        for name, choices in known:
            if getattr(self, name) not in (None, *choices):
                raise _wrong(name, getattr(self, name), "one of " + ", ".join(choices))
        given = REPORT_FORMATS if self.formats is None else self.formats or ("nothing",)
        for one in given:
            if one not in REPORT_FORMATS:
                raise _wrong("formats", one, "one or more of " + ", ".join(REPORT_FORMATS))

    def _check_numbers(self) -> None:
        for name, (whole, least, most, expected) in _RANGES.items():
            got = getattr(self, name)
            if got is None:
                continue
            if not (_is_number(got, whole=whole) and least <= got <= most):
                raise _wrong(name, got, expected)
            object.__setattr__(self, name, int(got) if whole else float(got))

    def _check_clock(self) -> None:
        """Take a clock as TOML writes it, with or without a time, a zone, quotes."""
        if self.now is None:
            return
        try:
            moment = datetime.fromisoformat(str(self.now))
        except ValueError as error:
            raise _wrong("now", self.now, "a time such as 2026-11-21T09:30:00Z") from error
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        object.__setattr__(self, "now", moment)

    def _check_day(self, name: str) -> None:
        """Take a day as TOML or a person writes it: kept as an ISO date."""
        got = getattr(self, name)
        if got is None:
            return
        try:
            day = date.fromisoformat(str(got)[:10] if isinstance(got, datetime) else str(got))
        except ValueError as error:
            raise _wrong(name, got, "a date such as 2026-03-01") from error
        object.__setattr__(self, name, day.isoformat())

    def to_dict(self) -> dict[str, Any]:
        """Return what changes the numbers or the files, for the manifest (no clock, no workers)."""
        data = dataclasses.asdict(self)
        del data["now"], data["workers"]
        data["map"] = dict(sorted(self.map.items()))
        data["customer_map"] = dict(sorted(self.customer_map.items()))
        # the folder they lay in is the owner's business
        for name in ("benchmark", "against", "customers", "logo"):
            data[name] = Path(data[name]).name if data[name] else None
        data |= {name: usual for name, usual in USUAL.items() if data[name] is None}
        data["formats"] = list(data["formats"])
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
    if isinstance(values.get("formats"), list):
        values["formats"] = tuple(values["formats"])
    for name in ("map", "customer_map"):
        if isinstance(values.get(name), Mapping):
            values[name] = {
                key: tuple(value) if isinstance(value, list) else value
                for key, value in values[name].items()
            }
    try:
        return Settings(**values)
    except TypeError as error:
        raise UsageError(
            f"{path or 'settings'}: a value has the wrong type ({error}).",
            hint="The README lists every setting with an example.",
            slug="config.wrong-type",
        ) from error


def _is_number(got: object, *, whole: bool) -> bool:
    if isinstance(got, bool) or not isinstance(got, int | float):
        return False
    return isinstance(got, int) or (math.isfinite(got) and (not whole or got.is_integer()))


def _are_columns(got: object) -> bool:
    return isinstance(got, Mapping) and all(
        isinstance(one, str) or (isinstance(one, tuple) and all(isinstance(c, str) for c in one))
        for one in got.values()
    )


def _are_areas(got: object) -> bool:
    return isinstance(got, Mapping) and all(
        isinstance(area, Mapping) and all(isinstance(one, str) for one in area.values())
        for area in got.values()
    )


_KINDS: Final[tuple[tuple[tuple[str, ...], Callable[[Any], bool], str], ...]] = (
    (
        (
            "language",
            "encoding",
            "delimiter",
            "grain",
            "stage",
            "rank_by",
            "title",
            "report_language",
        ),
        lambda got: isinstance(got, str),
        "text in quotes",
    ),
    (("sheet",), lambda got: isinstance(got, str | int), "the name of a sheet, or its number"),
    (
        ("model", "taxonomy", "benchmark", "against", "customers", "logo"),
        lambda got: isinstance(got, str | os.PathLike) and bool(str(got)),
        "a path in quotes",
    ),
    (("map", "customer_map"), _are_columns, 'a table such as {text = "Comment"}'),
    (("areas",), _are_areas, 'a table such as {Price = {now = "Price now", wanted = "Price"}}'),
    (
        ("formats",),
        lambda got: isinstance(got, tuple | list) and all(isinstance(one, str) for one in got),
        'a list such as ["html", "xlsx"]',
    ),
)
"""Settings, whether a value fits them, and what is expected: TOML writes any kind anywhere."""


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
