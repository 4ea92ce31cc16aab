"""The report in another language: nothing is left in English, and every figure stays the same."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from insight.synthetic import make_tables
from report.report_samples import NOW, nasty, report_of, small, stories
from report.report_texts import LETTERS, Reader, all_texts, bare_template_texts, readers

from miner.config import REPORT_LANGUAGES, load_settings
from miner.errors import UsageError
from miner.insight.types import Direction, Estimate
from miner.report import ReportData, terminal_rows
from miner.report import text as markdown
from miner.report.html import render
from miner.report.languages import Language, codes, language, speaking, spoken, t
from miner.report.model import Sentence
from miner.report.numbers import count, percent, show, write
from miner.report.outline import CHAPTERS
from miner.report.quality import FIGURES
from miner.report.sentences import say
from miner.report.sheet_drawings import _PARTS
from miner.report.verbatims import ROLES
from miner.report.workbook import render as workbook
from miner.taxonomy import load_taxonomy, parse_taxonomy
from miner.types import Ledger

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")
OTHERS = [code for code in codes() if code != "en"]
FIELD = re.compile(r"\{(\w+)(?::\w+)?\}")
"""A figure; the word that goes with a count (``{n:row|rows}``) is the language's own affair."""
ENGLISH = re.compile(r"\b(the|of|and|with|which|each|was|were|than|about|most|from)\b", re.I)
"""Words that stand in most English sentences and in no Swedish one."""
FROM_THE_PAGE = {"html.py": "template"}
"""The one template that is no literal: it comes from the page, which is read by itself."""
NB = "\u00a0"


@lru_cache(maxsize=2)
def stories_in(code: str) -> ReportData:
    """The report of the planted stories in one language."""
    if code == "en":
        return stories()
    feedback, mentions, scales = make_tables(seed=3, n=900)
    ledger = Ledger(received=961, accepted=900, empty=40, duplicate=14, junk=4, rejected=3)
    return report_of(feedback, mentions, scales=scales, ledger=ledger, language=code)


# --- the catalogues ---------------------------------------------------------------------------


def texts_of(found: Language) -> dict[str, str]:
    return dict(found.texts)


@pytest.mark.parametrize("code", OTHERS)
def test_every_text_of_the_report_is_translated(code: str) -> None:
    missing = sorted(all_texts() - set(texts_of(language(code))))
    assert not missing, f"{len(missing)} texts are missing from {code}.toml: {missing[:40]}"


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_left_over(code: str, root: Path) -> None:
    import tomllib

    path = root / "miner" / "report" / "languages" / f"{code}.toml"
    listed = tomllib.loads(path.read_text("utf-8"))["text"]
    assert sorted(set(listed) - all_texts()) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_is_filled_from_the_same_figures(code: str) -> None:
    for english, said in texts_of(language(code)).items():
        assert sorted(FIELD.findall(said)) == sorted(FIELD.findall(english)), english
        assert said.count("#") == english.count("#"), english
        assert said.strip() == said or said.startswith(","), english


def test_every_template_is_a_literal_that_can_be_looked_up() -> None:
    unread = [one for reader in readers() for one in reader.unread]
    allowed = [f"{name}:" for name in FROM_THE_PAGE]
    assert [one for one in unread if not one.startswith(tuple(allowed))] == []


def test_the_page_says_nothing_past_the_catalogue() -> None:
    assert bare_template_texts() == []


def test_the_search_for_texts_finds_a_text_and_a_computed_one() -> None:
    import ast

    source = """
LABELS = {"a": "First", "b": "Second"}
def make(word, x):
    template = "One {n}" if x else "Many {n}"
    return say(template, n=1), Column("k", LABELS[x]), say(f"{word} rose"), say(LABELS.get(x))
"""
    reader = Reader(ast.parse(source), "made.py")
    assert reader.texts == {"One {n}", "Many {n}", "First", "Second", "# rose"}
    assert len(reader.unread) == 1
    assert "rose" in reader.unread[0]


def test_the_setting_knows_the_catalogues() -> None:
    assert codes() == REPORT_LANGUAGES
    with pytest.raises(UsageError, match="got 'fi', expected one of en, sv"):
        load_settings(None, report_language="fi")


@pytest.mark.parametrize("code", OTHERS)
def test_words_that_come_as_values_are_translated(code: str) -> None:
    values = {*get_args(Direction), *ROLES, *FIGURES.values(), *_PARTS, *CHAPTERS}
    for data in (stories_in(code), small()):
        values |= set(word_cells(data))
        values |= {score.label for score in data.scores} if data.language == "en" else set()
    catalogue = language(code)
    silent = {one for one in values if LETTERS.search(one) and not known(catalogue, one)}
    assert silent == set()


def word_cells(data: ReportData) -> Iterator[str]:
    for band in data.bands:
        for table in band.tables:
            yield table.key.replace("_", " ").capitalize()
            at = [i for i, column in enumerate(table.columns) if column.kind == "word"]
            yield from (row[i] for row in table.rows for i in at if row[i])


def known(catalogue: Language, text: str) -> bool:
    return bool({text, re.sub(r"\d+(?:\.\d+)?", "#", text)} & set(catalogue.texts))


# --- how it speaks ----------------------------------------------------------------------------


def test_numbers_are_written_as_the_language_writes_them() -> None:
    share = Estimate(0.0923, 0.0871, 0.0976, 4210, "share", "Wilson")
    points = Estimate(-26.4, -40.2, -9.7, 400, "points", "test")
    with speaking("sv"):
        assert (count(14212), write(-1234.56, 1)) == (f"14{NB}212", f"−1{NB}234,6")
        assert (percent(0.254), percent(0.123, 1)) == (f"25{NB}%", f"12,3{NB}%")
        assert show(share) == f"9,2{NB}% (8,7–9,8)"
        assert show(points) == "−26 (−40 till −10)"
        assert show(points, "size") == "26 enheter (10–40)"
        few = Estimate(None, None, None, 1200, "share", "")
        assert show(few) == f"för få för att säga något (n = 1{NB}200)"
        assert say("{n} {n:row|rows}", n=1308).text == f"1{NB}308 rader"
    assert count(14212) == "14,212"


def test_a_report_inside_a_report_leaves_the_outer_language() -> None:
    with speaking("sv"):
        with speaking("en"):
            assert t("Strengths") == "Strengths"
        assert t("Strengths") == "Styrkor"
        with pytest.raises(ValueError, match="on the way"), speaking("en"):
            raise ValueError("on the way")
        assert spoken().code == "sv"


def test_each_thread_speaks_its_own_language() -> None:
    heard: dict[str, str] = {}
    both = threading.Barrier(2)

    def speak(code: str) -> None:
        with speaking(code):
            both.wait(5)
            heard[code] = say("{n} {n:row|rows}", n=1000).text

    threads = [threading.Thread(target=speak, args=(code,)) for code in ("en", "sv")]
    for one in threads:
        one.start()
    for one in threads:
        one.join(5)
    assert heard == {"en": "1,000 rows", "sv": f"1{NB}000 rader"}


def test_an_unknown_language_and_an_unknown_text_are_said_in_english() -> None:
    with speaking("xx"):
        assert t("Strengths") == "Strengths"
    with speaking("sv"):
        assert t("Nobody translated this.") == "Nobody translated this."


def test_a_number_inside_a_text_keeps_its_place() -> None:
    with speaking("sv"):
        said = t("share of answers from 4 to 5, scale 1-5")
    assert said == "andel svar från 4 till 5, skala 1-5"


# --- the whole report -------------------------------------------------------------------------


def own_texts(data: ReportData) -> Iterator[str]:
    """Every text of the report's own: no quote, no theme's name, no word of the manifest."""
    yield from (data.reading.text, data.lead.text, data.period)
    for card in data.cards:
        said = (card.sentence, card.association, card.trend_words, card.peak_words)
        yield from (one.text for one in (*said, card.cohort_words) if one)
    for score in data.scores:
        yield from (score.label, score.formula)
    for band in data.bands:
        yield from (band.title, band.headline.text, band.computed)
        yield from (note.text for note in band.notes if "read as NPS" not in note.text)
        for table in band.tables:
            yield from (table.title, *(column.label for column in table.columns))
        for chart in band.charts:
            yield from (chart.title, chart.description)


@pytest.mark.parametrize("code", OTHERS)
def test_no_text_of_a_whole_report_is_left_in_english(code: str) -> None:
    english = set(own_texts(stories()))
    found = list(own_texts(stories_in(code)))
    assert len(found) > 100
    assert {one for one in found if ENGLISH.search(re.sub("[“”][^”]*”", "", one))} == set()
    sentences = {one for one in english if one.endswith(".") and len(one) > 40}
    assert sentences, "the English report has sentences to compare with"
    assert sentences & set(found) == set()


@pytest.mark.parametrize("code", OTHERS)
def test_the_figures_are_the_same_in_every_language(code: str) -> None:
    one, other = stories(), stories_in(code)
    for first, second in zip(one.bands, other.bands, strict=True):
        assert first.key == second.key
        for table, same in zip(first.tables, second.tables, strict=True):
            keys = [column.key for column in table.columns]
            assert keys == [column.key for column in same.columns]
            assert numbers(table.rows) == numbers(same.rows), table.key
        assert numbers(first.headline.figures) == numbers(second.headline.figures)
    assert [card.theme for card in one.cards] == [card.theme for card in other.cards]


def numbers(value: Any) -> Any:
    """The numbers inside, without the words around them."""
    if isinstance(value, dict):
        return {key: numbers(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [numbers(item) for item in value]
    return value if isinstance(value, int | float | Estimate) else None


def test_a_swedish_report_reads_like_this() -> None:
    data = stories_in("sv")
    assert data.reading.text == (
        f"961 rader lästa, {data.counted} räknade, {961 - data.counted} lagda åt sidan: 40 tomma,"
        f" 14 dubbletter, 4 utan ord, 3 avvisade, {900 - data.counted} på ett språk som inte"
        " taggas."
    )
    assert data.theme("service.billing").label == "Fakturering"
    assert data.theme("service.billing").top == "Service"
    headline = data.band("pain-points").headline.text
    assert " är den största smärtpunkten: " in headline
    assert data.table("pain_points").title == "Smärtpunkter"  # type: ignore[union-attr]
    assert data.scores[0].formula.startswith("procent ambassadörer (9-10) minus")


@lru_cache(maxsize=1)
def swedish_page() -> str:
    return render(stories_in("sv"), generated=NOW)


def test_the_page_says_its_language_and_its_script_speaks_it() -> None:
    page = swedish_page()
    assert '<html lang="sv">' in page
    assert "<b>Så här är det beräknat.</b>" in page
    assert '"words":{' in page
    assert '"copy":"kopiera"' in page
    visible = re.sub(r"(?s)<(script|style|blockquote)\b.*?</\1>|<[^>]*>", " ", page)
    assert not re.search(r"\bfeedback\b(?![.-])", visible.lower())


def test_markdown_and_terminal_are_swedish() -> None:
    data = stories_in("sv")
    text = markdown.render(data, generated=NOW)
    assert "## Smärtpunkter" in text
    assert "*Så här är det beräknat.*" in text
    assert [label for label, _ in terminal_rows(data)][:2] == ["Läst", "Period"]


def test_the_workbook_is_swedish() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook(stories_in("sv"), generated=NOW)))
    assert book.sheetnames[:2] == ["Svaret", "Diagram"]
    assert {"Smärtpunkter", "Styrkor", "Citat", "Metod"} <= set(book.sheetnames)
    head = [cell.value for cell in book["Smärtpunkter"][1]]
    assert {"Tema", "Andel kundröster negativa till det, nedre", "Trend"} <= set(head)
    column = [cell.value for cell in book["Smärtpunkter"]["I"]]
    assert column, "the sheet has its columns"
    directions = {cell.value for row in book["Smärtpunkter"].iter_rows() for cell in row}
    assert directions & {"stigande", "sjunkande", "stabil"}
    assert not directions & {"rising", "falling", "steady"}


def test_a_file_for_other_programs_keeps_its_keys_and_values() -> None:
    one, other = (stories_in(code).to_json() for code in ("en", "sv"))
    assert (one["language"], other["language"]) == ("en", "sv")
    assert set(one) == set(other)
    directions = [row["trend"]["direction"] for row in other["tables"]["pain_points"]["rows"]]
    assert directions == [row["trend"]["direction"] for row in one["tables"]["pain_points"]["rows"]]


def test_what_customers_said_is_never_translated() -> None:
    one, other = stories_in("en"), stories_in("sv")
    assert [(v.text, v.cohorts) for v in one.verbatims] == [
        (v.text, v.cohorts) for v in other.verbatims
    ]
    assert nasty().title.startswith("<script>"), "nor is a title"


def test_a_sentence_brings_the_figures_of_the_sentences_inside_it() -> None:
    inside = say("{n} rows", n=3)
    said = say("{all}: {part}.", all=7, part=inside)
    assert said == Sentence("7: 3 rows.", {"all": 7, "n": 3})


# --- theme labels -----------------------------------------------------------------------------

ENTRY = {"key": "service.billing", "label": "Billing", "definition": "Money taken."}


def tree_with(**more: Any) -> Any:
    return parse_taxonomy({"top": {"service": "Service"}, "theme": [ENTRY], **more})


def test_every_shipped_theme_has_a_label_and_a_definition_in_each_language() -> None:
    tree = load_taxonomy()
    for code in OTHERS:
        other = tree.in_language(code)
        for theme, same in zip(tree.themes, other.themes, strict=True):
            assert same.label in tree.translations[code].label.values(), theme.key
            assert same.definition != theme.definition, theme.key
        assert set(other.top) == set(tree.translations[code].label) & set(tree.top)
        labels = [theme.label for theme in other.themes]
        assert len(set(labels)) == len(labels)


def test_a_taxonomy_s_own_words_come_first_and_the_shipped_ones_only_where_it_is_the_same() -> None:
    swedish = {"sv": {"label": {"service.billing": "Betalning"}}}
    assert tree_with(translation=swedish).in_language("sv").label("service.billing") == "Betalning"
    assert tree_with().in_language("sv").label("service.billing") == "Fakturering"
    assert tree_with().in_language("sv").themes[0].definition == "Money taken."
    other = parse_taxonomy(
        {"top": {"service": "Help desk"}, "theme": [ENTRY | {"label": "Bill shock"}]}
    )
    assert other.in_language("sv").label("service.billing") == "Bill shock"
    assert other.in_language("sv").label("service") == "Help desk"


def test_a_translation_changes_no_hash_and_names_only_known_themes() -> None:
    translation = {"sv": {"label": {"service.billing": "Betalning"}}}
    assert tree_with(translation=translation).sha256 == tree_with().sha256
    with pytest.raises(
        UsageError, match=r'translation\.sv\.label: unknown field "service\.biling", nearest'
    ):
        tree_with(translation={"sv": {"label": {"service.biling": "Betalning"}}})
    with pytest.raises(UsageError, match=r'translation\.sv: unknown field "labels"'):
        tree_with(translation={"sv": {"labels": {}}})


# --- the command ------------------------------------------------------------------------------


def test_a_redrawn_report_keeps_its_language_until_it_is_told_another(
    demo_out: Path, tmp_path: Path, miner_cli: Callable[..., Any]
) -> None:
    first, second = tmp_path / "sv", tmp_path / "again"
    for folder, more in ((first, ("--report-language", "sv")), (second, ())):
        source = demo_out if folder is first else first
        answer = miner_cli("report", source, "-o", folder, "--format", "md", *more)
        assert answer.code == 0, answer.err
        text = (folder / "report.md").read_text("utf-8")
        assert "## Smärtpunkter" in text
        assert "Fakturering" in text
