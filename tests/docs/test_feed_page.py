"""docs/feed.md: its SQL runs on a real store, its settings load, its commands parse."""

from __future__ import annotations

import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from miner.cli import cli
from miner.cli.feed import feed
from miner.feed.merge import WORDS
from miner.feed.settings import TEMPLATE, load_feed
from miner.feed.store.schema import STEPS


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "feed.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def store(demo_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A store after one night of the demo."""
    from miner.workflow.feed.running import run_feed

    folder = tmp_path_factory.mktemp("feed_page")
    (folder / "inbox").mkdir()
    with demo_csv.open(encoding="utf-8") as file:
        (folder / "inbox" / "demo.csv").write_text("".join(islice(file, 300)), encoding="utf-8")
    config = folder / "feed.toml"
    config.write_text('[[source]]\nname = "demo"\nfiles = "inbox/*.csv"\n', encoding="utf-8")
    run_feed(load_feed(config))
    with closing(sqlite3.connect(folder / "feed.db")) as connection:
        yield connection


def blocks(page: str, kind: str) -> list[str]:
    """Return the blocks of one kind."""
    return re.findall(rf"```{kind}\n(.*?)```", page, re.S)


def section(page: str, heading: str) -> str:
    """Return a section of the page, without its code."""
    text = page.split(f"### {heading}\n", 1)[1].split("\n#", 1)[0]
    return re.sub(r"```.*?```", "", text, flags=re.S)


def views() -> list[str]:
    """Return the names of the views of the newest schema."""
    statements = [one for step in STEPS for one in step]
    return re.findall(r"CREATE VIEW (\w+)", "\n".join(statements))


def test_every_view_has_a_section_and_a_query(page: str) -> None:
    queries = "".join(blocks(page, "sql"))
    assert set(views()) == set(re.findall(r"^### (\w+_now)$", page, re.M))
    assert all(view in queries for view in views())


def test_every_query_gives_rows(page: str, store: sqlite3.Connection) -> None:
    for query in blocks(page, "sql"):
        assert store.execute(query).fetchall(), query


@pytest.mark.parametrize("view", views())
def test_every_column_of_a_view_is_named(view: str, page: str, store: sqlite3.Connection) -> None:
    columns = {row[1] for row in store.execute(f"PRAGMA table_info({view})")}
    assert columns
    named = set(re.findall(r"`(\w+)`", section(page, view)))
    assert columns <= named
    assert named <= columns | {"taggers", "und"}


def test_the_settings_shown_load(page: str, root: Path, tmp_path: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    found = [*blocks(page, "toml"), *blocks(readme, "toml")]
    assert len(found) == 2
    for text in found:
        path = tmp_path / "feed.toml"
        path.write_text(text, encoding="utf-8")
        assert load_feed(path).sources


def test_every_setting_of_the_template_is_a_setting(tmp_path: Path) -> None:
    """With the comments taken off, each line alone is accepted or a table of another kind."""
    text = TEMPLATE.read_text(encoding="utf-8")
    live = re.sub(r"^# (?=\[\[?|[a-z_A-Z]+ = )", "", text, flags=re.M)
    head, *sources = re.split(r"^(?=\[\[source\]\])", live, flags=re.M)
    assert len(sources) == 3
    last, rest = sources[2].split("[run]", 1)
    whole = head + sources[0] + sources[1] + last + "[run]" + rest
    path = tmp_path / "feed.toml"
    path.write_text(whole, encoding="utf-8")
    settings = load_feed(path)
    assert [one.kind for one in settings.sources] == ["files", "table", "stdin"]
    assert (settings.batch_rows, settings.texts_days, settings.days) == (5000, 730, 90)


def test_every_command_parses_and_none_is_left_out(page: str) -> None:
    used, context = set(), cli.make_context("miner", [], resilient_parsing=True)
    for line in "".join(blocks(page, "bash")).splitlines():
        words = shlex.split(line, comments=True)
        assert words[:2] == ["miner", "feed"], line
        command = feed.get_command(context, words[2])
        assert command is not None, line
        command.make_context("miner", words[3:], parent=context)
        used.add(words[2])
    assert used == set(feed.commands)


def test_the_five_words_are_explained(page: str) -> None:
    assert [one for one in re.findall(r"^\| (\w+) \|", page, re.M) if one in WORDS] == list(WORDS)


def test_links_lead_somewhere(page: str, root: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page):
        assert (root / "docs" / target).is_file(), target
