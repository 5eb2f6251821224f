"""What a port speaks with which a client could not come to terms: for telling people what to change."""

import asyncio
import ssl
from enum import Enum

PATIENCE_SECONDS = 1.0
GREETING_SECONDS = 0.3


class Speech(Enum):
    """How to talk there."""

    PLAIN = "without TLS"
    TLS = "with TLS"
    TLS_BROKEN_OFF = "with TLS, and without a certificate not for long"
    UNKNOWN = "in none of these ways"


async def spoken(host: str, port: int) -> Speech:
    """Find out how to talk to a Redis there. Whom it belongs to is not looked at, and it is told nothing."""
    if await _answers_plainly(host, port):
        return Speech.PLAIN
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=context)
    except ssl.SSLError as error:
        return Speech.TLS_BROKEN_OFF if "ALERT" in (error.reason or "") else Speech.UNKNOWN
    except (OSError, TimeoutError):
        return Speech.UNKNOWN
    try:
        # A server waits for what it is asked, unless it misses a certificate (RFC 8446, section 4.4.2.4).
        async with asyncio.timeout(PATIENCE_SECONDS):
            await reader.read(1)
    except TimeoutError:
        return Speech.TLS
    except OSError:
        return Speech.TLS_BROKEN_OFF
    finally:
        writer.transport.abort()
    return Speech.TLS_BROKEN_OFF


async def greeting(host: str, port: int) -> str:
    """What a Redis says unasked, because it will not listen; "" when it says nothing.

    A client that speaks first may find the connection closed before it has read that.
    """
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                line = await reader.readuntil(b"\r\n")
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return ""
    return line[1:-2].decode("ascii", "replace") if line.startswith(b"-") else ""


async def _answers_plainly(host: str, port: int) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(b"PING\r\n")
                answer = await reader.read(1)
            finally:
                writer.transport.abort()
    except (OSError, TimeoutError):
        return False
    return answer in (b"+", b"-")
