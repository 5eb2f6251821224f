"""What goes wrong with Redis is told apart, in words without a secret."""

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError

from salebell_server.log import LogUnavailable
from salebell_server.log.address import RedisAddress
from salebell_server.log.redis.client import connect
from salebell_server.log.redis.errors import Cause, RedisUnavailable, lost_connection, unavailable
from tests.redis_server import RedisServer, free_port, redis_server

SECRET = "hunter2"
WRITE = ("EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", 1, "key", SECRET)


async def refused(address: RedisAddress, *command: str | int) -> RedisUnavailable:
    """What a command fails with."""
    client = connect(address)
    try:
        with pytest.raises((RedisError, OSError)) as caught:
            await client.execute_command(*(command or ("PING",)))
    finally:
        await client.aclose()
    found = unavailable(caught.value)
    assert isinstance(found, LogUnavailable)
    assert str(found).startswith(found.cause.value)
    assert SECRET not in str(found)
    return found


async def cause(address: RedisAddress, *command: str | int) -> Cause:
    return (await refused(address, *command)).cause


async def test_nobody_listens() -> None:
    found = await refused(RedisAddress(port=free_port()))
    assert str(found) == "Redis cannot be reached (Connection refused)"


async def test_a_name_that_nobody_has() -> None:
    assert await cause(RedisAddress(host="redis.invalid")) is Cause.UNREACHABLE


async def test_silence(server: RedisServer) -> None:
    server.freeze()
    assert await cause(server.address) is Cause.SILENT


async def test_a_wrong_password_or_none(tmp_path: Path) -> None:
    with redis_server(tmp_path / "valkey", requirepass="sesame") as server:
        for password in (None, SECRET):
            assert await cause(replace(server.address, password=password)) is Cause.SIGN_IN


async def test_a_password_where_none_is_wanted(server: RedisServer) -> None:
    for username in (None, "somebody"):
        assert await cause(replace(server.address, username=username, password=SECRET)) is Cause.SIGN_IN


async def test_what_the_user_may_not(server: RedisServer) -> None:
    server.command("ACL", "SETUSER", "bob", "on", f">{SECRET}", "~key", "+get", "+eval")
    bob = replace(server.address, username="bob", password=SECRET)
    assert await cause(bob, "SET", "key", "1") is Cause.PERMISSION
    assert await cause(bob, "GET", "another") is Cause.PERMISSION
    assert await cause(bob, *WRITE) is Cause.PERMISSION


async def test_a_database_that_there_is_not(server: RedisServer) -> None:
    assert await cause(replace(server.address, db=99)) is Cause.DATABASE


async def test_full(server: RedisServer) -> None:
    server.command("CONFIG", "SET", "maxmemory", "1")
    assert await cause(server.address, *WRITE) is Cause.FULL
    assert await cause(server.address, "SET", "key", SECRET) is Cause.FULL


async def test_a_replica(server: RedisServer) -> None:
    server.command("REPLICAOF", "127.0.0.1", str(free_port()))
    assert await cause(server.address, *WRITE) is Cause.READ_ONLY
    server.command("CONFIG", "SET", "replica-serve-stale-data", "no")
    assert await cause(server.address, "GET", "key") is Cause.READ_ONLY


async def test_too_few_replicas(server: RedisServer) -> None:
    server.command("CONFIG", "SET", "min-replicas-to-write", "1")
    assert await cause(server.address, *WRITE) is Cause.REPLICAS


async def test_a_key_of_another_program(server: RedisServer) -> None:
    server.command("SET", "key", "x")
    assert await cause(server.address, "HGET", "key", "field") is Cause.FOREIGN


async def test_a_command_that_it_does_not_know(server: RedisServer) -> None:
    assert str(await refused(server.address, "NOPE", SECRET)) == "Redis refuses a command (unknown command 'NOPE')"


async def test_a_cluster(tmp_path: Path) -> None:
    with redis_server(tmp_path / "valkey", cluster_enabled="yes", cluster_port=str(free_port())) as server:
        assert await cause(server.address, "GET", "key") is Cause.CLUSTER
        server.command("CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        assert await cause(server.address, "MGET", "a", "b") is Cause.CLUSTER


@pytest.mark.parametrize(("tls", "expected"), [(False, Cause.PROTOCOL), (True, Cause.TLS)])
async def test_something_that_is_not_redis(tls: bool, expected: Cause) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        assert await cause(RedisAddress(port=port, tls=tls)) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Error running script (call to f_5b): @user_script:9: @user_script: 9: -OOM command not allowed", Cause.FULL),
        ("Error running script (call to f_5b): @user_script:9: @user_script: 9: -MISCONF Errors writing", Cause.DISK),
        ("BUSY Redis is busy running a script. You can only call SCRIPT KILL", Cause.BUSY),
        ("MISCONF Errors writing to the AOF file: No space left on device", Cause.DISK),
        ("max number of clients reached", Cause.CROWDED),
        ("something of tomorrow", Cause.REFUSED),
    ],
)
def test_words_of_servers_of_all_ages(text: str, expected: Cause) -> None:
    assert unavailable(ResponseError(text)).cause is expected


def test_long_words_are_cut_and_made_one_line() -> None:
    words = str(unavailable(ResponseError("a\nb " * 1000)))
    assert len(words) < 300
    assert "\n" not in words


async def test_only_a_connection_that_broke_is_worth_another_try(server: RedisServer) -> None:
    assert lost_connection(RedisConnectionError("Connection closed by server."))
    assert lost_connection(ConnectionResetError())
    for other in (TimeoutError(), ResponseError("OOM command not allowed"), ValueError()):
        assert not lost_connection(other)
