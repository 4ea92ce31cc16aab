"""Feeds invented for tests: rows, files, a tagger that costs nothing, a store as plain data."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import resource
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from miner.feed.settings import FeedSettings, Source
from miner.feed.store.database import Database, open_database
from miner.workflow.frames import ScoredTables

CLOCK = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
COLUMNS = ("ref", "changed", "withdrawn", "said", "when", "likely", "client", "plan")
MAP: dict[str, str | tuple[str, ...]] = {
    "text": "said", "date": "when", "nps": "likely", "customer": "client", "cohort": "plan",
}  # fmt: skip
THEMES = ("service.speed", "product.price", "communication.clarity", "general.overall")
POLARITIES = ("negative", "positive", "neutral")

TEXTS = (
    "The courier left my parcel in the rain and rang no bell.",
    "Waited forty minutes on the phone, then the line went dead.",
    "Lovely staff at the till, they found my size at once.",
    "The new price list is twice as long and half as clear.",
    "Checkout froze again on the second page, three nights running.",
    "Nothing special, it does what it says on the tin I suppose.",
    "Too slow.",
    "Great service!",
    "ok",
)


@dataclass(frozen=True)
class CheapTagger:
    """Tags by arithmetic on the words: one mention a text, a signal where they hold an "o".

    `shift` stands for another model: other themes for the same words.
    """

    shift: int = 0

    def score(self, feedback: pd.DataFrame) -> ScoredTables:
        """Return the rows that tagging adds, as `miner.workflow.feed.tagging.FeedScorer`."""
        texts = [str(one) for one in feedback["text"]]
        size, at = range(len(texts)), [len(text) + self.shift for text in texts]
        said = [POLARITIES[one % 3] for one in at]
        table = {
            "feedback": size, "language": "en", "sentiment": [one % 7 / 7 for one in at],
            "polarity": said, "n_clauses": 1, "n_mentions": 1, "scored": True, "verbatim": texts,
        }  # fmt: skip
        mentions = {
            "feedback": size, "id": "", "clause": 0, "theme": [THEMES[one % 4] for one in at],
            "polarity": said, "sentiment": 0.5, "confidence": 0.75, "start": 0,
            "end": [len(one) for one in texts], "verbatim_start": 0,
            "verbatim_end": [len(one) for one in texts],
            "evidence": [one.split(" ")[0] for one in texts], "quote": texts,
        }  # fmt: skip
        held = [one for one in size if "o" in texts[one]]
        signals = {
            "feedback": held, "id": "", "clause": 0, "kind": "complaint", "start": 0, "end": 1,
            "verbatim_start": 0, "verbatim_end": 1, "words": [texts[one][:1] for one in held],
        }  # fmt: skip
        return ScoredTables(*map(pd.DataFrame, (table, mentions, signals)))


def facts(shift: int = 0) -> dict[str, Any]:
    """What the store keeps of the cheap tagger."""
    model = {"name": f"cheap {shift}", "sha256": f"{shift:064d}"}
    return {"model": model, "taxonomy": {}, "taxonomy_sha256": "t"}


def tag_cheaply(patch: Any, *, shift: int = 0, told: Mapping[str, Any] | None = None) -> None:
    """Put the cheap tagger in the place of a model, by ``monkeypatch.setattr`` or the like.

    Parameters
    ----------
    told : facts of the tagger; None takes `facts`. A report needs those of a real one.
    """
    from miner.workflow.feed.tagging import Tagging

    tagging = Tagging(CheapTagger(shift), dict(told or facts(shift)))  # type: ignore[arg-type]
    patch("miner.workflow.feed.tagging.load_tagging", lambda _settings: tagging)


Values = Mapping[str, str]


def write_csv(path: Path, rows: Iterable[Values], columns: Sequence[str] = COLUMNS) -> Path:
    """Write rows as a file of a feed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
        out.writeheader()
        out.writerows(rows)
    return path


def fields(*, ids: bool = True, marks: bool = False) -> dict[str, str | tuple[str, ...]]:
    """The map of a source: with an id column or not, with marks of changes or not."""
    own: dict[str, str | tuple[str, ...]] = {"id": "ref"} if ids else {"ignore": "ref"}
    return MAP | own | ({"updated": "changed", "deleted": "withdrawn"} if marks else {})


def feed(store: str, folder: Path, *, batch: int = 7, **source: Any) -> FeedSettings:
    """Settings of a feed over the CSV files of a folder."""
    own = {"name": "reviews", "map": fields(), "date_order": "day"}
    if not {"table", "query", "stdin"} & set(source):
        own["files"] = str(folder / "*.csv")
    return FeedSettings(
        name="Kiosk", store=store, sources=(Source(**{**own, **source}),), workers=1,
        batch_rows=batch, alerts=None,
    )  # fmt: skip


@dataclass
class Kiosk:
    """A folder that fills, and its feed."""

    folder: Path
    settings: FeedSettings
    written: list[str] = field(default_factory=list)

    def deliver(self, name: str, rows: Iterable[Values], columns: Sequence[str] = COLUMNS) -> None:
        """Lay a file into the folder."""
        write_csv(self.folder / name, rows, columns)
        self.written.append(name)

    def run(self, **told: Any) -> Any:
        """Run the feed once."""
        from miner.workflow.feed.running import Told, run_feed

        return run_feed(self.settings, Told(now=CLOCK, **told))

    def with_settings(self, **changed: Any) -> Kiosk:
        """The same folder under other settings."""
        return replace(self, settings=replace(self.settings, **changed))


def nightly(count: int, *, start: int = 0) -> list[dict[str, str]]:
    """Rows as a shop's form gives them: ids, dates, ratings, customers, some without words."""
    return [
        {
            "ref": f"r{number}",
            "said": "" if number % 11 == 10 else f"{TEXTS[number % len(TEXTS)]} Visit {number}.",
            "when": f"2026-{1 + number % 10:02d}-{1 + number % 27:02d} 10:{number % 60:02d}",
            "likely": str(number % 11),
            "client": f"c{number % 40}",
            "plan": ("basic", "pro")[number % 2],
        }
        for number in range(start, start + count)
    ]


_FEEDBACK = (
    "feedback", "source", "place", "place_row", "kind", "updated", "id", "happened", "nps", "csat",
    "ces", "stars", "language", "channel", "customer", "cohorts", "areas", "said_language", "words",
    "erased", "verbatim", "sentiment", "polarity", "n_clauses", "n_mentions", "scored",
)  # fmt: skip
_MENTIONS = (
    "nth", "clause", "theme", "polarity", "sentiment", "confidence", "start_at", "end_at",
    "verbatim_start", "verbatim_end", "evidence", "quote",
)  # fmt: skip
_SIGNALS = (
    "nth",
    "clause",
    "kind",
    "start_at",
    "end_at",
    "verbatim_start",
    "verbatim_end",
    "words",
)
_REJECTS = (
    "source", "place", "place_row", "place_column", "value", "reason", "message", "fatal",
    "customer",
)  # fmt: skip


def store_as_data(url: str, *, standing_only: bool = False) -> dict[str, Any]:
    """What a store says, without the numbers that only order gave: keys, runs, digests.

    Parameters
    ----------
    standing_only : only what stands, without the marks of what is gone and the account of rows.
    """
    with closing(open_database(url)) as database:
        found = _feedback(database)
        if standing_only:
            return {"feedback": [one for one in found if one["kind"] != "gone"]}
        rejects = database.query(f"SELECT {', '.join(_REJECTS)} FROM rejects")
        places = database.query(
            "SELECT source, place, finished, place_cursor, counts, sha256 FROM places"
        )
        return {
            "feedback": found,
            "rejects": sorted([*map(str, row)] for row in rejects),
            "places": sorted([*map(str, row)] for row in places),
        }


def hash_of(url: str) -> str:
    """The store in 64 letters."""
    text = json.dumps(store_as_data(url), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _feedback(database: Database) -> list[dict[str, Any]]:
    rows = database.query(f"SELECT {', '.join(_FEEDBACK)} FROM feedback WHERE until_run IS NULL")
    found = {row[0]: dict(zip(_FEEDBACK[1:], map(_plain, row[1:]), strict=True)) for row in rows}
    for table, columns in (("mentions", _MENTIONS), ("signals", _SIGNALS)):
        for one in found.values():
            one[table] = []
        for key, *values in database.query(
            f"SELECT feedback, {', '.join(columns)} FROM {table} ORDER BY feedback, nth"
        ):
            if key in found:
                found[key][table].append([*map(_plain, values)])
    return sorted(found.values(), key=lambda one: json.dumps(
        [one["source"], one["place"], one["place_row"], one], sort_keys=True))  # fmt: skip


def _plain(value: Any) -> Any:
    """A value as both databases give it; not-a-number is left to be seen."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else round(value, 9)
    return value


def drive(answers: Any, folder: Path, store: str, batch: int, limit: int | None = None) -> None:
    """Run one feed once with the cheap tagger: what the tests of crashes start and kill.

    Parameters
    ----------
    answers : end of a pipe that is told "begun", then the outcome.
    limit : bytes no file may grow beyond.
    """
    import miner.workflow.feed.tagging  # noqa: F401 - patched below
    from miner.errors import MinerError

    def patch(name: str, stand_in: Any) -> None:
        module, _, attribute = name.rpartition(".")
        setattr(sys.modules[module], attribute, stand_in)

    tag_cheaply(patch)
    if limit is not None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    kiosk = Kiosk(folder, feed(store, folder, batch=batch))
    answers.send("begun")
    try:
        said = {"code": 0, **kiosk.run().to_dict()}
    except MinerError as error:
        said = {"slug": error.slug, "message": error.message, "code": error.exit_code,
                "facts": dict(error.facts)}  # fmt: skip
    answers.send(said)
