"""One event to one address: a POST by the standard library that answers and never raises.

Nothing is sent unless an address is given. The certificate of an https address is checked, another
host is never gone to, and the whole exchange ends when its time is up, however slowly the other
side talks.
"""

from __future__ import annotations

import json
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import IO, Any, Final, Literal
from urllib.parse import SplitResult, urlsplit

TIMEOUT: Final = 10.0
"""Seconds for one exchange: a receiver that takes longer would hold up the night."""

_KEPT: Final = (307, 308)
"""Redirects that keep method and body (RFC 9110, 15.4.8 and 15.4.9); others would send a GET."""

_PORTS: Final = {"http": 80, "https": 443}
_READ: Final = 65_536  # bytes of an answer that are read, so that the connection ends cleanly


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one event: ``sent``, ``failed`` with the reason, or ``off`` (no address).

    `status`: of the HTTP answer, None where there was none. A failed event may be sent again: its
    ``Idempotency-Key`` is the same.
    """

    state: Literal["sent", "failed", "off"]
    status: int | None = None
    reason: str = ""


def post(url: str | None, message: Mapping[str, Any], *, timeout: float = TIMEOUT) -> Delivery:
    """Send one message of `miner.feed.alerts.payload` and return what became of it.

    Parameters
    ----------
    url : http or https address; None or empty sends nothing.
    message : its ``id`` goes into the header ``Idempotency-Key``.
    timeout : seconds for the whole exchange.

    Notes
    -----
    Sent means an answer of 200 to 299. A redirect is followed to the same scheme, host and port
    only, and only where it keeps the method (307, 308). Proxies are those of the environment. The
    reason never holds the address, which may carry a secret.

    Examples
    --------
    >>> post(None, {"id": "x"}).state
    'off'
    >>> post("ftp://example.org/", {"id": "x"}).reason
    'The address is neither http nor https.'
    """
    if not url:
        return Delivery("off")
    if wrong := wrong_address(url):
        return Delivery("failed", None, wrong)
    try:
        data = json.dumps(message, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
        request = _request(url, data, str(message.get("id", "")))
    except (ValueError, TypeError) as error:
        return Delivery("failed", None, f"Nothing that can be sent: {error}.")
    return _in_time(request, timeout)


def _request(url: str, data: bytes, key: str) -> urllib.request.Request:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "feedback-miner",
        # a header holds printable ASCII alone (RFC 9110, 5.5); a source may be called anything
        "Idempotency-Key": key.encode("ascii", "backslashreplace").decode("ascii"),
    }
    return urllib.request.Request(url, data, headers, method="POST")  # noqa: S310


def wrong_address(url: str) -> str:
    """Return why nothing can be sent to an address, "" where it can."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in _PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "The address can't be read."
    if parts.username is not None:
        return "The address holds a user name: put a token into its path instead."
    return "" if known else "The address is neither http nor https."


def _in_time(request: urllib.request.Request, timeout: float) -> Delivery:
    """Run the exchange beside, and stop waiting when the time is up."""
    answers: list[Delivery] = []
    beside = threading.Thread(
        target=lambda: answers.append(_exchange(request, timeout)), daemon=True, name="webhook"
    )
    beside.start()
    beside.join(timeout)
    return answers[0] if answers else Delivery("failed", None, _late(timeout))


def _exchange(request: urllib.request.Request, timeout: float) -> Delivery:
    opener = urllib.request.build_opener(
        _SameHost, urllib.request.HTTPSHandler(context=ssl.create_default_context())
    )
    try:
        with opener.open(request, timeout=timeout) as answer:
            answer.read(_READ)
            return Delivery("sent", answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return Delivery("failed", error.code, f"The answer was {error.code}.")
    except TimeoutError:
        return Delivery("failed", None, _late(timeout))
    except (OSError, HTTPException, ValueError) as error:
        return Delivery("failed", None, _why(error, timeout))


def _why(error: Exception, timeout: float) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return _late(timeout)
    if isinstance(reason, ssl.SSLCertVerificationError):
        return f"The certificate was not accepted: {reason.verify_message}."
    said = getattr(reason, "strerror", None) or type(reason).__name__
    return f"Not reached: {said}."


def _late(timeout: float) -> str:
    return f"No answer within {timeout:g} seconds."


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to the same scheme, host and port that keeps the method; no other."""

    max_redirections = 3

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],  # noqa: ARG002
        code: int,
        msg: str,  # noqa: ARG002
        headers: Message,  # noqa: ARG002
        newurl: str,
    ) -> urllib.request.Request | None:
        """Return the same request to the new address, None (an error) where it leads away."""
        if code not in _KEPT or _origin(urlsplit(newurl)) != _origin(urlsplit(req.full_url)):
            return None
        kept = dict(req.header_items())
        kept.pop("Content-length", None)
        return urllib.request.Request(newurl, req.data, kept, method="POST")  # noqa: S310


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme)
