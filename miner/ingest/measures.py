"""The steps that find ratings with their scales, and the date with its order of day and month."""

from __future__ import annotations

from collections.abc import Iterable

from miner.ingest import dates, ratings
from miner.ingest.board import Board, named, strength
from miner.ingest.dates import Order
from miner.ingest.options import RATINGS
from miner.ingest.profiles import Profile
from miner.ingest.words import NameMatch, table


def rating(board: Board, field: str) -> None:
    """Find the column of one rating: by name and numbers, or by words that mean it alone."""
    if board.has(field):
        return
    proposed = [(p, hit) for p in board.free() if (hit := named(field, p, questions=True))]
    proposed = [(p, hit) for p, hit in proposed if _is_rating(p, field)]
    proposed.sort(key=lambda pair: (strength(pair[1]), pair[0].position))
    for profile, hit in proposed:
        if set_scale(board, profile, field):
            board.take_named(profile, field, hit, _scale_text(board, profile, field))
            return
    for profile in board.free():
        if ratings.label_set(profile.distinct, only=field) and set_scale(board, profile, field):
            board.take(profile, field, f"its words are a {field} scale", 0.75)
            return


def date(board: Board) -> None:
    """Find the moment of the feedback: the best name whose values are dates."""
    if board.has("date"):
        return
    found: list[tuple[tuple[int, int], int, Profile, NameMatch | None]] = []
    for profile in board.free():
        hit = named("date", profile)
        share = profile.dated + (profile.dated_numbers if hit is not None else 0.0)
        if share >= (0.7 if hit is not None else 0.95):
            found.append((strength(hit), profile.position, profile, hit))
    if not found:
        return
    _, _, profile, hit = min(found, key=lambda entry: entry[:2])
    share = profile.dated or profile.dated_numbers
    content = f"{share:.0%} of values are dates".replace("%", " %")
    if hit is not None:
        board.take_named(profile, "date", hit, content)
    else:
        board.take(profile, "date", content, 0.6)


def proven_order(board: Board) -> Order | None:
    """Return the order of day and month that the sample's dates prove."""
    return dates.day_first(value for p in _date_profiles(board) for value in p.values)


def has_open_order(board: Board) -> bool:
    """Whether there are dates such as 03/04/2020 at all."""
    return any(
        dates.shape(v) == "xyz" and "." not in v[:3]
        for p in _date_profiles(board)
        for v in p.distinct
    )


def order_of(values: Iterable[str]) -> Order | None:
    """Return what a few more dates prove."""
    return dates.day_first(values)


def assumed_order(board: Board, delimiter: str | None) -> Order:
    """Return the likelier order where no date proves it, and note that it is assumed."""
    values = [value for p in _date_profiles(board) for value in p.distinct]
    if not any(dates.shape(value) == "xyz" for value in values) or dates.has_dots(values):
        return "day"
    common = [language for language, _ in board.languages.most_common(1)]
    day = set(common) & set(table("dates")["day_first"]["languages"]) or delimiter == ";"
    dashes = any("-" in value[:3] for value in values)
    order: Order = "day" if (day or dashes) and not dates.has_am_pm(values) else "month"
    board.notes.append(
        f'{board.source}: dates such as "{values[0]}" were read with the {order} first; nothing '
        "in the file proves it. If that is wrong, export dates as YYYY-MM-DD."
    )
    return order


def _date_profiles(board: Board) -> list[Profile]:
    return [p for p in board.profiles if _field(board, p) == "date"]


def _field(board: Board, profile: Profile) -> str:
    choice = board.choices.get(profile.position)
    return choice.field if choice else ""


def _is_rating(profile: Profile, field: str) -> bool:
    if not profile.count:
        return False
    if ratings.label_set(profile.distinct):
        return True
    if profile.numeric < 0.9:
        return False
    values = [value for value, _ in profile.numbers]
    if field == "nps":  # "recommend" on 1-5 is no NPS; a handful of rows can't tell
        return max(values) > 5 or len(values) < 20
    halves = sum((2 * value).is_integer() for value in values)
    return field != "stars" or halves >= 0.9 * len(values)


def another(board: Board, profile: Profile) -> str | None:
    """Return the rating a column would be, had not another one been taken for it; None if none."""
    for field in RATINGS:
        fits = board.has(field) and named(field, profile, questions=True) is not None
        if fits and _is_rating(profile, field) and _scale(profile, field)[0] is not None:
            return field
    return None


def set_scale(board: Board, profile: Profile, field: str) -> bool:
    """Remember the scale (and words) of a rating; False where no usual scale fits."""
    scale, words = _scale(profile, field)
    if scale is None:
        return False
    board.scales[field] = scale
    if words is not None:
        board.labels[field] = words
    return True


def _scale(profile: Profile, field: str) -> tuple[ratings.Scale | None, ratings.LabelSet | None]:
    """Return the scale that a column fits and its words, None where it has none."""
    words = ratings.label_set(profile.distinct)
    if words is not None:
        return words.scale, words
    if not profile.numbers or profile.numeric < 0.5:
        return None, None
    tops = {top for _, top in profile.numbers if top is not None}
    return ratings.fit_scale(field, [value for value, _ in profile.numbers], tops), None


def _scale_text(board: Board, profile: Profile, field: str) -> str:
    low, high = board.scales[field]
    what = "words" if field in board.labels else "values"
    return f"{what} on a scale of {low:g}-{high:g}, {profile.filled:.0%}".replace("%", " % filled")
