"""Measure speed and memory, beside VADER, TextBlob, spaCy and TF-IDF on the same texts.

    python -m benchmarks.speed TEXTS... [--only throughput,latency] [--markdown docs/speed.md]

TEXTS are files: JSON lines with "text", or one text a line; gzipped or not. A tenth of them is set
aside to warm everyone up. docs/speed.md says how each section is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks._speed_hostile import hostile
from benchmarks._speed_memory import memory
from benchmarks._speed_profile import profile
from benchmarks._speed_sections import growth, latency, throughput, workers
from benchmarks._speed_startup import startup
from benchmarks._speed_texts import Texts, read_texts
from benchmarks._tables import Section, into_page, promises

SECTIONS: Final[dict[str, Callable[[Texts, argparse.Namespace], Section]]] = {
    "throughput": lambda texts, given: throughput(texts, given.rounds),
    "memory": lambda _, given: memory(given.texts, limit=given.limit, million=given.million),
    "startup": lambda texts, given: startup(texts, 2 * given.rounds),
    "latency": lambda texts, _: latency(texts),
    "growth": lambda texts, given: growth(texts, given.rounds, base=given.base),
    "workers": lambda texts, given: workers(texts, given.rounds, many=given.many),
    "hostile": lambda texts, given: hostile(texts, given.rounds, only=given.hostile),
    "profile": lambda texts, _: profile(texts),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the chosen sections, print their tables and what became of the promises."""
    given = parse(arguments)
    texts = read_texts(given.texts, limit=given.limit)
    if not texts.measured:
        sys.exit(f"{given.texts[0]}: got {len(texts.warm)} texts, expected at least 2.")
    found = []
    for section in measured(texts, given):
        found.append(section)
        for table in section.tables:
            print(table.text(), flush=True)
    found.append(promises(found))
    print(found[-1].tables[0].text())
    if given.json:
        given.json.write_text(as_json(found), encoding="utf-8")
    if given.markdown:
        page = given.markdown.read_text(encoding="utf-8") if given.markdown.exists() else ""
        about = Section("machine", (), said=machine())
        given.markdown.write_text(into_page(page, [about, *found]), encoding="utf-8")


def measured(texts: Texts, given: argparse.Namespace) -> Iterator[Section]:
    """Yield the chosen sections one by one, in the order they were asked for."""
    for name in given.only:
        print(f"{name} …", file=sys.stderr, flush=True)
        yield SECTIONS[name](texts, given)


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return the options; argparse says what is wrong with them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("texts", nargs="+", type=_file, metavar="TEXTS", help="files of texts")
    parser.add_argument("--only", type=_sections, default=tuple(SECTIONS), metavar="SECTION,…",
                        help=f"default: {','.join(SECTIONS)}")  # fmt: skip
    parser.add_argument("--rounds", type=_positive, default=5, metavar="N",
                        help="rounds of what is compared (default: 5)")  # fmt: skip
    parser.add_argument(
        "--limit", type=_positive, metavar="N", help="take N texts, drawn at random"
    )
    parser.add_argument("--base", type=_positive, default=2_000, metavar="N",
                        help="growth: the N of N, 2N, 4N, 8N texts (default: 2000)")  # fmt: skip
    parser.add_argument("--many", type=_positive, default=200_000, metavar="N",
                        help="workers: texts (default: 200000)")  # fmt: skip
    parser.add_argument("--million", type=_positive, default=1_000_000, metavar="N",
                        help="memory: texts of the long run (default: 1000000)")  # fmt: skip
    parser.add_argument("--hostile", default="", metavar="WORD",
                        help="hostile: texts whose name holds WORD alone")  # fmt: skip
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--markdown", type=Path, metavar="PAGE",
                        help="put the tables into this page, between its marks")  # fmt: skip
    return parser.parse_args(arguments)


def machine() -> str:
    """Return what it ran on, in words: cores, Python, system and day."""
    day = datetime.now(tz=UTC).date().isoformat()
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}, {day}."
    )


def as_json(sections: Sequence[Section]) -> str:
    """Return everything measured, one key a section."""
    whole = {"machine": machine()} | {
        one.name: {
            "figures": one.figures,
            "checks": [
                {"what": check.what, "value": check.value, "low": check.low, "high": check.high,
                 "holds": check.holds}
                for check in one.checks
            ],
        }
        for one in sections
        if one.name != "promises"
    }  # fmt: skip
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{path} is no file. Name files of texts.")
    return path


def _sections(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    for name in names:
        if name not in SECTIONS:
            raise argparse.ArgumentTypeError(
                f"no section {name!r}. There are: {', '.join(SECTIONS)}."
            )
    return names


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"got {number}, expected 1 or more")
    return number


if __name__ == "__main__":
    main()
