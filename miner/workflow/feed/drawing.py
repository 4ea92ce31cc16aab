"""`miner feed report`: the report of any window, cohort or past run, from the store alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from miner.config import Settings
from miner.errors import DataError, UsageError, nearest
from miner.feed.settings import FeedSettings
from miner.feed.store.account import Holding, holding, note_export
from miner.feed.store.account import rejects as rejects_of
from miner.feed.store.store import Store
from miner.feed.store.tables import StoredTables, Wanted
from miner.ingest.export import areas_of, cohorts_of
from miner.ingest.mapping import Mapping
from miner.ingest.pinned import mapping_from
from miner.ingest.rejects import RejectsWriter
from miner.insight import MinedTables, TableWriter
from miner.insight.customers.customer_base import write_base
from miner.report import write_report
from miner.taxonomy import parse_taxonomy
from miner.types import Ledger, RowProblem
from miner.workflow.comparisons import record
from miner.workflow.customer_tables import read_customer_base
from miner.workflow.dressing import logo_of
from miner.workflow.extras import check_stage
from miner.workflow.feed.running import store_to_look_at
from miner.workflow.manifest import Origin, manifest_of, moment, write_manifest
from miner.workflow.mining import Mined, assemble, written
from miner.workflow.pipeline import Account, Progress, silent
from miner.workflow.staging import staged


@dataclass(frozen=True)
class Drawn:
    """What a report of a feed is asked to show.

    `since`, `until`: ISO days; None as the settings say. `only`: cohort -> value. `as_of`: number
    of a run: the feedback as it stood after it, tagged as today.
    """

    since: str | None = None
    until: str | None = None
    only: tuple[tuple[str, str], ...] = ()
    as_of: int | None = None


def feed_report(
    settings: FeedSettings, output: Path, *, drawn: Drawn | None = None,
    overrides: dict[str, Any] | None = None, progress: Progress = silent,
) -> Mined:  # fmt: skip
    """Write the report, the tables and the manifest into `output`, as `miner run` does.

    The bytes are those `miner run` gives on the same rows, with the same clock and title.

    Parameters
    ----------
    overrides : settings of the report (`miner.config.Settings`) that win over ``feed.toml``.

    Raises
    ------
    DataError
        The store is empty, or some of its feedback is still tagged by another model.
    UsageError
        There is no such cohort, stage or run.
    """
    drawn = drawn or Drawn()
    report = _settings(settings, drawn, overrides or {})
    with store_to_look_at(settings) as store, staged(output) as folder:
        with store.database.snapshot():
            mined = _Drawing(store, settings, drawn, report, progress).into(folder)
        formats = mined.manifest["settings"]["formats"]
        progress("Writing the report", 1, 1)
        write_report(mined.report, folder, formats=formats, generated=moment(report))
        write_manifest(dict(mined.manifest), folder)
        files = sorted(path.name for path in folder.iterdir())
        note_export(store, str(output.absolute()), asdict(drawn) | {"overrides": overrides or {}})
    return written(mined, output, files)


@dataclass(frozen=True)
class _Drawing:
    """One report on its way."""

    store: Store
    settings: FeedSettings
    drawn: Drawn
    report: Settings
    progress: Progress

    def into(self, folder: Path) -> Mined:
        """Write tables and rejects, and compute the report."""
        facts = self.store.tagger_facts(_one_tagger(self.store))
        tree = parse_taxonomy(facts["taxonomy"], self.settings.store)
        names = [source.name for source in self.settings.sources]
        if self.drawn.as_of is not None:
            self.store.check_run(self.drawn.as_of)
        held = holding(self.store, names, as_of=self.drawn.as_of)
        mappings = [mapping_from(one, one["source"]) for one in held.mappings]
        account = Account(ledger=held.ledger)
        account.problems.update(held.problems)
        self._write_tables(folder, names, mappings, account)
        if self.drawn.only:
            held = _cut(held, account)
        with RejectsWriter(folder / "rejects.csv") as rejects:
            for name in names:
                rejects.extend(rejects_of(self.store, name))
            troubles = self._customers(folder, account)
            rejects.extend(troubles)
        manifest = manifest_of(
            _origin(held, mappings, self.drawn), model=facts["model"], tree=tree,
            account=account, settings=self.report,
        )  # fmt: skip
        manifest |= record(self.report, tree=tree, areas=areas_of(mappings))
        manifest |= logo_of(self.report)
        if account.customers is not None:
            manifest["customers"] = account.customers.facts()
        received = held.ledger.received
        self.progress("Working out what hurts", received, received)
        return assemble(
            MinedTables.from_parquet(folder), manifest=manifest, tree=tree, ledger=held.ledger,
            customers=account.customers,
        )  # fmt: skip

    def _write_tables(
        self, folder: Path, names: Sequence[str], mappings: Sequence[Mapping], account: Account
    ) -> None:
        cohorts = cohorts_of(mappings)
        check_stage(self.report, cohorts)
        _check_only(self.drawn.only, cohorts)
        sides = (area.field(side) for area in areas_of(mappings) for side in ("now", "wanted"))
        wanted = Wanted(
            sources=names,
            cohorts=cohorts,
            areas=tuple(sides),
            as_of=self.drawn.as_of,
            only=self.drawn.only,
        )
        with TableWriter(folder) as tables:
            for part in StoredTables(self.store, wanted).parts():
                feedback = part.feedback
                account.count(
                    feedback["language"].tolist(), feedback["scored"].tolist(), len(part.mentions)
                )
                tables.append(feedback, part.mentions, part.ratings, part.signals)
                self.progress("Reading the store", len(feedback), None)

    def _customers(self, folder: Path, account: Account) -> tuple[RowProblem, ...]:
        customers, troubles = read_customer_base(None, self.report)
        if customers is not None:
            write_base(customers.frame, folder)
            account.customers = customers
        return troubles


def _settings(settings: FeedSettings, drawn: Drawn, overrides: dict[str, Any]) -> Settings:
    given = {"title": settings.name, **settings.report, **overrides}
    given |= {"since": drawn.since, "until": drawn.until, "model": settings.model}
    given |= {"taxonomy": settings.taxonomy, "language": settings.language}
    found = Settings(**given)
    if settings.days is None or drawn.since or drawn.until:
        return found
    first = moment(found).date() - timedelta(days=settings.days)
    return Settings(**{**given, "since": first.isoformat()})


def _one_tagger(store: Store) -> int:
    """Return the one tagger behind all feedback: figures of two models are never mixed.

    Raises
    ------
    DataError
        There is no feedback yet, or two models have tagged it.
    """
    newest, tagged = store.newest_tagger(), sum(store.tagged().values())
    if newest is None or not tagged:
        raise DataError(
            f"The store {store.database.place} holds no feedback yet.",
            hint="Read some first: miner feed run feed.toml.",
            slug="feed.empty-store",
        )
    stale = store.stale_count()
    if stale:
        raise DataError(
            f"{stale:,} of {tagged:,} feedback are still tagged by an earlier model "
            "or taxonomy; one report can't mix the two.",
            hint="Bring them up to date: miner feed rescore feed.toml.",
            slug="feed.stale",
            stale=stale,
        )
    return newest


def _origin(held: Holding, mappings: Sequence[Mapping], drawn: Drawn) -> Origin:
    notes = [note for one in held.inputs for note in one.pop("notes", [])]
    notes += [note for mapping in mappings for note in mapping.notes]
    notes += [f"Only feedback with {name} = {value}." for name, value in drawn.only]
    if drawn.as_of is not None:
        notes.append(f"As the store stood after run {drawn.as_of}.")
    if held.withdrawn:
        notes.append(f"{held.withdrawn:,} feedback were withdrawn at their source.")
    if held.erased:
        notes.append(f"The words of {held.erased:,} feedback were erased; they are counted.")
    return Origin(
        sources=held.inputs,
        mappings=[one.to_dict() for one in mappings],
        scales={name: scale for one in mappings for name, scale in one.scales.items()},
        notes=tuple(dict.fromkeys(notes)),
    )


def _cut(held: Holding, account: Account) -> Holding:
    """Return the account of a cut: rows set aside belong to no cohort that could be told."""
    shown = sum(account.languages.values())
    account.ledger = Ledger(received=shown, accepted=shown)
    account.problems.clear()
    return replace(held, ledger=account.ledger, problems={})


def _check_only(only: Sequence[tuple[str, str]], cohorts: Sequence[str]) -> None:
    for name, _ in only:
        if name not in ("channel", *cohorts):
            raise UsageError(
                f'There is no cohort "{name}".',
                hint=f"{nearest(name, cohorts)}Cohorts: channel, {', '.join(cohorts)}.",
                slug="feed.unknown-cohort",
                cohort=name,
            )
