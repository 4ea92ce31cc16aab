"""What shows a signal in a language: frozen lists and patterns read from data files.

`data/signals/<language>.toml` has a table a kind, ``[lists]`` of words that patterns name, and
``[alike]``, words that count as others. Patterns are those of `miner.text.signal_patterns`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any, Final

from miner.errors import InternalError
from miner.types import SIGNALS

_FOLDER: Final = files("miner.text") / "data" / "signals"
_PARTS: Final = ("show", "unless", "more")


@dataclass(frozen=True)
class SignalRules:
    """The rules of one language; a language without a file has none.

    By kind, `show`: patterns that show it; `unless`: what overlaps one of these does not; `more`:
    how many words that follow in the same phrase are shown too, at most. `lists`: words and
    phrases by name. `alike`: words that count as another (``pls`` as ``please``).
    """

    show: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unless: Mapping[str, Sequence[str]] = field(default_factory=dict)
    more: Mapping[str, int] = field(default_factory=dict)
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)
    alike: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=32)
def load_rules(language: str) -> SignalRules:
    """Return the rules of a language; one without a file has none.

    Raises
    ------
    InternalError
        A shipped file is broken.

    Examples
    --------
    >>> "churn_risk" in load_rules("en-GB").show
    True
    >>> load_rules("tlh").show
    {}
    """
    base = language.strip().lower().replace("_", "-").split("-")[0]
    if base not in shipped_rules():
        return SignalRules()
    return parse_rules(tomllib.loads((_FOLDER / f"{base}.toml").read_text("utf-8")), base)


def shipped_rules() -> tuple[str, ...]:
    """Return the codes of the languages that have rules, sorted.

    Examples
    --------
    >>> "en" in shipped_rules()
    True
    """
    names = (one.name for one in _FOLDER.iterdir())
    return tuple(sorted(n.removesuffix(".toml") for n in names if n.endswith(".toml")))


def parse_rules(data: Mapping[str, Any], where: str) -> SignalRules:
    """Build rules from parsed TOML.

    Raises
    ------
    InternalError
        An unknown kind, or an unknown entry of a kind.
    """
    kinds = {name: part for name, part in data.items() if name not in ("lists", "alike")}
    for name, part in kinds.items():
        if name not in SIGNALS:
            raise broken(where, f'unknown kind "{name}"')
        for entry in part:
            if entry not in _PARTS:
                raise broken(where, f'unknown entry "{entry}" in [{name}]')
    return SignalRules(
        show={name: tuple(part.get("show", ())) for name, part in kinds.items()},
        unless={name: tuple(part.get("unless", ())) for name, part in kinds.items()},
        more={name: part["more"] for name, part in kinds.items() if "more" in part},
        lists=data.get("lists", {}),
        alike=data.get("alike", {}),
    )


def broken(where: str, what: str) -> InternalError:
    """Return the error that a broken data file raises."""
    return InternalError(
        f"Signal rules {where}: {what}.",
        hint="Mend miner/text/data/signals/<language>.toml or reinstall the package.",
        slug="text.signal-rules",
    )
