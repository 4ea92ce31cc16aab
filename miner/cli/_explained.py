"""An explanation for a person at a terminal, of any width, with or without colour."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from miner.cli._word_table import Column, Pen, adding_up, figure, word_table
from miner.types import (
    Chance,
    ClauseExplanation,
    Explanation,
    ThemeExplanation,
    WhyNot,
    WordShare,
)

_STYLES = {"positive": "green", "negative": "red", "neutral": "yellow", "mixed": "magenta"}
_INDENT = 3
_LONG_HEADING = 90
_STRONGEST = 3
_FULL = 0.995
"""Weights that sum to less show as less than 1.00."""
_Named = tuple[str, float]
_LEAST = 0.005
"""Shares below this show as 0.00."""
_VERDICTS = {
    "theme.reached": "mentioned",
    "theme.nearest": "mentioned: the nearest",
    "theme.other-side": "mentioned: the other side",
    "theme.below-threshold": "too unlikely",
    "theme.overshadowed": "another is far likelier",
    "theme.likeliest": "mentioned: the likeliest",
    "theme.less-likely": "another is likelier",
    "theme.no-opinion": "the clause holds no opinion",
}
_BY_RANK = ("theme.likeliest", "theme.less-likely")
"""Reasons that no threshold has a part in."""
_LEGEND = (
    "How to read the tables: a word above 0 speaks for, one below 0 against. The start and all "
    "words add up to the sum; the probability is 1 / (1 + exp(-sum))."
)
_AROUND = (
    " The clause before and the one after speak for their themes, and for their polarity or, where "
    'one of the two turns ("but ..."), for the other.'
)
_SEVERAL = (
    " Where a clause mentions several themes, the words near a theme's own words count more for "
    "its polarity."
)


def draw(found: Explanation, out: Console, *, words: int | None, all_themes: bool) -> None:
    """Print an explanation.

    Parameters
    ----------
    words : words a table shows at most; None shows all.
    all_themes : add a table of all themes to each clause.
    """
    pen = Pen.of(out)
    out.print(_headline(found), Text(), _overview(found, pen), sep="\n")
    inner = Pen.of(out, indent=_INDENT)
    read = [(at, one) for at, one in enumerate(found.clauses, start=1) if one.opinion]
    for number, clause in read:
        out.print()
        out.print(_heading(number, found.text[clause.start : clause.end], pen))
        parts = _Clause(clause, inner, words).parts()
        out.print(Padding(Group(*parts), (0, 0, 0, _INDENT)))
        if all_themes:
            out.print(Padding(_all_themes(clause, inner), (1, 0, 0, _INDENT)))
    if len(read) > 1 or any(figure(one.sentiment) != figure(found.sentiment) for _, one in read):
        out.print(Text(), _sentiment_table(found), sep="\n")
    if read:
        several = any(sum(theme.decided for theme in one.themes) > 1 for _, one in read)
        around = any(theme.sign.neighbours for _, one in read for theme in one.themes)
        legend = _LEGEND + _SEVERAL * several + _AROUND * around
        out.print(Text(), Text(legend, "dim"), sep="\n")


def _headline(found: Explanation) -> Text:
    line = Text("This text: ").append(found.polarity, f"bold {_STYLES[found.polarity]}")
    return line.append(f", sentiment {figure(found.sentiment).strip()} (from -1 to +1)")


def _overview(found: Explanation, pen: Pen) -> Table | Text:
    """Return every clause in full, and what is mentioned in it."""
    if not found.clauses:
        return Text("It is empty: there is nothing to explain.")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(justify="right", style="bold")
    table.add_column(overflow="fold", ratio=3)
    table.add_column(overflow="fold", ratio=2)
    for number, clause in enumerate(found.clauses, start=1):
        words = pen.text(found.text[clause.start : clause.end])
        table.add_row(str(number), words, _mentions(clause, pen))
    return table


def _mentions(clause: ClauseExplanation, pen: Pen) -> Text:
    mentioned = [one for one in clause.themes if one.decided]
    if not mentioned:
        return pen.text(clause.sentence, "dim")
    lines = (
        pen.text(one.label).append(": ").append(one.polarity, _STYLES[one.polarity])
        for one in mentioned
    )
    return Text("\n").join(lines)


def _heading(number: int, words: str, pen: Pen) -> Text:
    """Return the number and the clause; a long one is cut, which it says."""
    line = pen.clean(words)
    if len(line) > _LONG_HEADING:
        line = line[:_LONG_HEADING].rsplit(" ", 1)[0] + " ... (in full above)"
    return Text(f"{number}  ", "bold").append(line, "bold underline")


class _Clause:
    """One clause: what it holds, each mention word by word, and why not the runner-up."""

    def __init__(self, clause: ClauseExplanation, pen: Pen, most: int | None) -> None:
        assert clause.opinion is not None
        assert clause.neutral is not None
        self.clause, self.pen, self.most = clause, pen, most
        self.opinion: Chance = clause.opinion
        self.neutral: Chance = clause.neutral

    def parts(self) -> Iterator[RenderableType]:
        """Yield what is printed of the clause, top to bottom."""
        yield self._facts()
        mentioned = [one for one in self.clause.themes if one.decided]
        for theme in mentioned:
            yield Text()
            yield self._mention(theme)
            if theme.reason in {"theme.nearest", "theme.other-side"}:
                yield self.pen.text(theme.sentence, "dim")
            yield self._table(_for_theme(theme), self._for_sign(theme))
        if not mentioned:
            yield from self._no_mention()
        if self.clause.why_not is not None:
            yield Text()
            yield from self._why_not(self.clause.why_not)

    def _facts(self) -> Text:
        sentiment = figure(self.clause.sentiment).strip()
        strongly = ""
        if self.clause.degree_words:
            words = ", ".join(f'"{one}"' for one in self.clause.degree_words)
            strongly = f" ({words}: the sum for positive or negative x {self.clause.degree:g})"
        return Text(
            f"opinion {_needs(self.opinion)}, neutral {_needs(self.neutral)}, "
            f"sentiment {sentiment}{strongly}, weight in the text {self.clause.weight:.2f}",
            "dim",
        )

    def _mention(self, theme: ThemeExplanation) -> Text:
        line = self.pen.text(theme.label, "bold").append(f" ({theme.theme}): ", "not bold")
        line.append(theme.polarity, _STYLES[theme.polarity])
        return line.append(f", confidence {_reaches(theme)}", "not bold")

    def _no_mention(self) -> Iterator[RenderableType]:
        yield Text()
        yield self.pen.text(self.clause.sentence, "bold")
        if self.clause.reason == "clause.no-opinion":
            yield self._table(Column("for an opinion", self.opinion.sum, _needs(self.opinion)))
            return
        for nearest in self.clause.themes[:1]:
            yield self._table(_for_theme(nearest), self._for_sign(nearest))

    def _for_sign(self, theme: ThemeExplanation) -> Column:
        if theme.polarity == "neutral":
            return Column("for neutral", self.neutral.sum, _needs(self.neutral))
        sentiment = figure(theme.sentiment).strip()
        result = f"{theme.polarity}, sentiment {sentiment}"
        return Column("positive (+) or negative (-)", theme.sign, result)

    def _table(self, *columns: Column) -> Table:
        return word_table(columns, self.pen, most=self.most)

    def _why_not(self, why: WhyNot) -> Iterator[Text]:
        themes = {one.theme: one for one in self.clause.themes}
        label = themes[why.theme].label
        yield self.pen.text(f"Why not {label}? {why.sentence}")
        shares = _named(themes[why.theme].sum.words)
        yield self._strongest(f"Speaks for {label}", shares)
        yield self._strongest(f"Speaks against {label}", shares, sign=-1)
        if why.difference is not None and why.instead is not None:
            more = [("the start", why.difference.bias), *_named(why.difference.words)]
            yield self._strongest(f"More for {themes[why.instead].label} than for {label}", more)

    def _strongest(self, title: str, shares: Sequence[_Named], *, sign: int = 1) -> Text:
        """Name what has the largest shares of one sign, and how many more there are."""
        ranked = sorted(shares, key=lambda one: -one[1] * sign)
        found = [f"{name} {share:+.2f}" for name, share in ranked if share * sign > _LEAST]
        more = [f"{len(found) - _STRONGEST} more"] if len(found) > _STRONGEST else []
        listed = ", ".join([*found[:_STRONGEST], *more])
        return self.pen.text(f"{title}: {listed or 'no word'}.", "dim")


def _for_theme(theme: ThemeExplanation) -> Column:
    return Column(f"for {theme.label}", theme.sum, _reaches(theme))


def _reaches(theme: ThemeExplanation) -> str:
    """A theme's probability and threshold; where a text has its likeliest theme none is needed."""
    needs = "" if theme.reason in _BY_RANK else f" (needs {theme.threshold:.2f})"
    return f"{theme.probability:.2f}{needs}"


def _needs(chance: Chance) -> str:
    return f"{chance.probability:.2f} (needs {chance.threshold:.2f})"


def _named(shares: Sequence[WordShare]) -> list[_Named]:
    return [(f'"{one.word}"', one.share) for one in shares]


def _all_themes(clause: ClauseExplanation, pen: Pen) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("theme", "chance", "needs", "so"):
        table.add_column(name, overflow="fold")
    for one in clause.themes:
        table.add_row(
            pen.text(one.label),
            f"{one.probability:.2f}",
            "" if one.reason in _BY_RANK else f"{one.threshold:.2f}",
            _VERDICTS[one.reason],
            style="" if one.decided else "dim",
        )
    return table


def _sentiment_table(found: Explanation) -> Group:
    """Return how the clauses make up the sentiment of the text."""
    read = [(at, one) for at, one in enumerate(found.clauses, start=1) if one.opinion]
    parts = [one.part for _, one in read]
    weights = [one.weight for _, one in read]
    columns = adding_up(weights, sum(weights)), adding_up(parts, sum(parts))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("clause", "sentiment", "weight", "part"):
        table.add_column(name, justify="right")
    for (number, one), weight, part in zip(read, *columns, strict=True):
        row = figure(one.sentiment), f"{weight / 100:.2f}", figure(part / 100)
        table.add_row(str(number), *row)
    table.add_row("sum", "", f"{sum(weights):.2f}", figure(sum(parts)))
    said = Text("Sentiment of the text: ", "bold").append(
        f"{figure(found.sentiment).strip()}, the mean of its clauses. Each counts by how surely "
        "it holds an opinion (weight), and the clearer it is, the more it moves the mean: "
        "part = weight x artanh(sentiment), sentiment of the text = tanh(sum).",
        "not bold",
    )
    if sum(weights) < _FULL:
        said.append(" Less than one opinion is expected in all, so it is drawn to 0.", "not bold")
    return Group(said, table)
