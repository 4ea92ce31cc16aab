"""The whole error tree, grouped by what the reader should do next.

Every error says what is wrong, where, what was got and expected, and ends with the next step
(`hint`). Facts are attributes, so tests and the JSON log read them without parsing prose.
Trouble in a single row is not an exception: it is a `miner.types.RowProblem`, collected.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar


class MinerError(Exception):
    """Base of every error this package raises on purpose.

    Parameters
    ----------
    message : what is wrong and where, one sentence.
    hint : what to do about it, one sentence that starts with a verb.
    slug : short readable key, such as ``ingest.no-text-column``.
    **facts : values behind the message (path, column, row, got, expected …).

    Examples
    --------
    >>> error = MinerError("reviews.csv is empty.", hint="Export it again.", slug="ingest.empty")
    >>> str(error)
    'reviews.csv is empty. Export it again.'
    >>> error.slug
    'ingest.empty'
    """

    exit_code: ClassVar[int] = 70

    def __init__(
        self, message: str, *, hint: str = "", slug: str = "miner.error", **facts: Any
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.slug = slug
        self.facts = facts

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.message, self.hint, self.slug, self.facts)


def _rebuild(
    kind: type[MinerError], message: str, hint: str, slug: str, facts: dict[str, Any]
) -> MinerError:
    return kind(message, hint=hint, slug=slug, **facts)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the part of a hint that names what was probably meant; "" where nothing is near.

    Examples
    --------
    >>> nearest("chanel", ["channel", "date"])
    'Nearest: "channel". '
    """
    import difflib  # rarely needed, and `import miner` is promised to cost next to nothing

    near = difflib.get_close_matches(name, list(known), n=1)
    return f'Nearest: "{near[0]}". ' if near else ""


class UsageError(MinerError):
    """The command line, a setting or an argument is wrong: change the command (exit 2)."""

    exit_code = 2


def unwritable(
    path: object, error: OSError, *, hint: str, slug: str = "output.unwritable"
) -> UsageError:
    """Return the error that says what can't be written, and what the system says of it.

    Parameters
    ----------
    path : the file or folder that was to be written.
    error : what writing it raised.
    hint : what to do about it, one sentence that starts with a verb.
    slug : short readable key; parts of the program that tell their own trouble apart have one.

    Examples
    --------
    >>> full = OSError(28, "No space left on device")
    >>> str(unwritable("out/report.html", full, hint="Give another place with -o."))
    "out/report.html: can't write there (No space left on device). Give another place with -o."
    """
    return UsageError(
        f"{path}: can't write there ({error.strerror or error}).",
        hint=hint,
        slug=slug,
        path=str(path),
    )


class TextsError(UsageError, ValueError):
    """What was given as texts is no column of texts; scikit-learn knows it as a ValueError."""


class DataError(MinerError):
    """The input can't be used as it is: fix it, map it or skip it (exit 3)."""

    exit_code = 3


class ModelError(MinerError):
    """The model is missing, damaged, too new or not trusted: retrain or fetch it (exit 4)."""

    exit_code = 4


class InternalError(MinerError):
    """An invariant of the program itself failed: our bug, please report it (exit 70)."""

    exit_code = 70
