"""What the commands of `miner feed` print: plain data of the workflow as tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any, Final

import click

from miner.cli._voice import say_table

if TYPE_CHECKING:
    from miner.workflow.feed.checking import SourceCheck
    from miner.workflow.feed.keeping import Forgotten
    from miner.workflow.feed.running import FeedRun

_WORDS: Final = ("received", "new", "changed", "unchanged", "duplicate", "gone")
_ASIDE: Final = ("empty", "junk", "rejected")
_LEDGER: Final = (*_WORDS, "set aside")
_SHORT: Final = ("received", "new", "changed", "gone", "set aside")
"""What the list of runs shows of them: a line a run on a terminal of 80 columns."""
_NAMED: Final = 5
"""Places named on one line; a first night may have hundreds."""
_TELLING: Final = 0.05
"""Seconds below which a stage is not worth a word: they are written with one decimal."""

_WIDE: Final = 80
"""Columns that the tables of counts need."""

_STATES: Final = {
    "done": "Done.",
    "stopped": "Stopped; the next run goes on from here.",
    "dry": "Dry run: nothing was tagged or written.",
}


def say_run(done: FeedRun) -> None:
    """Print what a run read, how long it took, and its alerts."""
    rows = [(source, *_counted(words)) for source, words in done.ledger.items()]
    if rows and _is_wide():
        say_table(rows, header=("source", *_LEDGER))
    elif rows:
        say_table([(source, _in_words(words)) for source, words in done.ledger.items()])
    say_table(list(_facts(done)))
    say_events(done.watched.events)


def _facts(done: FeedRun) -> Iterable[tuple[str, str]]:
    number = f"Run {done.run}" if done.run is not None else "Run"
    nothing = "" if done.ledger else " There was nothing new to read."
    yield number, _STATES.get(done.state, done.state) + nothing
    if done.rescored or done.stale:
        hint = " (or all at once: miner feed rescore)" if done.stale else ""
        yield "Tagged again", f"{done.rescored:,}, {done.stale:,} left for the next runs{hint}"
    if done.erased:
        yield "Aged out", f"{done.erased:,} feedback"
    if done.seconds:
        yield "Took", _took(done.seconds)
    if done.watched.waits:
        yield "Alerts", done.watched.waits
    elif done.watched.open:
        yield "Alerts", f"{done.watched.open:,} open: miner feed alerts"
    for reason in done.watched.unsent:
        yield "Not sent", reason


def _is_wide() -> bool:
    """Whether a table of counts fits; where it doesn't, they are said in words."""
    return get_terminal_size().columns >= _WIDE


def _in_words(words: Mapping[str, int]) -> str:
    counts = zip(_LEDGER, _counted(words), strict=True)
    return ", ".join(f"{count} {name}" for name, count in counts if count != "0") or "nothing"


def _took(seconds: Mapping[str, float]) -> str:
    told = [f"{name} {value:.1f} s" for name, value in seconds.items() if value >= _TELLING]
    return f"{sum(seconds.values()):.1f} s" + (f": {', '.join(told)}" if told else "")


def _counted(words: Mapping[str, int]) -> list[str]:
    counts = [words.get(name, 0) for name in _WORDS]
    return [f"{count:,}" for count in (*counts, sum(words.get(name, 0) for name in _ASIDE))]


def say_events(events: Sequence[Mapping[str, Any]]) -> None:
    """Print what the alerts of a run say: what happened, in words, since when."""
    rows = [(one["event"], one["sentence"], one["story"]["opened"]) for one in events]
    if rows:
        say_table(rows, header=("alert", "what", "since"))


def say_troubles(done: FeedRun) -> None:
    """Print on standard error what could not be read, and what to do about it."""
    for one in done.troubles:
        click.echo(f"miner: {one.source}: {one.message}", err=True)
        if one.error.hint:
            click.echo(f"       {one.error.hint}", err=True)


def say_raised(done: FeedRun) -> None:
    """Print on standard error which alerts were opened or not sent: all that a quiet run says."""
    for one in done.watched.events:
        if one["event"] == "opened":
            click.echo(f"miner: alert: {one['sentence']}", err=True)
    for reason in done.watched.unsent:
        click.echo(f"miner: alert not sent: {reason}", err=True)


def say_check(one: SourceCheck) -> None:
    """Print what waits in a source, what its columns are taken for, and what is wrong."""
    click.echo(f"{one.name}  ({one.kind})\n")
    if one.columns:
        say_table(one.columns, header=("column", "taken for", "because"))
    say_table([*_waiting(one), *_warnings(one)])


def _waiting(one: SourceCheck) -> Iterable[tuple[str, str]]:
    if one.kind == "stdin":
        yield "Waits", "what is piped in is looked at when it comes"
        return
    yield "Waits", _listed(one.places) or "nothing new"
    if one.received:
        aside = [f"{count:,} {name}" for name, count in one.aside.items() if count]
        yield "Looked at", f"{one.received:,} rows, {', '.join(aside) or 'none'} set aside"


def _warnings(one: SourceCheck) -> Iterable[tuple[str, str]]:
    if one.columns and not one.has_ids:
        yield (
            "Beware",
            "no column was taken for an id: rows are told apart by what they say, so an edited "
            'feedback counts as another one. If there is an id, name it: [source.map] id = "…"',
        )
    for trouble in one.troubles:
        yield "Trouble", trouble


def _listed(places: Sequence[str]) -> str:
    named = ", ".join(places[:_NAMED])
    more = len(places) - _NAMED
    return f"{named} and {more:,} more" if more > 0 else named


def say_status(found: Mapping[str, Any]) -> None:
    """Print where a feed stands: the store, its sources, the last runs, open alerts."""
    say_table(list(_standing(found)), title=found["name"])
    sources = [
        (
            one["name"],
            f"{one['feedback']:,}",
            f"{one['received']:,}",
            (one["newest"] or "-")[:10],
            f"{one['places']:,}",
            one["last_place"] or "-",
        )
        for one in found["sources"]
    ]
    heads = ("source", "stands", "rows read", "newest", "places", "last place")
    say_table(sources, header=heads)
    if found["runs"] and _is_wide():
        runs = [_run(one) for one in found["runs"]]
        say_table(runs, header=("run", "state", "started (UTC)", "took", *_SHORT))
    elif found["runs"]:
        told = [(*_run(one)[:3], _in_words(_all_sources(one))) for one in found["runs"]]
        say_table(told, header=("run", "state", "started", "rows"))
    newest = {one["problem"]: one["run"] for one in reversed(found["runs"]) if one["problem"]}
    for problem, run in newest.items():
        click.echo(f"Run {run}: {problem}")


def _standing(found: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "Store", f"{found['store']['place']} ({found['store']['kind']})"
    yield "At work", _holder(found["at_work"])
    rows = found["ledger"]
    yield "Feedback", f"{rows['accepted']:,} with words, of {rows['received']:,} rows"
    gone = [f"{found[name]:,} {name}" for name in ("withdrawn", "erased") if found[name]]
    if gone:
        yield "Less", ", ".join(gone)
    yield "Model", found["model"] or "none has tagged yet"
    if found["stale"]:
        yield "Stale", f"{found['stale']:,} tagged by an earlier model: miner feed rescore"
    half = [place for one in found["sources"] for place in one["half_read"]]
    if half:
        yield "Half read", f"{_listed(half)}; the next run goes on"
    yield "Alerts", f"{len(found['alerts']):,} open" if found["alerts"] else "none open"


def _holder(holder: Mapping[str, Any] | None) -> str:
    if holder is None:
        return "nobody"
    if not holder:
        return "another process"
    return "process {pid} ({user} on {host}), since {since}".format(**holder)


def _run(one: Mapping[str, Any]) -> tuple[str, ...]:
    words = _all_sources(one)
    kind = "" if one["kind"] == "run" else f"{one['kind']}, "
    counted = dict(zip(_LEDGER, _counted(words), strict=True)) if words else {}
    counts = [counted.get(name, "") for name in _SHORT]
    return (str(one["run"]), kind + one["state"], one["started"][:16], _span(one), *counts)


def _all_sources(run: Mapping[str, Any]) -> dict[str, int]:
    words: dict[str, int] = {}
    for counts in run["ledger"].values():
        words |= {name: words.get(name, 0) + count for name, count in counts.items()}
    return words


def _span(one: Mapping[str, Any]) -> str:
    if not one["ended"]:
        return "-"
    if one["seconds"]:  # of its stages; the clocks differ where --now was given
        return f"{sum(one['seconds'].values()):.0f} s"
    ended, started = (datetime.fromisoformat(one[name]) for name in ("ended", "started"))
    return f"{(ended - started).total_seconds():.0f} s"


def say_stories(stories: Sequence[Mapping[str, Any]]) -> None:
    """Print alerts as stories: since when, in what state, what."""
    rows = [
        (one["opened"], f"closed {one['closed']}" if one["closed"] else "open", one["sentence"])
        for one in stories
    ]
    say_table(rows, header=("since", "state", "what"))


def say_erased(done: Forgotten) -> None:
    """Print what was erased, and which reports were drawn again."""
    counts = {
        "Feedback, versions and all": done.erased.feedback,
        "Rows set aside": done.erased.rejects,
        "Alerts": done.erased.events,
    }
    say_table([(name, f"{count:,}") for name, count in counts.items()], title="Erased")
    for folder in done.redrawn:
        click.echo(f"Drawn again: {folder}")


def say_left(done: Forgotten) -> None:
    """Print on standard error which reports show the customer still, and why."""
    for folder, reason in done.left.items():
        click.echo(f"miner: {folder} shows the customer still: {reason}", err=True)
        click.echo("       Delete that folder, or draw it again: miner feed report", err=True)
