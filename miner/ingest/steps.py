"""The steps that decide a mapping, each for one kind of field, in the order `mapping` calls them.

Names propose (word lists per language), content disposes: a column called `comment_type` with two
values is no text, one called `score` with 1-5 is a rating, one with 0-4,000 is not.
"""

from __future__ import annotations

from collections.abc import Iterable

from miner.errors import UsageError
from miner.ingest.board import Board, named, strength
from miner.ingest.language_names import language_code
from miner.ingest.layouts import Layout
from miner.ingest.measures import another, set_scale
from miner.ingest.options import MARKS, RATINGS, ReadOptions
from miner.ingest.overrides import resolve
from miner.ingest.profiles import Profile
from miner.ingest.references import counts_rows
from miner.ingest.words import NameMatch, plain

BY_HAND = "said by hand"
"""Reason of a choice that a caller made."""
MOST_VALUES = 50
"""A column with more different values in the sample is no group of customers."""
_MOST_SHARE = 0.2  # different values of all: a group has five members on average, or is none
_LONGEST_VALUE = 60  # characters of a value on average: longer is a remark, not a name
_UNIQUE = 0.9  # different values of all, in a column only named like an id: some rows come twice
_FREE = 0.3  # different values of all: short answers ("Great!") repeat, a drop-down's far more


def by_hand(board: Board, options: ReadOptions) -> None:
    """Take what the caller said; content is only checked where it could not be read at all."""
    header = [profile.name for profile in board.profiles]
    labels = [profile.label for profile in board.profiles]
    for field in options.map:
        for column in options.columns(field):
            index = resolve(column, header, labels)
            if index is None:
                continue
            if index in board.by_hand:
                raise _twice(board, index, field)
            profile = board.profiles[index]
            board.take(profile, field, BY_HAND, 1.0)
            board.by_hand.add(index)
            if field in RATINGS and profile.count and not set_scale(board, profile, field):
                raise _not_a(board, profile, field, "a rating")
            if field == "date" and profile.count and profile.dated + profile.dated_numbers < 0.5:
                raise _not_a(board, profile, field, "a date")


def marks(board: Board, options: ReadOptions) -> None:
    """Keep the columns of marks from being read as anything else, unless somebody said so."""
    header = [profile.name for profile in board.profiles]
    labels = [profile.label for profile in board.profiles]
    for mark in MARKS:
        index = resolve(options.marks.get(mark, ""), header, labels)
        if index is not None and index not in board.by_hand:
            board.take(board.profiles[index], "ignore", f"says when a row was {mark}", 1.0)


def by_layout(board: Board) -> None:
    """Take the hints of a known export where the columns are there."""
    layout = board.layout
    if layout is None:
        return
    names = {plain(profile.name): profile for profile in reversed(board.profiles)}
    free = {p.position for p in board.free()}
    for field, wanted in layout.fields.items():
        found = [names[name] for name in wanted if name in names and names[name].position in free]
        if found and not board.has(field) and _fits(board, found[0], field):
            board.take(found[0], field, f"column of a known export ({layout.label})", 0.97)
    _drop_known(board, layout)
    for profile in board.free():
        if plain(profile.name) in layout.cohort and 2 <= len(profile.distinct) <= 2 * MOST_VALUES:
            board.take(profile, "cohort", f"group in a known export ({layout.label})", 0.97)


def _drop_known(board: Board, layout: Layout) -> None:
    for profile in board.free():
        if plain(profile.name) in layout.personal:
            why = f"personal data in a known export ({layout.label})"
            board.take(profile, "personal", why, 0.97)
        elif plain(profile.name) in layout.ignore:
            why = f"not feedback in a known export ({layout.label})"
            board.take(profile, "ignore", why, 0.97)


def personal(board: Board) -> None:
    """Drop names, addresses, e-mail, IP, places and links: no report needs them."""
    for profile in board.free():
        hit = named("personal", profile)
        if hit is not None:
            board.take_named(profile, "personal", hit, "personal data are not read")
        elif profile.personal:
            board.take(profile, "personal", f"most values are {profile.personal}", 0.9)
    dropped = [choice.column for choice in board.choices.values() if choice.field == "personal"]
    if dropped:
        board.notes.append(f"{board.source}: not read because personal: {', '.join(dropped)}.")


def replies(board: Board) -> None:
    """Set aside what the company wrote back, and when."""
    for profile in board.free():
        hit = named("reply", profile)
        if hit is not None:
            board.take_named(
                profile, "ignore", hit, "the company's reply, not the customer's words"
            )


def language(board: Board) -> None:
    """Find the column that names each text's language."""
    for profile, hit in _proposed(board, "language"):
        known = sum(language_code(value) is not None for value in profile.distinct)
        if known and known >= 0.8 * len(profile.distinct):
            board.take_named(profile, "language", hit, "the values are languages")
            return


def channel(board: Board) -> None:
    """Find the column that says over which channel the feedback came."""
    for profile, hit in _proposed(board, "channel"):
        if len(profile.distinct) <= MOST_VALUES and profile.numeric < 0.5 and _is_short(profile):
            board.take_named(profile, "channel", hit, f"{len(profile.distinct)} different values")
            return


def identifier(board: Board) -> None:
    """Find the export's own key of each response: named so, one word, hardly ever repeated."""
    for profile, hit in _proposed(board, "id"):
        owner = named("customer", profile)
        needed = 0.5 if hit.level == "exact" else _UNIQUE
        if owner is not None and owner.level == "exact":
            continue
        if (
            profile.distinct_share >= needed
            and profile.filled >= 0.5
            and profile.mean_words <= 1.2
            and profile.dated < 0.5
        ):
            board.take_named(
                profile, "id", hit, f"{len(profile.distinct)} different values in {profile.count}"
            )
            return


def customer(board: Board) -> None:
    """Find the key of the customer; a column of people's names is personal instead."""
    for profile, hit in _proposed(board, "customer"):
        if profile.named_people >= 0.5:
            board.take(profile, "personal", "the values look like people's names", 0.8)
        elif profile.count >= 20 and len(profile.distinct) <= 5:
            continue  # "member: yes/no" is a group, not a person
        elif profile.mean_words <= 2 and not board.has("customer"):
            board.take_named(profile, "customer", hit, f"{len(profile.distinct)} different values")


def text(board: Board) -> None:
    """Find the customers' words, and the title in front of them.

    Ticket exports without a body have only the subject: then that is the text.
    """
    proposed = [p for p, _ in _proposed(board, "title") if p.worded >= 0.5 and not _is_group(p)]
    titles = _known_titles(board) or proposed[:1]
    if not board.has("text"):
        scored = [(p, _text_score(p)) for p in board.free() if p not in titles]
        scored = sorted((pair for pair in scored if pair[1]), key=lambda pair: -pair[1])
        if scored:
            _take_text(board, scored[0][0])
            _mention_others(board, [p for p, _ in scored[1:] if _is_free(p)])
        elif titles and titles[0].position not in board.by_hand:
            board.take(titles[0], "text", "the only words are in the title", 0.7)
            return
    if not board.has("title") and titles:
        board.take(titles[0], "title", "a title; joined in front of the text", 0.9)


def _known_titles(board: Board) -> list[Profile]:
    """Return the title column that a known export or the caller named, if any."""
    at = [c.position - 1 for c in board.choices.values() if c.field == "title"]
    return [board.profiles[index] for index in at]


def single_valued(board: Board) -> list[Profile]:
    """Return columns with one value in the sample that may be groups further down."""
    return [
        p
        for p in board.free()
        if len(p.distinct) == 1 and p.filled >= 0.5 and p.worded and _is_short(p) and p.dated < 0.5
    ]


def cohorts(board: Board, seconds: Iterable[int] = ()) -> None:
    """Take every other column that cuts the customers into a few groups.

    2-50 different values in the sample, at most a fifth as many as rows (in a sample under 50
    rows: half), short, no dates, no measurements (0/1 flags are groups).

    Parameters
    ----------
    seconds : columns with one value in the sample and another one behind it.
    """
    later = set(seconds)
    for profile in board.free():
        if profile.position in later:
            board.take(profile, "cohort", "one value in the sample, others further down", 0.6)
        elif _is_group(profile):
            board.take(profile, "cohort", f"{len(profile.distinct)} groups of customers", 0.7)


def rest(board: Board) -> None:
    """Say of every column that is left why it is not read."""
    for profile in board.free():
        board.take(profile, "ignore", _why_not(board, profile), 0.6)


def _proposed(board: Board, field: str) -> list[tuple[Profile, NameMatch]]:
    """Return the free columns whose name matches, best first; none where the field is filled."""
    if board.has(field):
        return []
    found = [(p, hit) for p in board.free() if p.count and (hit := named(field, p))]
    return sorted(found, key=lambda pair: (strength(pair[1]), pair[0].position))


def _fits(board: Board, profile: Profile, field: str) -> bool:
    """Whether the column of a known export holds what it should (an empty one does)."""
    if not profile.count or field not in (*RATINGS, "date"):
        return True
    if field == "date":
        return profile.dated + profile.dated_numbers >= 0.5
    return set_scale(board, profile, field)


def _is_short(profile: Profile) -> bool:
    return profile.mean_words <= 5 and profile.mean_length <= _LONGEST_VALUE


def _is_group(profile: Profile) -> bool:
    count = len(profile.distinct)
    few = count <= _MOST_SHARE * profile.count or (
        profile.count < 50 and count <= profile.count / 2
    )
    flag = set(profile.distinct) <= {"0", "1"}
    return (
        2 <= count <= MOST_VALUES
        and few
        and profile.filled >= 0.02
        and profile.mean_words <= 10
        and profile.mean_length <= _LONGEST_VALUE
        and profile.dated < 0.5
        and (profile.numeric < 0.9 or flag)
    )


def _text_score(profile: Profile) -> float:
    """Return how much a column looks like the customers' words; 0 where it does not."""
    hit = named("text", profile, questions=True)
    if not profile.count:
        return 0.5 if hit is not None and hit.level == "exact" else 0.0
    if profile.worded < 0.5 or profile.dated >= 0.5 or profile.personal:
        return 0.0
    grouped = (
        profile.count >= 50 and len(profile.distinct) <= MOST_VALUES and profile.free_text < 0.5
    )
    content = 2 * profile.free_text + min(profile.mean_words, 30) / 15 + profile.distinct_share
    if hit is not None and not (grouped and hit.level != "exact"):
        name = {"exact": 3.0, "within": 2.0, "part": 1.5}[hit.level]
        if profile.mean_words > 1.05 or hit.level == "exact":
            return (1.0 if grouped else name) + content
    alone = profile.free_text >= 0.5 and profile.mean_words >= 4 and profile.distinct_share >= _FREE
    return content if alone and not grouped else 0.0


def _is_free(profile: Profile) -> bool:
    return profile.free_text >= 0.5 and profile.distinct_share >= _FREE and profile.count > 1


def _take_text(board: Board, profile: Profile) -> None:
    hit = named("text", profile, questions=True)
    content = (
        f"{profile.free_text:.0%} of values are free text, {profile.mean_length:.0f} characters "
        "on average"
    ).replace("%", " %")
    if hit is not None:
        board.take_named(profile, "text", hit, content)
    else:
        board.take(profile, "text", content, 0.6)


def _mention_others(board: Board, others: list[Profile]) -> None:
    if not others:
        return
    names = ", ".join(f'"{p.name}"' for p in others)
    board.notes.append(
        f"{board.source}: free text also stands in {names}; it is not read. "
        f'To read it instead: --map text="{others[0].name}".'
    )


def _why_not(board: Board, profile: Profile) -> str:
    count = len(profile.distinct)
    if not count:
        return "empty in the sample"
    if count == 1:
        return f'one value only: "{profile.values[0][:40]}"'
    if profile.dated >= 0.5:
        return "another date"
    if profile.numeric >= 0.9:
        return _why_no_rating(board, profile)
    if _is_free(profile):
        return "other free text"
    return f"{count} different values in {profile.count}: too many for a group"


def _why_no_rating(board: Board, profile: Profile) -> str:
    if counts_rows(profile):
        return "counts the rows"
    field = another(board, profile)
    if field is not None:
        first = next(one.column for one in board.choices.values() if one.field == field)
        said = f'--map {field}="{profile.name}"'
        return f'a second column of {field}: "{first}" was taken; to take this one: {said}'
    if all(top is not None for _, top in profile.numbers):
        return f'a rating, but of what? Name it by hand: --map stars="{profile.name}"'
    return "a number that is no rating; name it by hand if it is one"


def _not_a(board: Board, profile: Profile, field: str, what: str) -> UsageError:
    return UsageError(
        f'{board.source}, column "{profile.name}": got "{profile.values[0][:40]}", '
        f"expected {what} for --map {field}.",
        hint="Name the column that holds it: miner inspect shows them all.",
        slug="ingest.wrong-column",
        field=field,
        column=profile.name,
    )


def _twice(board: Board, index: int, field: str) -> UsageError:
    other = board.choices[index]
    return UsageError(
        f'{board.source}: column "{other.column}" is mapped to both {other.field} and {field}.',
        hint=f"Leave one of the two --map {other.field}=… and --map {field}=… out.",
        slug="ingest.mapped-twice",
        column=other.column,
    )
