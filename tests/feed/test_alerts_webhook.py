"""The webhook against a real server: what is sent, what is refused, and that it never raises."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from miner.feed.alerts import Delivery, post

MESSAGE = {"id": "spike:café@2026-03-08/opened/2026-03-08", "sentence": "Långsamt \ud800"}


class Receiver(ThreadingHTTPServer):
    """Answers by path and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.got: list[tuple[str, str, dict[str, str], bytes]] = []
        self.elsewhere = ""
        self.done = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.command, self.path, dict(self.headers), body))
        name, _, rest = self.path.strip("/").partition("/")
        getattr(self, f"_{name}")(rest)

    def _status(self, code: str) -> None:
        self.send_response(int(code))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _redirect(self, code: str) -> None:
        self._away(code, "/status/204")

    def _elsewhere(self, code: str) -> None:
        self._away(code, f"{self.server.elsewhere}/status/200")

    def _loop(self, code: str) -> None:
        self._away(code, f"/loop/{code}")

    def _file(self, code: str) -> None:
        self._away(code, "file:///etc/hostname")

    def _away(self, code: str, to: str) -> None:
        self.send_response(int(code))
        self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _mute(self, _: str) -> None:
        self.server.done.wait(10)

    def _drip(self, _: str) -> None:
        """Send a byte now and then: each read is in time, the whole never is."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Long: ")
        while not self.server.done.wait(0.1):
            self.wfile.write(b"x")

    def _broken(self, _: str) -> None:
        self.wfile.write(b"no http at all\r\n\r\n")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Receiver]:
    with Receiver() as found:
        running = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.02})
        running.start()
        yield found
        found.done.set()
        found.shutdown()
        running.join()


def test_an_event_is_posted(server: Receiver) -> None:
    assert post(f"{server.url}/status/200", MESSAGE) == Delivery("sent", 200)
    ((method, path, headers, body),) = server.got
    assert (method, path) == ("POST", "/status/200")
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Idempotency-Key"] == "spike:caf\\xe9@2026-03-08/opened/2026-03-08"
    assert json.loads(body) == {**MESSAGE, "sentence": "Långsamt ?"}


def test_without_an_address_nothing_happens() -> None:
    assert [post(one, MESSAGE).state for one in (None, "")] == ["off", "off"]


@pytest.mark.parametrize("code", [400, 404, 429, 500, 503])
def test_a_refusal_is_a_failure(server: Receiver, code: int) -> None:
    found = post(f"{server.url}/status/{code}", MESSAGE)
    assert found == Delivery("failed", code, f"The answer was {code}.")
    assert len(server.got) == 1


@pytest.mark.parametrize("code", [307, 308])
def test_a_redirect_of_the_same_host_is_followed_as_a_post(server: Receiver, code: int) -> None:
    assert post(f"{server.url}/redirect/{code}", MESSAGE) == Delivery("sent", 204)
    first, second = server.got
    assert second[0] == "POST"
    assert second[3] == first[3]
    assert second[2]["Idempotency-Key"] == first[2]["Idempotency-Key"]
    assert second[2]["Content-Type"] == first[2]["Content-Type"]


@pytest.mark.parametrize("code", [301, 302, 303])
def test_a_redirect_that_makes_it_a_get_is_not(server: Receiver, code: int) -> None:
    assert post(f"{server.url}/redirect/{code}", MESSAGE).status == code
    assert len(server.got) == 1


@pytest.mark.parametrize("code", [302, 307, 308])
def test_another_host_is_never_gone_to(server: Receiver, code: int) -> None:
    with Receiver() as other:
        server.elsewhere = other.url  # another port is another host
        running = threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.02})
        running.start()
        found = post(f"{server.url}/elsewhere/{code}", MESSAGE)
        other.shutdown()
        running.join()
        assert (found.state, found.status, other.got) == ("failed", code, [])


@pytest.mark.parametrize("path", ["loop/307", "file/307"])
def test_redirects_that_lead_nowhere_end(server: Receiver, path: str) -> None:
    assert post(f"{server.url}/{path}", MESSAGE) == Delivery("failed", 307, "The answer was 307.")


@pytest.mark.parametrize("path", ["mute", "drip"])
def test_a_slow_receiver_is_not_waited_for(server: Receiver, path: str) -> None:
    begun = time.monotonic()
    found = post(f"{server.url}/{path}", MESSAGE, timeout=0.5)
    assert found == Delivery("failed", None, "No answer within 0.5 seconds.")
    assert time.monotonic() - begun < 3


def test_what_does_not_speak_http_is_a_failure(server: Receiver) -> None:
    found = post(f"{server.url}/broken", MESSAGE)
    assert (found.state, found.reason) == ("failed", "Not reached: BadStatusLine.")


def test_nobody_there_is_a_failure() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = post(f"http://127.0.0.1:{port}/token-4711", MESSAGE)
    assert (found.state, found.reason) == ("failed", "Not reached: Connection refused.")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("file:///etc/passwd", "The address is neither http nor https."),
        ("example.org/hook", "The address is neither http nor https."),
        ("http:///hook", "The address is neither http nor https."),
        ("http://[::1", "The address can't be read."),
        ("http://host:port/", "The address can't be read."),
        ("https://kim:secret@example.org/", "The address holds a user name: put a token into its "
         "path instead."),
    ],
)  # fmt: skip
def test_addresses_that_are_none(url: str, reason: str) -> None:
    assert post(url, MESSAGE) == Delivery("failed", None, reason)


def test_what_is_no_json_is_a_failure(server: Receiver) -> None:
    for message in ({"id": "x", "p": float("nan")}, {"id": "x", "p": object()}):
        found = post(f"{server.url}/status/200", message)
        assert found.state == "failed"
        assert found.reason.startswith("Nothing that can be sent: ")
    assert server.got == []


def test_odd_addresses_do_not_raise(server: Receiver) -> None:
    for path in ("a b", "é", "\n", "\x00"):
        assert post(f"{server.url}/{path}", MESSAGE, timeout=0.3).state == "failed"


def test_certificates_are_checked(server: Receiver, tmp_path: Any) -> None:
    """A certificate that nobody signed is refused, and nothing is sent."""
    trusted = ssl.create_default_context()
    assert trusted.verify_mode == ssl.CERT_REQUIRED
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found = post(server.url.replace("http:", "https:") + "/status/200", MESSAGE)
    assert found.state == "failed"
    assert found.reason.startswith("The certificate was not accepted: self")
    assert server.got == []


def self_signed(folder: Any) -> tuple[str, str]:
    """A certificate for 127.0.0.1 and its key, made by openssl."""
    import shutil
    import subprocess

    tool = shutil.which("openssl")
    if tool is None:
        pytest.skip("openssl is not installed")
    names = tuple(str(folder / name) for name in ("cert.pem", "key.pem"))
    subprocess.run(
        [tool, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-out", names[0], "-keyout", names[1]],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return names  # type: ignore[return-value]
