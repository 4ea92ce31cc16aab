"""From a fitted teacher to a model of its own: a graph with weights in 8 bits, calibrated, tuned.

A teacher that ships has seen all training hands, so nothing can be tuned on what it says of them.
Probabilities and thresholds are therefore tuned on earlier teachers of the same course, each on
hands it had not seen, read by the same graph with the same 8 bits. Where those hands praise or
complain more than the corpus does, its odds count [1]_. The test splits are never read.

References
----------
.. [1] Saerens, Latinne, Decaestecker (2002), Adjusting the Outputs of a Classifier to New a Priori
   Probabilities, Neural Computation 14.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

import miner
from miner.errors import DataError, ModelError
from miner.learn.bundle import Bundle
from miner.learn.corpus import Corpus, corpus_sha256, load_corpus
from miner.learn.fit import Floats, Linear, choose_rules
from miner.learn.graph import Bits, Encoder, build_graph
from miner.learn.graph_audit import audit_graph
from miner.learn.material import Material, own_examples
from miner.learn.network import Network
from miner.learn.reader import Reader
from miner.learn.tagging import FACTS
from miner.learn.targets import outputs_of, targets
from miner.learn.teacher import TeacherSettings
from miner.learn.train import calibration, lean
from miner.learn.weights import Rules
from miner.resources import folder
from miner.taxonomy import load_taxonomy

Say = Callable[[str], None]

_ABOUT, _WEIGHTS, _HEAD, _TOKENIZER = (
    "teacher.json", "model.safetensors", "head.pt", "tokenizer.json",
)  # fmt: skip
_CONFIG: Final = "config.json"
_FILES: Final = (_ABOUT, _CONFIG, _HEAD, _TOKENIZER, _WEIGHTS)


@dataclass(frozen=True, slots=True)
class Unseen:
    """An earlier teacher, and the training hands that it had not seen."""

    teacher: Path
    hands: tuple[str, ...]


@dataclass(frozen=True)
class Fitted:
    """A teacher's folder as numbers.

    `base`: whose weights it started from. `head`: to the logits of `outputs`. `sha256`: of all
    its files.
    """

    base: str
    encoder: Encoder
    head: Linear
    outputs: tuple[str, ...]
    tokenizer: str
    max_pieces: int
    sha256: str

    def graph(self, head: Linear | None = None, *, bits: Bits = 8) -> bytes:
        """Return the teacher as an audited ONNX file, with another head if one is given."""
        made = build_graph(self.encoder, head or self.head, max_pieces=self.max_pieces, bits=bits)
        if bits == 8:
            audit_graph(made)
        return made


@dataclass(frozen=True)
class Exported:
    """A teacher as a model, and what it was made from: the teacher and its calibrated head."""

    bundle: Bundle
    teacher: Fitted
    head: Linear

    def stored_in(self, bits: Bits) -> Network:
        """Return the model's network with its weights in so many bits, for measuring only."""
        assert isinstance(self.bundle.weights, Network)
        return replace(self.bundle.weights, graph=self.teacher.graph(self.head, bits=bits))


def export_teacher(
    teacher: Path,
    unseen: Sequence[Unseen],
    *,
    name: str,
    corpora: str | Path | None = None,
    say: Say | None = None,
) -> Exported:
    """Return a teacher as a model. The same folders and corpus give the same model.

    Parameters
    ----------
    teacher : folder written by `miner.learn.teacher.fit_teacher`.
    unseen : what to tune on: earlier teachers and hands new to them.
    name : of the model, that of its folder.
    corpora : folder with labelled feedback; None means the shipped one.

    Raises
    ------
    ModelError
        A folder holds no teacher, or one of other themes than the corpus; an extra is missing.
    DataError
        The corpus has no examples of the hands.
    """
    tell = say or (lambda _: None)
    root = Path(corpora) if corpora is not None else folder("corpora")
    own = root / "taxonomy.toml"
    themes_file = own if own.is_file() else folder("corpora") / "taxonomy.toml"
    taxonomy = load_taxonomy(themes_file)
    corpus = load_corpus(root, taxonomy)
    chosen = read_teacher(teacher, corpus.themes)
    parts, scores, earlier = [], [], []
    for one in unseen:
        tell(f"reading what {one.teacher.name} had not seen")
        part = _of_hands(corpus, one.hands)
        fitted = read_teacher(one.teacher, corpus.themes)
        parts.append(part)
        scores.append(_reader(fitted).logits(part.texts))
        earlier.append({"teacher": fitted.sha256, "hands": list(one.hands), "examples": len(part)})
    tell("tuning")
    head, rules = _tuned(chosen, parts, np.concatenate(scores), corpus, taxonomy.language)
    bundle = Bundle(
        name=name,
        taxonomy=taxonomy,
        weights=Network(chosen.graph(head), chosen.tokenizer, rules, chosen.max_pieces),
        training=_record(chosen, root, earlier),
        taxonomy_text=themes_file.read_text(encoding="utf-8"),
    )
    return Exported(bundle, chosen, head)


def read_teacher(teacher: Path, themes: Sequence[str]) -> Fitted:
    """Return a teacher's folder as numbers.

    Raises
    ------
    ModelError
        It holds no teacher, or one of other themes; the extra ``teacher`` is not installed.
    """
    try:
        about, config = (
            json.loads((teacher / name).read_text("utf-8")) for name in (_ABOUT, _CONFIG)
        )
        digest = hashlib.sha256()
        for name in _FILES:
            digest.update(hashlib.sha256((teacher / name).read_bytes()).digest())
        tokenizer = (teacher / _TOKENIZER).read_text("utf-8")
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{teacher} holds no teacher: {error}.",
            hint="Fit one with miner train --work FOLDER, or correct the path.",
            slug="export.no-teacher",
        ) from error
    outputs = tuple(about["outputs"])
    if outputs != outputs_of(themes):
        raise ModelError(
            f"{teacher} was fitted to other themes than those of the corpus.",
            hint="Fit a teacher on this corpus: miner train --work FOLDER.",
            slug="export.other-themes",
        )
    if config.get("model_type") != "bert":
        raise ModelError(
            f"{teacher} is a network of the kind {config.get('model_type')}, only bert can be "
            "exported.",
            hint="Let it give its opinions, and export a MiniLM that has learnt from them.",
            slug="export.other-network",
        )
    encoder, head = _weights(teacher, config)
    return Fitted(
        base=about["base"],
        encoder=encoder,
        head=head,
        outputs=outputs,
        tokenizer=tokenizer,
        max_pieces=TeacherSettings(**about["settings"]).max_tokens,
        sha256=digest.hexdigest(),
    )


def _weights(teacher: Path, config: Mapping[str, Any]) -> tuple[Encoder, Linear]:
    try:
        import torch
        from safetensors.numpy import load_file
    except ImportError as error:
        raise ModelError(
            "Reading a teacher needs torch and safetensors.",
            hint="Run: pip install 'feedback-miner[teacher,accurate]'.",
            slug="model.missing-extra",
        ) from error
    encoder = Encoder(
        arrays=load_file(teacher / _WEIGHTS),
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        epsilon=float(config["layer_norm_eps"]),
    )
    head = torch.load(teacher / _HEAD, weights_only=True)
    return encoder, Linear(head["weight"].numpy().T.copy(), head["bias"].numpy())


def _of_hands(corpus: Corpus, hands: Sequence[str]) -> Corpus:
    train = corpus.split("train")
    rows = np.flatnonzero(np.isin(np.array(train.hands), list(hands)))
    missing = sorted(set(hands) - set(train.hands))
    if missing or not len(rows):
        raise DataError(
            f"The corpus has no training examples of the hand(s) {', '.join(missing)}.",
            hint=f"It has: {', '.join(sorted(set(train.hands)))}.",
            slug="export.unknown-hand",
        )
    return train.take(rows)


def _reader(teacher: Fitted) -> Reader:
    return Reader(teacher.graph(), teacher.tokenizer, teacher.max_pieces)


def _tuned(
    teacher: Fitted, parts: Sequence[Corpus], scores: Floats, corpus: Corpus, language: str
) -> tuple[Linear, Rules]:
    """Return the calibrated head and tuned rules; `scores`: rows of all parts."""
    themes = parts[0].themes
    unseen = _material(parts, teacher.outputs)
    found = calibration(scores, unseen, len(themes))
    facts = [teacher.outputs.index(fact) for fact in FACTS]
    everyone = _material([corpus.split("train")], teacher.outputs)
    bias = found.bias.copy()
    bias[len(themes) :] += _odds(everyone.known[:, facts]) - _odds(unseen.known[:, facts])
    found = found._replace(bias=bias)
    labels = np.concatenate([part.labels for part in parts])
    tops = np.unique([theme.split(".")[0] for theme in themes], return_inverse=True)[1]
    logits = found.logits(scores)
    rules = replace(choose_rules(logits, labels, tops), hints=found.hints)
    head = teacher.head.mixed(found.mix, found.bias)
    return head, replace(rules, neighbours=lean(logits, parts, language))


def _odds(known: Floats) -> Floats:
    """Return each column's log-odds of 1 to 0 among the rows that say one, shape (n_columns,)."""
    yes, no = np.nansum(known, axis=0), np.nansum(1 - known, axis=0)
    return np.asarray(np.log((yes + 1) / (no + 1)), dtype=np.float32)


def _material(parts: Sequence[Corpus], outputs: tuple[str, ...]) -> Material:
    examples = [one for part in parts for one in own_examples(part)]
    known, trust = targets(examples, outputs)
    return Material(
        outputs=outputs,
        texts=[one.text for one in examples],
        targets=known,
        weights=trust,
        known=known,
        hands=np.array([one.group for one in examples]),
        sources=tuple(one.source for one in examples),
    )


def _record(teacher: Fitted, corpora: Path, earlier: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what went in, for the manifest."""
    packages = ("numpy", "scikit-learn", "onnx", "onnxruntime", "tokenizers")
    return {
        "base": teacher.base,
        "teacher": teacher.sha256,
        "tuned_on": list(earlier),
        "corpus_sha256": corpus_sha256(corpora),
        "versions": {"feedback-miner": miner.__version__, "python": platform.python_version()}
        | {name: version(name) for name in packages},
    }
