"""Shared settings of the suite: derandomised hypothesis, no network, shared fixtures."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("suite")

os.environ.setdefault("HF_HUB_OFFLINE", "1")

# What a shell starts in the background ignores Ctrl-C, and so does all that it starts in turn: the
# programs under test are to hear it, whoever runs the suite.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

CLOCK = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """Only this machine may be reached: a browser and its driver talk over loopback."""
    if request.node.get_closest_marker("browser"):
        return
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError(f"a test tried to reach the network: {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@dataclass(frozen=True)
class Answer:
    """What a command said: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@pytest.fixture
def miner_cli(capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run the command line in this process, as the installed command would."""
    from miner.cli import main

    def call(*args: object) -> Answer:
        capfd.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(arg) for arg in args])
        out, err = capfd.readouterr()
        return Answer(int(left.value.code or 0), out, err)

    return call


@pytest.fixture(scope="session")
def demo_csv(root: Path) -> Path:
    """The demo export."""
    return root / "corpora" / "demo" / "brindle.csv"


@pytest.fixture(scope="session")
def demo_out(demo_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `miner run` writes from the demo export, made once."""
    from miner.config import load_settings
    from miner.workflow import run

    folder = tmp_path_factory.mktemp("demo") / "out"
    run([demo_csv], folder, settings=load_settings(now=CLOCK))
    return folder
