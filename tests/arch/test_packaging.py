"""The wheel carries models, corpora and data files, and finds them where it is installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

WANTED = (
    "miner/py.typed",
    "miner/_bundled/models/en/weights.npz",
    "miner/_bundled/models/en/manifest.json",
    "miner/_bundled/corpora/taxonomy.toml",
    "miner/_bundled/corpora/demo/brindle.csv",
    "miner/_bundled/corpora/recipes/own.toml",
    "miner/schemas/scored-1.json",
    "miner/text/data/en.toml",
    "miner/ingest/data/fields.toml",
    "miner/report/templates/report.html.j2",
)


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, as pip would lay it out."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=root, check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize("name", WANTED)
def test_the_wheel_carries(name: str, installed: Path) -> None:
    assert (installed / name).is_file()


def test_an_installed_package_finds_its_own_model(installed: Path, tmp_path: Path) -> None:
    code = "import miner; print(miner.__file__); print(miner.load().bundle.name)"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(installed)!r}); {code}"],
        cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    where, name = done.stdout.split()
    assert where.startswith(str(installed))
    assert name == "en"


def test_nothing_bundled_is_larger_than_a_model_may_be(installed: Path) -> None:
    for path in (installed / "miner" / "_bundled" / "models").rglob("*"):
        assert path.stat().st_size <= 26_000_000, path.name
