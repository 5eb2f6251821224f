"""Google's Identity Toolkit on loopback, as firebase-admin asks it: it fails as Google documents, hangs or hangs up.

`FIREBASE_AUTH_EMULATOR_HOST` leads to it. What works is for the emulator.
"""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Behaviour(Enum):
    """What is no answer."""

    HANG = auto()
    """Say nothing."""
    DRIBBLE = auto()
    """Send a byte of an endless answer at a time, so that no time-out between two bytes ever ends it."""
    HANG_UP = auto()
    """Close the connection."""


class Answer(NamedTuple):
    """An answer over HTTP."""

    status: int = 200
    content: bytes = b"{}"
    headers: Mapping[str, str] = {}


class Request(NamedTuple):
    """What was asked."""

    path: str
    body: dict[str, Any]


def answer(body: object, status: int = 200, **headers: str) -> Answer:
    """An answer in JSON; the names of headers have underscores."""
    return Answer(status, json.dumps(body).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


def refusal(status: int, message: str, *, rpc: str = "", reason: str = "", **headers: str) -> Answer:
    """An error of Identity Toolkit's (cloud.google.com/identity-platform/docs/error-codes).

    Args:
        status: of HTTP.
        message: the code, and what may come after a colon.
        rpc: Google's own status, such as `PERMISSION_DENIED`.
        reason: in an `ErrorInfo` (cloud.google.com/apis/design/errors).
        headers: see `answer`.
    """
    error: dict[str, Any] = {"code": status, "message": message}
    if rpc:
        error["status"] = rpc
    if reason:
        error["details"] = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}]
    return answer({"error": error}, status, **headers)


class Toolkit:
    """What it says may be changed at any time.

    Attributes:
        says: the answers in turn; the last is given again and again.
        asked: all that was asked.
    """

    def __init__(self) -> None:
        self.says: list[Answer | Behaviour] = [Answer()]
        self.asked: list[Request] = []
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = False  # so that `stop` waits for them, and none outlives its test
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def host(self) -> str:
        """For `FIREBASE_AUTH_EMULATOR_HOST`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def stop(self) -> None:
        """End it, and whatever hangs. Harmless when repeated."""
        self._ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def next(self, request: Request) -> Answer | Behaviour:
        with self._lock:
            self.asked.append(request)
            return self.says[0] if len(self.says) == 1 else self.says.pop(0)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end; whether it has come."""
        return self._ended.wait(seconds)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        toolkit = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                said = toolkit.next(Request(self.path, json.loads(raw) if raw.startswith(b"{") else {}))
                with suppress(ConnectionError):  # who asked did not wait
                    self._give(said)

            def _give(self, said: Answer | Behaviour) -> None:
                self.close_connection = True
                if said is Behaviour.HANG:
                    toolkit.wait()
                elif said is Behaviour.DRIBBLE:
                    self.send_response(200)
                    self.end_headers()
                    while not toolkit.wait(0.05):
                        self.wfile.write(b" ")
                elif isinstance(said, Answer):
                    self.send_response(said.status)
                    for name, value in {"Content-Type": "application/json", **said.headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(said.content)))
                    self.end_headers()
                    self.wfile.write(said.content)

            do_GET = do_POST = _serve  # noqa: N815 - their names there

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name there
                pass

        return Handler


@contextmanager
def identity_toolkit() -> Generator[Toolkit, None, None]:
    """A toolkit inside the block."""
    toolkit = Toolkit()
    try:
        yield toolkit
    finally:
        toolkit.stop()
