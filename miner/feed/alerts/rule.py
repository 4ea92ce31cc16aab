"""What counts as unusual: the settings of alerts, each with the reason for its default."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from miner.errors import UsageError, nearest

Kind = Literal[
    "spike", "score_fall", "silent", "rejects", "untagged",
    "drift_vocabulary", "drift_mix", "drift_confidence",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

FEWEST_WINDOWS: Final = 4
"""Windows of history below which nothing is said: three are the least that a spread and a level
can be told from, and one of them may be odd."""

_RANGES: Final[Mapping[str, tuple[bool, float, float]]] = {
    "window": (True, 1, 366),
    "short": (True, 0, 366),
    "history": (True, FEWEST_WINDOWS, 104),
    "rate": (False, 1e-9, 0.5),
    "minimum_n": (True, 1, 1_000_000),
    "minimum_answers": (True, 2, 1_000_000),
    "ratio": (False, 1, 1000),
    "rise": (False, 0, 1),
    "fall": (False, 0, 100),
    "moved": (False, 0, 1),
    "silence": (False, 1, 1000),
    "worse": (False, 1, 1000),
    "quiet": (True, 1, 52),
}
"""Of each number: whether whole, the least and the most."""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """When a human is told. The defaults are those that ``benchmarks/alerts.py`` measures.

    Parameters
    ----------
    window : days looked at together, the last one included. Seven: each weekday once, so that
        weekends cancel out.
    short : days of a second, quicker look, compared with the same weekdays of earlier weeks; 0 for
        none. Three: enough mentions to tell, and two days earlier than the week does.
    history : windows before it that say what is usual. Twelve: a level, a trend and a spread can
        be estimated, and what lasts becomes usual within a quarter.
    rate : false-discovery rate of one kind in one evaluation (Benjamini-Hochberg). 0.015: a night
        is one of thirty chances a month to be wrong, though neighbours share most of their days.
    minimum_n : mentions (or rows, or texts) in the window below which nothing is said. Ten is what
        the report takes as its least, too.
    minimum_answers : answers to a score, or mentions with a confidence, below which it isn't
        judged. Thirty: from there on the mean of a bounded scale is close to normal.
    ratio : least seen / expected of a theme's mentions, and of new words. Half as much again: what
        is smaller may be real, but is for the report and not for the night.
    rise : least rise of the share of rows set aside, and of feedback without a theme, in [0, 1].
        Five points: such a share may be small, and its doubling nobody's night.
    fall : least change of a mean, in standard deviations of single answers. 0.2 is what Cohen
        (1988) calls small; below it no reader would see the difference.
    moved : least part of the mentions that changed their theme for the mix to have drifted, in
        [0, 1].
    silence : how many times its own usual gap a source stays away before it is called silent.
        Two: one delivery missed, and the next one too.
    worse : by what factor a story's excess must pass its peak to be told again.
    quiet : windows without the finding after which a story is closed. Two: a theme that comes and
        goes around the limit is one story.
    rising_is_bad : scores where more is worse (an effort score asked as "how hard was it"); the
        others alert when they fall.
    kinds : kinds that are looked for.

    Raises
    ------
    UsageError
        A value that can't be.

    Examples
    --------
    >>> AlertRule(window=14).days(14)
    14
    >>> AlertRule(kinds=("spikes",))
    Traceback (most recent call last):
    ...
    miner.errors.UsageError: alerts.kinds: got 'spikes', expected ... Nearest: "spike". ...
    """

    window: int = 7
    short: int = 3
    history: int = 12
    rate: float = 0.015
    minimum_n: int = 10
    minimum_answers: int = 30
    ratio: float = 1.5
    rise: float = 0.05
    fall: float = 0.2
    moved: float = 0.1
    silence: float = 2.0
    worse: float = 1.25
    quiet: int = 2
    rising_is_bad: tuple[str, ...] = ()
    kinds: tuple[str, ...] = KINDS

    def __post_init__(self) -> None:
        for name, (whole, low, high) in _RANGES.items():
            _check_number(name, getattr(self, name), whole, (low, high))
        for name in ("rising_is_bad", "kinds"):
            value = getattr(self, name)
            if isinstance(value, str) or not all(isinstance(one, str) for one in value):
                raise _wrong(name, value, "a list of names")
            object.__setattr__(self, name, tuple(value))
        for kind in self.kinds:
            if kind not in KINDS:
                near = nearest(kind, KINDS)
                raise _wrong("kinds", kind, f"some of {', '.join(KINDS)}", near)
        if self.short >= self.window:
            raise _wrong("short", self.short, f"fewer days than the window's {self.window}, or 0")

    def days(self, length: int) -> int:
        """Return how many days lie between the starts of two windows: whole weeks, no overlap."""
        return 7 * math.ceil(length / 7)

    @property
    def quiet_days(self) -> int:
        """Days without a finding that close a story."""
        return self.quiet * self.window

    @property
    def lengths(self) -> tuple[int, ...]:
        """Lengths in days of the windows looked at, longest first."""
        return (self.window, self.short) if self.short else (self.window,)


def _check_number(name: str, value: Any, whole: bool, ends: tuple[float, float]) -> None:
    kinds = int if whole else int | float
    fits = isinstance(value, kinds) and not isinstance(value, bool)
    if not fits or not ends[0] <= value <= ends[1]:  # NaN fits no range
        what = "a whole number" if whole else "a number"
        raise _wrong(name, value, f"{what} from {ends[0]:g} to {ends[1]:g}")


def _wrong(name: str, got: object, expected: str, near: str = "") -> UsageError:
    return UsageError(
        f"alerts.{name}: got {got!r}, expected {expected}.",
        hint=f"{near}Change it in the settings file, or leave it out for the default.",
        slug="alerts.bad-setting",
        key=name,
    )
