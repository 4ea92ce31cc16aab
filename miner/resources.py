"""Where the shipped models and corpora lie, in a wheel and in a checkout alike."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_ROOTS = (_PACKAGE / "_bundled", _PACKAGE.parent)


def folder(name: str) -> Path:
    """Return the folder ``models`` or ``corpora`` that belongs to this installation.

    An installed wheel carries both inside the package; a checkout (or an editable install) has
    them beside it. The returned path need not exist.
    """
    for root in _ROOTS:
        if (root / name).is_dir():
            return root / name
    return _ROOTS[-1] / name
