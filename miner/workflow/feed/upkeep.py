"""What a feed does with what it holds: tagging again with a newer model, forgetting by age."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from miner.feed.settings import FeedSettings
from miner.feed.store.privacy import delete_before, erase_before
from miner.feed.store.store import Store
from miner.insight.mentions import FEEDBACK_COLUMNS
from miner.workflow.pipeline import Progress, silent

if TYPE_CHECKING:
    from miner.workflow.feed.tagging import Tagging


@dataclass(frozen=True)
class Watch:
    """Who looks on while work is done: is told of progress, and may ask it to stop."""

    progress: Progress = silent
    stopping: Callable[[], bool] = lambda: False


UNWATCHED: Final = Watch()
_COMPACT_DAYS: Final = 7
"""Something ages out every night; the whole store is rewritten for it once a week."""
_BATCH: Final = 2000
"""Rows a transaction: short enough that a run asked to stop does so in a second or two."""


def rescore_some(
    store: Store, tagging: Tagging, *, run: int, most: int | None, watch: Watch = UNWATCHED
) -> tuple[int, int]:
    """Tag feedback of an earlier model or taxonomy again; (rows done, rows left).

    Feedback whose words were erased keeps its tags and counts as done.

    Parameters
    ----------
    most : at most so many rows; None does all.
    watch : is told how far it is, and asked whether to stop.
    """
    import pandas as pd

    from miner.workflow.feed.tagging import tags_of

    tagger = store.tagger(tagging.facts, run)
    store.keep_erased(tagger)
    done = 0
    while (most is None or done < most) and not watch.stopping():
        room = _BATCH if most is None else min(_BATCH, most - done)
        stale = store.stale(tagger, room)
        if not stale:
            break
        frame = pd.DataFrame(stale, columns=["key", "id", "language", "text"])
        frame = frame.astype({"id": "str", "language": "str", "text": "str"})
        asked = frame.reindex(columns=[*FEEDBACK_COLUMNS, "text"])  # tagging reads three of them
        tags = tags_of(tagging.rows.score(asked), tagger)
        store.retag(dict(zip(frame["key"].tolist(), tags, strict=True)))
        done += len(stale)
        watch.progress("Tagging again", done, None)
    return done, store.stale_count()


def expire(store: Store, settings: FeedSettings, now: datetime) -> int:
    """Erase the words and ids of feedback that has aged out, delete what is older still."""

    def day(days: int) -> str:
        return (now - timedelta(days=days)).strftime("%Y-%m-%d")

    erased = 0
    if settings.rows_days is not None:
        erased += delete_before(store, day(settings.rows_days))
    if settings.texts_days is not None:
        erased += erase_before(store, day(settings.texts_days))
    if erased and day(_COMPACT_DAYS) >= (store.noted("compacted") or ""):
        store.database.compact()  # else the words live on in what the database has freed
        store.note("compacted", day(0))
    return erased
