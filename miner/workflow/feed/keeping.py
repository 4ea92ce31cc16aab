"""`miner feed rescore`, `erase` and `status`: what is done with a store between runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from miner.errors import DataError, MinerError, UsageError
from miner.feed.alerts import Story, sentence
from miner.feed.settings import FeedSettings
from miner.feed.store.account import exports, holding
from miner.feed.store.lock import HeldError
from miner.feed.store.postgres import without_password
from miner.feed.store.privacy import Erased, erase_customer
from miner.feed.store.sqlite import MEMORY
from miner.feed.store.store import Store
from miner.feed.store.told import stories
from miner.workflow.feed.drawing import Drawn, feed_report
from miner.workflow.feed.running import (
    Stopping,
    Told,
    closing_record,
    never,
    opened,
    store_to_look_at,
    versions,
)
from miner.workflow.feed.upkeep import Watch, rescore_some
from miner.workflow.feed.watching import rewrite_events
from miner.workflow.pipeline import Progress, silent


@dataclass(frozen=True)
class Rescored:
    """Feedback tagged again, and feedback still tagged by an earlier model or taxonomy."""

    done: int
    left: int


def rescore_feed(
    settings: FeedSettings, told: Told | None = None, *,
    progress: Progress = silent, stopping: Stopping = never,
) -> Rescored:  # fmt: skip
    """Tag everything that an earlier model or taxonomy has tagged again.

    Raises
    ------
    HeldError
        A run is at work on this store.
    ModelError
        The model can't be loaded.
    """
    from miner.workflow.feed.tagging import load_tagging

    told = told or Told()
    with opened(settings) as store, store.database.lock():
        run = store.begin("rescore", settings=settings.to_dict(), versions=versions())
        with closing_record(store, run):
            found = rescore_some(
                store, load_tagging(settings), run=run, most=told.max_rows,
                watch=Watch(progress, stopping),
            )  # fmt: skip
        store.end(run, "done" if not found[1] else "stopped")
    return Rescored(*found)


@dataclass(frozen=True)
class Forgotten:
    """What erasing did: versions of feedback, rejects and alerts blanked; reports drawn again.

    `left`: folders of reports that could not be drawn again and show the customer still -> why.
    """

    erased: Erased
    redrawn: tuple[str, ...]
    left: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        found = asdict(self.erased)
        return found | {"reports_redrawn": list(self.redrawn), "reports_left": dict(self.left)}


def erase_from_feed(
    settings: FeedSettings, customer: str, *, progress: Progress = silent
) -> Forgotten:
    """Erase the words and ids of one customer from the store, the alerts and the reports drawn.

    What an earlier call had to leave (a full disk, a report that could not be drawn) is done, too.

    Raises
    ------
    DataError
        Nothing in the store is of this customer.
    HeldError
        A run is at work on this store.
    """
    if not customer.strip():
        raise UsageError(
            "No customer was given.",
            hint="Name one as the sources do: miner feed erase feed.toml --customer C1390.",
            slug="feed.no-customer",
        )
    with opened(settings) as store, store.database.lock():
        run = store.begin("erase", settings={}, versions=versions())
        unfinished = bool(store.noted(_UNFINISHED))
        store.note(_UNFINISHED, "1")
        with closing_record(store, run):
            erased = erase_customer(store, customer)
            shown = exports(store)
            rewrite_events(store, settings)
        store.end(run, "done")
        wanted = unfinished or bool(erased.feedback or erased.rejects or erased.events)
        if not wanted:
            store.note(_UNFINISHED, "")
    if not wanted:
        raise DataError(
            f'The store holds nothing of a customer "{customer}".',
            hint="Give the customer as the sources name it; see: miner feed status feed.toml.",
            slug="feed.unknown-customer",
        )
    redrawn, left = _redrawn(settings, shown, progress)
    if not left:
        with opened(settings) as store:
            store.note(_UNFINISHED, "")
    return Forgotten(erased, redrawn, left)


_UNFINISHED: Final = "erasing"
"""Under this name the store notes that what was erased may still stand in its freed space, in the
file of alerts or in reports: saying it again finishes that, though the store holds nothing more."""


def _redrawn(
    settings: FeedSettings, shown: Mapping[str, Mapping[str, Any]], progress: Progress
) -> tuple[tuple[str, ...], dict[str, str]]:
    """Draw the reports again that may show what was erased; folders that are gone need none.

    Returns the folders drawn, and those that could not be, each with its reason.
    """
    done, left = [], {}
    for folder, wanted in shown.items():
        if not (Path(folder) / "manifest.json").is_file():
            continue
        asked = {**wanted, "only": tuple(map(tuple, wanted["only"]))}
        overrides = asked.pop("overrides", {})
        try:
            feed_report(
                settings, Path(folder), drawn=Drawn(**asked), overrides=overrides,
                progress=progress,
            )  # fmt: skip
        except MinerError as error:
            left[folder] = str(error)
        else:
            done.append(folder)
    return tuple(done), left


def feed_status(settings: FeedSettings, *, last: int = 10) -> dict[str, Any]:
    """Return where a feed stands, as plain data.

    Keys: ``store`` (kind, place), ``at_work`` (who holds it, None for nobody), ``runs`` (the last,
    newest first), ``sources`` (rows by place, feedback that stands), ``stale`` (feedback tagged by
    an earlier model), ``withdrawn``, ``erased``, ``alerts`` (open stories).
    """
    with store_to_look_at(settings) as store:
        newest = store.newest_tagger()
        held = holding(store, [source.name for source in settings.sources])
        return {
            "name": settings.name,
            "store": {"kind": store.database.kind, "place": without_password(settings.store)},
            "at_work": _holder(store),
            "ledger": held.ledger.to_dict(),
            "sources": [_source(store, source.name) for source in settings.sources],
            "stale": store.stale_count(),
            "model": store.tagger_facts(newest)["model"]["name"] if newest else None,
            "withdrawn": held.withdrawn,
            "erased": held.erased,
            "alerts": stories(store, state="open"),
            "runs": store.runs(last=last),
        }


def feed_alerts(settings: FeedSettings, *, closed: bool = False) -> list[dict[str, Any]]:
    """Return the alerts that are open, oldest first, as plain data with a ``sentence``.

    Parameters
    ----------
    closed : those that are over, too; their sentence is about the worst of them.
    """
    with store_to_look_at(settings) as store:
        newest = store.newest_tagger()
        facts = store.tagger_facts(newest)["taxonomy"]["theme"] if newest is not None else []
        labels = {one["key"]: one["label"] for one in facts}
        found = stories(store, state=None if closed else "open")
    told = [Story.from_dict(one) for one in found]
    told.sort(key=lambda story: (story.opened, story.key))
    return [
        {**one.to_dict(), "sentence": sentence(one.peak if one.closed else one.last, labels=labels)}
        for one in told
    ]


def _holder(store: Store) -> dict[str, Any] | None:
    if store.database.place == MEMORY:  # there is no store yet, and nothing to hold
        return None
    try:
        with store.database.lock():
            return None
    except HeldError as error:
        return dict(error.facts)


def _source(store: Store, name: str) -> dict[str, Any]:
    places = list(store.places(name).values())
    return {
        "name": name,
        "places": len(places),
        "last_place": places[-1].place if places else None,
        "half_read": [one.place for one in places if not one.finished],
        "received": sum(one.counts["received"] for one in places),
        **store.standing_facts(name),
    }
