"""What one idle authenticated connection costs the server: resident memory and CPU.

    python -m bench.connections [--connections 3000]

Bars: at most 9 KiB and 0.6 ms, with a token that was verified before.
"""

import argparse
import gc
import json
import resource
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
WARM_UP = 300
SWEEPS = 100
KIB_BAR = 9.0
MS_BAR = 0.6


class Server:
    """The gateway in a process of its own (see `gateway_server`, which has the options too)."""

    def __init__(self, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("gateway_server.py")), *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.port: int = self._read()["port"]

    def ask(self, command: str) -> dict[str, Any]:
        self.begin(command)
        return self.finish()

    def begin(self, command: str) -> int:
        """Give a command; the file descriptor on which its answer will come."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._process.stdout.fileno()

    def finish(self) -> dict[str, Any]:
        """The answer to the command that was begun."""
        return self._read()

    def stop(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def masked(payload: bytes) -> bytes:
    """A client's text frame. The mask is zero: the server undoes it all the same, and the client is cheap."""
    length = len(payload)
    head = bytes((0x81, 0x80 | length)) if length < 126 else bytes((0x81, 0xFE)) + length.to_bytes(2, "big")
    return head + bytes(4) + payload


def connect(port: int, number: int) -> socket.socket:
    """A socket that is signed in with a token that counts as verified before."""
    return sign_in(port, f"admin-{number}")


def sign_in(port: int, token: str) -> socket.socket:
    """A socket that is signed in."""
    client = socket.create_connection(("127.0.0.1", port))
    client.sendall(HANDSHAKE)
    wait_for(client, b'"welcome"')
    client.sendall(auth(token))
    wait_for(client, b'"auth_success"')
    return client


def auth(token: str) -> bytes:
    """The frame of an `auth`."""
    return masked(b'{"type":"auth","token":"%s"}' % token.encode())


def wait_for(client: socket.socket, word: bytes) -> None:
    received = b""
    client.settimeout(10)
    while word not in received:
        received += client.recv(65536)


def raise_limit() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=3000)
    wanted = parser.parse_args().connections
    raise_limit()
    gc.disable()
    server = Server()
    server.ask(f"prepare {WARM_UP + wanted}")
    clients = [connect(server.port, number) for number in range(WARM_UP)]
    before = server.ask("usage")
    clients += [connect(server.port, WARM_UP + number) for number in range(wanted)]
    after = server.ask("usage")
    sweep_ms = server.ask(f"sweep {SWEEPS}")["cpu"] * 1000 / SWEEPS
    kib = (after["rss"] - before["rss"]) / wanted
    ms = (after["cpu"] - before["cpu"]) * 1000 / wanted
    for client in clients:
        client.close()
    server.stop()
    print(f"{wanted} connections: {kib:.2f} KiB each (bar {KIB_BAR}), {ms:.3f} ms of CPU each (bar {MS_BAR})")
    print(f"the sweep of all {len(clients)}, once a second: {sweep_ms:.2f} ms of CPU")
    return 0 if kib <= KIB_BAR and ms <= MS_BAR else 1


if __name__ == "__main__":
    sys.exit(main())
