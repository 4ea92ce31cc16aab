"""Columns give back the objects they were made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from itertools import chain
from typing import Any

import pytest

import miner
from miner.packing import Packed, join, unpack
from miner.scoring import Scorer
from miner.types import Clause, Mention, Scored, Signal

TEXTS = [
    "Nobody answers the phone. The nurse was kind and patient!",
    "",
    "Cancel my contract now, or I go to the regulator!",
    "Hello team,\nthe app crashes daily.\nKind regards\nMo",
    "bad " * 20_000,
]


def pack(found: Sequence[Scored]) -> Packed:
    """Return the columns by the definition of `Packed`, from objects."""
    kinds = {"mentions": Mention, "signals": Signal, "clauses": Clause}
    per_text = [[getattr(one, name) for one in found] for name in kinds]
    own = [one.name for one in fields(Scored) if one.name not in {"text", *kinds}]
    return Packed(
        own=_columns(found, own),
        counts=[[len(one) for one in parts] for parts in per_text],
        parts=[
            _columns(list(chain.from_iterable(parts)), [one.name for one in fields(kind)])
            for parts, kind in zip(per_text, kinds.values(), strict=True)
        ],
    )


def _columns(found: Sequence[Any], names: Sequence[str]) -> list[list[Any]]:
    return [[getattr(one, name) for one in found] for name in names]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return miner.load()


def test_what_is_packed_comes_out_again(scorer: Scorer) -> None:
    found = list(scorer.score_many([*TEXTS, None]))
    assert {"truncated", "not-text"} == {flag for one in found for flag in one.flags}
    assert any(one.signals for one in found)
    again = unpack(pack(found), [*TEXTS, ""])
    assert again == found
    assert [repr(one) for one in again] == [repr(one) for one in found]
    assert [hash(one) for one in again] == [hash(one) for one in found]
    assert unpack(pack([]), []) == []


def test_joined_is_packed_together(scorer: Scorer) -> None:
    found = list(scorer.score_many(TEXTS))
    joined = join([pack(found[:2]), pack(found[2:3]), pack(found[3:])])
    assert joined == pack(found)
    assert unpack(joined, TEXTS) == found
