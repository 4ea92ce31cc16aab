"""How figures are written: one rounding rule for every number a reader sees."""

from __future__ import annotations

import math
from typing import Final, Literal

from miner.insight.types import Estimate
from miner.report.languages import spoken, t

Form = Literal["full", "short", "interval", "signed", "change", "reach", "size"]

_SIGNED: Final = ("signed", "change", "reach")
MINUS: Final = "\u2212"
_MOST: Final = {"share": 1, "points": 1, "score": 2}
_PLAIN: Final = {"share": 0, "points": 0, "score": 1}
_SHORT: Final = 10.0
"""A difference with an interval shorter than this, in points, is written with one decimal."""


def decimals(half_width: float, *, most: int) -> int:
    """Return how many decimals an interval of this half-width supports, 0 … `most`.

    The last digit shown stands for at most the half-width: a figure good to ± 3 is written
    without decimals, one good to ± 0.4 with one.

    Parameters
    ----------
    half_width : half the length of the 95 % interval, in the unit that is written.
    most : the most decimals ever shown for this unit.

    Examples
    --------
    >>> decimals(3.2, most=1), decimals(0.45, most=1), decimals(0.0, most=2)
    (0, 1, 2)
    """
    if half_width <= 0:
        return most
    return min(max(-math.floor(math.log10(half_width) + 1e-9), 0), most)


def write(value: float, places: int, *, signed: bool = False) -> str:
    """Return a number with a true minus sign, grouped as the language spoken groups thousands.

    Examples
    --------
    >>> write(-1234.56, 1), write(0.4, 0, signed=True), write(3, 0, signed=True)
    ('−1,234.6', '0', '+3')
    """
    if value == 0:
        return "0"
    text = f"{abs(value):,.{places}f}"
    if not text.strip("0.,"):
        return text.translate(spoken().digits)
    sign = MINUS if value < 0 else "+" if signed else ""
    return sign + text.translate(spoken().digits)


def count(number: int) -> str:
    """Return a whole number with its thousands grouped.

    Examples
    --------
    >>> count(14212)
    '14,212'
    """
    return write(number, 0)


def percent(share: float | None, places: int = 0) -> str:
    """Return a share in [0, 1] as per cent; a dash where it is not known.

    Examples
    --------
    >>> percent(0.254), percent(None)
    ('25%', '–')
    """
    return "–" if share is None else _per_cent(write(share * 100, places))


def _per_cent(number: str) -> str:
    return spoken().percent.format(n=number)


def too_few(estimate: Estimate) -> str:
    """Return the words that stand in place of a figure below the stated minimum."""
    return t("too few to say (n = {n})").format(n=count(estimate.n))


def places(estimate: Estimate, *, difference: bool = False) -> int:
    """Return the decimals this estimate is written with, from the length of its interval.

    A difference takes one decimal where its interval is shorter than 10 (per cent, points) or not
    known, as whole numbers would make most small ones 0 or 1; and one more than the interval's
    length gives where a bound on the same side of zero would be written as zero.

    Examples
    --------
    >>> impact = Estimate(-1.24, -2.6, -0.31, 400, "points", "bootstrap")
    >>> places(impact), places(impact, difference=True)
    (0, 1)
    """
    if estimate.low is None or estimate.high is None:
        return max(_PLAIN[estimate.unit], int(difference))
    most = _MOST[estimate.unit]
    low, high = _scaled(estimate, estimate.low), _scaled(estimate, estimate.high)
    found = decimals(abs(high - low) / 2, most=most)
    if not difference:
        return found
    short = abs(high - low) < _SHORT
    touches = low * high > 0 and round(min(abs(low), abs(high)), found) == 0
    return max(found, min(found + touches, most), min(int(short), most))


def show(estimate: Estimate, form: Form = "full") -> str:
    """Return an estimate in words, rounded to what its interval supports.

    Parameters
    ----------
    estimate : shares are written in per cent, points and scores as they are.
    form : ``full`` value and interval, ``short`` the value, ``interval`` the interval alone,
        ``signed`` a difference with its sign and interval (shares: in percentage points),
        ``change`` and ``reach`` the two halves of that, ``size`` the same without sign and with
        its unit, to follow "lower by".

    Examples
    --------
    >>> share = Estimate(0.0923, 0.0871, 0.0976, 4210, "share", "Wilson")
    >>> show(share), show(share, "short"), show(share, "interval")
    ('9.2% (8.7 to 9.8)', '9.2%', '8.7 to 9.8')
    >>> show(Estimate(None, None, None, 12, "share", "Wilson"))
    'too few to say (n = 12)'
    """
    if estimate.value is None:
        return too_few(estimate)
    shown = _flipped(estimate) if form == "size" and estimate.value < 0 else estimate
    signed = form in _SIGNED
    digits = places(shown, difference=signed or form == "size")
    number = write(_scaled(shown, shown.value or 0.0), digits, signed=signed)
    value = _with_unit(number, shown, form)
    if form in ("short", "change"):
        return value
    reach = _reach(shown, digits, signed=signed)
    if form in ("interval", "reach"):
        return reach
    return f"{value} ({reach})" if reach else value


def _with_unit(number: str, estimate: Estimate, form: Form) -> str:
    """The number with what is written after it: per cent, or the unit of a difference."""
    if form == "size":
        unit = {"share": "{n} percentage points", "points": "{n} points"}.get(estimate.unit)
        return t(unit).format(n=number) if unit else number
    return _per_cent(number) if estimate.unit == "share" and form not in _SIGNED else number


def _reach(estimate: Estimate, digits: int, *, signed: bool) -> str:
    if estimate.low is None or estimate.high is None:
        return ""
    low, high = (
        write(_scaled(estimate, bound), digits, signed=signed)
        for bound in (estimate.low, estimate.high)
    )
    below_zero = signed or estimate.low < 0
    form = spoken().signed_range if below_zero else spoken().range
    return form.format(low=low, high=high)


def _scaled(estimate: Estimate, value: float) -> float:
    return value * 100 if estimate.unit == "share" else value


def _flipped(estimate: Estimate) -> Estimate:
    """The estimate of the opposite difference: bounds swap places."""
    value, low, high = (
        None if bound is None else -bound for bound in (estimate.value, estimate.high, estimate.low)
    )
    return Estimate(value, low, high, estimate.n, estimate.unit, estimate.method)
