"""What ships with the program: models and the demo export."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from miner.errors import UsageError, unwritable
from miner.learn.bundle import load_bundle
from miner.resources import folder

DEMO = "brindle.csv"
DEMO_CUSTOMERS = "brindle_customers.csv"


def list_models() -> list[dict[str, Any]]:
    """Return name, language, size, path and headline figures of each shipped model."""
    found = []
    for path in sorted(folder("models").glob("*/manifest.json")):
        bundle = load_bundle(path.parent)
        size = sum(one.stat().st_size for one in path.parent.iterdir()) / 1e6
        found.append(
            {
                "name": bundle.name,
                "language": bundle.language,
                "megabytes": round(size, 1),
                "quality": bundle.headline(),
                "path": str(path.parent),
            }
        )
    return found


def write_demo(output: Path, *, force: bool = False) -> tuple[Path, Path]:
    """Copy the demo export to `output` and its customer table beside it, and return both paths.

    A folder gets the files under their own names; ``demo.csv`` gets ``demo_customers.csv``.

    Raises
    ------
    UsageError
        A file exists and `force` is False, or it can't be written.
    """
    target = output / DEMO if output.is_dir() else output
    customers = target.with_name(f"{target.stem}_customers.csv")
    for path in (target, customers):
        if path.exists() and not force:
            raise UsageError(
                f"{path} exists.", hint="Add --force to overwrite it.", slug="demo.exists"
            )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder("corpora") / "demo" / DEMO, target)
        shutil.copyfile(folder("corpora") / "demo" / DEMO_CUSTOMERS, customers)
    except OSError as error:
        raise unwritable(target, error, hint="Give another place with -o.") from error
    return target, customers
