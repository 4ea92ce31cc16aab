"""What an export is compared with: survey areas, benchmarks, another export; kept in the manifest.

A report is drawn from tables and manifest alone, so everything a comparison needs is written there:
the themes of the areas, the benchmarks as they were read, the other export in counts.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from miner.config import Settings
from miner.errors import UsageError
from miner.ingest import Area, Export, open_export
from miner.insight import MinedTables, TableWriter
from miner.insight.comparing.against import summary_of
from miner.insight.comparing.benchmark_file import read_benchmarks
from miner.insight.facts.against import Other
from miner.insight.facts.benchmarks import Benchmark
from miner.insight.facts.wants import AreaSpec
from miner.insight.metrics import measures
from miner.insight.window import make_window
from miner.scoring import Scorer
from miner.taxonomy import Taxonomy
from miner.workflow.frames import chunk_scorer
from miner.workflow.manifest import NAME, file_hash, read_manifest, tree_of
from miner.workflow.pipeline import Account, Progress, read_options, silent, stream


def check_comparisons(settings: Settings, scorer: Scorer) -> None:
    """Raise what would be raised at the end, before anything is scored.

    Raises
    ------
    UsageError
        A theme of an area is unknown, the benchmark file is wrong, or the other run had another
        model or taxonomy.
    DataError
        The other export can't be read.
    """
    tree = tree_of(settings, scorer)
    for area in read_options(settings).areas:
        if area.theme is not None:
            tree.resolve(area.theme)
    if settings.benchmark is not None:
        read_benchmarks(settings.benchmark, tree)
    if settings.against is None:
        return
    if _is_run(settings.against):
        _check_run(Path(settings.against), scorer.bundle.sha256, tree)
    else:
        _open_other(settings)


def record(
    settings: Settings, *, tree: Taxonomy, areas: Sequence[Area], scorer: Scorer | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:  # fmt: skip
    """Return what the manifest keeps of the comparisons; only what there is.

    Parameters
    ----------
    areas : the survey areas of the export.
    scorer : tags the other export; None where there is none to tag.
    """
    found: dict[str, Any] = {}
    if areas:
        found["areas"] = [area.to_dict() for area in areas]
    if settings.benchmark is not None:
        found["benchmarks"] = _benchmarks(settings.benchmark, tree)
    if settings.against is not None and scorer is not None:
        if _is_run(settings.against):
            other = _other_run(Path(settings.against), scorer.bundle.sha256, tree)
        else:
            other = _other_export(settings, scorer, tree, progress)
        found["against"] = other.to_dict()
    return found


def record_again(settings: Settings, manifest: Mapping[str, Any], tree: Taxonomy) -> dict[str, Any]:
    """Return what a report drawn again is newly compared with.

    Raises
    ------
    UsageError
        `against` is not the folder of a run, or that run had another model or taxonomy.
    """
    found: dict[str, Any] = {}
    if settings.benchmark is not None:
        found["benchmarks"] = _benchmarks(settings.benchmark, tree)
    if settings.against is not None:
        if not _is_run(settings.against):
            raise UsageError(
                f"{settings.against} is not the folder of a run: drawing again tags nothing.",
                hint="Tag it first: miner run FILE -o FOLDER, then --against FOLDER.",
                slug="against.not-a-run",
            )
        other = _other_run(Path(settings.against), manifest["model"]["sha256"], tree)
        found["against"] = other.to_dict()
    return found


def stored_comparisons(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of `miner.insight.extras.Extras` that the manifest tells.

    Examples
    --------
    >>> stored_comparisons({})
    {'areas': None, 'benchmarks': None, 'other': None}
    """
    areas, benchmarks = manifest.get("areas"), manifest.get("benchmarks")
    against = manifest.get("against")
    return {
        "areas": areas and tuple(AreaSpec(one["name"], one["theme"], one["kind"]) for one in areas),
        "benchmarks": benchmarks and tuple(map(Benchmark.from_dict, benchmarks["entries"])),
        "other": against and Other.from_dict(against),
    }


def _benchmarks(path: str, tree: Taxonomy) -> dict[str, Any]:
    return {
        "file": Path(path).name,
        "sha256": file_hash(Path(path)),
        "entries": [one.to_dict() for one in read_benchmarks(path, tree)],
    }


def _is_run(path: str) -> bool:
    return (Path(path) / NAME).is_file()


def _check_run(folder: Path, model_sha256: str, tree: Taxonomy) -> dict[str, Any]:
    """Return the manifest of the other run; UsageError where its figures can't be compared."""
    manifest, other_tree, _ = read_manifest(folder)
    differ = [
        what
        for what, same in (
            ("another model", manifest["model"]["sha256"] == model_sha256),
            ("another taxonomy", set(other_tree.keys) == set(tree.keys)),
        )
        if not same
    ]
    if differ:
        raise UsageError(
            f"{folder} was tagged with {' and '.join(differ)}: its shares can't be compared.",
            hint="Give the export itself, which is then tagged the same way: --against FILE.",
            slug="against.other-model",
            path=str(folder),
        )
    return manifest


def _other_run(folder: Path, model_sha256: str, tree: Taxonomy) -> Other:
    manifest = _check_run(folder, model_sha256, tree)
    scales = {key: (float(low), float(high)) for key, (low, high) in manifest["scales"].items()}
    return _summary(MinedTables.from_parquet(folder), tree, scales, str(manifest["title"]))


def _open_other(settings: Settings) -> Export:
    return open_export([str(settings.against)], replace(read_options(settings), areas=()))


def _other_export(settings: Settings, scorer: Scorer, tree: Taxonomy, progress: Progress) -> Other:
    """Tag another export the same way; its tables live only as long as it is counted."""
    export = _open_other(settings)
    account = Account()
    with tempfile.TemporaryDirectory(prefix="miner-") as folder:
        with TableWriter(folder) as tables:
            for part in stream(
                export,
                chunk_scorer(scorer, settings),
                workers=settings.workers,
                account=account,
                progress=progress,
            ):
                tables.append(part.feedback, part.mentions, part.ratings, part.signals)
        mined = MinedTables.from_parquet(folder)
        return _summary(mined, tree, export.scales, Path(str(settings.against)).name)


def _summary(
    tables: MinedTables, tree: Taxonomy, scales: Mapping[str, tuple[float, float]], name: str
) -> Other:
    return summary_of(make_window(tables, tree), measures(tables, scales), name=name)
