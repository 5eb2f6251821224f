"""The server's configuration: read once from the environment, typed, every mistake reported at once."""

import ipaddress
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
from dotenv import dotenv_values
from platformdirs import user_data_path

from salebell_protocol.http import Provider
from salebell_server.log import Retention

T = TypeVar("T")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - to reach what listens there
"""What to connect to where a server listens on every address."""

LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("console", "json")


class SettingsError(Exception):
    """The configuration cannot be used.

    Attributes:
        problems: each variable at fault with a sentence that says what to do, without values that could be secret.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {sentence}" for name, sentence in problems.items()))
        self.problems = dict(problems)


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is told.

    Attributes:
        data_dir: where the log, the accounts and the keys lie.
        trusted_proxies: networks whose `X-Forwarded-For` is believed.
        allowed_origins: origins of web pages that may open `/ws`; programs send no origin and are not concerned.
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
        source = _Source(environ)
        settings = cls(
            host=source.text("SALEBELL_HOST") or "127.0.0.1",
            port=source.value("SALEBELL_PORT", 3001, _port),
            data_dir=source.value("SALEBELL_DATA_DIR", user_data_path("salebell-server"), _path),
            auth=_auth(source),
            trusted_proxies=source.value("SALEBELL_TRUSTED_PROXIES", (), _networks),
            allowed_origins=source.value("SALEBELL_ALLOWED_ORIGINS", (), _origins),
            retention=Retention(
                event_days=source.value("SALEBELL_EVENT_DAYS", 90, _positive),
                events_per_store=source.value("SALEBELL_EVENTS_PER_STORE", 100_000, _positive),
                sale_days=source.value("SALEBELL_SALE_DAYS", 365, _positive),
            ),
            log_level=source.value("SALEBELL_LOG_LEVEL", "info", _one_of(LOG_LEVELS)),
            log_format=source.value("SALEBELL_LOG_FORMAT", "console", _one_of(LOG_FORMATS)),
        )
        if source.value("ENABLE_REDIS", default=False, parse=_boolean):
            source.refuse("ENABLE_REDIS", "asks for Redis, which this version does not have: leave it out")
        source.check()
        return settings


class _Source:
    """Variables by name, and what was found wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._problems: dict[str, str] = {}
        self._values = {**self._file(environ.get("SALEBELL_ENV_FILE", "")), **environ}

    def _file(self, path: str) -> dict[str, str]:
        if not path:
            return {}
        if not Path(path).is_file():
            self.refuse("SALEBELL_ENV_FILE", f"names a file that is not there: {path}")
            return {}
        return {name: value or "" for name, value in dotenv_values(path, interpolate=False).items()}

    def text(self, name: str) -> str:
        """The variable, trimmed; "" when it is not set."""
        return self._values.get(name, "").strip()

    def value(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        """The variable as `parse` reads it; the default when it is not set, or wrong (which `check` will raise)."""
        text = self.text(name)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.refuse(name, str(error))
            return default

    def refuse(self, name: str, sentence: str) -> None:
        """Note that a variable is wrong."""
        self._problems[name] = sentence

    def check(self) -> None:
        """Raise `SettingsError` if anything was refused."""
        if self._problems:
            raise SettingsError(self._problems)


def _auth(source: _Source) -> Provider:
    asked = source.value("SALEBELL_AUTH", None, _one_of(tuple(Provider)))
    project = source.text("FIREBASE_PROJECT_ID")
    if asked == Provider.FIREBASE or (asked is None and project):
        name = "SALEBELL_AUTH" if asked else "FIREBASE_PROJECT_ID"
        source.refuse(name, "asks for Firebase, which this version does not have: set SALEBELL_AUTH=local")
    return Provider.LOCAL


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise ValueError("must be a port number from 0 to 65535, such as 3001")
    return int(text)


def _positive(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1_000_000_000:
        raise ValueError("must be a whole number from 1 up")
    return int(text)


def _path(text: str) -> Path:
    return Path(text).expanduser()


def _boolean(text: str) -> bool:
    if text.lower() in ("true", "1", "yes", "on"):
        return True
    if text.lower() in ("false", "0", "no", "off"):
        return False
    raise ValueError("must be true or false")


def _one_of(values: tuple[str, ...]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in values:
            raise ValueError("must be one of: " + ", ".join(values))
        return text.lower()

    return parse


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
