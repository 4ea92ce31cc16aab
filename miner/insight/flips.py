"""What changes between two taggings of the same feedback: which mentions flip, and how.

Grain: one flip is one mention of one clause that is not the same on both sides. Both taggings have
the same clauses; a mention is told by its feedback, its clause and its theme.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, NamedTuple

import pandas as pd

from miner.insight.estimates import share
from miner.insight.types import Estimate

Kind = Literal["gained", "lost", "moved", "turned"]
KINDS: Final[tuple[Kind, ...]] = ("gained", "lost", "moved", "turned")
"""`gained`: only after; `lost`: only before; `moved`: from one theme to another in its clause;
`turned`: the theme stays, its polarity changes."""


class Flip(NamedTuple):
    """One flip; theme, polarity and confidence are empty on the side that lacks."""

    id: str
    kind: Kind
    from_theme: str
    to_theme: str
    from_polarity: str
    to_polarity: str
    from_confidence: float | None
    to_confidence: float | None
    quote: str


FLIP_COLUMNS: Final = Flip._fields
"""Columns of a table of flips."""


class _Mention(NamedTuple):
    theme: str
    polarity: str
    confidence: float
    quote: str
    id: str


@dataclass(frozen=True, slots=True)
class ThemeChange:
    """One theme before and after, in mentions and as a share of the feedback that mentions it.

    `before` + `gained` + `moved_in` - `lost` - `moved_out` = `after`. `moved_to`: theme ->
    mentions, most first. `turned`: mentions that stay with another polarity.
    """

    theme: str
    before: int
    gained: int
    lost: int
    moved_in: int
    moved_out: int
    turned: int
    after: int
    moved_to: Mapping[str, int]
    share_before: Estimate
    share_after: Estimate

    @property
    def flips(self) -> int:
        """Flips this theme has a part in."""
        return self.gained + self.lost + self.moved_in + self.moved_out + self.turned


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two taggings compared: feedback, mentions on both sides, themes, and every flip."""

    feedback: int
    before: int
    after: int
    themes: tuple[ThemeChange, ...]
    flips: tuple[Flip, ...]

    def table(self) -> pd.DataFrame:
        """Return one row a flip, columns `FLIP_COLUMNS`."""
        frame = pd.DataFrame(self.flips, columns=list(FLIP_COLUMNS))
        return frame.astype({"from_confidence": "float64", "to_confidence": "float64"})

    def examples(self, each: int) -> list[Flip]:
        """Return the first flips of every kind, from and to theme, at most `each` of them."""
        seen: Counter[tuple[str, str, str]] = Counter()
        chosen = []
        for one in self.flips:
            key = (one.kind, one.from_theme, one.to_theme)
            seen[key] += 1
            if seen[key] <= each:
                chosen.append(one)
        return sorted(chosen, key=lambda one: (one.kind, one.from_theme, one.to_theme))

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as plain JSON-ready data, without the flips themselves."""
        return {
            "feedback": self.feedback,
            "mentions_before": self.before,
            "mentions_after": self.after,
            "flips": dict.fromkeys(KINDS, 0) | Counter(one.kind for one in self.flips),
            "themes": [asdict(one) for one in self.themes],
        }


@dataclass
class Comparer:
    """Compares two taggings chunk by chunk.

    Examples
    --------
    >>> columns = ["feedback", "clause", "theme", "polarity", "confidence", "quote", "id"]
    >>> rows = [(0, 0, "a.x", "negative", 0.9, "Slow.", "1")]
    >>> comparer = Comparer()
    >>> comparer.add(pd.DataFrame(rows, columns=columns), pd.DataFrame([], columns=columns), 1)
    >>> comparer.result(("a.x",)).themes[0].lost
    1
    """

    feedback: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    said_before: Counter[str] = field(default_factory=Counter)
    said_after: Counter[str] = field(default_factory=Counter)
    flips: list[Flip] = field(default_factory=list)

    def add(self, before: pd.DataFrame, after: pd.DataFrame, feedback: int) -> None:
        """Count one chunk: its mentions on both sides, and its number of feedback."""
        self.feedback += feedback
        for frame, mentions, said in (
            (before, self.before, self.said_before),
            (after, self.after, self.said_after),
        ):
            mentions.update(frame["theme"].tolist())
            said.update(frame.drop_duplicates(["feedback", "theme"])["theme"].tolist())
        old, new = _by_clause(before), _by_clause(after)
        for clause in sorted(old.keys() | new.keys()):
            self.flips += _flips(old.get(clause, {}), new.get(clause, {}))

    def result(self, themes: Sequence[str], *, minimum_n: int = 10) -> Comparison:
        """Return what was counted.

        Parameters
        ----------
        themes : keys in the order wanted; others that turned up follow.
        minimum_n : below this many feedback a share says nothing.
        """
        seen = sorted((self.before.keys() | self.after.keys()) - set(themes))
        changes = (self._theme(key, minimum_n) for key in (*themes, *seen))
        return Comparison(
            feedback=self.feedback,
            before=self.before.total(),
            after=self.after.total(),
            themes=tuple(changes),
            flips=tuple(self.flips),
        )

    def _theme(self, theme: str, minimum_n: int) -> ThemeChange:
        left = Counter(one.kind for one in self.flips if one.from_theme == theme)
        came = Counter(one.kind for one in self.flips if one.to_theme == theme)
        goals = Counter(
            one.to_theme for one in self.flips if one.kind == "moved" and one.from_theme == theme
        )
        return ThemeChange(
            theme=theme,
            before=self.before[theme],
            gained=came["gained"],
            lost=left["lost"],
            moved_in=came["moved"],
            moved_out=left["moved"],
            turned=left["turned"],
            after=self.after[theme],
            moved_to=dict(goals.most_common()),
            share_before=share(self.said_before[theme], self.feedback, minimum_n),
            share_after=share(self.said_after[theme], self.feedback, minimum_n),
        )


def _by_clause(mentions: pd.DataFrame) -> dict[tuple[int, int], dict[str, _Mention]]:
    found: dict[tuple[int, int], dict[str, _Mention]] = {}
    columns = ("feedback", "clause", "theme", "polarity", "confidence", "quote", "id")
    for feedback, clause, *rest in zip(*(mentions[name] for name in columns), strict=True):
        one = _Mention(*rest)
        found.setdefault((int(feedback), int(clause)), {})[one.theme] = one
    return found


def _flips(old: dict[str, _Mention], new: dict[str, _Mention]) -> Iterator[Flip]:
    """Yield the flips of one clause; the surest mention lost moved to the surest one gained."""
    for theme in old.keys() & new.keys():
        if old[theme].polarity != new[theme].polarity:
            yield _row("turned", old[theme], new[theme])
    lost = sorted((one for key, one in old.items() if key not in new), key=_surest)
    gained = sorted((one for key, one in new.items() if key not in old), key=_surest)
    both = min(len(lost), len(gained))
    for left, came in zip(lost[:both], gained[:both], strict=True):
        yield _row("moved", left, came)
    for left in lost[both:]:
        yield _row("lost", left, None)
    for came in gained[both:]:
        yield _row("gained", None, came)


def _surest(one: _Mention) -> tuple[float, str]:
    return -one.confidence, one.theme


def _row(kind: Kind, left: _Mention | None, came: _Mention | None) -> Flip:
    some = left or came
    assert some is not None
    return Flip(
        some.id, kind,
        left.theme if left else "", came.theme if came else "",
        left.polarity if left else "", came.polarity if came else "",
        left.confidence if left else None, came.confidence if came else None,
        some.quote,
    )  # fmt: skip
