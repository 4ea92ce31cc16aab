"""A published list of things a tagger must get right, by capability: read it, run it.

Grain: one case is one expectation about one text (or a pair of texts). The form follows CheckList
[1]_: minimum functionality (``mft``), invariance (``inv``: names, places, casing or an unrelated
clause change nothing) and direction (``dir``: the second text must be read as better or worse than
the first). A third of the cases, ``aside``, is not looked at while a model is tuned.

References
----------
.. [1] Ribeiro, Wu, Guestrin, Singh (2020), Beyond Accuracy: Behavioral Testing of NLP Models with
   CheckList, ACL.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from miner.errors import DataError
from miner.resources import folder
from miner.scoring import Scorer
from miner.types import Scored

KINDS: Final = ("mft", "inv", "dir")
STRETCH: Final = ("sarcasm",)
"""Capabilities that are measured and held to no minimum."""

_SLACK = 0.02
_DIRECTIONS: Final = {
    "up": lambda change: change > 0,
    "down": lambda change: change < 0,
    "not_up": lambda change: change <= _SLACK,
    "not_down": lambda change: change >= -_SLACK,
}


@dataclass(frozen=True, slots=True)
class Case:
    """One expectation. `texts` holds one text, or those to compare; `expect` what must hold."""

    id: str
    capability: str
    kind: str
    texts: tuple[str, ...]
    expect: Mapping[str, Any] = field(default_factory=dict)
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a case holds, and what broke it ("" where it holds)."""

    case: Case
    why: str

    @property
    def passed(self) -> bool:
        """Whether everything expected was found."""
        return not self.why


def load_cases(path: str | Path | None = None) -> tuple[Case, ...]:
    """Return the cases of every JSON lines file in a folder; None means the shipped ones.

    Raises
    ------
    DataError
        The folder holds no case, or a line is broken.

    Examples
    --------
    >>> len({case.capability for case in load_cases()}) >= 16
    True
    """
    root = Path(path) if path is not None else folder("corpora") / "behaviour"
    cases = []
    for file in sorted(root.glob("*.jsonl")):
        for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
            cases.append(_case(f"{file.name}, line {number}", line))
    if not cases:
        raise DataError(
            f"{root} holds no behaviour cases.",
            hint="Put JSON lines there (corpora/README.md shows the form).",
            slug="behaviour.empty",
        )
    return tuple(cases)


def check(scorer: Scorer, cases: Sequence[Case]) -> list[Verdict]:
    """Return a verdict on each case, in order.

    Examples
    --------
    >>> import miner
    >>> case = Case("x", "negation", "mft", ("Not good.",), {"polarity": "negative"})
    >>> check(miner.load(), [case])[0].passed
    True
    """
    scored = iter(list(scorer.score_many(text for case in cases for text in case.texts)))
    return [Verdict(case, _broken(case, [next(scored) for _ in case.texts])) for case in cases]


def rates(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return passed and n per capability and in all, the cases kept aside apart.

    ``overall`` counts every case but those of `STRETCH`.
    """
    held = [one for one in verdicts if one.case.capability not in STRETCH]
    return {
        "overall": _rate(held),
        "open": _rate([one for one in held if not one.case.aside]),
        "aside": _rate([one for one in held if one.case.aside]),
        "capabilities": {
            name: _rate([one for one in verdicts if one.case.capability == name])
            for name in sorted({one.case.capability for one in verdicts})
        },
    }


def _rate(verdicts: Sequence[Verdict]) -> dict[str, float]:
    passed = sum(one.passed for one in verdicts)
    return {
        "rate": round(passed / len(verdicts), 4) if verdicts else 0.0,
        "passed": passed,
        "n": len(verdicts),
    }


def _broken(case: Case, scored: Sequence[Scored]) -> str:
    """Return what is not as expected, "" where all is."""
    if case.kind == "inv":
        found = [sorted(_pairs(one)) for one in scored]
        return "" if all(one == found[0] for one in found) else f"not the same: {found}"
    if case.kind == "dir":
        first, second = scored[0].sentiment, scored[1].sentiment
        wanted = case.expect["sentiment"]
        holds = _DIRECTIONS[wanted](second - first)
        return "" if holds else f"sentiment {first:+.2f} then {second:+.2f}, expected {wanted}"
    return "; ".join(_missing(case.expect, scored[0]))


def _missing(expect: Mapping[str, Any], scored: Scored) -> list[str]:
    pairs: set[tuple[str, str]] = {(m.theme, m.polarity) for m in scored.mentions}
    pairs |= _pairs(scored)
    themes = {theme for theme, _ in pairs}
    kinds = {signal.kind for signal in scored.signals}
    told = []
    if expect.get("polarity", scored.polarity) != scored.polarity:
        told.append(f"polarity {scored.polarity}, expected {expect['polarity']}")
    if expect.get("none") and scored.mentions:
        told.append(f"found {sorted(pairs)}, expected no mention")
    for theme, polarity in expect.get("mentions", ()):
        if (theme, polarity) not in pairs and not (polarity is None and theme in themes):
            told.append(f"no {theme} {polarity or ''} in {sorted(pairs)}")
    told += [f"{theme} found" for theme in expect.get("not", ()) if theme in themes]
    told += [f"no signal {kind}" for kind in expect.get("signals", ()) if kind not in kinds]
    told += [f"signal {kind} found" for kind in expect.get("not_signals", ()) if kind in kinds]
    return told


def _pairs(scored: Scored) -> set[tuple[str, str]]:
    """Return (top theme, polarity) of every mention."""
    return {(m.theme.partition(".")[0], m.polarity) for m in scored.mentions}


def _case(where: str, line: str) -> Case:
    try:
        entry = json.loads(line)
        texts = entry["texts"] if "texts" in entry else [entry["text"]]
        case = Case(
            id=str(entry["id"]),
            capability=str(entry["capability"]),
            kind=str(entry["kind"]),
            texts=tuple(map(str, texts)),
            expect=dict(entry.get("expect", {})),
            aside=bool(entry.get("aside", False)),
        )
        if case.kind not in KINDS:
            raise ValueError(f'kind is "{case.kind}", expected one of {", ".join(KINDS)}')
        if case.kind == "dir" and case.expect.get("sentiment") not in _DIRECTIONS:
            raise ValueError(f"expect.sentiment must be one of {', '.join(_DIRECTIONS)}")
        if len(case.texts) < (1 if case.kind == "mft" else 2):
            raise ValueError("too few texts")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{where}: {error}.",
            hint="Mend the line; corpora/README.md shows the form.",
            slug="behaviour.broken",
        ) from error
    return case
