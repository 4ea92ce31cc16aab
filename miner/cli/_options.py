"""Options that several commands share, as decorators, and what they turn into."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from miner.config import RANKINGS, REPORT_FORMATS, REPORT_LANGUAGES, Settings, load_settings
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


def area_option(function: F) -> F:
    """Add --area."""
    return click.option(
        "--area", multiple=True, metavar="NAME=NOW,WANTED[,THEME]",
        help="A survey area rated 1-5 in two columns, as it is and as it is wanted, and the theme "
        'it belongs to: --area "Response time=Speed now,Speed wanted,service.speed"; may be '
        "repeated (pairs of columns named alike are recognised).",
    )(function)  # fmt: skip


def customer_options(function: F) -> F:
    """Add --customers and --customer-map."""
    return _chain(
        click.option("--customers", type=EXISTING, metavar="FILE",
                     help="Customer table: id, start, end, revenue or monthly revenue, acquisition "
                     "cost; for retention, churn and lifetime value."),
        click.option("--customer-map", multiple=True, metavar="FIELD=COLUMN",
                     help='Take FIELD of the customer table from COLUMN: --customer-map end="Left '
                     'on"; may be repeated; without --customers, from the export. Fields: id, '
                     "start, end, revenue, monthly_revenue, cost, cohort."),
    )(function)  # fmt: skip


def drawing_options(*, unsaid: str = "") -> Callable[[F], F]:
    """Return what adds the options that say what a report shows.

    `unsaid`: what is taken for an option left out, such as ``as before``; else the program's usual.
    """

    def usual(said: str) -> str:
        return f"({unsaid or said})"

    return _chain(*_figure_options(usual), *_look_options(usual))


def _figure_options(usual: Callable[[str], str]) -> list[Callable[[F], F]]:
    return [
        click.option("--grain", type=click.Choice(["auto", "month", "week"]),
                     help=f"Trend by {usual('auto')}."),
        click.option("--minimum-n", type=int,
                     help=f'Below this many a figure says "too few" {usual("10")}.'),
        click.option("--compare-from", metavar="DATE",
                     help="First day of the later of the two windows compared "
                     f"{usual('the last third')}."),
        click.option("--since", metavar="DATE", help="First day of the period reported on."),
        click.option("--until", metavar="DATE", help="Last day of the period reported on."),
        click.option("--stage", metavar="COLUMN",
                     help="Column with the stages of the customer's journey "
                     f"{usual('told by its name')}."),
        click.option("--rank-by", type=click.Choice(RANKINGS),
                     help=f"What pain points and strengths are ranked by {usual('share')}."),
        click.option("--verbatims", type=int,
                     help=f"Verbatims per theme and side in the report {usual('40')}."),
        click.option("--due-hours", type=float,
                     help="Hours until a follow-up is due; safety and legal: a quarter "
                     f"{usual('24')}."),
        click.option("--follow-up-days", type=int,
                     help="Days the follow-up list reaches back from the last date "
                     f"{usual('30')}."),
        click.option("--gross-margin", type=float, metavar="SHARE",
                     help="Share of revenue left after its direct cost, for the lifetime value: "
                     "0.6."),
        click.option("--benchmark", type=EXISTING, metavar="FILE",
                     help="Averages to compare with, TOML or CSV: name, measure (nps, csat, ces, "
                     "stars, negative, positive), theme, value, and perhaps n, sd, scale, source, "
                     "year."),
    ]  # fmt: skip


def _look_options(usual: Callable[[str], str]) -> list[Callable[[F], F]]:
    return [
        click.option("--format", "formats", multiple=True, type=click.Choice(REPORT_FORMATS),
                     help=f"Report files to write; may be repeated {usual('all')}."),
        click.option("--title",
                     help="Heading of the report " + usual("the input's name") + "."),
        click.option("--logo", type=EXISTING, metavar="FILE",
                     help="PNG or JPEG for the head of the page, at most 200 kB."),
        click.option("--report-language", type=click.Choice(REPORT_LANGUAGES),
                     help=f"Language of the report's own words and numbers {usual('en')}."),
    ]  # fmt: skip


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
    from miner import ingest  # it loads what is asked for

    values = dict(options)
    mapping, customers, areas = (
        values.pop(name, ()) for name in ("mapping", "customer_map", "area")
    )
    values["map"] = (mapping and ingest.parse_map(mapping)) or None
    values["customer_map"] = (customers and ingest.parse_customer_map(customers)) or None
    values["areas"] = (areas and ingest.parse_areas(areas)) or None
    values["now"] = parse_clock(values.pop("now", None))
    formats = values.pop("formats", ())
    values["formats"] = formats or None
    return load_settings(config, **values)
