"""Options that several commands share, as decorators, and what they turn into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from miner.config import Settings, load_settings
from miner.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])

EXISTING = click.Path(path_type=str)
"""Existence is checked by the readers, whose messages say more than click's."""


def _chain(*decorators: Callable[[F], F]) -> Callable[[F], F]:
    def apply(function: F) -> F:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return apply


def input_options(function: F) -> F:
    """Add the options that say how to read an export."""
    return _chain(
        click.option("--map", "mapping", multiple=True, metavar="FIELD=COLUMN",
                     help='Take FIELD from COLUMN: --map text="Your comment"; may be repeated. '
                     "Fields: id, text, title, date, nps, csat, ces, stars, channel, language, "
                     "customer, cohort, ignore."),
        click.option("--encoding", help="Encoding of the input (default: found out)."),
        click.option("--delimiter", help="Column separator of the input (default: found out)."),
        click.option("--sheet", help="Sheet of a workbook, by name or number from 1."),
    )(function)  # fmt: skip


def model_option(function: F) -> F:
    """Add --model."""
    return click.option(
        "--model", help="Name of a shipped model or path of a model folder (default: en)."
    )(function)


def voice_options(function: F) -> F:
    """Add --quiet and --json."""
    return _chain(
        click.option("-q", "--quiet", is_flag=True, help="No progress, no summary."),
        click.option("--json", "as_json", is_flag=True,
                     help="Summary and errors as JSON, for programs."),
    )(function)  # fmt: skip


def clock_option(function: F) -> F:
    """Add --now, the clock of everything that carries a date."""
    return click.option(
        "--now", metavar="DATE", envvar="MINER_NOW",
        help="The clock to use, ISO 8601, for reports that must come out byte for byte the same.",
    )(function)  # fmt: skip


def parse_clock(text: str | None) -> datetime | None:
    """Return the clock given, in UTC when it names no zone; None when not given."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--now {text}: not an ISO 8601 date.",
            hint="Type it like 2026-11-21 or 2026-11-21T09:30:00Z.",
            slug="cli.clock-form",
            got=text,
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def settings_from(config: Path | str | None, options: dict[str, Any]) -> Settings:
    """Join the settings file and the options of one command line."""
    from miner.ingest import parse_map

    values = dict(options)
    values["map"] = parse_map(values.pop("mapping", ())) or None
    values["now"] = parse_clock(values.pop("now", None))
    formats = values.pop("formats", ())
    values["formats"] = formats or None
    return load_settings(config, **values)
