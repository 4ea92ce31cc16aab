"""The state of a mapping while it is being decided: who holds which column, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from miner.ingest.layouts import Layout
from miner.ingest.options import Area
from miner.ingest.profiles import Profile
from miner.ingest.ratings import LabelSet, Scale
from miner.ingest.words import NameMatch, match, plain

_QUESTION_WORDS = 6  # words from which a header is a question, no longer a name
_CONFIDENCE = {"exact": 0.95, "within": 0.8, "part": 0.7}


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """What one column is read as.

    `position` counts from 1; `field` is one of `miner.ingest.options.FIELDS`, ``personal`` or a
    field of an `Area`; `confidence` in [0, 1]: 1 is said by hand, .95 an exact name, .6 content
    alone.
    """

    column: str
    position: int
    field: str
    reason: str
    confidence: float

    def to_dict(self) -> dict[str, object]:
        """Return the five values under their names."""
        return asdict(self)


class Board:
    """Columns of one file; each is taken once, the first claim wins."""

    def __init__(self, profiles: list[Profile], layout: Layout | None, source: str) -> None:
        self.profiles = profiles
        self.layout = layout
        self.source = source
        self.choices: dict[int, ColumnChoice] = {}
        self.scales: dict[str, Scale] = {}
        self.labels: dict[str, LabelSet] = {}
        self.notes: list[str] = []
        self.areas: list[Area] = []
        self.by_hand: set[int] = set()
        self.languages: Counter[str] = Counter()

    def free(self) -> list[Profile]:
        """Return the columns nobody holds yet."""
        return [p for p in self.profiles if p.position not in self.choices]

    def has(self, field: str) -> bool:
        """Whether a column of this field was found already."""
        return any(choice.field == field for choice in self.choices.values())

    def take(self, profile: Profile, field: str, reason: str, confidence: float) -> None:
        """Give a column to a field."""
        self.choices[profile.position] = ColumnChoice(
            profile.name, profile.position + 1, field, reason, round(confidence, 2)
        )

    def take_named(self, profile: Profile, field: str, hit: NameMatch, content: str) -> None:
        """Give a column to a field because of its name, which its content bears out."""
        self.languages[hit.language] += 1
        reason = f"name matches '{hit.word}'" + (f"; {content}" if content else "")
        self.take(profile, field, reason, _CONFIDENCE[hit.level])


def named(field: str, profile: Profile, *, questions: bool = False) -> NameMatch | None:
    """Return how a column's name matches a field.

    `questions`: whether whole questions count. "How satisfied are you with our e-mail support?"
    names a rating, but no e-mail address.
    """
    names: Iterable[str] = profile.names
    if not questions:
        names = [name for name in names if len(plain(name).split()) < _QUESTION_WORDS]
    return match(field, names)


def strength(hit: NameMatch | None) -> tuple[int, int]:
    """Return a sort key: the better the match, the smaller."""
    if hit is None:
        return (3, 0)
    return ({"exact": 0, "within": 1, "part": 2}[hit.level], hit.rank)
