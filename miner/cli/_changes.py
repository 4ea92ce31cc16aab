"""How `miner themes whatif` says what would flip."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from miner.cli._voice import say_table

if TYPE_CHECKING:
    from miner.insight.flips import ThemeChange
    from miner.workflow.comparing import WhatIf

_WIDEST: Final = 160
"""Characters of a quote that are shown."""

_HEADS: Final = (
    "theme", "before", "after", "gained", "lost", "in", "out", "turned", "share of feedback",
)  # fmt: skip
_MOVES: Final = 12
"""Ways from one theme to another that are listed."""


def say_changes(found: WhatIf, examples: int) -> None:
    """Print what flips: counts per theme, where mentions move to, and some of the flips."""
    compared = found.comparison
    click.echo(
        f"{compared.feedback:,} feedback. Before: {found.before}, {compared.before:,} mentions. "
        f"After: {found.after}, {compared.after:,} mentions."
    )
    if found.unknown:
        click.echo(f"No model knows these themes yet: {', '.join(found.unknown)}.")
    for note in found.notes:
        click.echo(note)
    changed = [one for one in compared.themes if one.flips]
    if not changed:
        click.echo("Nothing flips.")
        return
    say_table([_change_row(one) for one in changed], header=_HEADS)
    _say_moves(changed)
    _say_examples(found, examples)


def _say_moves(changed: Sequence[ThemeChange]) -> None:
    moves = [(n, one.theme, theme) for one in changed for theme, n in one.moved_to.items()]
    moves.sort(key=lambda move: (-move[0], *move[1:]))
    if moves:
        rows = [(start, goal, f"{n:,}") for n, start, goal in moves[:_MOVES]]
        say_table(rows, header=("moved from", "to", "mentions"))
    if len(moves) > _MOVES:
        click.echo(f"… and {len(moves) - _MOVES} more ways: write all flips with -o.")


def _change_row(one: ThemeChange) -> tuple[str, ...]:
    counts = (one.before, one.after, one.gained, one.lost, one.moved_in, one.moved_out, one.turned)
    shares = [
        "too few" if share.value is None else f"{share.value:.1%}"
        for share in (one.share_before, one.share_after)
    ]
    return (one.theme, *(f"{count:,}" for count in counts), " -> ".join(shares))


def _say_examples(found: WhatIf, examples: int) -> None:
    rows = [
        (
            one.kind,
            _side(one.from_theme, one.from_polarity),
            _side(one.to_theme, one.to_polarity),
            one.quote if len(one.quote) <= _WIDEST else one.quote[: _WIDEST - 1] + "…",
        )
        for one in found.comparison.examples(examples)
    ]
    if rows:
        say_table(rows, header=("", "before", "after", "quote"), title="Examples")


def _side(theme: str, polarity: str) -> str:
    return f"{theme} {polarity}".strip() or "-"
