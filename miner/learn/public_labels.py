"""Labels that this project's annotators gave to clauses of public sets, kept without the texts.

Grain: one line per clause, ``{"text": HASH, "labels": [[theme, polarity], …]}`` in
``public_labels/<set>.jsonl`` of the corpora folder. The hash finds the clause again in the pool
that a recipe builds from the public files; without those files the labels say nothing.
"""

from __future__ import annotations

import json
from hashlib import blake2b
from pathlib import Path

from miner.errors import DataError
from miner.learn.corpus import plain_text
from miner.learn.pool import Pool
from miner.learn.sources import SIGNED, Example
from miner.taxonomy import Taxonomy
from miner.types import POLARITIES

FOLDER = "public_labels"

Labels = tuple[tuple[str, str], ...]


def text_hash(text: str) -> str:
    """Return what stands for a text: a hash of its words alone.

    Examples
    --------
    >>> text_hash("Never again!") == text_hash("never  again")
    True
    """
    return blake2b(plain_text(text).encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def load_public_labels(corpora: Path, taxonomy: Taxonomy) -> dict[str, Labels]:
    """Return the labels by text hash; empty where the corpora folder has none.

    Raises
    ------
    DataError
        A line is broken, or names a theme or polarity that does not exist.
    """
    found: dict[str, Labels] = {}
    for file in sorted((corpora / FOLDER).glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            try:
                entry = json.loads(line)
                found[str(entry["text"])] = _labels(entry["labels"], taxonomy)
            except (ValueError, KeyError, TypeError) as error:
                raise DataError(
                    f"{file.name}, line {number}: {error}.",
                    hint="Mend the line; corpora/README.md shows the form.",
                    slug="public-labels.broken",
                ) from error
    return found


def labelled_examples(labels: dict[str, Labels], pool: Pool) -> list[Example]:
    """Return the pool's clauses that have labels as examples in which every theme is known."""
    found = []
    for text, source, hand in zip(pool.texts, pool.sources, pool.hands, strict=True):
        given = labels.get(text_hash(text)) if not hand else None
        if given is None:
            continue
        signs = {polarity for _, polarity in given} & SIGNED
        found.append(
            Example(
                text=text,
                labels=given,
                complete=True,
                sign=next(iter(signs)) if len(signs) == 1 else None,
                opinion=bool(given),
                source=f"{source}_labelled",
            )
        )
    return found


def _labels(pairs: list[list[str]], taxonomy: Taxonomy) -> Labels:
    for _, polarity in pairs:
        if polarity not in POLARITIES:
            raise ValueError(f'polarity is "{polarity}"')
    return tuple(sorted((taxonomy.resolve(theme).key, polarity) for theme, polarity in pairs))
