"""axe-core's rules over the page in a real Chromium: nothing serious, nothing critical."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from report.report_samples import NOW, empty, nasty, stories

from miner.report import write_report

pytestmark = pytest.mark.browser
GRAVE = ("serious", "critical")
RULES = """() => axe.run(document, {resultTypes: ["violations"]}).then((found) =>
  found.violations.map((rule) => [rule.id, rule.impact, rule.nodes.map((node) => node.html)]))"""


@pytest.fixture(scope="module")
def rules() -> str:
    """The script of axe-core, as it comes with axe-playwright-python (npm's file, MPL-2.0)."""
    spec = find_spec("axe_playwright_python")
    if spec is None or spec.origin is None:
        if os.environ.get("CI"):
            pytest.fail("pip install axe-playwright-python")
        pytest.skip("pip install axe-playwright-python")
    return (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None and not os.environ.get("CI"):
        pytest.skip("no chromium on this machine: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with api.sync_playwright() as player:
        opened = player.chromium.launch(
            executable_path=path, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("axe")
    for name, make in (("stories", stories), ("nasty", nasty), ("empty", empty)):
        write_report(make(), folder / name, formats=["html"], generated=NOW)
    return folder


def findings(browser: Any, path: Path, rules: str, **options: Any) -> list[tuple[str, str, Any]]:
    # The page's policy forbids scripts that aren't its own, also those of a test.
    context = browser.new_context(bypass_csp=True, **options)
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.add_script_tag(content=rules)
    found: list[tuple[str, str, Any]] = [tuple(rule) for rule in page.evaluate(RULES)]
    context.close()
    return found


@pytest.mark.parametrize(
    ("of", "options"),
    [
        pytest.param(
            "stories", {"viewport": {"width": 1280, "height": 800}}, marks=pytest.mark.slow
        ),
        pytest.param(
            "stories",
            {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "stories", {"viewport": {"width": 390, "height": 844}}, marks=pytest.mark.slow
        ),
        ("nasty", {"viewport": {"width": 1280, "height": 800}}),
        ("empty", {"viewport": {"width": 1280, "height": 800}}),
    ],
    ids=["wide", "dark", "phone", "nasty", "empty"],
)
def test_no_rule_of_axe_finds_anything_grave(
    browser: Any, pages: Path, rules: str, of: str, options: dict[str, Any]
) -> None:
    found = findings(browser, pages / of / "report.html", rules, **options)
    assert [rule for rule in found if rule[1] in GRAVE] == []


def test_the_rules_do_find_what_is_wrong(browser: Any, tmp_path: Path, rules: str) -> None:
    page = tmp_path / "bad.html"
    page.write_text('<html><title>x</title><input><img src="data:,">', encoding="utf-8")
    grave = {rule[0] for rule in findings(browser, page, rules) if rule[1] in GRAVE}
    assert {"label", "image-alt", "html-has-lang"} <= grave
