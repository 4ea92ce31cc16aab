"""HTML as mail programs write it, to plain text: nothing fetched, nothing run, nothing hidden."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from typing import Final, NamedTuple

MOST_HTML: Final = 1_000_000
"""Characters of one HTML body that are read: 50 times what is analysed of a text."""

# fmt: off
_VOID: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
})
_SILENT: Final = frozenset({"script", "style", "title", "template", "svg", "math"})
_SPACED: Final = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre", "hr",
})
_BLOCKS: Final = _SPACED | {
    "div", "li", "tr", "dt", "dd", "section", "article", "header", "footer", "center", "address",
    "form",
}
# fmt: on
_CELLS: Final = frozenset(("td", "th"))
_ENDED_BY: Final = {  # what a tag closes where the closing tag was left out (HTML 13.1.2.4)
    "li": frozenset(("li", "p")),
    "tr": frozenset(("tr", "td", "th", "p")),
    "td": frozenset(("td", "th", "p")),
    "th": frozenset(("td", "th", "p")),
}
_HIDDEN: Final = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|max-height:0(?:px)?(?:;|!|\Z)|opacity:0(?:;|!|\Z)"
)
_PREHEADER: Final = re.compile(r"\bpre-?header", re.I)
# Classes of what was written before: Gmail, Thunderbird, Proton, Yahoo, Zoho.
_QUOTES: Final = frozenset(
    ["gmail_quote", "moz-cite-prefix", "protonmail_quote", "yahoo_quoted", "zmail_extra"]
)
_SIGNATURES: Final = frozenset(
    {
        "gmail_signature", "moz-signature", "protonmail_signature_block",
        "ms-outlook-mobile-signature",
    }
)  # fmt: skip
# No alternative runs past the next "<", so that the work grows with the length alone.
_TAG: Final = re.compile(
    r"<[!?][^<>]*>"
    r"|(?P<whole></?[a-z](?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+>)"
    r"|<(?P<broken>/?[a-z][^\s<>/\"']*)[^<>]*>"
    r"|<",
    re.I,
)
_BLANKS: Final = re.compile(r"[ \t\r\n\f\xa0]+")
# Invisible letters that push the next words out of a preview.
_PADDING: Final = re.compile("(?:[\u034f\u200b-\u200d\u2007\u2060\ufeff\u00ad][ \xa0]*){3,}")


def html_text(html: str) -> str:
    """Return what a reader sees, lines broken where blocks end, quoted lines marked by ``>``.

    A signature is left out unless there is nothing else.

    Examples
    --------
    >>> html_text("<p>Two days <b>late</b>.<br>Nobody rang.<style>p {color: red}</style>")
    'Two days late.\\nNobody rang.'
    """
    source = _TAG.sub(_mended, _without_comments(html[:MOST_HTML]))
    return _read(source, signatures=False) or _read(source, signatures=True)


def _without_comments(html: str) -> str:
    """Return HTML without comments; one that never ends goes to the end, as in a browser."""
    kept = []
    at = 0
    while (start := html.find("<!--", at)) >= 0:
        kept.append(html[at:start])
        end = html.find("-->", start + 2)
        if end < 0:
            return "".join(kept)
        at = end + 3
    return "".join([*kept, html[at:]])


def _mended(match: re.Match[str]) -> str:
    """Return a tag the parser reads in one go: it searches the whole rest for a quote's end."""
    if match["whole"]:
        return match["whole"]
    if match["broken"]:
        return f"<{match['broken']}>"
    return "&lt;" if match[0] == "<" else ""


def _read(source: str, *, signatures: bool) -> str:
    reader = _Reader(signatures=signatures)
    reader.feed(source)
    reader.close()
    return reader.text()


class _Element(NamedTuple):
    tag: str
    silent: bool
    quoted: bool


class _Reader(HTMLParser):
    """Collects lines while elements open and close; tolerant of tags that never close."""

    def __init__(self, *, signatures: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._signatures = signatures
        self._open: list[_Element] = []
        self._count: Counter[str] = Counter()
        self._silent = 0
        self._quoted = 0
        self._line: list[str] = []
        self._lines: list[str] = []

    def text(self) -> str:
        """Return the lines, blank ones at the edges left out."""
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        if tag == "br":
            self._end_line(blank=not "".join(self._line).strip())
            return
        self._close_implied(tag)
        self._break(tag)
        if tag in _VOID:
            return
        known = {name: value or "" for name, value in attrs}
        names = {known.get("id", ""), *known.get("class", "").split()}
        silent = tag in _SILENT or _is_hidden(known, names)
        silent = silent or (not self._signatures and bool(names & _SIGNATURES))
        cited = tag == "blockquote" and known.get("type", "").lower() == "cite"
        element = _Element(tag, silent, cited or bool(names & _QUOTES))
        if element.quoted:
            self._end_line()
        self._open.append(element)
        self._count[tag] += 1
        self._silent += element.silent
        self._quoted += element.quoted

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Read ``<br/>`` as it is meant; in HTML no other slash closes anything."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close an element and all that was left open inside it."""
        if self._count[tag]:
            while self._close_last() != tag:
                pass
        self._break(tag)

    def handle_data(self, data: str) -> None:
        """Take words that can be seen."""
        if self._silent:
            return
        if self._count["pre"]:
            *whole, data = data.split("\n")
            for line in whole:
                self._line.append(line)
                self._end_line(blank=not line.strip())
        self._line.append(_BLANKS.sub(" ", data))

    def _close_implied(self, tag: str) -> None:
        ended = _ENDED_BY.get(tag, frozenset("p") if tag in _BLOCKS else frozenset())
        while self._open and self._open[-1].tag in ended:
            self._close_last()

    def _close_last(self) -> str:
        last = self._open.pop()
        if last.quoted:
            self._end_line()
        self._count[last.tag] -= 1
        self._silent -= last.silent
        self._quoted -= last.quoted
        return last.tag

    def _break(self, tag: str) -> None:
        if tag in _CELLS:
            self._line.append(" ")
        elif tag in _BLOCKS:
            self._end_line(blank=tag in _SPACED)

    def _end_line(self, *, blank: bool = False) -> None:
        """Write the line in hand; `blank`: and an empty one, never two."""
        line = _BLANKS.sub(" ", _PADDING.sub(" ", "".join(self._line))).strip()
        self._line.clear()
        mark = "> " if self._quoted else ""
        if line:
            self._lines.append(mark + line)
        if blank and not self._silent and self._lines and self._lines[-1].strip("> "):
            self._lines.append(mark.rstrip())


def _is_hidden(attributes: dict[str, str], names: set[str]) -> bool:
    style = "".join(attributes.get("style", "").lower().split())
    return (
        "hidden" in attributes
        or _HIDDEN.search(style) is not None
        or any(_PREHEADER.match(name) for name in names)
    )
