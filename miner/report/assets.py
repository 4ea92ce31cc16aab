"""The files a page is made from, and the hash that lets exactly one of them run in it."""

from __future__ import annotations

import base64
import hashlib
from importlib import resources


def asset(name: str) -> str:
    """Return the text of one of the templates.

    Examples
    --------
    >>> asset("report.css").startswith(":root")
    True
    """
    return resources.files("miner.report").joinpath("templates", name).read_text(encoding="utf-8")


def csp_hash(text: str) -> str:
    """Return the Content-Security-Policy source that lets exactly this inlined text apply.

    Examples
    --------
    >>> csp_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
