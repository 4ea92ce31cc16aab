"""`import miner` and `miner --help` cost nothing heavy; layers hold; public names are promised."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

import miner

HEAVY = ("spacy", "sklearn", "pandas", "numpy", "scipy", "pyarrow", "altair", "torch", "rich",
         "onnxruntime", "tokenizers")  # fmt: skip


def loaded_after(code: str, looked_for: Iterable[str] = HEAVY) -> set[str]:
    """Run `code` in a fresh interpreter and return the heavy packages it loaded."""
    probe = f"import sys\n{code}\nimport json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, timeout=120
    )
    return set(json.loads(done.stdout.splitlines()[-1])) & set(looked_for)


def test_the_probe_sees_a_heavy_library() -> None:
    assert "numpy" in loaded_after("import numpy")


@pytest.mark.parametrize(
    "code",
    [
        "import miner, miner.errors, miner.types",
        "import miner, miner.engines; miner.scored_schema()",
        "from miner.types import Scored as S; S.from_dict(S('x', 0.0, 'neutral', ()).to_dict())",
        "import miner.cli",
        "from miner.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
        "from miner.cli import main\ntry: main(['run', '-h'])\nexcept SystemExit: pass",
        "from miner.cli import main\ntry: main(['feed', '-h'])\nexcept SystemExit: pass",
        "from miner.cli import main\ntry: main(['feed', 'run', '-h'])\nexcept SystemExit: pass",
        "import miner.taxonomy; miner.taxonomy.load_taxonomy()",
    ],
)
def test_nothing_heavy_is_loaded(code: str) -> None:
    assert loaded_after(code) == set()


@pytest.mark.parametrize(
    "args",
    [
        ["score", "--text", "The soup was cold and the waiter was very rude to us."],
        ["score", "--signals", "--format", "jsonl", "--text", "They never called me back."],
        ["explain", "The soup was cold."],
        ["models"],
    ],
)
def test_a_line_or_two_loads_what_it_needs(args: list[str]) -> None:
    """spaCy itself loads torch where it is installed."""
    code = f"from miner.cli import main\ntry: main({args!r})\nexcept SystemExit: pass"
    needless = {"pandas", "pyarrow", "sklearn", "altair", "torch", "onnxruntime", "tokenizers",
                "weasel", "py3langid", "phonenumbers", "xlsxwriter", "miner.ingest.areas",
                "miner.ingest.tables"}  # fmt: skip
    assert loaded_after(code, needless) <= loaded_after("import spacy", ("torch",))


COMMANDS_OF_SPACY = ("spacy.cli", "weasel", "typer", "requests")


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        ("from miner.cli import main\ntry: main(['score', '--text', 'Late again, and so rude.'])\n"
         "except SystemExit: pass", ()),
        ("import miner; miner.load()", COMMANDS_OF_SPACY),
        ("import spacy; from miner.startup import without_spacy_commands as without; without()",
         COMMANDS_OF_SPACY),
    ],
)  # fmt: skip
def test_only_a_program_of_its_own_leaves_spacys_commands_out(
    code: str, loaded: tuple[str, ...]
) -> None:
    assert loaded_after(code, COMMANDS_OF_SPACY) == set(loaded)


@pytest.mark.parametrize("first", ["", "import spacy.cli", "import spacy.cli.info"])
def test_spacys_commands_are_there_when_asked_for(first: str) -> None:
    code = f"""
from miner.startup import without_spacy_commands
without_spacy_commands()
import spacy
{first}
for _ in range(2):
    assert spacy.info(silent=True)["spacy_version"] == spacy.__version__
before = sys.modules["spacy.cli.info"]
assert before.__file__
spacy.info(silent=True)
assert sys.modules["spacy.cli.info"] is before
import spacy.cli
assert callable(spacy.cli.download)
"""
    assert loaded_after(code, ("weasel",)) == {"weasel"}


def test_a_run_does_without_a_second_of_statistics(tmp_path: Path) -> None:
    (tmp_path / "few.csv").write_text("id,comment,score\n1,Slow and rude.,3\n2,Lovely.,9\n")
    args = ["run", str(tmp_path / "few.csv"), "-o", str(tmp_path / "out"), "--quiet"]
    code = f"from miner.cli import main\ntry: main({args!r})\nexcept SystemExit: pass"
    assert loaded_after(code, {"scipy.special", "scipy.stats"}) == {"scipy.special"}


def test_promised_names() -> None:
    assert {
        "load", "Scorer", "read", "mine", "types", "errors",
        "scored_schema", "ClauseTagger", "Tagged",
    } <= set(dir(miner))  # fmt: skip
    for name in miner.__all__:
        assert getattr(miner, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'scoore'"):
        miner.scoore  # noqa: B018


def test_modules_stay_small(root: Path) -> None:
    long = {
        str(path.relative_to(root)): count
        for path in (root / "miner").rglob("*.py")
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}
