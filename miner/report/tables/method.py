"""The table of facts that stand in trees: settings, versions, a model's figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from miner.report.model import Column, Table
from miner.report.plain import storable


def flattened(facts: Mapping[str, Any], *, key: str, title: str) -> Table:
    """Return nested facts (a manifest, a model's metrics) as rows of section, name and value."""
    columns = (
        Column("section", "Section", "text"),
        Column("name", "Name", "text"),
        Column("value", "Value", "text"),
    )
    return Table(key, title, columns, tuple(_leaves(facts, ())))


def _leaves(value: Any, path: tuple[str, ...]) -> list[tuple[str, str, str]]:
    if isinstance(value, Mapping):
        return [leaf for name, item in value.items() for leaf in _leaves(item, (*path, str(name)))]
    if isinstance(value, (list, tuple)) and any(
        isinstance(item, (Mapping, list)) for item in value
    ):
        return [
            leaf for at, item in enumerate(value, 1) for leaf in _leaves(item, (*path, str(at)))
        ]
    section, name = " / ".join(path[:-1]), path[-1] if path else ""
    return [] if section == "" and name in ("title", "notes") else [(section, name, _leaf(value))]


def _leaf(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: "–"}[value]
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, (list, tuple)):
        return ", ".join(_leaf(item) for item in value)
    return storable(str(value))
