"""Whether a Redis will do for the log: looked at when a server starts, and by `doctor`.

Every finding says what to change, and none holds a password.
"""

import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from redis.exceptions import NoPermissionError, RedisError, ResponseError

from salebell_server.log.address import RedisAddress
from salebell_server.log.findings import Finding, Report, Severity
from salebell_server.log.redis.client import Client, connect, evaluate
from salebell_server.log.redis.errors import Cause, RedisUnavailable, unavailable
from salebell_server.log.redis.keyspace import META, PROBE
from salebell_server.log.redis.scripts import PROBE_SCRIPT
from salebell_server.log.redis.snapshot import SCHEMA
from salebell_server.log.redis.speech import Speech, greeting, spoken
from salebell_server.log.redis.wire import channel

OLDEST = (6, 2)
"""The first Redis that has what the log's scripts use."""

SKEW_SECONDS = 2.0
"""Clocks that differ by more make times look odd."""

MEMORY_PART = 0.8
"""Of the limit: more in use than that, and it is time to look."""

_MIB = 1 << 20

_DURABLE = {"appendonly": "yes", "appendfsync": "always", "no-appendfsync-on-rewrite": "no"}
"""With these, what was acknowledged is on disk (redis.io/docs/latest/operate/oss_and_stack/management/persistence)."""

_OR_ALLOW = " (or allow it with SALEBELL_ALLOW_WEAK_REDIS=1)"

_ADVICE: Mapping[Cause, tuple[Severity, str]] = {
    Cause.UNREACHABLE: (Severity.AWAY, "start it, or correct REDIS_HOST and REDIS_PORT (or REDIS_URL)"),
    Cause.SILENT: (Severity.AWAY, "look at its load, its disk and the network"),
    Cause.CROWDED: (Severity.AWAY, "raise its maxclients"),
    Cause.LOADING: (Severity.AWAY, "wait until it is done"),
    Cause.FULL: (Severity.AWAY, "raise its maxmemory, or keep less (SALEBELL_EVENT_DAYS, SALEBELL_SALE_DAYS)"),
    Cause.READ_ONLY: (Severity.AWAY, "give the address of the primary, or make it one"),
    Cause.DISK: (Severity.AWAY, "make room on its disk, or mend it"),
    Cause.BUSY: (Severity.AWAY, "end the script that runs there"),
    Cause.REPLICAS: (Severity.AWAY, "bring its replicas back, or lower min-replicas-to-write"),
    Cause.PROTOCOL: (Severity.FATAL, "correct REDIS_HOST and REDIS_PORT (or REDIS_URL)"),
    Cause.DATABASE: (Severity.FATAL, "choose another REDIS_DB, or raise its setting databases"),
    Cause.CLUSTER: (Severity.FATAL, "use one with cluster-enabled no"),
    Cause.FOREIGN: (Severity.FATAL, "choose another REDIS_DB"),
    Cause.DAMAGED: (Severity.FATAL, "choose another REDIS_DB"),
    Cause.REFUSED: (Severity.FATAL, "use Redis 6.2 or later, or Valkey, with all commands of scripts and streams"),
    Cause.PERMISSION: (
        Severity.FATAL,
        "permit it: ACL SETUSER … ~salebell:* &salebell:* +@all -@dangerous +info +config|get",
    ),
}
"""What a failure means for a server that starts, and what to do about it."""

_CERTIFICATE = {
    "mismatch": "its certificate is for another name: set REDIS_HOST (or REDIS_URL) to a name that it holds",
    "expired": "its certificate has expired: renew it",
    "NO_CERTIFICATE": "REDIS_CA_FILE holds no certificate: it must be PEM",
    "PEM": "REDIS_CA_FILE holds no certificate: it must be PEM",
    "self-signed": "its certificate is not trusted: name the authority's certificate in REDIS_CA_FILE",
    "issuer": "its certificate is not trusted: name the authority's certificate in REDIS_CA_FILE",
}
"""What OpenSSL's words mean for people."""


async def examine(address: RedisAddress, unix: Callable[[], float]) -> Report:
    """Look at the Redis at `address`, over connections of this look's own. It writes one thing, under `keyspace.PROBE`.

    Args:
        address: where it is.
        unix: the time of day here, in unix seconds.

    Returns:
        The findings, fine ones among them; none of what makes no sense any more after others.
    """
    # Without a database, because Sentinel and Cluster know none, and would not say what they are.
    async with _client(msgspec.structs.replace(address, db=0)) as client:
        try:
            findings = [Finding("redis", Severity.FINE, f"answers at {address}"), *await _looked_at(client, unix)]
        except (RedisError, OSError) as error:
            return Report((await _failure(error, address),))
    if any(finding.severity in (Severity.AWAY, Severity.FATAL) for finding in findings):
        return Report(tuple(findings))
    async with _client(address) as client:
        try:
            return Report((*findings, *await _used(client, address, unix)))
        except (RedisError, OSError) as error:
            return Report((*findings, await _failure(error, address)))


@asynccontextmanager
async def _client(address: RedisAddress) -> AsyncGenerator[Client, None]:
    client = connect(address, connections=1)
    try:
        yield client
    finally:
        await client.aclose()


async def _looked_at(client: Client, unix: Callable[[], float]) -> list[Finding]:
    """What the server says of itself."""
    try:
        info: Mapping[str, Any] = await client.execute_command("INFO")
    except NoPermissionError:
        detail = "does not permit this user INFO, so that its version, its role and its memory are not known here"
        return [Finding("redis version", Severity.WARNING, detail), await _persistence(client, {})]
    if "sentinel" in (info.get("redis_mode"), info.get("server_mode")):
        detail = "is a Sentinel, which keeps no data: give the address of the primary that it watches"
        return [Finding("redis role", Severity.FATAL, detail)]
    return [
        _version(info),
        _role(info),
        *_loading(info),
        await _persistence(client, info),
        _eviction(info),
        _memory(info),
        await _clock(client, unix),
    ]


async def _used(client: Client, address: RedisAddress, unix: Callable[[], float]) -> list[Finding]:
    """Whether it does what the log needs."""
    schema = await client.execute_command("HGET", META, "schema")
    if schema is not None and not (schema.isdigit() and int(schema) <= SCHEMA):
        number = schema.decode("ascii", "replace")
        detail = f"was written by a newer Salebell (schema {number}, this one knows {SCHEMA}): upgrade this one"
        return [Finding("redis schema", Severity.FATAL, detail)]
    await evaluate(client, PROBE_SCRIPT, (PROBE,), int(unix() * 1e6))
    await client.execute_command("PUBLISH", channel(address.db, ""), "")
    return [Finding("redis writes", Severity.FINE, "scripts write and publish")]


def _version(info: Mapping[str, Any]) -> Finding:
    text = str(info.get("redis_version", ""))
    numbers = re.match(r"(\d+)\.(\d+)", text)
    name = f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {text}"
    if numbers is None:
        return Finding(
            "redis version", Severity.WARNING, "tells no version: see that it is Redis 6.2 or later, or Valkey"
        )
    if (int(numbers[1]), int(numbers[2])) < OLDEST:
        detail = f"{name} is too old: upgrade it to Redis 6.2 or later, or Valkey"
        return Finding("redis version", Severity.FATAL, detail)
    return Finding("redis version", Severity.FINE, name)


def _role(info: Mapping[str, Any]) -> Finding:
    if info.get("cluster_enabled"):
        _, advice = _ADVICE[Cause.CLUSTER]
        return Finding("redis role", Severity.FATAL, f"{Cause.CLUSTER.value}: {advice}")
    if info.get("role") == "slave":
        primary = f"{info.get('master_host')}:{info.get('master_port')}"
        detail = f"is a replica of {primary}, where nothing may be written: give the address of the primary"
        return Finding("redis role", Severity.FATAL, detail)
    return Finding("redis role", Severity.FINE, "a single node that can be written to")


def _loading(info: Mapping[str, Any]) -> list[Finding]:
    if not info.get("loading"):
        return []
    severity, advice = _ADVICE[Cause.LOADING]
    return [Finding("redis loading", severity, f"{Cause.LOADING.value}: {advice}")]


async def _persistence(client: Client, info: Mapping[str, Any]) -> Finding:
    subject = "redis persistence"
    try:
        config = {name: await _setting(client, name) for name in _DURABLE}
    except ResponseError:  # not permitted, or renamed, as services that run it for others do
        detail = "does not permit CONFIG: see yourself that appendonly is yes and appendfsync is always"
        if info.get("aof_enabled") == 0:
            detail += " (INFO says that appendonly is no)"
        return Finding(subject, Severity.WARNING, detail)
    wrong = [name for name, value in _DURABLE.items() if config[name] not in (value, None)]
    if wrong:
        found = ", ".join(f"{name} is {config[name]}" for name in wrong)
        to_do = ", ".join(f"{name} {_DURABLE[name]}" for name in wrong)
        detail = f"{found}, so that a crash loses sales which were acknowledged: set {to_do}{_OR_ALLOW}"
        return Finding(subject, Severity.WEAK, detail)
    return Finding(subject, Severity.FINE, "what is acknowledged is on disk")


async def _setting(client: Client, name: str) -> str | None:
    """A setting; None where there is none of that name."""
    answer: Mapping[str, str] = await client.execute_command("CONFIG GET", name)
    return answer.get(name)


def _eviction(info: Mapping[str, Any]) -> Finding:
    subject, policy = "redis eviction", info.get("maxmemory_policy")
    if policy is None:
        return Finding(subject, Severity.WARNING, "tells no maxmemory-policy: see yourself that it is noeviction")
    if policy != "noeviction":
        detail = (
            f"maxmemory-policy is {policy}, so that a full Redis throws sales away: set it to noeviction{_OR_ALLOW}"
        )
        return Finding(subject, Severity.WEAK, detail)
    return Finding(subject, Severity.FINE, "nothing is thrown away")


def _memory(info: Mapping[str, Any]) -> Finding:
    used, limit = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    ceiling = limit or int(info.get("total_system_memory", 0))
    of = f" of {ceiling // _MIB} MiB{'' if limit else ' that the machine has'}" if ceiling else ""
    if ceiling and used > MEMORY_PART * ceiling:
        detail = f"{used // _MIB} MiB in use{of}: make room, or keep less (SALEBELL_EVENT_DAYS, SALEBELL_SALE_DAYS)"
        return Finding("redis memory", Severity.WARNING, detail)
    return Finding("redis memory", Severity.FINE, f"{used // _MIB} MiB in use{of}")


async def _clock(client: Client, unix: Callable[[], float]) -> Finding:
    before = unix()
    try:
        seconds, micros = await client.execute_command("TIME")
    except NoPermissionError:
        return Finding("redis clock", Severity.WARNING, "does not permit this user TIME: see yourself that it is right")
    skew = int(seconds) + int(micros) / 1e6 - (before + unix()) / 2
    if abs(skew) > SKEW_SECONDS:
        way = "ahead of" if skew > 0 else "behind"
        detail = f"its clock is {abs(skew):.1f} s {way} this machine's: have both follow a time server"
        return Finding("redis clock", Severity.WARNING, detail)
    return Finding("redis clock", Severity.FINE, f"within {abs(skew):.3f} s of this machine's")


async def _failure(error: Exception, address: RedisAddress) -> Finding:
    """What it means that Redis did not do what it was asked."""
    failure = unavailable(error)
    match failure.cause:
        case Cause.SIGN_IN:
            return _fatal(address, _sign_in(error, address))
        case Cause.PERMISSION if "protected mode" in str(error):
            return _fatal(address, "is in protected mode: give it a password (requirepass), and set REDIS_PASSWORD")
        case Cause.TLS | Cause.UNREACHABLE | Cause.SILENT:
            return await _connection(failure, address)
        case cause:
            severity, advice = _ADVICE[cause]
            return Finding("redis", severity, f"{address}: {failure}: {advice}")


def _sign_in(error: Exception, address: RedisAddress) -> str:
    if address.password is None:
        return "asks for a password: set REDIS_PASSWORD"
    if "without any password" in str(error):
        return "has no password, but REDIS_PASSWORD is set: leave that out, or set requirepass there"
    if address.username is not None:
        return "accepts no such user with that password, or the user is off: correct REDIS_USERNAME or REDIS_PASSWORD"
    return "does not accept that password: correct REDIS_PASSWORD"


async def _connection(failure: RedisUnavailable, address: RedisAddress) -> Finding:
    for words, sentence in _CERTIFICATE.items():
        if words in str(failure):
            return _fatal(address, sentence)
    if not address.tls and (words := await greeting(address.host, address.port)):
        return await _failure(ResponseError(words), address)
    match await spoken(address.host, address.port), address.tls:
        case Speech.PLAIN, True:
            return _fatal(address, "speaks no TLS: begin REDIS_URL with redis://, or give the port of its TLS")
        case ((Speech.TLS | Speech.TLS_BROKEN_OFF), False):
            return _fatal(address, "speaks TLS: begin REDIS_URL with rediss://")
        case Speech.TLS_BROKEN_OFF, True:
            return _fatal(address, "breaks TLS off, as one that asks for certificates: set tls-auth-clients no there")
        case _ if failure.cause is Cause.TLS and "EOF" not in str(failure):
            return _fatal(address, f"{failure}: see which versions and ciphers of TLS it allows")
        case _:
            severity, advice = _ADVICE[Cause.SILENT if failure.cause is Cause.SILENT else Cause.UNREACHABLE]
            return Finding("redis", severity, f"{address}: {failure}: {advice}")


def _fatal(address: RedisAddress, sentence: str) -> Finding:
    return Finding("redis", Severity.FATAL, f"{address} {sentence}")
