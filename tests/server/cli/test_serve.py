"""`salebell-server serve`: what it hands on, what it refuses, and that it can be told to stop at any time."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from salebell_server.cli.context import StartRefused
from salebell_server.settings import Settings
from tests.server.cli.stand import Run, caller, told

PATIENCE_SECONDS = 60.0


class Servers:
    """Notes what is to be served."""

    def __init__(self, refusal: str = "") -> None:
        self.asked: list[tuple[Settings, int]] = []
        self._refusal = refusal

    def serve(self, settings: Settings, workers: int) -> None:
        self.asked.append((settings, workers))
        if self._refusal:
            raise StartRefused(self._refusal)


def test_options_win_over_settings(environment: Mapping[str, str]) -> None:
    servers = Servers()
    run = caller(environment, serve=servers.serve)
    assert run("serve", "--port", "0", SALEBELL_HOST="::1", SALEBELL_PORT="4000") == (0, "", "")
    assert run("serve", "--host", "0.0.0.0", SALEBELL_PORT="4000").status == 0
    asked = [(settings.host, settings.port, workers) for settings, workers in servers.asked]
    assert asked == [("::1", 0, 1), ("0.0.0.0", 4000, 1)]


def test_workers_share_a_redis(environment: Mapping[str, str]) -> None:
    servers = Servers()
    run = caller(environment, serve=servers.serve)
    assert run("serve", "--workers", "3", ENABLE_REDIS="true", REDIS_HOST="cache").status == 0
    [(settings, workers)] = servers.asked
    assert settings.redis is not None
    assert (settings.redis.host, workers) == ("cache", 3)


def test_workers_cannot_share_the_embedded_log(run: Run, directory: Path) -> None:
    told(run("serve", "--workers", "2"), 2, "--workers", "one writer", "ENABLE_REDIS")
    assert not directory.exists()


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_number_of_workers_that_is_none(run: Run, count: str) -> None:
    told(run("serve", "--workers", count), 2, "--workers")


def test_on_windows_there_is_one_worker(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    told(run("serve", "--workers", "2", ENABLE_REDIS="true"), 2, "--workers", "Windows")


def test_what_keeps_a_server_from_starting_is_one_line(environment: Mapping[str, str]) -> None:
    run = caller(environment, serve=Servers("the port is taken").serve)
    told(run("serve"), 2, "the port is taken")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at which signals a process catches")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("seconds", [0.0, 0.2, 0.5, 1.0])
def test_told_to_stop_while_it_starts_it_ends_well(
    environment: Mapping[str, str], seconds: float, number: signal.Signals
) -> None:
    command = [sys.executable, "-m", "salebell_server", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not catches(server.pid, signal.SIGTERM):
            assert time.monotonic() < deadline
            time.sleep(0.001)
        time.sleep(seconds)  # whatever it is doing then
        server.send_signal(number)
        _, error = server.communicate(timeout=PATIENCE_SECONDS)
    assert server.returncode == 0
    assert "Traceback" not in error


def catches(process: int, number: signal.Signals) -> bool:
    """Whether a process handles a signal itself (man 5 proc: SigCgt)."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    caught = int(next(line for line in lines if line.startswith("SigCgt:")).split()[1], 16)
    return bool(caught >> (number - 1) & 1)
