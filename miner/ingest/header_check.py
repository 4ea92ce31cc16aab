"""Whether the first row names the columns or is the first feedback, which would be lost."""

from __future__ import annotations

from typing import Final

from miner.errors import DataError
from miner.ingest import dates, ratings
from miner.ingest.board import Board, named
from miner.ingest.options import FIELDS
from miner.ingest.profiles import Profile, is_unspaced_text
from miner.ingest.words import NameMatch, plain, table

HEADED: Final = ("csv", "tsv", "xlsx", "xls", "xlsb", "ods")
"""Formats whose header is a row like any other."""

_LONGEST_NAME = 3  # words: from four on a header is a question, or it is an answer
_ASKS: Final = ("?", "\uff1f", ":", "\uff1a")
_STATES: Final = (".", "!", "\u3002", "\uff01")
_FIELDS: Final = tuple(one for one in FIELDS if one not in ("cohort", "ignore"))
"""Every field but those that any column may be."""


def check_header(board: Board, kind: str) -> None:
    """Raise DataError where the first row is data: no known name, and a date or number in it.

    Of a file with one column also where it reads like an answer; where that can't be told, a note
    says that it was taken for the name.

    Parameters
    ----------
    kind : format of the file; where the format itself names the columns there is nothing to tell.

    Raises
    ------
    DataError
        The first row is data.
    """
    only = board.profiles[0] if len(board.profiles) == 1 and kind in HEADED else None
    if only is None and any(named(f, p, questions=True) for p in board.profiles for f in _FIELDS):
        return
    alike = [p.name for p in board.profiles if _is_like_data(p)]
    if alike:
        raise _no_header(
            board, alike[0], "Put a row of column names above it; if it is one, say: --map text=#2."
        )
    if only is not None:
        _check_only(board, only)


def _check_only(board: Board, profile: Profile) -> None:
    """Tell a name or question from an answer, in the only column of a file."""
    hits = [hit for field in _FIELDS if (hit := named(field, profile, questions=True))]
    if any(hit.level == "exact" for hit in hits):
        return
    about = named("text", profile, questions=True)
    if _is_answer(profile, about):
        raise _no_header(
            board, profile.name,
            'Put a name such as "comment" in a row above it, or read lines without columns: '
            "miner score --lines. If it is the name of the column, say: --map text=#1.",
        )  # fmt: skip
    if about is None or (_is_long(profile.name) and not _asks(profile.name)):
        board.notes.append(
            f'{board.source}: the first row ("{_cut(profile.name)}") was taken for the name of the '
            'column. If it is feedback, put a name such as "comment" in a row above it.'
        )


def _is_answer(profile: Profile, about: NameMatch | None) -> bool:
    """Whether a header reads like what customers say, not like what they are asked."""
    name = profile.name
    if _asks(name) or plain(name).split(" ")[0] in _asking_words():
        return False
    if about is None and (name in profile.distinct or _is_long(name)):
        return True
    return " " in name and name.endswith(_STATES)


def _is_long(name: str) -> bool:
    return len(plain(name).split()) > _LONGEST_NAME or is_unspaced_text(name)


def _asks(name: str) -> bool:
    return name.rstrip(" )\"'*").endswith(_ASKS)


def _asking_words() -> frozenset[str]:
    lists = table("fields")["asking"]["first"].values()
    return frozenset(word for words in lists for word in words)


def _is_like_data(profile: Profile) -> bool:
    if dates.shape(profile.name) in ("iso", "xyz"):
        return profile.dated >= 0.7
    return ratings.number(profile.name) is not None and profile.numeric >= 0.9


def _no_header(board: Board, cell: str, hint: str) -> DataError:
    return DataError(
        f'{board.source}: the first row looks like data ("{_cut(cell)}"), not like column names.',
        hint=hint,
        slug="ingest.no-header",
        path=board.source,
    )


def _cut(cell: str) -> str:
    return cell if len(cell) <= 60 else cell[:59] + "…"
