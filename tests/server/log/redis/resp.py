"""A server that speaks the protocol of Redis and knows a few answers by heart: what no real one here would say."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

from salebell_server.log.address import RedisAddress

Answer = bytes | int | list[bytes] | None
"""An error begins with "-"."""


def encoded(answer: Answer) -> bytes:
    match answer:
        case None:
            return b"$-1\r\n"
        case int():
            return b":%d\r\n" % answer
        case list():
            return b"*%d\r\n" % len(answer) + b"".join(map(encoded, answer))
        case _ if answer.startswith(b"-"):
            return answer + b"\r\n"
        case _:
            return b"$%d\r\n%s\r\n" % (len(answer), answer)


async def _command(reader: asyncio.StreamReader) -> list[bytes]:
    parts: list[bytes] = []
    for _ in range(int((await reader.readuntil())[1:])):
        size = int((await reader.readuntil())[1:])
        parts.append((await reader.readexactly(size + 2))[:-2])
    return parts


@asynccontextmanager
async def answering(answers: Mapping[str, Answer]) -> AsyncGenerator[RedisAddress, None]:
    """A server that answers the commands of these names; any other, with "OK"."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                name = (await _command(reader))[0].decode()
                writer.write(encoded(answers.get(name.upper(), b"OK")))
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        yield RedisAddress(port=server.sockets[0].getsockname()[1])
