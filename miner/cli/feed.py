"""`miner feed`: the nightly job on a feed, and what is done with its store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import click

from miner.cli._feed_tables import (
    say_check,
    say_erased,
    say_left,
    say_raised,
    say_run,
    say_status,
    say_stories,
    say_troubles,
)
from miner.cli._feed_watch import watched
from miner.cli._options import clock_option, drawing_options, parse_clock, voice_options
from miner.cli._voice import progress, say_json, say_table
from miner.errors import DataError, UsageError
from miner.feed.settings import FeedSettings, load_feed

ALERT: Final = 5
"""Exit code of a run that opened an alert: not a failure, but somebody should look."""

_CONFIG: Final = click.argument("config", type=click.Path(path_type=str), metavar="FEED.TOML")
_JSON: Final = click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
_MOST_ROWS: Final = click.option(
    "--max-rows", type=click.IntRange(1), metavar="N",
    help="Stop after about N rows, at the end of a batch; the next run goes on.",
)  # fmt: skip


class _InOrder(click.Group):
    """A group whose commands stand in the order in which one meets them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in that order."""
        return list(self.commands)


@click.group(cls=_InOrder, epilog="Example:  miner feed run feed.toml")
def feed() -> None:
    """Read a feed of feedback every night: lose nothing, double nothing, raise a hand.

    feed.toml says what is read, where it is kept, what is reported and what raises an alert;
    `miner feed init` writes one with every setting in it, `miner feed check` tries it.
    """


@feed.command(
    short_help="Write a commented feed.toml.", epilog="Example:  miner feed init nightly.toml"
)
@click.argument("config", type=click.Path(path_type=Path), default="feed.toml", metavar="FEED.TOML")
def init(config: Path) -> None:
    """Write a commented FEED.TOML (feed.toml) with every setting."""
    from miner.workflow.feed.checking import init_feed

    click.echo(f"Wrote {init_feed(config)}. Edit it, then: miner feed check {config}")


@feed.command(
    short_help="Try every source, say what would be read.",
    epilog="Example:  miner feed check feed.toml",
)
@_CONFIG
@clock_option
@voice_options
def check(config: str, now: str | None, quiet: bool, as_json: bool) -> int:
    """Try every source, the store and the model; say what a run would read. Writes nothing.

    Exit code 3 where something could not be read.
    """
    from miner.workflow.feed.checking import check_feed
    from miner.workflow.feed.running import Told

    settings = load_feed(config)
    with progress(quiet=quiet or as_json) as show:
        found = check_feed(settings, Told(now=parse_clock(now)), progress=show)
    trouble = any(one.troubles for one in found)
    if as_json:
        say_json({"sources": [one.to_dict() for one in found]})
    elif not quiet:
        for one in found:
            say_check(one)
        if not trouble:
            click.echo(f"Good? miner feed run {config}")
    return DataError.exit_code if trouble else 0


@feed.command(
    short_help="Read what is new, tag it, judge alerts.",
    epilog="Example:  miner feed run feed.toml",
)
@_CONFIG
@click.option("--dry-run", is_flag=True, help="Say what would be read; tag and write nothing.")
@_MOST_ROWS
@click.option("--workers", type=click.IntRange(0), metavar="N",
              help="Processes that tag (0: one per core on long input).")  # fmt: skip
@clock_option
@voice_options
def run(
    config: str, dry_run: bool, max_rows: int | None, workers: int | None, now: str | None,
    quiet: bool, as_json: bool,
) -> int:  # fmt: skip
    """Read what is new, tag it, keep it, judge alerts; go on where a run was cut off.

    Exit codes: 0 done, or another run is at work; 3 a place could not be read (the others were);
    5 an alert was opened. SIGTERM or Ctrl-C finishes the batch at hand; the next run goes on. With
    --quiet only troubles and alerts (new, not sent) are said, on standard error: cron mails them.
    """
    from miner.feed.store.lock import HeldError
    from miner.workflow.feed.running import Told, run_feed

    settings = load_feed(config)
    told = Told(dry_run=dry_run, max_rows=max_rows, workers=workers, now=parse_clock(now))
    try:
        with watched(quiet=quiet, as_json=as_json) as (show, stop):
            done = run_feed(settings, told, progress=show, stopping=stop)
    except HeldError as error:
        if as_json:
            held = {"state": "held", "holder": error.facts, "message": error.message}
            say_json(held, as_line=True)
            return error.exit_code
        raise
    if as_json:
        say_json(done.to_dict(), as_line=True)
    else:
        (say_raised if quiet else say_run)(done)
        say_troubles(done)
    if done.troubles:
        return DataError.exit_code
    return ALERT if done.watched.raised else 0


@feed.command(
    short_help="Sources, last runs, who is at work.", epilog="Example:  miner feed status feed.toml"
)
@_CONFIG
@click.option("--last", default=10, show_default=True, type=click.IntRange(0), metavar="N",
              help="Runs to show.")  # fmt: skip
@_JSON
def status(config: str, last: int, as_json: bool) -> None:
    """Show where a feed stands: sources, the last runs, open alerts, who is at work."""
    from miner.workflow.feed.keeping import feed_status

    found = feed_status(load_feed(config), last=last)
    if as_json:
        say_json(found)
    else:
        say_status(found)


@feed.command(
    short_help="Report on any window, from the store.",
    epilog="Example:  miner feed report feed.toml -o out/",
)
@_CONFIG
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path),
              help="Folder for the report and the tables; made if missing.")  # fmt: skip
@click.option("--cohort", "cohorts", multiple=True, metavar="NAME=VALUE",
              help="Only feedback of this cohort, or of channel=VALUE; may be "
              "repeated.")  # fmt: skip
@click.option("--as-of", type=click.IntRange(1), metavar="RUN",
              help="The feedback as it stood after this run; see: miner feed status.")  # fmt: skip
@drawing_options(unsaid="as the feed says")
@clock_option
@voice_options
def report(
    config: str, output: Path, cohorts: tuple[str, ...], as_of: int | None, quiet: bool,
    as_json: bool, **options: Any,
) -> None:  # fmt: skip
    """Draw the report of any window or cohort from the store alone; nothing is read or tagged."""
    from miner.workflow.feed.drawing import Drawn, feed_report

    drawn = Drawn(options.pop("since"), options.pop("until"), _pairs(cohorts), as_of)
    options["now"] = parse_clock(options["now"])
    for name in ("benchmark", "logo"):  # erasing draws the report again, perhaps from elsewhere
        options[name] = options[name] and str(Path(options[name]).absolute())
    overrides = {name: value for name, value in options.items() if value not in (None, ())}
    settings = load_feed(config)
    with progress(quiet=quiet or as_json) as show:
        done = feed_report(settings, output, drawn=drawn, overrides=overrides, progress=show)
    if as_json:
        say_json(done.summary())
    elif not quiet:
        say_table(done.terminal_rows())


def _pairs(cohorts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    pairs = [one.partition("=") for one in cohorts]
    for got, (name, _, value) in zip(cohorts, pairs, strict=True):
        if not name.strip() or not value.strip():
            raise UsageError(
                f"--cohort {got}: expected NAME=VALUE.",
                hint="Type it like --cohort plan=pro.",
                slug="cli.cohort-form",
                got=got,
            )
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


@feed.command(
    short_help="Alerts that are open, or all.", epilog="Example:  miner feed alerts feed.toml"
)
@_CONFIG
@click.option("--all", "closed", is_flag=True, help="Closed ones too.")
@_JSON
def alerts(config: str, closed: bool, as_json: bool) -> None:
    """List the alerts that are open: since when, and what is unusual."""
    from miner.workflow.feed.keeping import feed_alerts

    found = feed_alerts(load_feed(config), closed=closed)
    if as_json:
        say_json({"alerts": found})
    elif found:
        say_stories(found)
    else:
        click.echo("No alert was ever raised." if closed else "No alert is open.")


@feed.command(
    short_help="Tag again what an earlier model tagged.",
    epilog="Example:  miner feed rescore feed.toml",
)
@_CONFIG
@_MOST_ROWS
@voice_options
def rescore(config: str, max_rows: int | None, quiet: bool, as_json: bool) -> None:
    """Tag again what an earlier model or taxonomy has tagged, so that reports can be drawn."""
    from miner.workflow.feed.keeping import rescore_feed
    from miner.workflow.feed.running import Told

    settings = load_feed(config)
    with watched(quiet=quiet, as_json=as_json) as (show, stop):
        done = rescore_feed(settings, Told(max_rows=max_rows), progress=show, stopping=stop)
    if as_json:
        say_json({"rescored": done.done, "stale": done.left}, as_line=True)
    elif not quiet:
        click.echo(f"{done.done:,} feedback tagged again, {done.left:,} left.")


@feed.command(
    short_help="Erase what one customer said, for good.",
    epilog="Example:  miner feed erase feed.toml --customer C2008 --yes",
)
@_CONFIG
@click.option("--customer", required=True, metavar="ID", help="The customer, as the sources say.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@voice_options
def erase(config: str, customer: str, yes: bool, quiet: bool, as_json: bool) -> int:
    """Erase the words and ids of one customer for good; counts stay.

    From the store, its alerts, and every report that was drawn with `miner feed report` and still
    lies where it was written: those are drawn again; exit code 3 where one could not be.
    """
    settings = load_feed(config)
    if not yes:
        _ask(customer, settings)
    from miner.feed.store.lock import HeldError
    from miner.workflow.feed.keeping import erase_from_feed

    try:
        with progress(quiet=quiet or as_json) as show:
            done = erase_from_feed(settings, customer, progress=show)
    except HeldError as error:
        # not to be mistaken for done: nothing was erased
        raise DataError(
            error.message.replace("this run has nothing to do", "nothing was erased"),
            hint="Erase again when it is done: miner feed status says who is at work.",
            slug=error.slug,
            **error.facts,
        ) from error
    if as_json:
        say_json(done.to_dict(), as_line=True)
    else:
        if not quiet:
            say_erased(done)
        say_left(done)
    return DataError.exit_code if done.left else 0


def _ask(customer: str, settings: FeedSettings) -> None:
    """Ask on a terminal whether to erase.

    Raises
    ------
    UsageError
        There is nobody to ask.
    click.Abort
        The answer is no.
    """
    if not _is_terminal():
        raise UsageError(
            "Erasing can't be undone, and there is nobody to ask.",
            hint="Add --yes if it is meant.",
            slug="cli.nobody-to-ask",
        )
    what = f'all words and ids of customer "{customer}" from {settings.name}'
    click.confirm(f"Erase {what}? This can't be undone", abort=True, err=True)


def _is_terminal() -> bool:
    return sys.stdin.isatty()
