"""A model folder: plain arrays, a manifest that vouches for them, a card. Audited before use.

`models/<name>/` holds `manifest.json`, `weights.npz`, `taxonomy.toml`, and beside them
`recipe.toml`, `metrics.json` and `README.md` (the model card). Nothing in it can run.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from miner.errors import MinerError, ModelError
from miner.learn.features import FeatureSettings
from miner.learn.tagger import Rules, Tagger, Weights
from miner.resources import folder
from miner.taxonomy import Taxonomy, load_taxonomy

FORMAT: Final = 1
"""Version of the folder's layout; a folder of a newer version is refused."""

MANIFEST, WEIGHTS, TAXONOMY = "manifest.json", "weights.npz", "taxonomy.toml"
METRICS, CARD, RECIPE = "metrics.json", "README.md", "recipe.toml"
_HASHED: Final = (WEIGHTS, TAXONOMY, RECIPE)
_ALLOWED: Final = frozenset({MANIFEST, METRICS, CARD, *_HASHED})
_MAX_BYTES: Final = 64 << 20  # of all arrays, unpacked; the shipped model has about 8 MB
_MAX_TEXT: Final = 4 << 20
_MAX_BITS: Final = 24
_MANIFEST_KEYS: Final = ("arrays", "features", "files", "rules", "taxonomy", "training")
_ARRAYS: Final = {"bias": "<f4", "buckets": "<u4", "idf": "<f2", "scale": "<f4", "weights": "|i1"}
_LEVELS: Final = 127  # int8, symmetric

Packed = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Bundle:
    """A tagger with everything needed to trust it.

    `training`: how it came to be (recipe hash, inputs with their hashes, versions). `metrics`: what
    was measured, empty before `miner.learn.evaluate` ran. `name`: of the folder it came from.
    """

    name: str
    taxonomy: Taxonomy
    weights: Weights
    training: Mapping[str, Any]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    taxonomy_text: str = ""
    recipe_text: str = ""

    @property
    def language(self) -> str:
        """The language the model reads, ISO 639-1."""
        return self.taxonomy.language

    @cached_property
    def tagger(self) -> Tagger:
        """The tagger, built on first use and kept."""
        return Tagger(self.weights)

    @cached_property
    def sha256(self) -> str:
        """Hash of weights, rules and taxonomy: what a report states it was scored with."""
        facts = _facts(self.weights, pack(self.weights), self.taxonomy)
        return hashlib.sha256(_json(facts)).hexdigest()


def available(models: Path | None = None) -> tuple[str, ...]:
    """Return the names of the models in a folder (None: the shipped ones), sorted."""
    root = models if models is not None else folder("models")
    return tuple(sorted(path.parent.name for path in root.glob(f"*/{MANIFEST}")))


def load_bundle(model: str | Path = "en") -> Bundle:
    """Return an audited model by name, or from a folder.

    Raises
    ------
    ModelError
        No such model; a file is missing, foreign, damaged or larger than a model may be; an
        array is not what the manifest says; the folder is of a newer format.

    Examples
    --------
    >>> load_bundle("en").language
    'en'
    """
    root = _locate(model)
    manifest = _manifest(root)
    _audit_files(root, manifest)
    taxonomy = _taxonomy(root, manifest)
    arrays = _arrays(root, manifest)
    weights = _unpack(root, manifest, arrays)
    if weights.weights.shape[1] != len(taxonomy.themes) + 2:
        raise _damaged(root, "its weights and its taxonomy differ in number of themes")
    return Bundle(
        name=root.name,
        taxonomy=taxonomy,
        weights=weights,
        training=manifest["training"],
        metrics=_read_json(root / METRICS) if (root / METRICS).is_file() else {},
        taxonomy_text=(root / TAXONOMY).read_text(encoding="utf-8"),
        recipe_text=(root / RECIPE).read_text(encoding="utf-8"),
    )


def save_bundle(bundle: Bundle, path: str | Path, *, card: str = "") -> Path:
    """Write a model folder, whole or not at all, and return it.

    An existing model folder of that name is replaced; any other existing folder is refused.

    Raises
    ------
    ModelError
        The folder exists and holds something else.
    """
    target = Path(path)
    if target.exists() and not (target / MANIFEST).is_file() and any(target.iterdir()):
        raise ModelError(
            f"{target} exists and is no model folder.",
            hint="Give another name, or empty it first.",
            slug="model.not-a-model-folder",
            path=str(target),
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        for name, data in _contents(bundle, card).items():
            (scratch / name).write_bytes(data)
        scratch.chmod(0o755)
        _swap(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return target


def pack(weights: Weights) -> Packed:
    """Return the arrays as stored: weights in 8 bits with a scale a head, idf in 16 bits."""
    scale = _short(np.abs(weights.weights).max(axis=0, initial=0.0) / _LEVELS)
    return {
        "buckets": weights.buckets,
        "idf": weights.idf.astype(np.float16),
        "weights": np.rint(weights.weights / scale).astype(np.int8),
        "scale": scale,
        "bias": weights.bias.astype(np.float32),
    }


def unpack(packed: Packed, settings: FeatureSettings, rules: Rules) -> Weights:
    """Return the weights that stored arrays stand for; ``pack`` of them gives the same arrays."""
    return Weights(
        settings=settings,
        buckets=packed["buckets"],
        idf=packed["idf"].astype(np.float32),
        weights=packed["weights"].astype(np.float32) * packed["scale"],
        bias=packed["bias"],
        rules=rules,
    )


def _short(scale: NDArray[np.float32]) -> NDArray[np.float32]:
    """Round up to 11 bits, so that 127 x scale is exact and packing again changes nothing."""
    mantissa, exponent = np.frexp(np.where(scale > 0, scale, 1.0))
    return np.asarray(np.ldexp(np.ceil(mantissa * 2048) / 2048, exponent), dtype=np.float32)


def _facts(weights: Weights, packed: Packed, taxonomy: Taxonomy) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "language": taxonomy.language,
        "taxonomy": taxonomy.sha256,
        "themes": list(taxonomy.keys),
        "features": asdict(weights.settings),
        "rules": asdict(weights.rules),
        "arrays": {name: _describe(array) for name, array in sorted(packed.items())},
    }


def _describe(array: NDArray[Any]) -> dict[str, Any]:
    digest = hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()
    return {"dtype": array.dtype.str, "shape": list(array.shape), "sha256": digest}


def _contents(bundle: Bundle, card: str) -> dict[str, bytes]:
    packed = pack(bundle.weights)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **packed)
    files = {
        WEIGHTS: buffer.getvalue(),
        TAXONOMY: bundle.taxonomy_text.encode(),
        RECIPE: bundle.recipe_text.encode(),
    }
    manifest = _facts(bundle.weights, packed, bundle.taxonomy) | {
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        "training": dict(bundle.training),
    }
    files[MANIFEST] = _json(manifest)
    if bundle.metrics:
        files[METRICS] = _json(bundle.metrics)
    if card:
        files[CARD] = card.encode()
    return files


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _swap(scratch: Path, target: Path) -> None:
    """Put the finished folder in place; what was there goes only once the new one is there."""
    old = scratch.with_name(scratch.name + ".old")
    if target.exists():
        target.replace(old)
    scratch.replace(target)
    shutil.rmtree(old, ignore_errors=True)


def _locate(model: str | Path) -> Path:
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


def _manifest(root: Path) -> dict[str, Any]:
    manifest = _read_json(root / MANIFEST)
    version = manifest.get("format")
    if not isinstance(version, int):
        raise _damaged(root, f"{MANIFEST} states no format")
    if version > FORMAT:
        raise ModelError(
            f"{root} has the newer format {version}, this program reads up to {FORMAT}.",
            hint="Update feedback-miner: pip install -U feedback-miner.",
            slug="model.newer-format",
            format=version,
        )
    missing = [key for key in _MANIFEST_KEYS if key not in manifest]
    if missing:
        raise _damaged(root, f"{MANIFEST} lacks {', '.join(missing)}")
    return manifest


def _audit_files(root: Path, manifest: Mapping[str, Any]) -> None:
    foreign = sorted(
        path.name for path in root.iterdir() if path.name not in _ALLOWED or path.is_symlink()
    )
    if foreign:
        raise ModelError(
            f"{root} holds what does not belong into a model: {', '.join(foreign)}.",
            hint="Remove it if you know where it comes from; else don't use this folder.",
            slug="model.foreign-file",
            files=foreign,
        )
    for name in _HASHED:
        path = root / name
        if not path.is_file():
            raise _damaged(root, f"{name} is missing")
        if path.stat().st_size > (_MAX_BYTES if name == WEIGHTS else _MAX_TEXT):
            raise _damaged(root, f"{name} is larger than a model may be")
        if hashlib.sha256(path.read_bytes()).hexdigest() != manifest["files"].get(name):
            raise _damaged(root, f"{name} is not the file the manifest was made for")


def _taxonomy(root: Path, manifest: Mapping[str, Any]) -> Taxonomy:
    try:
        taxonomy = load_taxonomy(root / TAXONOMY)
    except MinerError as error:
        raise _damaged(root, error.message.rstrip(".")) from error
    if taxonomy.sha256 != manifest["taxonomy"]:
        raise _damaged(root, f"{TAXONOMY} is not the one it was trained with")
    return taxonomy


def _arrays(root: Path, manifest: Mapping[str, Any]) -> Packed:
    """Read the arrays the manifest names, each within bounds before it is unpacked."""
    wanted: Mapping[str, Any] = manifest["arrays"]
    if set(wanted) != set(_ARRAYS):
        raise _damaged(root, f"it must hold the arrays {', '.join(_ARRAYS)}")
    try:
        with zipfile.ZipFile(root / WEIGHTS) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
        if sum(sizes.values()) > _MAX_BYTES or set(sizes) != {f"{name}.npy" for name in wanted}:
            raise _damaged(root, f"{WEIGHTS} holds more or other arrays than the manifest names")
        with np.load(root / WEIGHTS, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in sorted(wanted)}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise _damaged(root, f"{WEIGHTS} can't be read ({error})") from error
    for name, array in arrays.items():
        if array.dtype.str != _ARRAYS[name] or _describe(array) != wanted[name]:
            raise _damaged(root, f'array "{name}" is not what the manifest says')
        if not np.isfinite(array).all():
            raise _damaged(root, f'array "{name}" holds values that are not finite')
    return arrays


def _unpack(root: Path, manifest: Mapping[str, Any], arrays: Packed) -> Weights:
    try:
        features = manifest["features"]
        settings = FeatureSettings(
            bits=int(features["bits"]),
            words=(int(features["words"][0]), int(features["words"][1])),
            characters=(int(features["characters"][0]), int(features["characters"][1])),
            word_letters=int(features["word_letters"]),
        )
        rules = manifest["rules"]
        low, high = map(float, rules["neutral"])
        themes = tuple(map(float, rules["themes"]))
        opinion, fallback, rival = (float(rules[one]) for one in ("opinion", "fallback", "rival"))
        decisions = Rules(themes, opinion, fallback, rival, (low, high))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _damaged(root, f"{MANIFEST} has a broken setting ({error})") from error
    _check_shapes(root, settings, decisions, arrays)
    return unpack(arrays, settings, decisions)


def _check_shapes(root: Path, settings: FeatureSettings, rules: Rules, arrays: Packed) -> None:
    heads = len(rules.themes) + 2
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
            raise _damaged(root, f'array "{name}" has shape {arrays[name].shape}, expected {shape}')
    buckets = arrays["buckets"].astype(np.int64)
    if not 8 <= settings.bits <= _MAX_BITS or (np.diff(buckets) <= 0).any():
        raise _damaged(root, "its hash buckets are not sorted or too many")
    if n_columns and buckets[-1] >= 1 << settings.bits:
        raise _damaged(root, "it has hash buckets beyond its hash")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_TEXT:
            raise ValueError("it is larger than a model may be")
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(path.parent, f"{path.name} can't be read ({error})") from error
    if not isinstance(value, dict):
        raise _damaged(path.parent, f"{path.name} is no JSON object")
    return value


def _damaged(root: Path, what: str) -> ModelError:
    return ModelError(
        f"{root} is damaged: {what}.",
        hint="Fetch the model again, or retrain it: miner train -o FOLDER.",
        slug="model.damaged",
        path=str(root),
    )
