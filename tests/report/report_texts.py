"""Every text of the report's own, read out of the code and the page: what a catalogue must hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import miner.report

FOLDER = Path(miner.report.__file__).parent
CHARTS = {"LineChart", "DivergingChart", "BarChart", "WaterfallChart", "QuadrantChart", "PairChart"}
PLACES: dict[str, dict[str, int]] = {
    "say": {"template": 0},
    "t": {"text": 0},
    "Column": {"label": 1},
    "Table": {"title": 1},
    "band": {"title": 1, "computed": -1},
    "flattened": {"title": -1},
    **{
        kind: {"title": 1, "description": 2, "x_title": 3, "y_title": 4, "names": 3, "verbs": 5}
        for kind in CHARTS
    },
}
"""Which arguments of which calls are texts: by name, else by position."""
ONLY = {"QuadrantChart": {"x_title", "y_title", "verbs"}, "PairChart": {"names"}}
INSIDE: dict[type, tuple[str, ...]] = {
    ast.IfExp: ("body", "orelse"), ast.Tuple: ("elts",), ast.List: ("elts",),
    ast.Dict: ("values",), ast.Subscript: ("value",),
}  # fmt: skip
"""Where the strings of an expression lie that picks one of several."""
OWN_PAGE = "customer.html.j2"
"""One customer's feedback, a page of another command: it speaks English."""
LETTERS = re.compile(r"[^\W\d_]{2,}")


def masked(node: ast.JoinedStr) -> str:
    """Return an f-string with ``#`` where it is filled in and where a number stands."""
    parts = []
    for one in node.values:
        spec = getattr(one, "format_spec", None)
        percent = spec is not None and ast.unparse(spec).strip("f'\"").endswith("%")
        parts.append(str(one.value) if isinstance(one, ast.Constant) else "#%" if percent else "#")
    return re.sub(r"\d+(?:\.\d+)?", "#", "".join(parts))


def inside(node: ast.AST | None) -> Iterator[ast.expr]:
    """Yield the expressions one of which a choosing expression is."""
    for name in INSIDE[type(node)]:
        found = getattr(node, name)
        yield from found if isinstance(found, list) else [found]


class Reader(ast.NodeVisitor):
    """Collects the texts of one module, and the places where a text can't be read off the code."""

    def __init__(self, tree: ast.Module, name: str) -> None:
        self.name, self.texts, self.unread = name, set[str](), list[str]()
        self.scopes: list[ast.AST] = [tree]
        self.visit(tree)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.scopes.append(node)
        self.generic_visit(node)
        self.scopes.pop()

    def visit_Call(self, node: ast.Call) -> None:
        called = getattr(node.func, "id", "")
        if getattr(node.func, "attr", "") == "flattened":
            called = "flattened"
        for argument, at in PLACES.get(called, {}).items():
            if called in CHARTS and argument not in {"title", "description"} | ONLY.get(
                called, set()
            ):
                continue
            given = next((one.value for one in node.keywords if one.arg == argument), None)
            if given is None and 0 <= at < len(node.args):
                given = node.args[at]
            if given is not None:
                self.take(given, called)
        self.generic_visit(node)

    def take(self, given: ast.expr, called: str) -> None:
        found = list(self.literals(given, 0))
        self.texts.update(one for one in found if one is not None)
        glued = isinstance(given, ast.JoinedStr)
        if called == "say" and (glued or None in found or not found):
            self.unread.append(f"{self.name}:{given.lineno}: {ast.unparse(given)[:60]}")

    def literals(self, node: ast.expr | None, depth: int) -> Iterator[str | None]:
        """The strings an expression can be; None for one that isn't in sight."""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield masked(node)
        elif isinstance(node, ast.Name) and depth < 4:
            yield from self.named(node.id, depth)
        elif type(node) in INSIDE:
            for one in inside(node):
                yield from self.literals(one, depth)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "get":
            yield from self.literals(node.func.value, depth)  # type: ignore[attr-defined]
        else:
            yield None

    def named(self, name: str, depth: int) -> Iterator[str | None]:
        seen = False
        for scope in reversed(self.scopes):
            for node in ast.walk(scope):
                targets = node.targets if isinstance(node, ast.Assign) else (
                    [node.target] if isinstance(node, ast.AnnAssign) else [])  # fmt: skip
                for target in targets:
                    names = [one.id for one in ast.walk(target) if isinstance(one, ast.Name)]
                    if name in names:
                        seen = True
                        yield from self.literals(node.value, depth + 1)  # type: ignore[attr-defined]
            if seen:
                return
        yield None


def readers() -> list[Reader]:
    """Return one reader for each module of the report."""
    return [
        Reader(ast.parse(path.read_text("utf-8")), str(path.relative_to(FOLDER)))
        for path in sorted(FOLDER.rglob("*.py"))
    ]


def page_texts() -> set[str]:
    """Return the texts of the page and of its script."""
    found: set[str] = set()
    for path in sorted((FOLDER / "templates").iterdir()):
        if path.suffix in (".j2", ".js"):
            found.update(re.findall(r'\bt\("([^"]+)"', path.read_text("utf-8")))
    return found


def all_texts() -> set[str]:
    """Return every text with words in it."""
    texts = set[str]().union(*(one.texts for one in readers())) | page_texts()
    return {one for one in texts if LETTERS.search(re.sub(r"\{[^}|]*\}", "", one))}


def bare_template_texts() -> list[str]:
    """Return words that stand in a template outside `t()`: they would never be translated."""
    found = []
    pages = (FOLDER / "templates").glob("*.j2")
    for path in sorted(one for one in pages if one.name != OWN_PAGE):
        text = path.read_text("utf-8")
        text = re.sub(r"\{[{%#].*?[}%#]\}", "\x00", text, flags=re.S)
        text = re.sub(r"<!doctype[^>]*>|<meta[^>]*>|<(style|script)[^>]*>.*?</\1>", "", text)
        labels = re.findall(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"', text)
        for said in [*re.split(r"<[^>]*>", text), *labels]:
            words = said.replace("\x00", " ").strip()
            if LETTERS.search(re.sub(r"&\w+;", "", words)):
                found.append(f"{path.name}: {words[:60]}")
    return found
