"""How this program connects to Redis.

What the library retries by itself is switched off: its defaults run a command twice, or for 40 s, without saying so.
The library's annotations leave most types open; what this program uses of it is written down here as protocols.
"""

import asyncio
import hashlib
import ssl
from collections.abc import Sequence
from typing import Any, Protocol, cast

from redis.asyncio import BlockingConnectionPool, Connection, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError

from salebell_server.log.address import RedisAddress

TIMEOUT_SECONDS = 1.0
"""How long a command may take before the log counts as away."""

Argument = str | bytes | int | float


class Pipeline(Protocol):
    """Commands that travel together. They are not atomic, and each has its own answer."""

    def execute_command(self, *arguments: Argument) -> object:
        """Add a command."""
        ...

    async def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send them all; the answers, in order. With `raise_on_error` False, a refused command's is its exception."""
        ...


class Line(Protocol):
    """One connection, for a subscriber: what is sent and what is received have nothing to do with each other.

    Once a call has failed, it is only to be closed: to send would dial again.
    """

    async def connect(self) -> None:
        """Dial and sign in."""
        ...

    async def send_command(self, *arguments: Argument) -> None:
        """Send a command; what Redis says to it comes with `read_response`."""
        ...

    async def read_response(self, *, timeout: float, disconnect_on_error: bool) -> Any:  # noqa: ASYNC109
        """The next thing that Redis says: for a subscriber, lists of bytes and int.

        Args:
            timeout: seconds; `math.inf` to wait as long as it takes.
            disconnect_on_error: whether the connection is closed when that fails.
        """
        ...

    def abort(self) -> None:
        """Break the connection off, whatever was not sent yet. Harmless when it is closed; `disconnect` follows."""
        ...

    async def disconnect(self, nowait: bool = False) -> None:
        """Close it. Harmless when it is closed."""
        ...


class Client(Protocol):
    """A pool of connections. Every command raises `redis.exceptions.RedisError`, or an `OSError` of the network."""

    async def execute_command(self, *arguments: Argument) -> Any:
        """One command and its answer: bytes, int, None, or a list of these."""
        ...

    def pipeline(self, transaction: bool = True) -> Pipeline:
        """Commands to be sent together."""
        ...

    async def aclose(self) -> None:
        """Close every connection."""
        ...


class Script:
    """A Lua script, sent once to each server and then called by its SHA-1.

    Args:
        source: Lua; names its keys in KEYS alone.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.sha = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    def call(self, keys: Sequence[str], *arguments: Argument) -> tuple[Argument, ...]:
        """The command that calls it: EVALSHA, which a server that does not know it answers with NOSCRIPT."""
        return ("EVALSHA", self.sha, len(keys), *keys, *arguments)


async def evaluate(client: Client, script: Script, keys: Sequence[str], *arguments: Argument) -> Any:
    """What a script answers; a server that does not know it is sent it.

    Raises:
        redis.exceptions.RedisError, OSError: as for any command.
    """
    command = script.call(keys, *arguments)
    try:
        return await client.execute_command(*command)
    except NoScriptError:
        await client.execute_command("SCRIPT LOAD", script.source)
        return await client.execute_command(*command)


def connect(address: RedisAddress, *, connections: int = 16) -> Client:
    """A client that dials when it is first used, and whose commands fail after `TIMEOUT_SECONDS`.

    To be closed with `aclose`.

    Args:
        address: where.
        connections: how many it may have. A command that finds them all in use waits as long as an answer may take.
    """
    return cast("Client", Redis.from_pool(pool(address, connections=connections)))


def pool(address: RedisAddress, *, connections: int, timeout: float = TIMEOUT_SECONDS) -> BlockingConnectionPool:
    """Connections for a client of the library's own, dialled when they are first used. To be closed with `aclose`.

    Args:
        address: where.
        connections: how many.
        timeout: seconds that each step may take: to wait for a connection, to dial, to send and to be answered.
    """
    kind = SSLConnection if address.tls else Connection
    options: dict[str, Any] = {**_options(address), "socket_timeout": timeout, "socket_connect_timeout": timeout}
    return BlockingConnectionPool(connection_class=kind, timeout=timeout, max_connections=connections, **options)


def line(address: RedisAddress) -> Line:
    """A single connection that listens, not yet dialled.

    Whatever it does takes as long as it takes: the library limits sending in a way that can swallow a cancellation
    (`asyncio.wait_for`, before Python 3.12).
    """
    kind = _TlsLine if address.tls else _PlainLine
    options: dict[str, Any] = {**_options(address), "socket_timeout": None}
    return cast("Line", kind(**options))


class _Abortable:
    """The library closes gently: a dead connection with something left to send would stay until the system gives up."""

    _writer: asyncio.StreamWriter | None

    def abort(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()


class _PlainLine(_Abortable, Connection):
    pass


class _TlsLine(_Abortable, SSLConnection):
    pass


def _options(address: RedisAddress) -> dict[str, Any]:
    options: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "db": address.db,
        "username": address.username,
        "password": address.password,
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
    if address.tls:
        options |= {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, "ssl_ca_certs": address.ca_file}
    return options
