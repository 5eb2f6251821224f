"""What a look at Redis finds, in every state that a server can be brought into, and what it says to do about it."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from msgspec.structs import replace
from redis.exceptions import RedisError

from salebell_server.log.address import RedisAddress
from salebell_server.log.findings import Report, Severity
from salebell_server.log.redis.checks import SKEW_SECONDS, examine
from salebell_server.log.redis.client import connect
from salebell_server.log.redis.snapshot import SCHEMA
from tests.needs import need
from tests.redis_server import RedisServer, free_port, redis_binary, redis_server, valkey_binary
from tests.server.log.redis.resp import Answer, answering

SECRET = "s3cret"

VERSION = b"redis_version:7.2.4\r\nredis_mode:standalone\r\nrole:master\r\nmaxmemory_policy:noeviction\r\n"


async def found(address: RedisAddress, unix: Callable[[], float] = time.time) -> Report:
    report = await examine(address, unix)
    assert SECRET not in repr(report)
    return report


def details(report: Report, severity: Severity) -> dict[str, str]:
    return {finding.subject: finding.detail for finding in report.findings if finding.severity is severity}


async def the_only(address: RedisAddress, severity: Severity) -> str:
    """What is said of the one thing that is not fine, which is so severe."""
    (finding,) = (each for each in (await found(address)).findings if each.severity is not Severity.FINE)
    assert finding.severity is severity, finding
    return finding.detail


@pytest.fixture(params=["valkey", "redis"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[RedisServer, None, None]:
    program = valkey_binary() if request.param == "valkey" else redis_binary()
    with redis_server(tmp_path / "redis", program=program) as running:
        yield running


async def test_one_that_will_do(server: RedisServer) -> None:
    report = await found(replace(server.address, db=3))
    assert {finding.severity for finding in report.findings} == {Severity.FINE}
    told = details(report, Severity.FINE)
    assert told["redis"].endswith(f"redis://127.0.0.1:{server.port}/3")
    assert told["redis version"].split()[0] in ("Redis", "Valkey")
    assert {"redis role", "redis persistence", "redis eviction", "redis memory", "redis clock", "redis writes"} <= {
        *told
    }
    assert report.refusal(allow_weak=False) is None


@pytest.mark.parametrize(
    ("setting", "value", "subject"),
    [
        ("appendonly", "no", "redis persistence"),
        ("appendfsync", "everysec", "redis persistence"),
        ("no-appendfsync-on-rewrite", "yes", "redis persistence"),
        ("maxmemory-policy", "allkeys-lru", "redis eviction"),
    ],
)
async def test_one_that_may_lose_what_it_has_acknowledged(
    server: RedisServer, setting: str, value: str, subject: str
) -> None:
    server.command("CONFIG", "SET", setting, value)
    report = await found(server.address)
    weak = details(report, Severity.WEAK)
    assert list(weak) == [subject]
    assert f"{setting} is {value}" in weak[subject]
    assert "SALEBELL_ALLOW_WEAK_REDIS" in weak[subject]
    assert report.refusal(allow_weak=False) == f"{subject}: {weak[subject]}"
    assert report.refusal(allow_weak=True) is None
    assert "redis writes" in details(report, Severity.FINE), "the rest was looked at all the same"


async def test_one_whose_settings_may_not_be_looked_at(server: RedisServer) -> None:
    server.command("CONFIG", "SET", "appendonly", "no")
    server.command("ACL", "SETUSER", "default", "-config")
    detail = await the_only(server.address, Severity.WARNING)
    assert "CONFIG" in detail
    assert "INFO says that appendonly is no" in detail


async def test_one_whose_owner_has_renamed_config() -> None:
    async with told({"INFO": VERSION, "CONFIG": b"-ERR unknown command 'CONFIG'"}) as address:
        assert "appendfsync" in details(await found(address), Severity.WARNING)["redis persistence"]


async def test_one_that_nobody_started() -> None:
    address = RedisAddress(port=free_port())
    detail = await the_only(address, Severity.AWAY)
    assert "Connection refused" in detail
    assert "REDIS_HOST" in detail
    assert (await found(address)).refusal(allow_weak=False) is None


async def test_a_host_that_nobody_knows() -> None:
    assert "nowhere.invalid" in await the_only(RedisAddress(host="nowhere.invalid"), Severity.AWAY)


async def test_one_that_says_nothing(server: RedisServer) -> None:
    server.freeze()
    assert "in time" in await the_only(server.address, Severity.AWAY)


async def test_a_missing_a_wrong_and_a_needless_password(tmp_path: Path) -> None:
    with redis_server(tmp_path / "redis", requirepass="right") as server:
        assert "set REDIS_PASSWORD" in await the_only(replace(server.address, password=None), Severity.FATAL)
        assert "correct REDIS_PASSWORD" in await the_only(replace(server.address, password=SECRET), Severity.FATAL)
        stranger = replace(server.address, username=SECRET)
        assert "correct REDIS_USERNAME" in await the_only(stranger, Severity.FATAL)
    with redis_server(tmp_path / "open") as server:
        assert "leave that out" in await the_only(replace(server.address, password=SECRET), Severity.FATAL)


async def test_a_database_that_is_not_there(server: RedisServer) -> None:
    assert "REDIS_DB" in await the_only(replace(server.address, db=99), Severity.FATAL)


@pytest.mark.parametrize("db", [0, 3])
async def test_a_node_of_a_cluster(tmp_path: Path, db: int) -> None:
    with redis_server(tmp_path / "redis", cluster_enabled="yes", cluster_port=str(free_port())) as server:
        assert "Cluster" in await the_only(replace(server.address, db=db), Severity.FATAL)


@pytest.mark.parametrize("db", [0, 3])
@pytest.mark.parametrize("program", [valkey_binary, redis_binary])
async def test_a_sentinel(tmp_path: Path, program: Callable[[], list[str]], db: int) -> None:
    with sentinel(tmp_path, program()) as port:
        address = RedisAddress(port=port, db=db)
        await answers(address)
        assert "Sentinel" in await the_only(address, Severity.FATAL)


@contextmanager
def sentinel(directory: Path, program: list[str]) -> Generator[int, None, None]:
    file, port = directory / "sentinel.conf", free_port()
    file.write_text(f"port {port}\nbind 127.0.0.1\ndir {directory}\n")
    command = ["redis-sentinel", str(file), "--sentinel"]
    with subprocess.Popen(command, executable=program[0], stdout=subprocess.DEVNULL) as process:
        try:
            yield port
        finally:
            process.kill()


async def answers(address: RedisAddress) -> None:
    """Wait until it does."""
    client = connect(replace(address, db=0), connections=1)
    async with asyncio.timeout(20):
        while True:
            try:
                await client.execute_command("PING")
            except (RedisError, OSError):
                await asyncio.sleep(0.01)
            else:
                return await client.aclose()


async def test_a_replica(server: RedisServer) -> None:
    other = free_port()
    server.command("REPLICAOF", "127.0.0.1", str(other))
    assert f"replica of 127.0.0.1:{other}" in await the_only(server.address, Severity.FATAL)


async def test_one_that_is_full(server: RedisServer) -> None:
    server.command("CONFIG", "SET", "maxmemory", "1mb")
    report = await found(server.address)
    assert "maxmemory" in details(report, Severity.AWAY)["redis"]
    assert "MiB in use of 1 MiB" in details(report, Severity.WARNING)["redis memory"]


async def test_one_without_the_replicas_that_it_wants(server: RedisServer) -> None:
    server.command("CONFIG", "SET", "min-replicas-to-write", "1")
    assert "min-replicas-to-write" in await the_only(server.address, Severity.AWAY)


async def test_one_that_takes_no_more_connections(server: RedisServer) -> None:
    server.command("CONFIG", "SET", "maxclients", "1")
    with socket.create_connection(("127.0.0.1", server.port)) as holder:
        holder.sendall(b"PING\r\n")
        assert holder.recv(1) == b"+"
        assert "maxclients" in await the_only(server.address, Severity.AWAY)


@pytest.mark.parametrize(
    ("rights", "words"),
    [
        ("+@all ~salebell:* resetchannels", "&salebell:*"),
        ("+@all ~other:* &*", "~salebell:*"),
        ("+@read ~salebell:* &salebell:*", "+@all"),
    ],
)
async def test_a_user_who_may_too_little(server: RedisServer, rights: str, words: str) -> None:
    server.command("ACL", "SETUSER", "shop", "on", f">{SECRET}", "+info", *rights.split())
    report = await found(replace(server.address, username="shop", password=SECRET))
    assert words in details(report, Severity.FATAL)["redis"]


async def test_the_rights_that_are_advised_are_enough(server: RedisServer) -> None:
    rights = ["~salebell:*", "&salebell:*", "+@all", "-@dangerous", "+info", "+config|get"]
    server.command("ACL", "SETUSER", "shop", "on", f">{SECRET}", *rights)
    address = replace(server.address, username="shop", password=SECRET)
    assert {finding.severity for finding in (await found(address)).findings} == {Severity.FINE}
    server.command("ACL", "SETUSER", "shop", "-config|get")
    assert "CONFIG" in await the_only(address, Severity.WARNING)
    server.command("ACL", "SETUSER", "shop", "-info")
    assert set(details(await found(address), Severity.WARNING)) == {"redis version", "redis persistence"}


@pytest.mark.parametrize("schema", [str(SCHEMA + 1), "x", ""])
async def test_one_that_a_newer_salebell_has_written(server: RedisServer, schema: str) -> None:
    server.command("HSET", "salebell:meta", "schema", str(SCHEMA))
    assert not details(await found(server.address), Severity.FATAL)
    server.command("HSET", "salebell:meta", "schema", schema)
    assert "newer Salebell" in await the_only(server.address, Severity.FATAL)


async def test_one_that_another_program_uses(server: RedisServer) -> None:
    server.command("SET", "salebell:meta", "mine")
    assert "REDIS_DB" in await the_only(server.address, Severity.FATAL)


@pytest.mark.parametrize("away", [-60, 60])
async def test_clocks_that_differ(server: RedisServer, away: int) -> None:
    report = await found(server.address, lambda: time.time() + away)
    (detail,) = details(report, Severity.WARNING).values()
    assert "clock" in detail
    assert ("behind" in detail) is (away > SKEW_SECONDS)


@pytest.mark.parametrize(
    ("version", "severity"),
    [
        (b"redis_version:6.0.16", Severity.FATAL),
        (b"redis_version:5.0.7", Severity.FATAL),
        (b"redis_version:6.2.0", Severity.FINE),
        (b"redis_version:7.2.4\r\nvalkey_version:8.0.1", Severity.FINE),
        (b"redis_version:10.0.0", Severity.FINE),
        (b"redis_version:unstable", Severity.WARNING),
    ],
)
async def test_versions(version: bytes, severity: Severity) -> None:
    async with told({"INFO": VERSION.replace(b"redis_version:7.2.4", version)}) as address:
        report = await found(address)
    name = "8.0.1" if b"valkey" in version else version.partition(b":")[2].decode()
    assert "redis version" in details(report, severity)
    if severity is not Severity.WARNING:
        assert name in details(report, severity)["redis version"]


def told(answers: dict[str, Answer]) -> AbstractAsyncContextManager[RedisAddress]:
    """One that is as it should be but for these answers."""
    return answering(
        {"CONFIG": [], "TIME": [str(int(time.time())).encode(), b"0"], "HGET": None, "PUBLISH": 0} | answers
    )


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (b"-READONLY You can't write against a read only replica.", "primary"),
        (b"-LOADING Redis is loading the dataset in memory", "loading"),
        (b"-MISCONF Errors writing to the AOF file: No space left on device", "disk"),
        (b"-BUSY Redis is busy running a script.", "script"),
        (b"-MASTERDOWN Link with MASTER is down", "primary"),
    ],
)
async def test_one_that_cannot_write_now(answer: bytes, word: str) -> None:
    async with told({"INFO": VERSION, "EVALSHA": answer}) as address:
        assert word in details(await found(address), Severity.AWAY)["redis"]


async def test_one_that_loads_its_data() -> None:
    async with told({"INFO": VERSION + b"loading:1\r\n", "HGET": b"-LOADING Redis is loading"}) as address:
        assert "loading" in details(await found(address), Severity.AWAY)["redis loading"]


async def test_one_without_scripts() -> None:
    async with told({"INFO": VERSION, "EVALSHA": b"-ERR unknown command 'EVALSHA'"}) as address:
        assert "EVALSHA" in details(await found(address), Severity.FATAL)["redis"]


async def test_one_in_protected_mode() -> None:
    async def deny(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"-DENIED Redis is running in protected mode because no password is set.\r\n")
        writer.close()

    async with await asyncio.start_server(deny, "127.0.0.1", 0) as other:
        address = RedisAddress(port=other.sockets[0].getsockname()[1])
        assert "requirepass" in await the_only(address, Severity.FATAL)


async def test_something_else() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as other:
        address = RedisAddress(port=other.sockets[0].getsockname()[1])
        assert "does not speak as Redis does" in await the_only(address, Severity.FATAL)


class Certificates(NamedTuple):
    """Files: of an authority, and of a server that it vouches for."""

    authority: Path
    certificate: Path
    key: Path


def openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    need("openssl")
    place = tmp_path_factory.mktemp("certificates")
    authority, vouching = place / "ca.pem", place / "ca.key"
    new = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(*new, "-x509", "-days", "2", "-subj", "/CN=Test authority", "-keyout", vouching, "-out", authority)
    request, key, certificate = place / "request", place / "key.pem", place / "certificate.pem"
    openssl(*new, "-subj", "/CN=redis", "-keyout", key, "-out", request)
    names = place / "names"
    names.write_text("subjectAltName=IP:127.0.0.1\n")
    signing = ("-CA", authority, "-CAkey", vouching, "-CAcreateserial", "-extfile", names, "-days", "2")
    openssl("x509", "-req", "-in", request, "-out", certificate, *signing)
    return Certificates(authority, certificate, key)


@pytest.fixture
def encrypted(tmp_path: Path, certificates: Certificates) -> Generator[RedisServer, None, None]:
    """A server with a second port, for TLS; Debian's can, the tests' Valkey cannot."""
    files = {
        "tls_ca_cert_file": str(certificates.authority),
        "tls_cert_file": str(certificates.certificate),
        "tls_key_file": str(certificates.key),
    }
    server = RedisServer(
        tmp_path / "redis", program=redis_binary(), **files, tls_port=str(free_port()), tls_auth_clients="no"
    )
    server.start()
    yield server
    server.stop()


def by_tls(server: RedisServer, **changes: object) -> RedisAddress:
    return replace(server.address, port=int(server.settings["tls-port"]), tls=True, **changes)


async def test_an_encrypted_connection(encrypted: RedisServer, certificates: Certificates) -> None:
    report = await found(by_tls(encrypted, ca_file=str(certificates.authority)))
    assert {finding.severity for finding in report.findings} == {Severity.FINE}
    assert "rediss://" in details(report, Severity.FINE)["redis"]


async def test_a_certificate_that_nobody_vouches_for(encrypted: RedisServer) -> None:
    assert "REDIS_CA_FILE" in await the_only(by_tls(encrypted), Severity.FATAL)


async def test_a_certificate_of_another_host(encrypted: RedisServer, certificates: Certificates) -> None:
    address = by_tls(encrypted, ca_file=str(certificates.authority), host="localhost")
    assert "another name" in await the_only(address, Severity.FATAL)


async def test_a_file_without_certificates(encrypted: RedisServer, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("none here")
    assert "REDIS_CA_FILE" in await the_only(by_tls(encrypted, ca_file=str(file)), Severity.FATAL)


async def test_a_server_that_wants_certificates(encrypted: RedisServer, certificates: Certificates) -> None:
    encrypted.command("CONFIG", "SET", "tls-auth-clients", "yes")
    address = by_tls(encrypted, ca_file=str(certificates.authority))
    assert "tls-auth-clients" in await the_only(address, Severity.FATAL)
    assert "rediss://" in await the_only(replace(address, tls=False), Severity.FATAL)


async def test_encryption_where_there_is_none_and_the_other_way_round(encrypted: RedisServer) -> None:
    assert "speaks no TLS" in await the_only(replace(encrypted.address, tls=True), Severity.FATAL)
    assert "rediss://" in await the_only(replace(by_tls(encrypted), tls=False), Severity.FATAL)


async def test_an_encrypted_one_that_nobody_started() -> None:
    assert "Connection refused" in await the_only(RedisAddress(port=free_port(), tls=True), Severity.AWAY)
