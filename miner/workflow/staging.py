"""A folder whose files appear all together, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from miner.errors import unwritable
from miner.workflow.manifest import leftovers


@contextmanager
def staged(output: Path) -> Iterator[Path]:
    """Give a hidden folder inside `output`; on success its files move up by rename.

    Where both hold a manifest, what the old one vouches for and the new one has no more goes too,
    so that no table of an earlier report stays beside a later one; a file changed since stays.

    On an error or an interrupt the hidden folder goes, and so does `output` if it was made here.

    Raises
    ------
    UsageError
        `output` is a file or can't be written to.
    """
    made = not output.exists()
    try:
        output.mkdir(parents=True, exist_ok=True)
        hidden = Path(tempfile.mkdtemp(prefix=".miner-", dir=output))
    except OSError as error:
        raise unwritable(output, error, hint="Give another folder with -o.") from error
    try:
        yield hidden
        past = leftovers(output, hidden)
        for path in sorted(hidden.iterdir()):
            path.replace(output / path.name)
        for path in past:
            path.unlink(missing_ok=True)
    except BaseException:
        shutil.rmtree(hidden, ignore_errors=True)
        if made and not any(output.iterdir()):
            output.rmdir()
        raise
    shutil.rmtree(hidden, ignore_errors=True)
