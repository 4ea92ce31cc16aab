"""How long it takes to begin: every command in a process of its own, in turns."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from benchmarks._speed_texts import Texts
from benchmarks._speed_timing import Spread, ratios, seconds
from benchmarks._tables import Check, Section, Table

_ROOT: Final = Path(__file__).resolve().parent.parent
_BARE, _IMPORT, _HELP = "python, nothing else", "import miner", "miner --help"
_SPACY, _LINE = "import spacy; spacy.blank('en')", "miner score --lines - (one line)"
_TEXT, _LOAD = "miner score --text", "import miner; miner.load()"


def commands(line: str) -> dict[str, tuple[Sequence[str], str]]:
    """Return what is started, with its standard input, by the name a table shows."""
    python = (sys.executable, "-c")
    own = (sys.executable, "-m", "miner")
    return {
        _BARE: ((*python, "pass"), ""),
        _IMPORT: ((*python, _IMPORT), ""),
        _HELP: ((*own, "--help"), ""),
        _SPACY: ((*python, _SPACY), ""),
        _LOAD: ((*python, _LOAD), ""),
        _LINE: ((*own, "score", "--lines", "-"), line + "\n"),
        _TEXT: ((*own, "score", "--text", line), ""),
    }


def startup(texts: Texts, rounds: int) -> Section:
    """Time every command from start to end; a first round, not counted, fills the disk cache."""
    line = " ".join((texts.short or texts.long)[0].split())
    every = commands(line)
    taken: dict[str, list[float]] = {name: [] for name in every}
    for turn in range(rounds + 1):
        for name in _rotated(list(every), turn):
            taken[name].append(seconds(_run, *every[name]))
    counted = {name: times[1:] for name, times in taken.items()}
    rows = tuple(_row(name, times, counted) for name, times in counted.items())
    note = (
        f"{rounds} rounds in turns, whole process from start to end; files are in the disk cache."
    )
    head = ("", "ms", "ms over bare Python", "times spaCy's")
    table = Table("Start-up", head, rows, note)
    loads = _loads_of_spacy()
    clean = Check("spacy.blank loads miner's scorer (it would look slower)", loads, high=0)
    return Section("startup", (table,), (*_checks(counted), clean), {"seconds": counted})


def _row(name: str, times: list[float], every: dict[str, list[float]]) -> tuple[str, ...]:
    whole = Spread.of([1000 * one for one in times])
    against = ratios(times, every[_SPACY])
    return name, whole.shown("{:,.0f}"), f"{_over(name, every):,.0f}", f"{against.median:.2f}"


def _over(name: str, every: dict[str, list[float]]) -> float:
    pairs = zip(every[name], every[_BARE], strict=True)
    return Spread.of([1000 * (one - bare) for one, bare in pairs]).median


def _checks(every: dict[str, list[float]]) -> tuple[Check, ...]:
    cold = ratios(every[_LINE], every[_SPACY]).median
    return (
        Check("import miner, over bare Python", _over(_IMPORT, every), high=60, unit="ms"),
        Check("miner --help, over bare Python", _over(_HELP, every), high=300, unit="ms"),
        Check("miner score on one line, cold, times spacy.blank", cold, high=1.5, unit="x"),
    )


def _run(command: Sequence[str], stdin: str) -> None:
    subprocess.run(command, input=stdin.encode(), stdout=subprocess.DEVNULL, check=True, cwd=_ROOT)


def _loads_of_spacy() -> int:
    """Return 1 where an installed extension of spaCy makes it load what it is compared with."""
    code = f"{_SPACY}; import sys; sys.exit('miner.scoring' in sys.modules)"
    return subprocess.run((sys.executable, "-c", code), check=False, cwd=_ROOT).returncode


def _rotated(names: list[str], turn: int) -> list[str]:
    first = turn % len(names)
    return names[first:] + names[:first]
