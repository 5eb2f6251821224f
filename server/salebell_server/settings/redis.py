"""Where Redis is: from `REDIS_HOST` and its like, or from one `REDIS_URL`."""

import ipaddress
import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import msgspec

from salebell_server.log.address import RedisAddress
from salebell_server.settings.source import Source, whole

VARIABLES = (
    "REDIS_URL",
    "REDIS_HOST",
    "REDIS_PORT",
    "REDIS_DB",
    "REDIS_USERNAME",
    "REDIS_PASSWORD",
    "REDIS_CA_FILE",
)
"""What says where Redis is, and how to sign in there."""

_CA_PARAMETER = "ssl_ca_certs"
_HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?")
_FORM = "redis://[[user]:password@]host[:port][/db], with rediss:// for TLS"
_ESCAPED = "with %XX for each of : / ? # @ % in the user name and the password"

_port = whole(1, 65535, "must be a port number from 1 to 65535, such as 6379")
_db = whole(0, 1_000_000, "must be the number of a database, such as 0")


class _Parts(msgspec.Struct, frozen=True, kw_only=True):
    """What was said of an address; None for what was left out."""

    host: str | None = None
    port: int | None = None
    db: int | None = None
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    tls: bool = False


_NAMES = {
    "host": "REDIS_HOST",
    "port": "REDIS_PORT",
    "db": "REDIS_DB",
    "username": "REDIS_USERNAME",
    "password": "REDIS_PASSWORD",
    "ca_file": "REDIS_CA_FILE",
}
"""The variable of each part."""


def redis_address(source: Source) -> RedisAddress:
    """The address that the variables give. What neither `REDIS_URL` nor a variable of its own says is the default."""
    url = source.value("REDIS_URL", _Parts(), _url)
    alone = _Parts(
        host=source.value("REDIS_HOST", None, _host),
        port=source.value("REDIS_PORT", None, _port),
        db=source.value("REDIS_DB", None, _db),
        username=source.text("REDIS_USERNAME") or None,
        password=source.text("REDIS_PASSWORD") or None,
        ca_file=source.value("REDIS_CA_FILE", None, _file),
    )
    said: dict[str, str | int] = {}
    for part, name in _NAMES.items():
        in_url, by_itself = getattr(url, part), getattr(alone, part)
        if in_url is not None and by_itself is not None and in_url != by_itself:
            source.refuse(name, "says something else than REDIS_URL: leave it out of one of them")
        elif (value := by_itself if in_url is None else in_url) is not None:
            said[part] = value
    if alone.ca_file is not None and not url.tls:
        source.refuse("REDIS_CA_FILE", "is for an encrypted connection: set REDIS_URL to rediss://…")
    return msgspec.convert({**said, "tls": url.tls}, RedisAddress)


def _host(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass
    if not _HOST_NAME.fullmatch(text):
        raise ValueError("must be a host name or an address alone, such as redis.example.com: a URL goes in REDIS_URL")
    return text.lower()


def _file(text: str) -> str:
    path = Path(text).expanduser()
    if not path.is_file():
        raise ValueError(f"names a file that is not there: {path}")
    return str(path)


def _url(text: str) -> _Parts:
    """The parts of a URL (iana.org/assignments/uri-schemes/prov/redis); no error quotes it, for it may hold a password.

    Raises:
        ValueError: with a sentence.
    """
    try:
        url = urlsplit(text)
        port = None if url.port is None else _port(str(url.port))
        host = _host(url.hostname or "")
        username, password = (unquote(part or "", errors="strict") or None for part in (url.username, url.password))
        query = parse_qsl(url.query, keep_blank_values=True, strict_parsing=bool(url.query), errors="strict")
    except ValueError:
        raise ValueError(f"must be {_FORM}, {_ESCAPED}") from None
    if url.scheme not in ("redis", "rediss"):
        raise ValueError(f"must be {_FORM}")
    if url.fragment or [name for name, _ in query] not in ([], [_CA_PARAMETER]):
        raise ValueError(f"may have no parameter but ?{_CA_PARAMETER}=FILE, and must be written {_ESCAPED}")
    if query and url.scheme != "rediss":
        raise ValueError(f"has {_CA_PARAMETER}, which is for an encrypted connection: begin it with rediss://")
    return _Parts(
        host=host,
        port=port,
        db=_db_of(url),
        username=username,
        password=password,
        ca_file=_file(query[0][1]) if query else None,
        tls=url.scheme == "rediss",
    )


def _db_of(url: SplitResult) -> int | None:
    text = url.path.removeprefix("/")
    if not text:
        return None
    try:
        return _db(text)
    except ValueError:
        raise ValueError(f"must be {_FORM}: what follows the host is the number of a database, such as 0") from None
