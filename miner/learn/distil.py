"""From labelled data to a teacher's opinions of a pool: stages that can be interrupted.

Every step writes into a work folder under a name that holds the hash of what went into it, so that
running again goes on where the last run stopped, and a changed input is never mixed with old work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from miner.errors import ModelError
from miner.learn.corpus import Corpus
from miner.learn.material import draw, own_examples
from miner.learn.pool import Pool
from miner.learn.sources import SIGNED, Example, SourceSpec
from miner.learn.teacher import TeacherSettings, fit_teacher, mean_teacher, soft_labels

Say = Callable[[str], None]

_BLOCK = 5_000
_SHORT_WORDS = 25
_JOINS = (", but ", ". ", ", ", ", and ", " - ", " ")
_JOINED_TRUST = 0.7


@dataclass(frozen=True, slots=True)
class Stage:
    """One stretch of a teacher's training, its step size falling to zero at the end.

    `passes`: over this stage's examples. `hands`: whose statements (all of ``train`` where empty).
    `joined`: pairs of statements put together, so that several themes meet in a text. `public`:
    rows to draw from each public set, `max_words` the longest taken. `labelled`: whether public
    clauses labelled by this project take part. `opinions`: public texts of the pool to draw, learnt
    with what another teacher said of them (`Lessons.said`). `base`, of the first stage: folder of a
    pretrained encoder, as in `miner.learn.teacher.TeacherSettings`; `bfloat16` likewise. `mean`:
    whether its weights are part of the mean. `seed`: of draws, order and dropout.
    """

    passes: int = 1
    hands: tuple[str, ...] = ()
    joined: int = 0
    public: Mapping[str, int] = field(default_factory=dict)
    max_words: int = 18
    labelled: bool = True
    opinions: int = 0
    rate: float = 1e-4
    base: str = ""
    bfloat16: bool = False
    mean: bool = True
    seed: int = 20


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a teacher learns from: the labelled corpus, public files, and how they are described.

    `labelled`: public clauses that this project has labelled, see `miner.learn.public_labels`.
    `said`: public texts with another teacher's opinion each (`Example.odds`).
    """

    corpus: Corpus
    files: Mapping[str, Path]
    specs: Mapping[str, SourceSpec]
    labelled: Sequence[Example] = ()
    said: Sequence[Example] = ()


def teach(
    stages: Sequence[Stage], lessons: Lessons, outputs: Sequence[str], *, work: Path, say: Say
) -> Path:
    """Return the folder of a teacher that went through all stages; finished ones are kept.

    Of several stages with `Stage.mean` it is the mean (`miner.learn.teacher.mean_teacher`).

    Raises
    ------
    ModelError
        The extra ``teacher`` is not installed, or there is nothing to learn from.
    """
    taught: list[Path] = []
    for number, (stage, examples, made) in enumerate(_course(stages, lessons, outputs), start=1):
        folder = work / f"teacher-{number}-{made[:12]}"
        if not (folder / "teacher.json").is_file():
            say(f"teacher, stage {number} of {len(stages)}: {len(examples)} x {stage.passes} texts")
            fit_teacher(
                [examples] * stage.passes,
                folder,
                outputs=outputs,
                start=taught[-1] if taught else None,
                settings=TeacherSettings(
                    rate=stage.rate, base=stages[0].base, bfloat16=stage.bfloat16, seed=stage.seed
                ),
                progress=_every(100, lambda done, of: say(f"  step {done} of {of}")),
            )
        taught.append(folder)
    if not taught:
        raise ModelError(
            "A teacher needs at least one stage.", hint="Add a [[teacher]] table to the recipe."
        )
    parts = [one for one, stage in zip(taught, stages, strict=True) if stage.mean] or taught[-1:]
    if len(parts) == 1:
        return parts[0]
    mean = work / taught[-1].name.replace("teacher-", "teacher-mean-", 1)
    return mean if (mean / "teacher.json").is_file() else mean_teacher(parts, mean)


def lessons_sha256(stages: Sequence[Stage], lessons: Lessons, outputs: Sequence[str]) -> str:
    """Return a hash of all that a teacher learns from: stages, texts, labels, their order."""
    return [made for _, _, made in _course(stages, lessons, outputs)][-1]


def _course(
    stages: Sequence[Stage], lessons: Lessons, outputs: Sequence[str]
) -> Iterator[tuple[Stage, list[Example], str]]:
    """Yield each stage with its examples and a hash of everything up to and with them."""
    total = hashlib.sha256(json.dumps(list(outputs)).encode())
    for stage in stages:
        examples = stage_examples(stage, lessons)
        total.update(json.dumps(asdict(stage), sort_keys=True).encode())
        for one in examples:
            plain = {
                n: sorted(v) if isinstance(v, frozenset) else v for n, v in asdict(one).items()
            }
            total.update(json.dumps(plain, sort_keys=True).encode())
        yield stage, examples, total.hexdigest()


def stage_examples(stage: Stage, lessons: Lessons) -> list[Example]:
    """Return what one pass of a stage shows the teacher: own, joined, labelled, public, said."""
    own = own_examples(lessons.corpus.split("train"))
    if stage.hands:
        own = [one for one in own if one.group in stage.hands]
    held = {
        t for t, s in zip(lessons.corpus.texts, lessons.corpus.splits, strict=True) if s != "train"
    }
    public = [
        one
        for name, rows in stage.public.items()
        for one in draw(
            lessons.files[name], lessons.specs, rows, seed=stage.seed, max_words=stage.max_words
        )
        if one.text not in held
    ]
    labelled = list(lessons.labelled) if stage.labelled else []
    rng = np.random.default_rng(stage.seed)
    drawn = rng.permutation(len(lessons.said))[: stage.opinions]
    said = [lessons.said[at] for at in np.sort(drawn).tolist()]
    return [*own, *_joined(own, stage.joined, stage.seed), *labelled, *public, *said]


def said_examples(pool: Pool, odds: NDArray[np.float32], *, source: str) -> list[Example]:
    """Return the public texts of a pool with a teacher's opinion of each; own ones have labels.

    Parameters
    ----------
    odds : shape (n_pool, n_outputs), log-odds.
    """
    return [
        Example(text=text, odds=tuple(row), source=source)
        for text, hand, row in zip(pool.texts, pool.hands, odds.tolist(), strict=True)
        if not hand
    ]


def opinions(teacher: Path, pool: Pool, *, work: Path, say: Say) -> NDArray[np.float16]:
    """Return the teacher's log-odds for a pool, shape (n_pool, n_outputs), block by block.

    Blocks that an earlier run has finished are read from the work folder.
    """
    folder = work / f"opinions-{teacher.name}-{pool.sha256[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    blocks = []
    for first in range(0, len(pool), _BLOCK):
        file = folder / f"{first:07d}.npy"
        if not file.is_file():
            odds = soft_labels(teacher, pool.texts[first : first + _BLOCK])
            part = file.with_suffix(".part")
            with part.open("wb") as handle:
                np.save(handle, odds)
            part.rename(file)
            say(f"  labelled {min(first + _BLOCK, len(pool))} of {len(pool)}")
        blocks.append(np.load(file))
    return np.concatenate(blocks)


def _joined(own: Sequence[Example], count: int, seed: int) -> list[Example]:
    """Return pairs of short statements as one text with both labels."""
    rng = np.random.default_rng(seed)
    short = [one for one in own if len(one.text.split()) < _SHORT_WORDS]
    found = []
    for _ in range(count if len(short) > 1 else 0):
        at, other = rng.choice(len(short), 2, replace=False)
        found.append(_pair(short[at], short[other], _JOINS[rng.integers(len(_JOINS))]))
    return found


def _pair(one: Example, other: Example, joint: str) -> Example:
    second = other.text if joint in (". ", " ") else other.text[:1].lower() + other.text[1:]
    opinions_ = [each for each in (one, other) if each.opinion]
    signs = {each.sign for each in opinions_}
    return Example(
        text=one.text.rstrip(".") + joint + second,
        labels=tuple(sorted({**dict(one.labels), **dict(other.labels)}.items())),
        complete=True,
        sign=signs.pop() if len(signs) == 1 and signs <= SIGNED else None,
        opinion=bool(opinions_),
        weight=_JOINED_TRUST,
        group=f"{one.group}+{other.group}",
        source="own_joined",
    )


def _every(count: int, act: Callable[[int, int], None]) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        if done % count == 0 or done == total:
            act(done, total)

    return progress
