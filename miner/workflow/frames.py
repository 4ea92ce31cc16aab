"""From a chunk of feedback to its rows of the feedback and mentions tables."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from miner.insight.mentions import FEEDBACK_COLUMNS, MENTION_COLUMNS
from miner.scoring import BATCH, ScoredBatch, Scorer
from miner.text.language import identify_many
from miner.text.redact import Redacted, redact
from miner.types import POLARITIES

_CODE = re.compile(r"[a-z]{2,3}\Z")


@dataclass(frozen=True)
class ChunkScorer:
    """Scores chunks of an export; picklable, so that a process can hold one.

    `default` is the language of a row that names none and whose text is too short to tell.
    """

    scorer: Scorer
    default: str

    def tables(self, chunk: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the feedback and mention rows of one chunk; positions count from 0.

        Parameters
        ----------
        chunk : columns as `miner.ingest` gives them; not changed.
        """
        texts = [str(text) for text in chunk["text"]]
        languages = self._languages(chunk["language"], texts)
        ours = [language == self.scorer.language for language in languages]
        redacted = [
            redact(text, language=language) for text, language in zip(texts, languages, strict=True)
        ]
        parts = [
            self._batch(at, texts[at : at + BATCH], ours[at : at + BATCH])
            for at in range(0, len(texts), BATCH)
        ]
        mentions = _mentions([part for _, part in parts], redacted, list(chunk["id"]))
        feedback = chunk.drop(columns="text").reset_index(drop=True)
        feedback = feedback.assign(
            feedback=np.arange(len(feedback), dtype=np.int64),
            language=pd.array(languages, dtype="str"),
            scored=np.array(ours, dtype=bool),
            verbatim=pd.array([one.text for one in redacted], dtype="str"),
            n_mentions=np.bincount(mentions["feedback"], minlength=len(feedback)).astype(np.int64),
            **_columns([frame for frame, _ in parts]),
        )
        cohorts = [name for name in feedback.columns if name not in FEEDBACK_COLUMNS]
        return feedback[[*FEEDBACK_COLUMNS, *cohorts]], mentions

    def _languages(self, named: pd.Series, texts: list[str]) -> list[str]:
        """Return ISO 639-1 codes: the export's own where it names one, else identified."""
        known = [_code(value) for value in named]
        missing = [index for index, code in enumerate(known) if code is None]
        found = identify_many([texts[index] for index in missing], default=self.default)
        for index, code in zip(missing, found, strict=True):
            known[index] = code
        return [code or self.default for code in known]

    def _batch(
        self, offset: int, texts: list[str], ours: list[bool]
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Score one batch; a text in another language is kept, counted and left untagged."""
        batch = self.scorer.score_batch(
            [t if mine else "" for t, mine in zip(texts, ours, strict=True)]
        )
        n_clauses = np.bincount(batch.clauses.document, minlength=len(texts))
        columns = pd.DataFrame(
            {
                "sentiment": batch.text_sentiment.round(4),
                "polarity": pd.array(batch.polarity_names(), dtype="str"),
                "n_clauses": n_clauses.astype(np.int64),
            }
        )
        return columns, self._mention_columns(batch, offset)

    def _mention_columns(self, batch: ScoredBatch, offset: int) -> pd.DataFrame:
        first = np.searchsorted(batch.clauses.document, batch.document)
        keys = np.array(self.scorer.taxonomy.keys, dtype=object)
        names = np.array(POLARITIES, dtype=object)
        evidence = [" · ".join(words) for words in self.scorer.evidence(batch)]
        return pd.DataFrame(
            {
                "feedback": batch.document + offset,
                "clause": (batch.clause - first).astype(np.int64),
                "theme": pd.array(keys[batch.theme], dtype="str"),
                "polarity": pd.array(names[batch.polarity], dtype="str"),
                "sentiment": batch.sentiment.round(4),
                "confidence": batch.confidence.round(4),
                "start": batch.clauses.start[batch.clause].astype(np.int64),
                "end": batch.clauses.end[batch.clause].astype(np.int64),
                "evidence": pd.array(evidence, dtype="str"),
            }
        )


def _mentions(parts: list[pd.DataFrame], redacted: list[Redacted], ids: list[str]) -> pd.DataFrame:
    """Join the batches and point every mention into its redacted text."""
    found = pd.concat(parts, ignore_index=True) if parts else _empty_mentions()
    spans = [
        _shown(redacted[document], start, end)
        for document, start, end in zip(
            found["feedback"], found["start"], found["end"], strict=True
        )
    ]
    found = found.assign(
        id=pd.array([ids[document] for document in found["feedback"]], dtype="str"),
        verbatim_start=np.array([start for start, _ in spans], dtype=np.int64),
        verbatim_end=np.array([end for _, end in spans], dtype=np.int64),
        quote=pd.array(
            [
                redacted[document].text[start:end]
                for document, (start, end) in zip(found["feedback"], spans, strict=True)
            ],
            dtype="str",
        ),
    )
    return found[list(MENTION_COLUMNS)]


def _empty_mentions() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in MENTION_COLUMNS.items()})


def _shown(redacted: Redacted, start: int, end: int) -> tuple[int, int]:
    """Return the clause's offsets in the redacted text, without the white space around it."""
    left, right = redacted.to_redacted(start), redacted.to_redacted(end)
    clause = redacted.text[left:right]
    left += len(clause) - len(clause.lstrip())
    return left, max(left, left + len(clause.strip()))


def _columns(frames: list[pd.DataFrame]) -> dict[str, pd.Series]:
    if not frames:
        return {
            name: pd.Series(dtype=FEEDBACK_COLUMNS[name])
            for name in ("sentiment", "polarity", "n_clauses")
        }
    joined = pd.concat(frames, ignore_index=True)
    return {str(name): joined[name] for name in joined.columns}


def _code(value: object) -> str | None:
    """Return the ISO code a cell such as ``en-GB`` or ``EN`` names, None where it names none."""
    if not isinstance(value, str):
        return None
    code = re.split(r"[-_]", value.strip().lower(), maxsplit=1)[0]
    return code if _CODE.match(code) else None
