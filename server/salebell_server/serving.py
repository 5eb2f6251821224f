"""One port for HTTP and `/ws`: binding it, for one process or several, and running uvicorn until it is told to end."""

import asyncio
import contextlib
import errno
import os
import socket
import sys
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeVar

import uvicorn

from salebell_server.http11 import Http11
from salebell_server.stopping import Stop

T = TypeVar("T")

BACKLOG = 4096
"""Connections that may wait to be accepted: after a restart all desktops come back at once."""

GRACE_SECONDS = 3
"""How long connections may take to end when the server stops."""


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


def bind_each(host: str, port: int, workers: int) -> list[list[socket.socket]]:
    """As `bind`, sockets for each of several processes on the same addresses.

    On Linux each has queues of its own, among which the kernel spreads connections evenly: of 400, four workers got 89,
    107, 126 and 78, where one queue for all gave them 97, 99, 11 and 193. As long as this process keeps the sockets
    too, what waits in the queue of a worker that died is taken by its successor. Elsewhere SO_REUSEPORT does not
    spread, and all share one queue.

    Raises:
        AddressRefused: as `bind`.
    """
    first = bind(host, port)
    if sys.platform != "linux":
        return [first] * workers
    each = [first]
    try:
        for sock in first:
            # Only after `bind`, so that a port which another server shares among its workers counts as taken.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        for _ in range(workers - 1):
            each.append([])
            for sock in first:
                each[-1].append(_listen(sock.family, sock.getsockname(), shared=True))
    except OSError as error:
        for sock in (sock for sockets in each for sock in sockets):
            sock.close()
        raise AddressRefused(_reason(error, host, port)) from None
    return each


def _listen(family: int, address: tuple[Any, ...], *, shared: bool = False) -> socket.socket:
    # With its protocol named, asyncio sets TCP_NODELAY on what it accepts; without it, answers wait 40 ms.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":  # elsewhere it would let two servers share a port
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
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


class _Server(uvicorn.Server):
    """uvicorn, which a `Stop` tells to end: by itself it would take the signals, and raise them again afterwards."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    def end(self) -> None:
        """Begin to end."""
        self.should_exit = True


async def run(application: Any, sockets: Sequence[socket.socket], stop: Stop, **options: Any) -> None:
    """Serve an ASGI application on bound sockets until `stop` is told, then let what is under way finish.

    Args:
        application: for HTTP; without a lifespan of its own.
        sockets: from `bind`; closed at the end.
        stop: tells when to end.
        options: of `uvicorn.Config`, such as `ws` and `forwarded_allow_ips`.
    """
    config = uvicorn.Config(
        application,
        http=Http11,
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **options,
    )
    server = _Server(config)
    stop.then(server.end)
    await server.serve(sockets=list(sockets))


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
