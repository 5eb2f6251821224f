"""The server's configuration: read once from the environment, typed, every mistake reported at once."""

import ipaddress
from collections.abc import Iterator, Mapping
from enum import StrEnum
from pathlib import Path

import msgspec
from platformdirs import user_data_path

from salebell_protocol.http import Provider
from salebell_server.auth.project import EMULATOR_VARIABLE, FirebaseProject
from salebell_server.log import Retention
from salebell_server.log.address import RedisAddress
from salebell_server.settings.firebase import (
    ACCOUNT_VARIABLES,
    PROJECT_ID,
    emulator_host,
    firebase_project,
)
from salebell_server.settings.firebase import VARIABLES as FIREBASE_VARIABLES
from salebell_server.settings.redis import VARIABLES as REDIS_VARIABLES
from salebell_server.settings.redis import redis_address
from salebell_server.settings.source import SettingsError, Source, boolean, one_of, path, port, whole

__all__ = ["Fallback", "Ignored", "Settings", "SettingsError"]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to reach what listens there
"""What to connect to where a server listens on every address."""

LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("console", "json")

_positive = whole(1, 1_000_000_000, "must be a whole number from 1 up")


class Fallback(StrEnum):
    """What becomes of a new sale while Redis cannot be reached."""

    OUTBOX = "outbox"
    """It is kept on this machine's disk, and acknowledged with 202."""
    REJECT = "reject"
    """It is refused with 503: the disk may not outlive the machine."""


class Ignored(msgspec.Struct, frozen=True):
    """Variables that are set, and of no effect.

    Attributes:
        variables: their names.
        reason: what makes them so, as it follows "because".
    """

    variables: tuple[str, ...]
    reason: str


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is told.

    Attributes:
        data_dir: where the log, the accounts and the keys lie.
        trusted_proxies: networks whose `X-Forwarded-For` is believed.
        allowed_origins: origins of web pages that may open `/ws`; programs send no origin and are not concerned.
        redis: where the log is that many servers share; None for the embedded one.
        allow_weak_redis: whether a Redis will do that may lose what it has acknowledged.
        firebase: the project that signs admins in; None for accounts of the server's own.
        ignored: variables that say something of what is not in use.
    """

    host: str
    port: int
    data_dir: Path
    auth: Provider
    trusted_proxies: tuple[Network, ...]
    allowed_origins: tuple[str, ...]
    retention: Retention
    log_level: str
    log_format: str
    redis: RedisAddress | None
    fallback: Fallback
    allow_weak_redis: bool
    firebase: FirebaseProject | None
    ignored: tuple[Ignored, ...]

    @property
    def local_url(self) -> str:
        """Where a server with these settings is reached from this machine, over HTTP."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings from `environ`, and beneath it from the file that `SALEBELL_ENV_FILE` names.

        Raises:
            SettingsError: with every variable that is wrong.
        """
        source = Source(environ)
        shared = source.value("ENABLE_REDIS", default=False, parse=boolean)
        auth, emulator = _auth(source), emulator_host(source)
        settings = cls(
            host=source.text("SALEBELL_HOST") or "127.0.0.1",
            port=source.value("SALEBELL_PORT", 3001, port),
            data_dir=source.value("SALEBELL_DATA_DIR", user_data_path("salebell-server"), path),
            auth=auth,
            trusted_proxies=source.value("SALEBELL_TRUSTED_PROXIES", (), _networks),
            allowed_origins=source.value("SALEBELL_ALLOWED_ORIGINS", (), _origins),
            retention=Retention(
                event_days=source.value("SALEBELL_EVENT_DAYS", 90, _positive),
                events_per_store=source.value("SALEBELL_EVENTS_PER_STORE", 100_000, _positive),
                sale_days=source.value("SALEBELL_SALE_DAYS", 365, _positive),
            ),
            log_level=source.value("SALEBELL_LOG_LEVEL", "info", one_of(LOG_LEVELS)),
            log_format=source.value("SALEBELL_LOG_FORMAT", "console", one_of(LOG_FORMATS)),
            redis=redis_address(source) if shared else None,
            fallback=source.value("SALEBELL_FALLBACK", Fallback.OUTBOX, _fallback),
            allow_weak_redis=source.value("SALEBELL_ALLOW_WEAK_REDIS", default=False, parse=boolean),
            firebase=firebase_project(source, emulator) if auth is Provider.FIREBASE else None,
            ignored=tuple(_ignored(source, shared=shared, auth=auth)),
        )
        source.check()
        return settings


def _auth(source: Source) -> Provider:
    asked = source.value("SALEBELL_AUTH", None, one_of(tuple(Provider)))
    if asked is not None:
        return Provider(asked)
    return Provider.FIREBASE if source.text(PROJECT_ID) else Provider.LOCAL


def _ignored(source: Source, *, shared: bool, auth: Provider) -> Iterator[Ignored]:
    unused: list[tuple[tuple[str, ...], str]] = []
    if not shared:
        unused.append((REDIS_VARIABLES, "ENABLE_REDIS is not true"))
    if auth is Provider.LOCAL:
        reason = "SALEBELL_AUTH is local" if source.text(PROJECT_ID) else f"{PROJECT_ID} is not set"
        unused.append((FIREBASE_VARIABLES, reason))
    elif source.text(EMULATOR_VARIABLE):
        unused.append((ACCOUNT_VARIABLES, f"{EMULATOR_VARIABLE} is set"))
    for names, reason in unused:
        if given := tuple(name for name in names if source.text(name)):
            yield Ignored(given, reason)


def _fallback(text: str) -> Fallback:
    return Fallback(one_of(tuple(Fallback))(text))


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("must be addresses or networks, separated by commas, such as 127.0.0.1,10.0.0.0/8") from None


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip().rstrip("/").lower() for part in text.split(",") if part.strip())
    for origin in origins:
        scheme, _, rest = origin.partition("://")
        if scheme not in ("http", "https") or not rest or "/" in rest:
            raise ValueError("must be origins, separated by commas, such as https://admin.example.com")
    return origins
