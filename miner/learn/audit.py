"""Look at a model folder before trusting it: which files, whose hashes, what arrays.

Nothing is unpacked before its size is known, nothing is unpickled, and every complaint names the
folder and what is wrong with it.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import astuple, fields
from math import isfinite
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from miner.errors import MinerError, ModelError
from miner.learn.features import FeatureSettings
from miner.learn.tagging import FACTS
from miner.learn.weights import Hints, Neighbours, Rules
from miner.resources import folder
from miner.taxonomy import Taxonomy, load_taxonomy

FORMAT: Final = 1
"""Version of the folder's layout; a folder of a newer version is refused."""

LINEAR, NETWORK = "linear", "onnx"
"""Kinds of model; a manifest that names none is of a linear one."""

MANIFEST, WEIGHTS, TAXONOMY = "manifest.json", "weights.npz", "taxonomy.toml"
METRICS, CARD, RECIPE = "metrics.json", "README.md", "recipe.toml"
GRAPH, TOKENIZER = "model.onnx", "tokenizer.json"
_Shares = TypeVar("_Shares", Neighbours, Hints)
_HASHED: Final = {
    LINEAR: (WEIGHTS, TAXONOMY, RECIPE),
    NETWORK: (GRAPH, TOKENIZER, TAXONOMY),
}
_PLAIN: Final = frozenset({MANIFEST, METRICS, CARD})
_MAX_BYTES: Final = 64 << 20  # of all arrays, unpacked; the shipped model has about 8 MB
_MAX_TEXT: Final = 4 << 20
_MAX_BITS: Final = 24
_MANIFEST_KEYS: Final = {
    LINEAR: ("arrays", "features", "files", "rules", "taxonomy", "training"),
    NETWORK: ("files", "network", "rules", "taxonomy", "training"),
}
_ARRAYS: Final = {"bias": "<f4", "buckets": "<u4", "idf": "<f2", "scale": "<f4", "weights": "|i1"}

Packed: TypeAlias = dict[str, NDArray[Any]]


def available(models: Path | None = None) -> tuple[str, ...]:
    """Return the names of the models in a folder (None: the shipped ones), sorted."""
    root = models if models is not None else folder("models")
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{MANIFEST}")))


def describe(array: NDArray[Any]) -> dict[str, Any]:
    digest = hashlib.sha256(np.ascontiguousarray(array).view(np.uint8).data).hexdigest()
    return {"dtype": array.dtype.str, "shape": list(array.shape), "sha256": digest}


def locate(model: str | Path) -> Path:
    given = Path(model)
    named = folder("models") / given
    for root in (
        (given, named) if isinstance(model, Path) or len(given.parts) > 1 else (named, given)
    ):
        if (root / MANIFEST).is_file():
            return root
    names = available()
    raise ModelError(
        f'No model "{model}": neither a shipped model nor a folder with a {MANIFEST}.',
        hint=f"Shipped: {', '.join(names) or 'none'}. Train one: miner train -o FOLDER.",
        slug="model.not-found",
        model=str(model),
        available=names,
    )


def read_manifest(root: Path) -> dict[str, Any]:
    manifest = read_json(root / MANIFEST)
    version = manifest.get("format")
    if not isinstance(version, int):
        raise damaged(root, f"{MANIFEST} states no format")
    if version > FORMAT:
        raise ModelError(
            f"{root} has the newer format {version}, this program reads up to {FORMAT}.",
            hint="Update feedback-miner: pip install -U feedback-miner.",
            slug="model.newer-format",
            format=version,
        )
    if kind_of(manifest) not in _MANIFEST_KEYS:
        raise damaged(root, f"{MANIFEST} is of a kind of model that is not known")
    missing = [key for key in _MANIFEST_KEYS[kind_of(manifest)] if key not in manifest]
    if missing:
        raise damaged(root, f"{MANIFEST} lacks {', '.join(missing)}")
    return manifest


def kind_of(manifest: Mapping[str, Any]) -> str:
    return str(manifest.get("kind", LINEAR))


def check_files(root: Path, manifest: Mapping[str, Any]) -> None:
    hashed = _HASHED[kind_of(manifest)]
    allowed = _PLAIN | set(hashed)
    foreign = sorted(
        path.name for path in root.iterdir() if path.name not in allowed or path.is_symlink()
    )
    if foreign:
        raise ModelError(
            f"{root} holds what does not belong into a model: {', '.join(foreign)}.",
            hint="Remove it if you know where it comes from; else don't use this folder.",
            slug="model.foreign-file",
            files=foreign,
        )
    for name in hashed:
        path = root / name
        if not path.is_file():
            raise damaged(root, f"{name} is missing")
        if path.stat().st_size > (_MAX_BYTES if name in (WEIGHTS, GRAPH) else _MAX_TEXT):
            raise damaged(root, f"{name} is larger than a model may be")
        if hashlib.sha256(path.read_bytes()).hexdigest() != manifest["files"].get(name):
            raise damaged(root, f"{name} is not the file the manifest was made for")


def read_taxonomy(root: Path, manifest: Mapping[str, Any]) -> Taxonomy:
    try:
        taxonomy = load_taxonomy(root / TAXONOMY)
    except MinerError as error:
        raise damaged(root, error.message.rstrip(".")) from error
    if taxonomy.sha256 != manifest["taxonomy"]:
        raise damaged(root, f"{TAXONOMY} is not the one it was trained with")
    return taxonomy


def read_arrays(root: Path, manifest: Mapping[str, Any]) -> Packed:
    """Read the arrays the manifest names, each within bounds before it is unpacked."""
    wanted: Mapping[str, Any] = manifest["arrays"]
    if set(wanted) != set(_ARRAYS):
        raise damaged(root, f"it must hold the arrays {', '.join(_ARRAYS)}")
    try:
        with zipfile.ZipFile(root / WEIGHTS) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            if sum(sizes.values()) > _MAX_BYTES or set(sizes) != {f"{name}.npy" for name in wanted}:
                raise damaged(root, f"{WEIGHTS} holds more or other arrays than the manifest names")
            arrays = {name: _array(archive, name) for name in sorted(wanted)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise damaged(root, f"{WEIGHTS} can't be read ({error})") from error
    for name, array in arrays.items():
        if array.dtype.str != _ARRAYS[name] or describe(array) != wanted[name]:
            raise damaged(root, f'array "{name}" is not what the manifest says')
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise damaged(root, f'array "{name}" holds values that are not finite')
    return arrays


def _array(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    stored = io.BytesIO(archive.read(f"{name}.npy"))
    return np.asarray(np.lib.format.read_array(stored, allow_pickle=False))


def read_settings(
    root: Path, manifest: Mapping[str, Any], arrays: Packed
) -> tuple[FeatureSettings, Rules]:
    """Return what the manifest says a feature and a decision is; the arrays must fit it."""
    decisions = read_rules(root, manifest)
    try:
        features = manifest["features"]
        unknown = set(features) - {one.name for one in fields(FeatureSettings)}
        if unknown:  # what it means can't be guessed, and without it the weights mean nothing
            raise ValueError(f"unknown feature {sorted(unknown)[0]!r}")
        settings = FeatureSettings(
            bits=int(features["bits"]),
            words=(int(features["words"][0]), int(features["words"][1])),
            characters=(int(features["characters"][0]), int(features["characters"][1])),
            word_letters=int(features["word_letters"]),
            shape=bool(features.get("shape", False)),
            reach=int(features.get("reach", 0)),
            apart=bool(features.get("apart", False)),
            cancels=bool(features.get("cancels", False)),
            negations=tuple(map(str, features.get("negations", ()))),
            joints=tuple(map(str, features.get("joints", ()))),
            heightens=bool(features.get("heightens", False)),
            heights=tuple(tuple(map(str, one)) for one in features.get("heights", ())),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise broken_setting(root, error) from error
    _check_shapes(root, settings, decisions, arrays)
    return settings, decisions


def read_rules(root: Path, manifest: Mapping[str, Any]) -> Rules:
    """Return what the manifest says a decision is."""
    try:
        rules = manifest["rules"]
        return Rules(
            themes=tuple(map(float, rules["themes"])),
            opinion=float(rules["opinion"]),
            fallback=float(rules["fallback"]),
            rival=float(rules["rival"]),
            neutral=float(rules["neutral"]),
            neighbours=_shares(Neighbours, rules, "neighbours"),
            hints=_shares(Hints, rules, "hints"),
            single=bool(rules.get("single", False)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise broken_setting(root, error) from error


def _shares(kind: type[_Shares], rules: Mapping[str, Any], name: str) -> _Shares:
    """Return one group of shares that decisions lean on, all 0 where the manifest has none."""
    found = kind(**{str(one): float(share) for one, share in dict(rules.get(name, {})).items()})
    if not all(map(isfinite, astuple(found))):
        raise ValueError(f"{name} are {found}, expected finite shares")
    return found


def _check_shapes(root: Path, settings: FeatureSettings, rules: Rules, arrays: Packed) -> None:
    heads = len(rules.themes) + len(FACTS)
    n_columns = len(arrays["buckets"])
    shapes = {
        "buckets": (n_columns,),
        "idf": (n_columns,),
        "weights": (n_columns, heads),
        "scale": (heads,),
        "bias": (heads,),
    }
    for name, shape in shapes.items():
        if arrays[name].shape != shape:
            raise damaged(root, f'array "{name}" has shape {arrays[name].shape}, expected {shape}')
    buckets = arrays["buckets"].astype(np.int64)
    if not 8 <= settings.bits <= _MAX_BITS or (np.diff(buckets) <= 0).any():
        raise damaged(root, "its hash buckets are not sorted or too many")
    if n_columns and buckets[-1] >= 1 << settings.bits:
        raise damaged(root, "it has hash buckets beyond its hash")


def read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_TEXT:
            raise ValueError("it is larger than a model may be")
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise damaged(path.parent, f"{path.name} can't be read ({error})") from error
    if not isinstance(value, dict):
        raise damaged(path.parent, f"{path.name} is no JSON object")
    return value


def broken_setting(root: Path, error: Exception) -> ModelError:
    return damaged(root, f"{MANIFEST} has a broken setting ({error})")


def damaged(root: Path, what: str) -> ModelError:
    return ModelError(
        f"{root} is damaged: {what}.",
        hint="Fetch the model again, or retrain it: miner train -o FOLDER.",
        slug="model.damaged",
        path=str(root),
    )
