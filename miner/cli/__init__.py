"""The command line: one thin file per subject, loaded only when its command is called."""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import traceback
from typing import Any

import click

from miner import __version__
from miner.errors import MinerError, UsageError
from miner.startup import without_spacy_commands

_COMMANDS = {
    "run": ("miner.cli.run", "Read an export, tag every statement, write the report."),
    "inspect": ("miner.cli.inspect", "Show which columns were recognised, and why."),
    "score": ("miner.cli.score", "Write the mentions only: CSV, JSON lines or Parquet."),
    "explain": ("miner.cli.explain", "Say why a text is tagged as it is, word by word."),
    "report": ("miner.cli.report", "Draw the report again from stored mentions."),
    "customer": ("miner.cli.customer", "Show all feedback of one customer, oldest first."),
    "feed": ("miner.cli.feed", "Read a feed every night, report on it, raise alerts."),
    "train": ("miner.cli.train", "Fit a model by a recipe, or on labels of your own."),
    "export": ("miner.cli.export", "Write a fitted teacher as a model of its own."),
    "evaluate": ("miner.cli.evaluate", "Measure a model on the labelled corpora."),
    "models": ("miner.cli.models", "List the models that can be loaded."),
    "themes": ("miner.cli.themes", "Show and check the themes; what a change would flip."),
    "demo": ("miner.cli.demo", "Write the demo export to try things on."),
}
_INTERRUPTED = 130
_GARBAGE_AFTER = 50_000  # objects; Python's 700 costs a tenth of a start, looking at modules


class _ReaderGoneError(Exception):
    """Nobody reads the output any more."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the command names in the order a user meets them."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, None when there is no such name."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command = getattr(module, cmd_name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """As click does, but for a reader that has gone ("| head"): click would leave with 1."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _ReaderGoneError from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, naming the nearest command where there is none."""
        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(_no_command(args[0]), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands with their one line, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in _COMMANDS.items()])


def _no_command(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, _COMMANDS, n=1)
    nearest = f' Did you mean "{near[0]}"?' if near else ""
    return f'No command "{name}".{nearest}'


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example:  miner run reviews.csv -o out/",
)
@click.version_option(__version__, prog_name="miner")
def cli() -> None:
    """Text analytics for customer feedback, offline.

    From an export of reviews, comments or tickets to a report of what hurts, how much, for whom
    and since when, with the customers' words behind every figure.
    """


def main(args: list[str] | None = None) -> None:
    """Run the command line and leave with the exit code of `miner.errors`."""
    gc.set_threshold(_GARBAGE_AFTER, *gc.get_threshold()[1:])
    without_spacy_commands()
    arguments = sys.argv[1:] if args is None else args
    sys.exit(_answer(arguments, as_json="--json" in arguments))


def _answer(arguments: list[str], *, as_json: bool) -> int:
    try:
        result = cli.main(args=arguments, prog_name="miner", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        return _say({"error": "interrupted", "message": _STOPPED}, as_json, _INTERRUPTED)
    except KeyboardInterrupt:
        return _say({"error": "interrupted", "message": _STOPPED}, as_json, _INTERRUPTED)
    except click.ClickException as error:
        return _usage(error, as_json=as_json)
    except MinerError as error:
        return _say(_facts(error), as_json, error.exit_code)
    except (_ReaderGoneError, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the one place where anything unforeseen gets a face
        return _bug(error, as_json=as_json)
    return result if isinstance(result, int) else 0


_STOPPED = "Stopped. Nothing half-written was left behind."


def _usage(error: click.ClickException, *, as_json: bool) -> int:
    if as_json:
        return _say({"error": "cli.usage", "message": error.format_message()}, True, 2)
    error.show()
    return UsageError.exit_code


def _facts(error: MinerError) -> dict[str, Any]:
    return {
        "error": error.slug,
        "message": error.message,
        "hint": error.hint,
        "facts": error.facts,
        "exit_code": error.exit_code,
    }


def _bug(error: Exception, *, as_json: bool) -> int:
    trace = "".join(traceback.format_exception(error))
    facts = {
        "error": "internal",
        "message": f"Something went wrong that should not: {type(error).__name__}: {error}",
        "hint": "This is our bug. Please report it with the lines above and the command you typed.",
    }
    if as_json:
        facts["trace"] = trace
    else:
        click.echo(trace, err=True)
    return _say(facts, as_json, 70)


def _say(facts: dict[str, Any], as_json: bool, code: int) -> int:
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str), err=True)
        return code
    click.echo(f"miner: {facts['message']}", err=True)
    if facts.get("hint"):
        click.echo(f"       {facts['hint']}", err=True)
    return code
