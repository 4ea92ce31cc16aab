"""`miner customer`: everything one customer said, from the folder of a run; no model needed."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from miner.errors import DataError, UsageError, unwritable
from miner.insight import MinedTables
from miner.insight.customers.customer_base import CustomerBase
from miner.insight.customers.customer_view import view_of
from miner.insight.facts.customer_view import CustomerView
from miner.report import customer_page
from miner.report.write import write_whole
from miner.taxonomy import Taxonomy
from miner.workflow.customer_tables import stored_customer_base
from miner.workflow.manifest import read_manifest

FORMS = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".json": "json"}


@dataclass(frozen=True)
class OneCustomer:
    """One customer's view with the themes it is written in."""

    view: CustomerView
    tree: Taxonomy

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON-ready data."""
        return self.view.to_dict()

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return header and rows for a terminal."""
        return customer_page.HEADER, customer_page.rows(self.view, self.tree)

    def facts(self) -> list[tuple[str, str]]:
        """Return what the customer table holds, in words."""
        return customer_page.facts(self.view)

    def write(self, path: Path) -> Path:
        """Write the view as Markdown, HTML or JSON, by the path's ending.

        Raises
        ------
        UsageError
            The ending is none of these, or the file can't be written.
        """
        form = FORMS.get(path.suffix.lower())
        if form is None:
            raise UsageError(
                f"{path}: no form for a customer's view goes by this ending.",
                hint="End it in .md, .html or .json.",
                slug="customer.unknown-form",
                path=str(path),
            )
        text = {
            "md": lambda: customer_page.markdown(self.view, self.tree),
            "html": lambda: customer_page.html(self.view, self.tree),
            "json": lambda: json.dumps(self.to_dict(), ensure_ascii=False, indent=2) + "\n",
        }[form]()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            return write_whole(path, text.encode("utf-8"))
        except OSError as error:
            raise unwritable(path, error, hint="Give another place with -o.") from error


def customer(name: str, folder: Path) -> OneCustomer:
    """Return all feedback of one customer in time order.

    Parameters
    ----------
    name : the customer's id, exactly as the export gave it.
    folder : what `miner run` wrote.

    Raises
    ------
    DataError
        `folder` is not one that `miner run` wrote, or a file in it is damaged.
    UsageError
        Nothing names the customer; the message has the nearest ids.
    """
    manifest, tree, _ = read_manifest(folder)
    tables = MinedTables.from_parquet(folder)
    base = stored_customer_base(folder, manifest)
    view = view_of(tables, name, base)
    if view is None:
        raise _nobody(name, tables, base)
    return OneCustomer(view, tree)


def _nobody(name: str, tables: MinedTables, base: CustomerBase | None) -> UsageError | DataError:
    known = {str(one) for frame in (tables.feedback, tables.ratings)
             for one in frame["customer"].dropna().unique()}  # fmt: skip
    known |= set() if base is None else set(base.frame["id"])
    if not known:
        return DataError(
            "The export named no customers, so nobody's feedback can be told apart.",
            hint='Run again and say which column it is: --map customer="Customer number".',
            slug="customer.none-named",
        )
    near = difflib.get_close_matches(name, sorted(known), n=3, cutoff=0.5) or sorted(known)[:3]
    return UsageError(
        f'No customer "{name}" in the feedback or the customer table ({len(known):,} are known).',
        hint=f"Nearest: {', '.join(near)}. The report's table of customers lists more.",
        slug="customer.unknown",
        customer=name,
    )
