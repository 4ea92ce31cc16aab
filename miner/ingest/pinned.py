"""Mappings that are decided once and kept: what a feed read a layout as the first time, for good.

Which column is what is found out from a sample; tomorrow's file is another sample. A feed decides
at the first sight of a header and holds on to it, so that no column changes its meaning overnight.
"""

from __future__ import annotations

from collections import abc
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from miner.ingest.board import ColumnChoice
from miner.ingest.dates import Order
from miner.ingest.export import Export, areas_of, cohorts_of, decide_alike
from miner.ingest.mapping import Mapping
from miner.ingest.options import Area, ReadOptions
from miner.ingest.overrides import check_columns
from miner.ingest.ratings import LabelSet
from miner.ingest.tables import Table


def mapping_data(mapping: Mapping) -> dict[str, Any]:
    """Return a mapping as plain data, from which `mapping_from` makes it again.

    Examples
    --------
    >>> mapping = Mapping((ColumnChoice("Comment", 2, "text", "name matches 'comment'", 0.9),))
    >>> mapping_from(mapping_data(mapping)) == mapping
    True
    """
    return {
        "columns": [choice.to_dict() for choice in mapping.columns],
        "layout": mapping.layout,
        "date_order": mapping.date_order,
        "scales": {name: list(scale) for name, scale in mapping.scales.items()},
        "labels": {
            name: {
                "field": one.field,
                "scale": list(one.scale),
                "values": dict(one.values),
                "blank": sorted(one.blank),
            }
            for name, one in mapping.labels.items()
        },
        "areas": [area.to_dict() for area in mapping.areas],
        "notes": list(mapping.notes),
        "counters": list(mapping.counters),
    }


def mapping_from(data: abc.Mapping[str, Any], source: str = "") -> Mapping:
    """Return the mapping that `mapping_data` wrote, for a file named `source`."""
    return Mapping(
        columns=tuple(ColumnChoice(**one) for one in data["columns"]),
        source=source,
        layout=data["layout"],
        date_order=cast(Order, data["date_order"]),
        scales={name: (low, high) for name, (low, high) in data["scales"].items()},
        labels={
            name: LabelSet(
                field=one["field"],
                scale=(one["scale"][0], one["scale"][1]),
                values=dict(one["values"]),
                blank=frozenset(one["blank"]),
            )
            for name, one in data["labels"].items()
        },
        areas=tuple(Area(**one) for one in data["areas"]),
        notes=tuple(data["notes"]),
        counters=tuple(data.get("counters", ())),  # stores of before have none
    )


def decide_mapping(tables: Sequence[Table], options: ReadOptions) -> Mapping:
    """Return what the columns of tables with one header are, from a sample of all of them.

    Raises
    ------
    UsageError, DataError
        See `miner.ingest.open_export`.
    """
    check_columns(options, [(table.header, table.labels) for table in tables])
    return decide_alike(tables, options)


def pinned_export(table: Table, mapping: Mapping, options: ReadOptions) -> Export:
    """Return one table, to be read as its mapping says."""
    own = replace(mapping, source=table.source.name)
    return Export(
        tables=(table,),
        mappings=(own,),
        scales=dict(mapping.scales),
        cohorts=cohorts_of([own]),
        notes=(*table.notes, *mapping.notes),
        options=options,
        areas=areas_of([own]),
    )
