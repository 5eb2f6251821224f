"""How this program connects to Redis.

What the library retries by itself is switched off: its defaults run a command twice, or for 40 s, without saying so.
The library's annotations leave most types open; what this program uses of it is written down here as protocols.
"""

import hashlib
import ssl
from collections.abc import Sequence
from typing import Any, Protocol, cast

from redis.asyncio import Connection, ConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

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


class PubSub(Protocol):
    """A connection that listens."""

    async def connect(self) -> None:
        """Dial, if it is not connected."""
        ...

    async def execute_command(self, *arguments: Argument) -> None:
        """Send a command; its answer comes with `parse_response`."""
        ...

    async def parse_response(self, block: bool = True, timeout: float = 0) -> Any:  # noqa: ASYNC109
        """The next message as it came; None when none came within `timeout` seconds."""
        ...

    async def aclose(self) -> None:
        """Close the connection."""
        ...


class Client(Protocol):
    """A pool of connections. Every command raises `redis.exceptions.RedisError`, or an `OSError` of the network."""

    async def execute_command(self, *arguments: Argument) -> Any:
        """One command and its answer: bytes, int, None, or a list of these."""
        ...

    def pipeline(self, transaction: bool = True) -> Pipeline:
        """Commands to be sent together."""
        ...

    def pubsub(self) -> PubSub:
        """A connection that listens."""
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


def connect(address: RedisAddress, *, timeout: float | None = TIMEOUT_SECONDS, connections: int = 16) -> Client:
    """A client that dials when it is first used. To be closed with `aclose`.

    Args:
        address: where.
        timeout: seconds that an answer may take; None for connections that wait for what others publish.
        connections: how many it may have.
    """
    options: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "db": address.db,
        "username": address.username,
        "password": address.password,
        "socket_timeout": timeout,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
        "max_connections": connections,
    }
    if address.tls:
        options |= {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True, "ssl_ca_certs": address.ca_file}
    pool = ConnectionPool(SSLConnection if address.tls else Connection, **options)
    return cast("Client", Redis.from_pool(pool))
