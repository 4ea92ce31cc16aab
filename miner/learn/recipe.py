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
from miner.learn.distil import Stage
from miner.learn.features import FeatureSettings
from miner.learn.pool import PoolSettings
from miner.learn.sources import SUFFIX
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
    """Labels of one public set that are learnt as they are: rows at most, trust in them."""

    name: str
    rows: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SoftSettings:
    """How a teacher's opinions of the pool are learnt.

    `limit`: log-odds are cut to ± this. `label_weight`: of a label beside 1 for the teacher's
    opinion of the same text. `weight`: of a pool text without a label. `teacher`: hash of the
    teacher whose recorded opinions are meant; empty asks for one fitted by the recipe's stages.
    `recorded`: recipe beside which lie the opinions, of the same pool, that stages with
    ``opinions`` learn.
    """

    limit: float = 4.0
    label_weight: float = 2.0
    weight: float = 0.7
    teacher: str = ""
    recorded: str = ""


@dataclass(frozen=True)
class Recipe:
    """A recipe as read. `text`: the file, kept with the model."""

    name: str
    language: str = "en"
    features: FeatureSettings = field(default_factory=FeatureSettings)
    fit: FitSettings = field(default_factory=FitSettings)
    data: Mapping[str, str] = field(default_factory=dict)
    public: tuple[PublicInput, ...] = ()
    pool: PoolSettings | None = None
    stages: tuple[Stage, ...] = ()
    soft: SoftSettings = field(default_factory=SoftSettings)
    text: str = field(default="", repr=False)

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return hashlib.sha256(self.text.encode()).hexdigest()


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


def check_data(recipe: Recipe, data: Path | None) -> dict[str, Path]:
    """Return the file of each public set that a recipe names, each the very one it means.

    Parameters
    ----------
    data : folder with NAME.jsonl.gz of every set; None where a recipe names none.

    Raises
    ------
    DataError
        The folder is not given, a file is missing, or it is not the one meant.

    Examples
    --------
    >>> check_data(load_recipe("own"), None)
    {}
    """
    if recipe.data and data is None:
        raise DataError(
            f"The recipe {recipe.name} learns from {len(recipe.data)} public sets too.",
            hint="Pass their folder with --data, or train from the corpus alone: --recipe own.",
            slug="recipe.data-missing",
        )
    return {name: _file(recipe, name, Path(data or ".")) for name in recipe.data}


def _file(recipe: Recipe, name: str, data: Path) -> Path:
    path, wanted = data / f"{name}{SUFFIX}", recipe.data[name]
    found = file_sha256(path)
    if found != wanted:
        raise DataError(
            f"{path} is not the {name} of the recipe: its SHA-256 is {found[:12]}…, "
            f"expected {wanted[:12]}….",
            hint="Fetch that version, or write its hash into your own copy of the recipe.",
            slug="recipe.data-differs",
            input=name,
        )
    return path


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
    "bool": (bool, "true or false"),
    "str": (str, "a text"),
    "tuple": (tuple, "values in brackets"),
    "Mapping": (Mapping, "a table"),
}
_PARTS: Final = ("language", "features", "fit", "data", "public", "pool", "teacher", "soft")
Settings = TypeVar(
    "Settings", FeatureSettings, FitSettings, PublicInput, PoolSettings, SoftSettings, Stage
)


def _parse(path: Path, text: str, data: Mapping[str, Any]) -> Recipe:
    _check_names(path, "the recipe", data, set(_PARTS))
    pool = data.get("pool")
    recipe = Recipe(
        name=path.stem,
        language=str(data.get("language", "en")),
        features=_settings(path, "[features]", FeatureSettings, data.get("features", {})),
        fit=_settings(path, "[fit]", FitSettings, data.get("fit", {})),
        data={str(name): str(wanted) for name, wanted in data.get("data", {}).items()},
        public=tuple(
            _settings(path, "[[public]]", PublicInput, one) for one in data.get("public", [])
        ),
        pool=None if pool is None else _settings(path, "[pool]", PoolSettings, pool),
        stages=tuple(_settings(path, "[[teacher]]", Stage, one) for one in data.get("teacher", [])),
        soft=_settings(path, "[soft]", SoftSettings, data.get("soft", {})),
        text=text,
    )
    _check_sets(path, recipe)
    return recipe


def _check_sets(path: Path, recipe: Recipe) -> None:
    """Every public set that is used must be named with its hash."""
    used = [one.name for one in recipe.public]
    used += [name for stage in recipe.stages for name in stage.public]
    used += list(recipe.pool.sets) if recipe.pool is not None else []
    for name in used:
        if name not in recipe.data:
            raise _broken(path, f'"{name}" is used, but [data] does not name its SHA-256')
    if recipe.pool is not None and not recipe.stages:
        raise _broken(path, "[pool] needs a [[teacher]] that labels it")
    learnt = any(stage.opinions for stage in recipe.stages)
    if learnt and not (recipe.pool is not None and recipe.soft.recorded):
        raise _broken(path, "[[teacher]] opinions needs a [pool] and [soft] recorded")


def _settings(path: Path, where: str, kind: type[Settings], values: Mapping[str, Any]) -> Settings:
    _check_names(path, where, values, {one.name for one in fields(kind)})
    plain: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
    try:
        made = kind(**plain)
    except TypeError as error:
        raise _broken(path, f"{where}: {error}") from error
    for one in fields(kind):
        value, wanted = getattr(made, one.name), _KINDS[str(one.type).split("[")[0]]
        if not isinstance(value, wanted[0]) or (isinstance(value, bool) and one.type != "bool"):
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
