"""What the README tells people to type is what works, and what CI does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from miner.cli import cli

BLOCK = re.compile(r"```bash\n(.*?)```", re.S)


@pytest.fixture(scope="module")
def blocks(root: Path) -> list[str]:
    return BLOCK.findall((root / "README.md").read_text(encoding="utf-8"))


def test_ci_runs_the_readme_test_command(root: Path, blocks: list[str]) -> None:
    command = next(one.strip() for one in blocks if "pytest" in one)
    assert command in (root / ".ci" / "run").read_text(encoding="utf-8")
    assert command in (root / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_first_command_runs_the_demo(root: Path, blocks: list[str]) -> None:
    first = blocks[0].strip()
    assert "\n" not in first
    export = re.search(r"miner run (\S+) -o out/", first)
    assert export
    assert (root / export.group(1)).is_file()


def test_every_miner_command_in_the_readme_parses(blocks: list[str]) -> None:
    """Parsed, not run: options that have gone or never were are refused by click."""
    found = 0
    for block in blocks:
        for line in block.splitlines():
            typed = line.split(" #")[0].split(" && ")[-1]
            match = re.search(r"(?:^|[ /])miner ((?:[a-z]+)\b.*)$", typed)
            if match is None or "install" in match.group(1):
                continue
            words = shlex.split(match.group(1))
            command: click.Command | None = cli
            context = cli.make_context("miner", [], resilient_parsing=True)
            while isinstance(command, click.Group):
                command = command.get_command(context, words.pop(0))
            assert command is not None, line
            command.make_context("miner", words, parent=context)
            found += 1
    assert found >= 6


def test_links_lead_somewhere(root: Path) -> None:
    for name in ("README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "corpora/README.md"):
        path = root / name
        for target in re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8")):
            assert target.startswith("http") or (path.parent / target).exists(), (name, target)


def test_every_command_stands_in_the_readme(root: Path) -> None:
    text = (root / "README.md").read_text(encoding="utf-8")
    for name in cli.list_commands(click.Context(cli)):
        assert f"`miner {name}" in text, name
