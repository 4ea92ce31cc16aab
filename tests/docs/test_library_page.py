"""docs/library.md runs from top to bottom, and prints what it says."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

BLOCK = re.compile(r"```(python|text)\n(.*?)```", re.S)
TOPICS = (
    "miner.load()", ".score(", ".score_many(", ".mentions(", "miner.read(", "miner.mine(",
    "ThreadPoolExecutor(8)", "asyncio.to_thread(", "ThemeFeatures(", 'add_pipe("feedback_miner"',
    "scored_schema()", "from_tagger(",
)  # fmt: skip


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def test_every_example_prints_what_stands_under_it(
    root: Path,
    demo_csv: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copy(demo_csv, tmp_path / "reviews.csv")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "library_page"}
    found = blocks(root / "docs" / "library.md")
    assert [kind for kind, _ in found] == ["python", "text"] * (len(found) // 2)
    for (_, code), (_, expected) in zip(found[::2], found[1::2], strict=True):
        exec(compile(code, "docs/library.md", "exec"), names)
        assert capsys.readouterr().out == expected, code


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_an_example(topic: str, root: Path) -> None:
    code = "".join(text for kind, text in blocks(root / "docs" / "library.md") if kind == "python")
    assert topic in code
