"""The page in a real Chromium: silent, offline, filterable, readable on a phone and in the dark."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report.report_samples import NASTY, NOW, empty, nasty, small, stories

from miner.report import write_report

pytestmark = pytest.mark.browser
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
FILTER = "#theme=service.delivery&polarity=negative"

CONTRAST = """(selector) => {
  const known = new Map();
  const box = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (text) => {
    if (!known.has(text)) {
      box.clearRect(0, 0, 1, 1); box.fillStyle = text; box.fillRect(0, 0, 1, 1);
      known.set(text, [...box.getImageData(0, 0, 1, 1).data]);
    }
    return known.get(text);
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const clear = (node) => node && rgb(getComputedStyle(node).backgroundColor)[3] < 255;
  return [...document.querySelectorAll(selector)].slice(0, 200).map((node) => {
    let behind = node;
    while (clear(behind)) behind = behind.parentElement;
    const back = light(rgb(getComputedStyle(behind || document.body).backgroundColor));
    const style = getComputedStyle(node);
    const front = light(rgb(node.namespaceURI.includes("svg") ? style.fill : style.color));
    return (Math.max(back, front) + 0.05) / (Math.min(back, front) + 0.05);
  });
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None and not os.environ.get("CI"):
        pytest.skip("no chromium on this machine: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("report")
    for name, make in (("stories", stories), ("nasty", nasty), ("empty", empty), ("small", small)):
        write_report(make(), folder / name, formats=["html"], generated=NOW)
    return folder


class Visit:
    """One page with everything it said, asked for or failed at."""

    def __init__(self, browser: Any, path: Path, fragment: str = "", **options: Any) -> None:
        options = {"viewport": {"width": 1280, "height": 800}} | options
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.trouble: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri() + fragment)

    def shown(self) -> int:
        """The number of feedback the page says it shows."""
        return int(self.page.inner_text("#count").split(" of ")[0].replace(",", ""))

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *why: object) -> None:
        self.context.close()


@pytest.fixture
def visit(chromium: Any, folder: Path) -> Any:
    def go(fragment: str = "", *, of: str = "stories", **options: Any) -> Visit:
        return Visit(chromium, folder / of / "report.html", fragment, **options)

    return go


@pytest.mark.parametrize("of", ["stories", "nasty", "empty"])
def test_the_page_is_silent_and_asks_for_nothing(visit: Any, of: str) -> None:
    with visit(of=of) as seen:
        assert seen.trouble == []
        assert [url for url in seen.asked if not url.endswith("report.html")] == []
        assert seen.page.inner_text("h1")


def test_the_answer_is_on_the_first_screen(visit: Any) -> None:
    with visit() as seen:
        bottom = seen.page.evaluate(
            "Math.max(...[...document.querySelectorAll('.cards li, .score')]"
            ".map((node) => node.getBoundingClientRect().bottom))"
        )
        assert bottom <= 800
        assert seen.page.locator(".cards li").count() == 3


def test_a_fragment_filters_and_the_form_shows_it(visit: Any) -> None:
    data = stories()
    wanted = {
        one.feedback
        for one in data.verbatims
        if (one.theme, one.polarity) == ("service.delivery", "negative")
    }
    with visit(FILTER) as seen:
        assert seen.shown() == len(wanted)
        assert seen.page.input_value("[name=theme]") == "service.delivery"
        assert seen.page.input_value("[name=polarity]") == "negative"
        assert seen.page.locator("#list mark.negative.focus").count() >= 1
        top = seen.page.locator("#verbatims").bounding_box()["y"]
        assert abs(top) < 60, "the list is scrolled to"
        style = seen.page.evaluate(
            "getComputedStyle(document.querySelector('#list mark.negative')).textDecorationStyle"
        )
        assert style == "wavy", "polarity is not told by colour alone"


def test_cohort_period_and_words_filter_too(visit: Any) -> None:
    data = stories()
    groups: dict[int, Any] = {}
    for one in data.verbatims:
        groups[one.feedback] = one
    wanted = [
        one
        for one in groups.values()
        if one.cohorts.get("region") == "north"
        and one.period
        and "2026-02" <= one.period <= "2026-06"
        and "parcel" in one.text.lower()
    ]
    assert wanted
    with visit("#cohort=region:north&from=2026-02&to=2026-06&q=PARCEL") as seen:
        assert seen.shown() == len(wanted)
        seen.page.select_option("[name=cohort]", "")
        assert seen.shown() > len(wanted)
        assert "cohort" not in seen.page.evaluate("location.hash")
        seen.page.click("#clear")
        seen.page.wait_for_function("location.hash === '#verbatims'")
        assert seen.shown() == len(groups)


def test_typing_writes_the_fragment_and_a_bad_one_does_no_harm(visit: Any) -> None:
    with visit() as seen:
        seen.page.fill("[name=q]", "invoice & fee")
        assert seen.page.evaluate("location.hash") == "#q=invoice%20%26%20fee"
        assert seen.shown() == 0
        assert seen.page.is_disabled("#export")
    with visit("#theme=%E0%A4%A&cohort=x&from=zz") as seen:
        assert seen.trouble == []
        assert seen.shown() == 0


def test_links_lead_to_the_quotes_behind_a_figure(visit: Any) -> None:
    with visit() as seen:
        seen.page.click(".findings .evidence a >> nth=0")
        seen.page.wait_for_function("/^#v\\d+$/.test(location.hash)")
        assert seen.shown() == 1
        assert "example" in seen.page.inner_text("#list .role")
        seen.page.go_back()
        seen.page.click(".heat tbody td a >> nth=0")
        seen.page.wait_for_function("location.hash.includes('cohort=')")
        assert "cohort=" in seen.page.evaluate("location.hash")
        assert seen.trouble == []


def test_the_list_grows_on_demand_and_exports_what_is_filtered(visit: Any) -> None:
    with visit(FILTER) as seen:
        assert seen.page.locator("#list > li").count() == 25
        with seen.page.expect_download() as waiting:
            seen.page.click("#export")
        text = Path(waiting.value.path()).read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == seen.shown()
        assert all("service.delivery negative" in row["themes"] for row in rows)
        seen.page.click("#more")
        assert seen.page.locator("#list > li").count() == min(50, seen.shown())


def test_an_exported_cell_is_never_a_formula(visit: Any) -> None:
    with visit(of="nasty") as seen:
        with seen.page.expect_download() as waiting:
            seen.page.click("#export")
        text = Path(waiting.value.path()).read_bytes().decode("utf-8-sig")
        cells = [cell for row in list(csv.reader(io.StringIO(text)))[1:] for cell in row]
        assert cells
        assert not [cell for cell in cells if re.match(r"[=+@\t\r\n|%]|-\D", cell)]


def test_hostile_texts_are_shown_as_they_are(visit: Any) -> None:
    with visit(of="nasty") as seen:
        texts = seen.page.locator("#list blockquote").all_text_contents()
        assert set(texts) == set(NASTY)
        assert seen.page.locator("#list script, #list img").count() == 0
        assert seen.page.get_attribute("#list blockquote >> nth=0", "dir") == "auto"
        assert seen.trouble == []


def test_a_quote_is_copied_with_its_id(visit: Any) -> None:
    with visit("#q=parcel", permissions=["clipboard-read", "clipboard-write"]) as seen:
        seen.page.click("#list .meta button >> nth=0")
        seen.page.wait_for_function(
            "document.querySelector('#list .meta button').textContent === 'copied'"
        )
        copied = seen.page.evaluate("navigator.clipboard.readText()")
        assert re.fullmatch(r"“.*parcel.*” \[F\d{6} .*\]", copied)


def test_tables_sort_by_their_headers_from_the_keyboard(visit: Any) -> None:
    with visit() as seen:
        column = ".findings >> nth=0 >> tbody tr >> td:nth-of-type(2)"
        seen.page.focus(".findings thead th:nth-child(3) button >> nth=0")
        seen.page.keyboard.press("Enter")
        seen.page.keyboard.press("Enter")
        first = seen.page.locator(".findings >> nth=0").locator("tbody tr td:nth-child(3)")
        numbers = [int(text.replace(",", "")) for text in first.all_inner_texts()]
        assert numbers == sorted(numbers), column
        head = seen.page.locator(".findings thead th:nth-child(3) >> nth=0")
        assert head.get_attribute("aria-sort") == "ascending"


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
@pytest.mark.parametrize("of", ["stories", "nasty"])
def test_nothing_sticks_out_sideways(visit: Any, width: int, of: str) -> None:
    with visit(of=of, viewport={"width": width, "height": 800}) as seen:
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_key_text_has_contrast(visit: Any, scheme: str) -> None:
    with visit(color_scheme=scheme) as seen:
        for selector in (
            "h1", "h2", ".claim", ".assoc", ".facts", ".reading", ".computed", ".note", "th",
            "p a, th a, li a",
            "td", "small", ".span", ".kicker", "mark", ".heat td a", ".heat td small", "button",
            ".quote .meta", "figure svg text", ".role", "summary",
        ):  # fmt: skip
            ratios = seen.page.evaluate(CONTRAST, selector)
            assert min(ratios, default=21) >= 4.5, (scheme, selector, min(ratios))


def test_dark_differs_from_light(visit: Any) -> None:
    shades = []
    for scheme in ("light", "dark"):
        with visit(color_scheme=scheme) as seen:
            shades.append(seen.page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(set(shades)) == 2


def test_without_script_tables_and_top_quotes_can_be_read(visit: Any) -> None:
    with visit(FILTER, java_script_enabled=False) as seen:
        assert seen.page.locator(".findings tbody tr").count() >= 5
        assert seen.page.is_visible("#static summary >> nth=0")
        assert not seen.page.is_visible(".filters")
        assert seen.page.locator("details:target").count() == 1, "the fragment is an anchor too"


def test_printing_shows_the_quotes_and_hides_the_controls(visit: Any) -> None:
    with visit(of="small") as seen:
        seen.page.emulate_media(media="print")
        assert not seen.page.is_visible(".filters")
        assert seen.page.is_visible("#static blockquote >> nth=0")
        assert len(seen.page.pdf()) > 20_000


def test_the_page_has_an_outline_and_every_control_a_name(visit: Any) -> None:
    with visit() as seen:
        page = seen.page
        assert page.locator("h1").count() == 1
        assert page.locator("main, header, footer").count() == 3
        assert page.locator("nav[aria-label]").count() == 2
        unnamed = page.evaluate(
            "[...document.querySelectorAll('select, input')].filter((node) => !node.labels.length)"
            ".length"
        )
        assert unnamed == 0
        assert page.locator("svg[role]:not([aria-labelledby])").count() == 0
        assert page.locator("table:not(:has(caption))").count() == 0
        assert page.locator("html[lang]").count() == 1
