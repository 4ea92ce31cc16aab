"""What the processes of this project's own leave out when they start."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any, Final

_COMMANDS: Final = "spacy.cli.info"


def without_spacy_commands() -> None:
    """Let `import spacy` leave spaCy's command line out: a third of what it takes.

    spaCy imports all its commands for the sake of `spacy.info`, with packages that download
    models, read projects and draw tables. That function imports them here when it is called, and
    ``import spacy.cli`` does as ever. Not for programs that import this one: they may use
    `spacy.cli` without importing it.
    """
    if "spacy" not in sys.modules:
        stand_in = ModuleType(_COMMANDS)
        setattr(stand_in, "info", _info)  # noqa: B010  (no type stub names it)
        sys.modules[_COMMANDS] = stand_in


def _info(*args: Any, **kwargs: Any) -> Any:
    if sys.modules[_COMMANDS].__spec__ is None:  # the stand-in
        del sys.modules[_COMMANDS]
    return importlib.import_module(_COMMANDS).info(*args, **kwargs)
