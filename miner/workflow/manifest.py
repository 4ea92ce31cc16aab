"""Where a report comes from: inputs, mapping, model, taxonomy, settings, versions, hashes."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from miner import __version__
from miner.config import Settings
from miner.errors import DataError
from miner.ingest import Export
from miner.scoring import Scorer
from miner.taxonomy import Taxonomy, load_taxonomy, parse_taxonomy
from miner.types import Ledger
from miner.workflow.pipeline import Account

SCHEMA = "miner-manifest/1"
NAME = "manifest.json"
_PACKAGES = ("spacy", "numpy", "scipy", "pandas", "pyarrow", "vl-convert-python")


@dataclass(frozen=True)
class Origin:
    """Where rows come from, as the manifest says it.

    `sources`: facts of each file; `mappings`: what its columns were read as; `scales`: (lowest,
    highest) of each rating; `notes`: sentences on what was left out or assumed.
    """

    sources: Sequence[Mapping[str, Any]]
    mappings: Sequence[Mapping[str, Any]]
    scales: Mapping[str, tuple[float, float]]
    notes: Sequence[str]

    @classmethod
    def of(cls, export: Export) -> Origin:
        """Return the origin of an export's rows."""
        return cls(
            sources=[source_facts(one) for one in export.sources],
            mappings=[one.to_dict() for one in export.mappings],
            scales=export.scales,
            notes=export.notes,
        )


def manifest_of(
    origin: Origin, *, model: Mapping[str, Any], tree: Taxonomy, account: Account,
    settings: Settings,
) -> dict[str, Any]:  # fmt: skip
    """Return the manifest of one run, without the hashes of the files it will write.

    Parameters
    ----------
    model : as `model_facts` says it.
    """
    return {
        "schema": SCHEMA,
        "title": settings.title or _title(origin.sources),
        "generated": moment(settings).isoformat(timespec="seconds"),
        "ledger": account.ledger.to_dict(),
        "inputs": list(origin.sources),
        "mapping": list(origin.mappings),
        "scales": {key: list(scale) for key, scale in sorted(origin.scales.items())},
        "notes": list(origin.notes),
        "problems": dict(sorted(account.problems.items())),
        "languages": dict(sorted(account.languages.items())),
        "unscored": account.unscored,
        "model": dict(model),
        "taxonomy": taxonomy_data(tree),
        "settings": settings.to_dict(),
        "versions": {"feedback-miner": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _PACKAGES},
    }


def moment(settings: Settings) -> datetime:
    """Return the clock passed in, else now, in UTC."""
    return (settings.now or datetime.now(UTC)).astimezone(UTC)


def source_facts(source: Any) -> dict[str, Any]:
    """Return a source without the folder it lay in, which is nobody's business but the owner's."""
    data = asdict(source)
    del data["path"]
    return data


def _title(sources: Sequence[Mapping[str, Any]]) -> str:
    first = str(sources[0]["name"])
    return first if len(sources) == 1 else f"{first} and {len(sources) - 1} more"


def tree_of(settings: Settings, scorer: Scorer) -> Taxonomy:
    """Return the taxonomy the settings name, else the model's own."""
    return load_taxonomy(settings.taxonomy) if settings.taxonomy else scorer.taxonomy


def model_facts(scorer: Scorer) -> dict[str, Any]:
    """Return what a report says of the model: its name, hashes and measured quality."""
    bundle = scorer.bundle
    return {
        "name": bundle.name,
        "language": bundle.language,
        "sha256": bundle.sha256,
        "taxonomy_sha256": bundle.taxonomy.sha256,
        "quality": bundle.metrics,
    }


def taxonomy_data(tree: Taxonomy) -> dict[str, Any]:
    """Return the taxonomy as the TOML file would hold it, so that a report needs no model."""
    themes = [
        {key: value for key, value in asdict(theme).items() if value} for theme in tree.themes
    ]
    head = {"language": tree.language, "catch_all": list(tree.catch_all)}
    translations = {code: asdict(one) for code, one in sorted(tree.translations.items())}
    return {**head, "top": dict(tree.top), "theme": themes, "translation": translations}


def write_manifest(manifest: dict[str, Any], folder: Path) -> None:
    """Write manifest.json with the hash of every other file in the folder."""
    files = {
        path.name: file_hash(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != NAME
    }
    text = json.dumps(manifest | {"files": files}, ensure_ascii=False, indent=2) + "\n"
    (folder / NAME).write_text(text, encoding="utf-8")


def leftovers(folder: Path, new: Path) -> list[Path]:
    """Return the files in `folder` that an earlier report left and the one in `new` has no more.

    Only files that the earlier manifest lists with the hash they still have: what somebody wrote
    into since, or laid beside, is theirs. None where either side has no manifest.
    """
    try:
        listed = json.loads((folder / NAME).read_text(encoding="utf-8"))["files"]
        pairs = [(folder / Path(name).name, digest) for name, digest in listed.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
    if not (new / NAME).is_file():
        return []
    return [
        path
        for path, digest in pairs
        if path.is_file() and not (new / path.name).exists() and file_hash(path) == digest
    ]


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_manifest(folder: Path) -> tuple[dict[str, Any], Taxonomy, Ledger]:
    """Return the manifest of an earlier run with its taxonomy and ledger.

    Raises
    ------
    DataError
        There is none, it is damaged, or it is of a newer form.
    """
    path = folder / NAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["schema"] != SCHEMA:
            raise DataError(
                f'{path} has the form "{data["schema"]}", expected "{SCHEMA}".',
                hint="Update feedback-miner, or run again: miner run FILE -o FOLDER.",
                slug="manifest.other-form",
            )
        ledger = Ledger(**data["ledger"])
        return data, parse_taxonomy(data["taxonomy"], str(path)), ledger
    except FileNotFoundError as error:
        raise DataError(
            f"{folder} holds no {NAME}.",
            hint="Give the folder that miner run wrote: miner report out/.",
            slug="manifest.missing",
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is damaged: {error!r}.",
            hint="Run again: miner run FILE -o FOLDER.",
            slug="manifest.damaged",
        ) from error
