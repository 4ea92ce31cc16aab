"""Bring together what a recipe learns from: public files, the pool, a teacher's opinions of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from miner.errors import DataError
from miner.learn.corpus import Corpus
from miner.learn.distil import Lessons, lessons_sha256, opinions, said_examples, teach
from miner.learn.material import Inputs
from miner.learn.opinions import Opinions, fits, load_opinions, quantised, save_opinions
from miner.learn.pool import Pool, build_pool
from miner.learn.public_labels import labelled_examples, load_public_labels
from miner.learn.recipe import Recipe
from miner.learn.sources import Example, load_specs
from miner.learn.targets import outputs_of
from miner.resources import folder
from miner.taxonomy import Taxonomy

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Places:
    """Where things lie: `corpora`, and `work` for what a teacher writes (None: teach nothing)."""

    corpora: Path
    work: Path | None = None


def prepare(
    recipe: Recipe,
    files: Mapping[str, Path],
    corpus: Corpus,
    taxonomy: Taxonomy,
    *,
    places: Places,
    say: Say,
) -> tuple[Inputs, dict[str, str]]:
    """Return the inputs of a recipe and their hashes, fitting a teacher where none has spoken.

    Opinions that lie beside the recipe (``recipes/NAME.npz``) or in the work folder are used
    if they are of this very pool and by a teacher of these very lessons.

    Raises
    ------
    DataError
        There are no such opinions and no work folder to make them in.
    ModelError
        A teacher has to be fitted and the extra ``teacher`` is not installed.
    """
    own = places.corpora / "sources.toml"
    specs = load_specs(own if own.is_file() else folder("corpora") / "sources.toml")
    if recipe.pool is None:
        return Inputs(files, specs), dict(recipe.data)
    say("building the pool")
    pool = build_pool(recipe.pool, files, specs, corpus, language=recipe.language)
    labelled = labelled_examples(load_public_labels(places.corpora, taxonomy), pool)
    recorded = _recorded(recipe, corpus, pool, places) if recipe.soft.recorded else []
    lessons = Lessons(corpus, files, specs, labelled, recorded)
    said = _opinions(recipe, lessons, pool, places, say)
    inputs = Inputs(files, specs, labelled, pool, said.odds)
    return inputs, dict(recipe.data) | {"pool": said.pool, "teacher": said.teacher}


def _recorded(recipe: Recipe, corpus: Corpus, pool: Pool, places: Places) -> list[Example]:
    """Return the opinions that stages of the recipe learn, as examples."""
    name = recipe.soft.recorded
    found = load_opinions(places.corpora / "recipes" / f"{name}.npz")
    if (found.pool, found.outputs) != (pool.sha256, outputs_of(corpus.themes)):
        raise DataError(
            f"The opinions beside the recipe {name} are not of the pool of {recipe.name}.",
            hint=f"Give both recipes the same [pool] and [data], or fit {name} anew.",
            slug="recipe.other-pool",
        )
    return said_examples(pool, found.odds, source=f"opinions:{name}")


def _opinions(recipe: Recipe, lessons: Lessons, pool: Pool, places: Places, say: Say) -> Opinions:
    outputs = outputs_of(lessons.corpus.themes)
    wanted = recipe.soft.teacher or lessons_sha256(recipe.stages, lessons, outputs)
    stored = [places.corpora / "recipes" / f"{recipe.name}.npz"]
    if places.work is not None:
        stored.append(places.work / f"{recipe.name}.npz")
    pool_sha = pool.sha256
    for path in stored:
        if path.is_file():
            found = load_opinions(path)
            if fits(found, pool=pool_sha, teacher=wanted, outputs=outputs):
                return found
    if places.work is None or recipe.soft.teacher:
        raise _nobody_asked(recipe, len(pool))
    places.work.mkdir(parents=True, exist_ok=True)
    taught = teach(recipe.stages, lessons, outputs, work=places.work, say=say)
    say(f"asking the teacher about {len(pool)} texts")
    codes = quantised(opinions(taught, pool, work=places.work, say=say))
    found = Opinions(outputs, pool_sha, wanted, codes)
    save_opinions(found, stored[-1])
    say(f"kept the teacher's opinions in {stored[-1]}")
    return found


def _nobody_asked(recipe: Recipe, count: int) -> DataError:
    fitting = (
        "Pass --work FOLDER to fit the teacher (pip install 'feedback-miner[teacher]'; an hour or "
        "more on two cores)"
    )
    if recipe.soft.teacher:
        fitting = f"In a copy of the recipe, leave out [soft] teacher. {fitting}"
    return DataError(
        f"The recipe {recipe.name} needs a teacher's opinions of {count} texts, and none beside it "
        "are of these very texts by that teacher: the corpus or a public set has changed.",
        hint=f"{fitting}; or train from the corpus alone: --recipe own.",
        slug="recipe.no-opinions",
    )
