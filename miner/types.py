"""Frozen domain types: the face of the program at its edges. Standard library only.

Inside, batches travel as tables (see `miner.insight.mentions`); these objects are what one
feedback looks like to a caller, to JSON and to a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol, get_args

from miner.errors import DataError, InternalError, UsageError
from miner.schemas import plain, scored_problem

Polarity = Literal["negative", "neutral", "positive"]
FeedbackPolarity = Literal["negative", "neutral", "positive", "mixed"]
SignalKind = Literal[
    "complaint", "praise", "request", "question", "churn_risk", "advocacy", "warning",
    "effort", "urgency", "safety", "legal_threat",
]  # fmt: skip
ClauseKind = Literal["statement", "greeting", "signature", "quote"]

POLARITIES: tuple[Polarity, ...] = ("negative", "neutral", "positive")
SIGNALS: tuple[SignalKind, ...] = get_args(SignalKind)


@dataclass(frozen=True, slots=True)
class Feedback:
    """One response as received: a review, a comment, a ticket, a survey verbatim.

    `row` is the row number a spreadsheet shows (a header is row 1). Ratings keep the scale they
    came with; None means the customer gave none.
    """

    id: str
    text: str
    source: str = ""
    row: int = 0
    date: datetime | None = None
    nps: float | None = None
    csat: float | None = None
    ces: float | None = None
    stars: float | None = None
    language: str | None = None
    channel: str | None = None
    customer: str | None = None
    cohorts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of one feedback text that holds one statement.

    `start`, `end`: half-open character offsets into the original text. The clauses of a text
    tile it: the first starts at 0, each next one where the last ended, the last ends at
    ``len(text)``. Only clauses of kind ``statement`` are scored.
    """

    start: int
    end: int
    kind: ClauseKind = "statement"


@dataclass(frozen=True, slots=True)
class Mention:
    """One opinion about one theme in one clause: the only thing that is counted.

    `sentiment` is in [-1, 1]; `confidence` in [0, 1] is the calibrated probability that a reader
    would find this theme in the clause; `start`, `end` are the clause's offsets in the original
    text; `evidence` holds the words that weighed most, strongest first.
    """

    theme: str
    polarity: Polarity
    sentiment: float
    confidence: float
    start: int
    end: int
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signal:
    """Intent or risk found in a clause, at most one of a kind a clause.

    `kind`: complaint (a grievance), praise, request (the company shall do something), question
    (wants to know), churn_risk (leaves or may), advocacy (recommends), warning (tells others to
    stay away), effort (the customer had to work for it), urgency (soon), safety (harm or danger,
    also to personal data), legal_threat (courts, regulators, police). `start`, `end`: half-open
    offsets, into the original text, of the words that show it.
    """

    kind: SignalKind
    start: int
    end: int


class _Explainer(Protocol):
    """Whoever scored a text, and can say why."""

    def explain(self, text: object, *, all_themes: bool = False) -> Explanation: ...


class _Explainable:
    """Holds the scorer outside the fields: no part of equality, repr, `asdict` or a pickle."""

    __slots__ = ("_scorer",)
    _scorer: _Explainer

    def _scored_by(self, scorer: _Explainer) -> None:
        object.__setattr__(self, "_scorer", scorer)


@dataclass(frozen=True, slots=True)
class Scored(_Explainable):
    """One feedback after scoring.

    `sentiment` is in [-1, 1], near 0 where no opinion was found; `polarity` is ``mixed`` where
    positive and negative mentions meet, ``neutral`` where there is no opinion. `signals`: in the
    order of the clauses, then of `SIGNALS`; only the kinds of `Scorer.signal_kinds`.
    `flags` names what limited the work on this text, such as ``not-text`` or ``truncated``.
    """

    text: str
    sentiment: float
    polarity: FeedbackPolarity
    mentions: tuple[Mention, ...]
    signals: tuple[Signal, ...] = ()
    clauses: tuple[Clause, ...] = ()
    flags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data, keys in field order: see `miner.scored_schema`."""
        found: dict[str, Any] = plain(self)
        return found

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Scored:
        """Return what `to_dict`, or a JSON reader after it, was given; it knows no scorer.

        Raises
        ------
        DataError
            The data break the schema, or an offset lies outside the text.

        Examples
        --------
        >>> import json, miner
        >>> scored = miner.load().score("The courier was two days late.")
        >>> Scored.from_dict(json.loads(json.dumps(scored.to_dict()))) == scored
        True
        """
        wrong = scored_problem(data)
        if wrong:
            raise DataError(
                f"This is no scored feedback: {wrong}.",
                hint="Write it with Scored.to_dict(); miner.scored_schema() shows the form.",
                slug="scored.invalid",
            )
        return cls(
            text=data["text"],
            sentiment=data["sentiment"],
            polarity=data["polarity"],
            mentions=tuple(
                Mention(**dict(one, evidence=tuple(one["evidence"]))) for one in data["mentions"]
            ),
            signals=tuple(Signal(**one) for one in data["signals"]),
            clauses=tuple(Clause(**one) for one in data["clauses"]),
            flags=tuple(data["flags"]),
        )

    def explain(self, *, all_themes: bool = False) -> Explanation:
        """Return why this text was scored as it was: `Scorer.explain` of the scorer it came from.

        Raises
        ------
        UsageError
            It did not come from a scorer of this process (made by hand, unpickled or copied), or
            the model can't explain itself.

        Examples
        --------
        >>> import miner
        >>> explanation = miner.load().score("The courier was two days late.").explain()
        >>> explanation.clauses[0].themes[0].theme
        'service.delivery'
        """
        scorer: _Explainer | None = getattr(self, "_scorer", None)
        if scorer is None:
            raise UsageError(
                "This Scored does not know the scorer it came from.",
                hint="Call scorer.explain(scored.text) with the scorer at hand.",
                slug="explain.no-scorer",
            )
        # the text stands for what was given, which may have been no text
        return replace(scorer.explain(self.text, all_themes=all_themes), flags=self.flags)


@dataclass(frozen=True, slots=True)
class WordShare:
    """What one token of a clause adds to one sum, in log-odds.

    `word`: as written; `start`, `end`: half-open character offsets into the original text. Above
    0 it speaks for, below 0 against.
    """

    word: str
    start: int
    end: int
    share: float


@dataclass(frozen=True, slots=True)
class WordSum:
    """One figure of the model as a sum over the clause's words, in log-odds.

    ``value == bias + sum(one.share for one in (*words, *neighbours))``: exactly, but for rounding
    (the test holds it to 0.0001). `bias`: where the sum starts before any word is read. `words`:
    one entry a token, in text order. `neighbours`: what the clauses before and after add, each
    written out as one entry; only a theme and its sign lean on them. The probability is the
    logistic function of the value: ``1 / (1 + exp(-value))``.
    """

    value: float
    bias: float
    words: tuple[WordShare, ...]
    neighbours: tuple[WordShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Chance:
    """A probability in [0, 1], the threshold from which on it counts, and the sum behind it."""

    probability: float
    threshold: float
    sum: WordSum


@dataclass(frozen=True, slots=True)
class ThemeExplanation:
    """Why one theme is or is not mentioned in one clause.

    `ratio`: probability / threshold. `decided`: it is mentioned. `reason`: ``theme.reached``,
    ``theme.nearest`` (none reached its threshold, this one came near), ``theme.other-side`` (came
    near, of the opposite sign), ``theme.below-threshold``, ``theme.overshadowed`` (reached, but far
    less likely than another), ``theme.no-opinion`` (no opinion, no mention), ``theme.likeliest``,
    ``theme.less-likely`` (texts have one theme); `sentence` says it. `sum`: log-odds of the theme.
    `sign`: log-odds of positive against negative; where a clause mentions several themes, the words
    near a theme's own count more. `polarity`, `sentiment`: what a mention has or would have.
    """

    theme: str
    label: str
    probability: float
    threshold: float
    ratio: float
    decided: bool
    reason: str
    sentence: str
    polarity: Polarity
    sentiment: float
    sum: WordSum
    sign: WordSum


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why the theme that came nearest to being mentioned is not.

    `theme`: the runner-up. `instead`: the likeliest theme that is mentioned, None where the
    clause mentions none. `difference`: log-odds of `instead` less those of `theme`, word by word
    (above 0 speaks for `instead`); None where `instead` is None. `reason`, `sentence`: as in
    `ThemeExplanation`.
    """

    theme: str
    instead: str | None
    reason: str
    sentence: str
    difference: WordSum | None


@dataclass(frozen=True, slots=True)
class ClauseExplanation:
    """Why one clause was tagged as it was. The clauses of an explanation tile the text.

    `start`, `end`, `kind`: as in `Clause`. `reason`: ``clause.mentions``, ``clause.no-theme``,
    ``clause.no-opinion``, ``clause.other-theme`` (of texts with one theme), ``clause.no-words``,
    ``clause.unknown-words`` (fewer than a third of its words are known: another language, a name),
    ``clause.function-word`` (its only word is one that says nothing alone), ``clause.furniture``
    (greeting, signature, quote), ``clause.beyond-limit``; `sentence` says it in words.
    `sentiment`: of the clause as a whole and by itself, in [-1, 1]. `weight`: of the clause in the
    text's sentiment, in [0, 1]; `part`: weight x artanh(sentiment), see `Explanation`. `opinion`:
    that it holds one, told by theme and sign too; `neutral`: that it is neutral; `sign`: log-odds
    of positive against negative; all None where nothing was read. `degree`: what the log-odds of
    the sign are multiplied with where they become a sentiment, and `degree_words` why ("utterly"):
    ``sentiment == (1 - neutral) x tanh(degree x sign / 2)``. `themes`: those mentioned, those
    overshadowed and the runner-up (or all), the nearest to its threshold first.
    """

    start: int
    end: int
    kind: ClauseKind
    reason: str
    sentence: str
    sentiment: float
    weight: float
    part: float
    opinion: Chance | None = None
    neutral: Chance | None = None
    sign: WordSum | None = None
    themes: tuple[ThemeExplanation, ...] = ()
    why_not: WhyNot | None = None
    degree: float = 1.0
    degree_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why one text was scored as it was; the figures are those of its `Scored`.

    ``sentiment == tanh(sum(clause.part for clause in clauses))``: the mean of the clauses on the
    artanh scale, each weighed by its probability to hold an opinion. `clauses` tile the text.

    Examples
    --------
    >>> import miner
    >>> found = miner.load().explain("Lovely food, but nobody answered my e-mails.")
    >>> [clause.sentence for clause in found.clauses]
    ['Mentions Quality.', 'Mentions Reachability.']
    >>> found.clauses[1].why_not.instead
    'communication.reachability'
    """

    text: str
    sentiment: float
    polarity: FeedbackPolarity
    clauses: tuple[ClauseExplanation, ...]
    flags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data, keys in field order; the keys are a promise."""
        found: dict[str, Any] = plain(self)
        return found


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row was set aside: a value, collected, never an exception.

    `reason` is a readable slug such as ``row.rating-out-of-range``; `column` and `value` are
    empty where the whole row is meant; `value` is cut to 200 characters. `fatal` is False where
    the row was kept and only the one value was dropped.
    """

    source: str
    row: int
    column: str
    value: str
    reason: str
    message: str
    fatal: bool = True


@dataclass(frozen=True, slots=True)
class Ledger:
    """The account of every row read: received = accepted + duplicate + empty + junk + rejected.

    Examples
    --------
    >>> one = Ledger(received=3, accepted=2, empty=1)
    >>> (one + one).received
    6
    """

    received: int = 0
    accepted: int = 0
    duplicate: int = 0
    empty: int = 0
    junk: int = 0
    rejected: int = 0

    def __post_init__(self) -> None:
        aside = self.duplicate + self.empty + self.junk + self.rejected
        if self.received != self.accepted + aside:
            raise InternalError(
                f"The ledger does not balance: {asdict(self)}.",
                hint="Please report this with the input that caused it.",
                slug="ledger.unbalanced",
            )

    def __add__(self, other: Ledger) -> Ledger:
        mine, theirs = asdict(self), asdict(other)
        return Ledger(**{name: mine[name] + theirs[name] for name in mine})

    def to_dict(self) -> dict[str, int]:
        """Return the six counts under their names."""
        return asdict(self)
