"""What a model is made from: inputs with their hashes, settings, seeds. A TOML file.

A recipe, its inputs and this program's version give the same model again, to the byte. Inputs that
are not part of the project are named here by hash and given by path when training.
"""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final, TypeVar

from miner.errors import DataError, UsageError
from miner.learn.features import FeatureSettings
from miner.resources import folder


@dataclass(frozen=True, slots=True)
class FitSettings:
    """How the linear heads are fitted and tuned.

    `alpha`: ridge penalty. `folds`: groups of hands for out-of-fold predictions. `min_count`:
    clauses an n-gram must stand in. `max_columns`: columns kept, the weightiest first.
    `certain`: what a label counts as, in log-odds. `seed`: of every draw.
    """

    alpha: float = 2.0
    folds: int = 4
    min_count: int = 2
    max_columns: int = 250_000
    certain: float = 4.0
    seed: int = 20


@dataclass(frozen=True, slots=True)
class PublicInput:
    """One public labelled set: its file's SHA-256, rows to draw at most, trust in its labels."""

    name: str
    sha256: str
    rows: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SoftInput:
    """A teacher's opinion of a pool of sentences: two files, by SHA-256.

    `pool`: JSON lines with `text` and `source` (and `hand`, where it was made from the project's
    own statements). `soft`: npz with `odds` and `outputs`, log-odds per sentence and output.
    `limit`: log-odds are cut to ± this. `label_weight`: of a label beside 1 for the teacher's
    opinion of the same own statement. `weight`: of a pool sentence.
    """

    pool: str
    soft: str
    limit: float = 4.0
    label_weight: float = 2.0
    weight: float = 0.7


@dataclass(frozen=True)
class Recipe:
    """A recipe as read. `text`: the file, kept with the model."""

    name: str
    language: str
    features: FeatureSettings
    fit: FitSettings
    public: tuple[PublicInput, ...] = ()
    teacher: SoftInput | None = None
    text: str = field(default="", repr=False)

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def inputs(self) -> dict[str, str]:
        """Names and hashes of the inputs that must be given by path."""
        wanted = {one.name: one.sha256 for one in self.public}
        if self.teacher is not None:
            wanted |= {"teacher_pool": self.teacher.pool, "teacher_soft": self.teacher.soft}
        return wanted


def load_recipe(recipe: str | Path = "own") -> Recipe:
    """Return a recipe by name (``own``: the project's corpus alone) or from a TOML file.

    Raises
    ------
    UsageError
        No such recipe, or a setting is unknown or of the wrong kind.

    Examples
    --------
    >>> load_recipe("own").public
    ()
    """
    named = folder("corpora") / "recipes" / f"{recipe}.toml"
    path = named if named.is_file() else Path(recipe)
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        known = ", ".join(sorted(one.stem for one in named.parent.glob("*.toml")))
        raise UsageError(
            f'No recipe "{recipe}" could be read: {error}.',
            hint=f"Shipped: {known or 'none'}; or give the path of a TOML file.",
            slug="recipe.unreadable",
        ) from error
    return _parse(path, text, data)


def check_inputs(recipe: Recipe, extra: Mapping[str, Path]) -> None:
    """Raise DataError unless every input is given and is the very file the recipe means.

    Examples
    --------
    >>> check_inputs(load_recipe("own"), {})
    """
    for name, wanted in recipe.inputs.items():
        if name not in extra:
            raise DataError(
                f'The recipe {recipe.name} needs the input "{name}".',
                hint=f"Pass --extra {name}=PATH, or train from the corpus alone: --recipe own.",
                slug="recipe.input-missing",
                input=name,
            )
        found = file_sha256(extra[name])
        if found != wanted:
            raise DataError(
                f"{extra[name]} is not the {name} of the recipe: its SHA-256 is {found[:12]}…, "
                f"expected {wanted[:12]}….",
                hint="Fetch that version, or write its hash into your own copy of the recipe.",
                slug="recipe.input-differs",
                input=name,
            )
    unknown = sorted(set(extra) - set(recipe.inputs))
    if unknown:
        raise UsageError(
            f'The recipe {recipe.name} has no input "{unknown[0]}".',
            hint=f"It has: {', '.join(recipe.inputs) or 'none'}. Name new sets in a recipe file.",
            slug="recipe.input-unknown",
        )


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file; DataError when it can't be read."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror or error}.",
            hint="Correct the path.",
            slug="recipe.input-unreadable",
        ) from error


_KINDS: Final[dict[str, tuple[Any, str]]] = {
    "int": (int, "a whole number"),
    "float": (int | float, "a number"),
    "str": (str, "a text"),
    "tuple": (tuple, "two numbers in brackets"),
}
Settings = TypeVar("Settings", FeatureSettings, FitSettings, PublicInput, SoftInput)


def _parse(path: Path, text: str, data: Mapping[str, Any]) -> Recipe:
    known = {"language", "features", "fit", "public", "teacher"}
    _check_names(path, "the recipe", data, known)
    features = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in data.get("features", {}).items()
    }
    teacher = data.get("teacher")
    return Recipe(
        name=path.stem,
        language=str(data.get("language", "en")),
        features=_settings(path, "[features]", FeatureSettings, features),
        fit=_settings(path, "[fit]", FitSettings, data.get("fit", {})),
        public=tuple(
            _settings(path, "[[public]]", PublicInput, one) for one in data.get("public", [])
        ),
        teacher=None if teacher is None else _settings(path, "[teacher]", SoftInput, teacher),
        text=text,
    )


def _settings(path: Path, where: str, kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    _check_names(path, where, values, {one.name for one in fields(kind)})
    try:
        made = kind(**values)
    except TypeError as error:
        raise _broken(path, f"{where}: {error}") from error
    for one in fields(kind):
        value, wanted = getattr(made, one.name), _KINDS[str(one.type).split("[")[0]]
        if not isinstance(value, wanted[0]) or isinstance(value, bool):
            raise _broken(path, f"{where}: {one.name} is {value!r}, expected {wanted[1]}")
    return made


def _check_names(path: Path, where: str, values: Mapping[str, Any], known: set[str]) -> None:
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), n=1)
            nearest = f', nearest "{near[0]}"' if near else ""
            raise _broken(path, f'{where} has an unknown setting "{name}"{nearest}')


def _broken(path: Path, what: str) -> UsageError:
    return UsageError(
        f"{path}: {what}.",
        hint="corpora/recipes/ shows the form.",
        slug="recipe.invalid",
        path=str(path),
    )
