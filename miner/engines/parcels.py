"""A model on its way to other machines: by name where they have it, else as its own files."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import miner
from miner.engines.models import held, shared_scorer
from miner.errors import ModelError
from miner.learn.audit import available, locate
from miner.resources import folder
from miner.scoring import Scorer, load


@dataclass(frozen=True)
class Parcel:
    """What a worker needs to score as this process would.

    `name`: of the model. `sha256`: its hash, which every worker compares. `version`: of this
    program. `files`: those of the model folder; empty for a shipped model, which an installation
    has. They are 9 MB for the default model, where a pickled scorer would be 64 MB, and a worker
    audits them as it audits any folder.

    Examples
    --------
    >>> parcel = Parcel.of("en")
    >>> parcel.files, parcel.scorer().language
    ({}, 'en')
    """

    name: str
    sha256: str
    version: str
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, model: str | Path) -> Parcel:
        """Return the parcel of a shipped model by name, or of a model folder by path.

        Raises
        ------
        ModelError
            As `miner.load` raises it.
        """
        scorer = shared_scorer(model)
        root = locate(model)
        shipped = root.name in available() and root.samefile(folder("models") / root.name)
        files = {} if shipped else {one.name: one.read_bytes() for one in sorted(root.iterdir())}
        return cls(root.name, scorer.bundle.sha256, miner.__version__, files)

    def scorer(self) -> Scorer:
        """Return the scorer, loaded once a process.

        Raises
        ------
        ModelError
            This machine has another version of the program or of the model, or not all that the
            model needs.
        """
        return held(self.sha256, self._load)

    def _load(self) -> Scorer:
        self._same("feedback-miner", self.version, miner.__version__)
        scorer = self._unpacked() if self.files else load(self.name)
        self._same(f'model "{self.name}"', self.sha256, scorer.bundle.sha256)
        return scorer

    def _unpacked(self) -> Scorer:
        with tempfile.TemporaryDirectory(prefix="miner-model-") as place:
            root = Path(place) / self.name
            root.mkdir()
            for name, data in self.files.items():
                (root / name).write_bytes(data)
            return load(root)

    def _same(self, what: str, wanted: str, found: str) -> None:
        if found != wanted:
            raise ModelError(
                f"{what}: a worker has {found}, the driver {wanted}; their figures may differ.",
                hint=f"Install feedback-miner=={self.version} on every machine of the cluster.",
                slug="engine.other-version",
                wanted=wanted,
                found=found,
            )
