"""One port for HTTP and `/ws`: binding it, and running uvicorn until a signal."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

T = TypeVar("T")

BACKLOG = 4096
"""Connections that may wait to be accepted: after a restart all desktops come back at once."""

GRACE_SECONDS = 3
"""How long connections may take to end when the server stops."""


HEAD_BYTES = 64 * 1024
HEAD_SECONDS = 15.0
"""How long and how slow the head of a request may be: longer than any honest one."""


class AddressRefused(Exception):
    """The address cannot be listened on; the text names the variable and says why."""


def bind(host: str, port: int) -> list[socket.socket]:
    """Listening sockets on every address that `host` stands for. Port 0 is any free one, the same for all.

    Raises:
        AddressRefused: it is no address of this machine, or the port is taken.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise AddressRefused(f"SALEBELL_HOST (--host) names no address: {host}") from None
    sockets: list[socket.socket] = []
    try:
        for family, address in dict.fromkeys((family, address) for family, _, _, _, address in found):
            sockets.append(_listen(family, (address[0], port, *address[2:])))
            port = sockets[0].getsockname()[1]
    except OSError as error:
        for sock in sockets:
            sock.close()
        raise AddressRefused(_reason(error, host, port)) from None
    return sockets


def _listen(family: int, address: tuple[Any, ...]) -> socket.socket:
    # With its protocol named, asyncio sets TCP_NODELAY on what it accepts; without it, answers wait 40 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def _reason(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"SALEBELL_PORT (--port): port {port} of {host} is taken by another program"
    if error.errno == errno.EACCES:
        return f"SALEBELL_PORT (--port): port {port} needs rights that this user does not have: choose one above 1023"
    return f"SALEBELL_HOST (--host): cannot listen on {host}: {(error.strerror or str(error)).lower()}"


def url_of(sock: socket.socket) -> str:
    """Where a listening socket is reached, as a URL."""
    host, port = sock.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Http(HttpToolsProtocol):
    """uvicorn's HTTP, with bounds on the head of a request.

    A head may be `HEAD_BYTES` long and take `HEAD_SECONDS`; beyond that the connection is closed. A trailer is no
    header (RFC 9110, section 6.5.1): it may bring neither a key nor a client's address.
    """

    _head_is_complete = False
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._head_bytes = 0 if self._head_is_complete else self._head_bytes + len(data)
        if self._head_bytes > HEAD_BYTES:
            self.transport.close()

    def on_message_begin(self) -> None:
        self._await_head()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_is_complete:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._head_is_complete = True
        self._stop_waiting()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._stop_waiting()
        self._head_is_complete = False
        self._head_timer = asyncio.get_running_loop().call_later(HEAD_SECONDS, self._head_is_late)

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self.transport.close()


class _Server(uvicorn.Server):
    """uvicorn, but a signal ends it with status 0: uvicorn itself would raise the signal again afterwards."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        def stop(_number: int, _frame: object) -> None:
            self.should_exit = True

        before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


async def run(application: Any, sockets: Sequence[socket.socket], **options: Any) -> None:
    """Serve an ASGI application on bound sockets until SIGTERM or SIGINT, then let what is under way finish.

    Args:
        application: for HTTP; without a lifespan of its own.
        sockets: from `bind`; closed at the end.
        options: of `uvicorn.Config`, such as `ws` and `forwarded_allow_ips`.
    """
    config = uvicorn.Config(
        application,
        http=_Http,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **options,
    )
    await _Server(config).serve(sockets=list(sockets))


def run_loop(main: Callable[[], Any]) -> None:
    """Run a coroutine function to its end, on uvloop where there is one."""
    if sys.platform == "win32":
        asyncio.run(main())
        return
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def raise_file_limit() -> None:
    """Allow as many open files as this process may have: each socket is one."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        with contextlib.suppress(ValueError, OSError):  # macOS says "unlimited" and means less
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
