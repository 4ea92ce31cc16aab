"""A model folder: plain arrays, a manifest that vouches for them, a card. Audited before use.

`models/<name>/` holds `manifest.json`, `weights.npz`, `taxonomy.toml`, and beside them
`recipe.toml`, `metrics.json` and `README.md` (the model card). A network has `model.onnx` and
`tokenizer.json` in place of weights and recipe. Nothing in it can run.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from miner.errors import MinerError, ModelError
from miner.learn.audit import (
    CARD,
    FORMAT,
    MANIFEST,
    METRICS,
    NETWORK,
    RECIPE,
    TAXONOMY,
    WEIGHTS,
    Packed,
    available,
    check_files,
    damaged,
    describe,
    kind_of,
    locate,
    read_arrays,
    read_json,
    read_manifest,
    read_settings,
    read_taxonomy,
)
from miner.learn.features import FeatureSettings
from miner.learn.network import Network, NetworkTagger
from miner.learn.network_folder import network_files, network_settings, read_network
from miner.learn.tagger import Tagger
from miner.learn.tagging import ClauseTagger
from miner.learn.weights import Hints, Neighbours, Rules, Weights
from miner.taxonomy import Taxonomy

__all__ = [
    "FORMAT",
    "Bundle",
    "available",
    "load_ahead",
    "load_bundle",
    "pack",
    "save_bundle",
    "unpack",
]

_HEADLINE: Final = {
    "themes": "top_macro_f1",
    "sub-themes": "theme_macro_f1",
    "sign": "sign_macro_f1",
}


@dataclass(frozen=True)
class Bundle:
    """A tagger with everything needed to trust it.

    `weights`: those of a linear tagger, or a network. `training`: how it came to be (recipe hash,
    inputs with their hashes, versions). `metrics`: what was measured, empty before
    `miner.learn.evaluate` ran. `name`: of the folder it came from.
    """

    name: str
    taxonomy: Taxonomy
    weights: Weights | Network
    training: Mapping[str, Any]
    metrics: Mapping[str, Any] = field(default_factory=dict)
    taxonomy_text: str = ""
    recipe_text: str = ""

    @property
    def language(self) -> str:
        """The language the model reads, ISO 639-1."""
        return self.taxonomy.language

    @cached_property
    def tagger(self) -> ClauseTagger:
        """The tagger, built on first use and kept.

        Raises
        ------
        ModelError
            It is a network, and the extra ``accurate`` is not installed.
        """
        if isinstance(self.weights, Network):
            return NetworkTagger(self.weights, self.language)
        return Tagger(self.weights, self.language)

    @property
    def linear(self) -> Weights:
        """The weights of a linear model, to look into or to start from.

        Raises
        ------
        ModelError
            It is a network.
        """
        if isinstance(self.weights, Network):
            raise ModelError(
                f'The model "{self.name}" is a network, a linear one is needed here.',
                hint="Use the default model: --model en.",
                slug="model.not-linear",
                model=self.name,
            )
        return self.weights

    def headline(self) -> str:
        """Return the measured quality in a few words, for lists of models.

        Examples
        --------
        >>> load_bundle("en").headline().startswith("themes .")
        True
        """
        split = self.metrics.get("splits", {}).get("test", {}).get("as_labelled")
        if split is None:
            return "not measured"
        figures = split["figures"]
        words = (
            f"{name} {figures[key]['value']:.2f}".replace("0.", ".")
            for name, key in _HEADLINE.items()
        )
        return f"{', '.join(words)} (unseen hands)"

    @cached_property
    def sha256(self) -> str:
        """Hash of weights, rules and taxonomy: what a report states it was scored with."""
        facts = _facts(self)
        return hashlib.sha256(_json(facts)).hexdigest()


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
    root = locate(model)
    begun = _begun.pop(root, None)
    return _load(root) if begun is None else begun.result()


def load_ahead(model: str | Path) -> None:
    """Begin to read a model beside other work, where there is a core for it.

    `load_bundle` takes it up, once. Half of reading is unpacking, which other threads needn't wait
    for. A model that can't be read is no error here.
    """
    from miner.processes import cores

    if cores() > 1:
        with suppress(ModelError):
            root = locate(model)
            begun = _begun[root] = _Reading(root)
            begun.start()


class _Reading(threading.Thread):
    """Reads a model folder; what came of it, a model or an error, is told to who asks."""

    def __init__(self, root: Path) -> None:
        super().__init__(name="load-model", daemon=True)
        self._root = root
        self._found: Bundle | MinerError | None = None

    def run(self) -> None:
        try:
            self._found = _load(self._root)
        except MinerError as error:
            self._found = error

    def result(self) -> Bundle:
        self.join()
        if isinstance(self._found, Bundle):
            return self._found
        if self._found is None:  # something unforeseen: it is met again, where it can be seen
            return _load(self._root)
        raise self._found


_begun: Final[dict[Path, _Reading]] = {}


def _load(root: Path) -> Bundle:
    manifest = read_manifest(root)
    check_files(root, manifest)
    taxonomy = read_taxonomy(root, manifest)
    weights = _read_weights(root, manifest)
    if len(weights.rules.themes) != len(taxonomy.themes):
        raise damaged(root, "its weights and its taxonomy differ in number of themes")
    return Bundle(
        name=root.name,
        taxonomy=taxonomy,
        weights=weights,
        training=manifest["training"],
        metrics=read_json(root / METRICS) if (root / METRICS).is_file() else {},
        taxonomy_text=(root / TAXONOMY).read_text(encoding="utf-8"),
        recipe_text=(root / RECIPE).read_text(encoding="utf-8")
        if (root / RECIPE).is_file()
        else "",
    )


def check_target(path: Path) -> None:
    """Raise ModelError where a model folder can't be written: a file, or a folder of other things.

    To be asked before a long fit; `save_bundle` asks too.
    """
    if not path.exists() or (path / MANIFEST).is_file():
        return
    if not path.is_dir() or any(path.iterdir()):
        raise ModelError(
            f"{path} exists and is no model folder.",
            hint="Give another name, or empty it first.",
            slug="model.not-a-model-folder",
            path=str(path),
        )


def save_bundle(bundle: Bundle, path: str | Path, *, card: str = "") -> Path:
    """Write a model folder, whole or not at all, and return it.

    An existing model folder of that name is replaced; any other existing folder is refused.

    Raises
    ------
    ModelError
        The folder exists and holds something else, or is a file.
    """
    target = Path(path)
    check_target(target)
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
    return {
        "buckets": weights.buckets,
        "idf": weights.idf.astype(np.float16),
        "weights": weights.levels,
        "scale": weights.scale,
        "bias": weights.bias,
    }


def unpack(packed: Packed, settings: FeatureSettings, rules: Rules) -> Weights:
    """Return the weights that stored arrays stand for; ``pack`` of them gives the same arrays."""
    return Weights(
        settings=settings,
        buckets=packed["buckets"],
        idf=packed["idf"].astype(np.float32),
        levels=packed["weights"],
        scale=packed["scale"],
        bias=packed["bias"],
        rules=rules,
    )


def _read_weights(root: Path, manifest: Mapping[str, Any]) -> Weights | Network:
    """Return what the tagger knows; the number of its themes is that of its thresholds."""
    if kind_of(manifest) == NETWORK:
        return read_network(root, manifest)
    arrays = read_arrays(root, manifest)
    return unpack(arrays, *read_settings(root, manifest, arrays))


def _facts(bundle: Bundle) -> dict[str, Any]:
    """Return what a model is, to the last bit; the manifest adds where it came from."""
    weights, taxonomy = bundle.weights, bundle.taxonomy
    shared = {
        "format": FORMAT,
        "language": taxonomy.language,
        "taxonomy": taxonomy.sha256,
        "themes": list(taxonomy.keys),
        "rules": _settings(weights.rules),
    }
    if isinstance(weights, Network):
        return shared | {"kind": NETWORK, "network": network_settings(weights)}
    arrays = {name: describe(array) for name, array in sorted(pack(weights).items())}
    return shared | {"features": _settings(weights.settings), "arrays": arrays}


def _settings(settings: Rules | FeatureSettings) -> dict[str, Any]:
    """Return settings by name. Those younger than some models are left out where they say nothing,
    so that an older model keeps its hash, by which stores of scored feedback know it."""
    found = asdict(settings)
    silent = {
        "neighbours": asdict(Neighbours()), "hints": asdict(Hints()), "single": False,
        "reach": 0, "apart": False, "cancels": False, "negations": (), "joints": (),
        "heightens": False, "heights": (),
    }  # fmt: skip
    return {
        name: value for name, value in found.items() if name not in silent or value != silent[name]
    }


def _contents(bundle: Bundle, card: str) -> dict[str, bytes]:
    files = _weight_files(bundle) | {TAXONOMY: bundle.taxonomy_text.encode()}
    manifest = _facts(bundle) | {
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        "training": dict(bundle.training),
    }
    files[MANIFEST] = _json(manifest)
    if bundle.metrics:
        files[METRICS] = _json(bundle.metrics)
    if card:
        files[CARD] = card.encode()
    return files


def _weight_files(bundle: Bundle) -> dict[str, bytes]:
    if isinstance(bundle.weights, Network):
        return network_files(bundle.weights)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **pack(bundle.weights))
    return {WEIGHTS: buffer.getvalue(), RECIPE: bundle.recipe_text.encode()}


def _json(value: Any) -> bytes:
    return (json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _swap(scratch: Path, target: Path) -> None:
    """Put the finished folder in place; what was there goes only once the new one is there."""
    old = scratch.with_name(scratch.name + ".old")
    if target.exists():
        target.replace(old)
    scratch.replace(target)
    shutil.rmtree(old, ignore_errors=True)
