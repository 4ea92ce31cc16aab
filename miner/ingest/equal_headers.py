"""Two columns of one name: harmless where at most one is used, an error where they compete."""

from __future__ import annotations

from collections.abc import Mapping

from miner.errors import DataError
from miner.ingest.board import Board

_HARMLESS = ("cohort", "ignore", "personal")


def drop_idle_twins(board: Board, twins: Mapping[int, int]) -> None:
    """Set a twin aside that is empty or repeats its sibling cell by cell.

    Where the first of the two is the empty one, the second stands in for it.
    """
    for second, first in twins.items():
        one, two = board.profiles[first], board.profiles[second]
        if two.position not in board.choices and (not two.values or two.values == one.values):
            board.take(two, "ignore", f"same header and content as column {first + 1}", 0.9)
        elif one.position not in board.choices and not one.values:
            board.take(one, "ignore", f"empty; column {second + 1} has the same header", 0.9)


def check_twins(board: Board, twins: Mapping[int, int]) -> list[str]:
    """Return notes on renamed columns; DataError where equal headers compete for a field."""
    notes = []
    for second, first in twins.items():
        one, two = board.choices[first], board.choices[second]
        if "same header" in one.reason or "same header" in two.reason:
            continue
        said = first in board.by_hand or second in board.by_hand
        if said or (one.field in _HARMLESS and two.field in _HARMLESS):
            notes.append(
                f"{board.source}: columns {first + 1} and {second + 1} are both called "
                f'"{one.column}"; the second is called "{two.column}" here.'
            )
            continue
        wanted = one.field if one.field not in _HARMLESS else two.field
        raise DataError(
            f'{board.source}: columns {first + 1} and {second + 1} are both called "{one.column}" '
            f"and hold different values.",
            hint=f"Rename one of them, or pick by position: --map {wanted}=#{first + 1}.",
            slug="ingest.equal-headers",
            path=board.source,
            columns=[first + 1, second + 1],
        )
    return notes
