"""What a report is dressed with beside its figures: the logo."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Final

from miner.config import Settings
from miner.errors import UsageError

LOGO_BYTES: Final = 200_000
"""Largest logo: the page holds it as text, a third longer than the file."""
_KINDS: Final = {
    b"\x89PNG\r\n\x1a\n": ("image/png", b"IEND\xaeB`\x82"),
    b"\xff\xd8\xff": ("image/jpeg", b"\xff\xd9"),
}
"""By its first bytes: what a picture is, and the bytes that end it."""
_NONE: Final = ("", b"")


def logo_of(settings: Settings) -> dict[str, str]:
    """Return the logo as the manifest keeps it, a data URI; nothing without one.

    Raises
    ------
    UsageError
        The file can't be read, is too large, is cut off, or is neither PNG nor JPEG.
    """
    if settings.logo is None:
        return {}
    path = Path(settings.logo)
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LOGO_BYTES else b""
    except OSError as error:
        raise _refused(path, f"{error.strerror or error}", "Give the path of a picture") from error
    if size > LOGO_BYTES:
        said = f"{size:,} bytes, at most {LOGO_BYTES:,} fit into a page"
        raise _refused(path, said, "Save it smaller (40 pixels high is enough)")
    kind, end = next((found for start, found in _KINDS.items() if content.startswith(start)), _NONE)
    if not kind:
        raise _refused(path, "neither PNG nor JPEG", "Save it as PNG")
    if end not in content:
        raise _refused(path, "the picture is cut off", "Save it again, as PNG")
    return {"logo": f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"}


def _refused(path: Path, why: str, hint: str) -> UsageError:
    return UsageError(
        f"{path}: {why}.",
        hint=f"{hint}: --logo logo.png.",
        slug="report.logo-refused",
        path=str(path),
    )
