"""The address of a server as people type it, and what it means.

A bare host means TLS, except on this computer. Plain text is refused anywhere but on this computer.
"""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

import msgspec

DEFAULT_LOCAL_PORT = 3001
"""Where a server on this computer listens unless told otherwise."""

_SOCKET_SCHEMES = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_HTTP_SCHEMES = {"ws": "http", "wss": "https"}
_STANDARD_PORTS = {"ws": 80, "wss": 443}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_LONGEST_HOST = 253

_EXAMPLE = "Give its address, such as api.example.com or localhost:3001."


class AddressRefused(Exception):
    """No address of a server, or one that must not be used. The text is a sentence for people."""


class ServerAddress(msgspec.Struct, frozen=True):
    """Where a server is.

    Attributes:
        key: its address in one spelling, such as `wss://api.example.com` or `ws://localhost:3001`: what is shown,
            and what tokens and caches are kept by.
        socket: the URL of its socket.
        http: the origin of its HTTP API; the same host and port.
    """

    key: str
    socket: str
    http: str


def parse_address(text: str) -> ServerAddress:
    """The address in `text`: a host, a host with a port, or a URL.

    Raises:
        AddressRefused: it is none, or it would send passwords in plain text over a network.
    """
    text = text.strip()
    if not text:
        raise AddressRefused(f"The server's address is missing. {_EXAMPLE}")
    scheme, rest = _split_scheme(text)
    parts = _split(rest)
    if parts.username is not None or parts.password is not None:
        raise AddressRefused("Leave the name and the password out of the server's address; you are asked for them.")
    if parts.query or parts.fragment or parts.path.rstrip("/") not in ("", "/ws"):
        raise AddressRefused(f"The server's address must end after its name and port. {_EXAMPLE}")
    host = _host(parts)
    local = is_loopback(host)
    if scheme is None:
        scheme = "ws" if local else "wss"
        standard = DEFAULT_LOCAL_PORT if local else _STANDARD_PORTS[scheme]
    else:
        standard = _STANDARD_PORTS[scheme]
    if scheme == "ws" and not local:
        raise AddressRefused(
            f"A connection to {host} without encryption would show passwords and sales to others. Use wss://{host}."
        )
    shown = f"[{host}]" if ":" in host else host
    port = _port(parts, standard)
    if port != _STANDARD_PORTS[scheme]:
        shown = f"{shown}:{port}"
    return ServerAddress(f"{scheme}://{shown}", f"{scheme}://{shown}/ws", f"{_HTTP_SCHEMES[scheme]}://{shown}")


def _split_scheme(text: str) -> tuple[str | None, str]:
    scheme, separator, rest = text.partition("://")
    if not separator:
        return None, text
    if scheme.lower() not in _SOCKET_SCHEMES:
        raise AddressRefused(f"The server's address cannot begin with {scheme[:20]}://. {_EXAMPLE}")
    return _SOCKET_SCHEMES[scheme.lower()], rest


def _split(rest: str) -> SplitResult:
    """The parts of what follows the scheme; a bare IPv6 address needs no brackets."""
    try:
        ipaddress.IPv6Address(rest)
    except ValueError:
        pass
    else:
        rest = f"[{rest}]"
    try:
        return urlsplit(f"//{rest}")
    except ValueError:
        raise AddressRefused(f"This is not the address of a server. {_EXAMPLE}") from None


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host:
        try:
            address = ipaddress.IPv6Address(host)
        except ValueError:
            address = None
        if address is None or address.scope_id is not None:
            raise AddressRefused(f"This is not an address that a server can have. {_EXAMPLE}")
        return str(address)
    try:
        name = host.encode("idna").decode()
    except UnicodeError:
        name = ""
    if not name or len(name) > _LONGEST_HOST or not all(_LABEL.match(label) for label in name.split(".")):
        raise AddressRefused(f"This is not the name of a server. {_EXAMPLE}")
    return name


def _port(parts: SplitResult, standard: int) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port is None:
        return standard
    if port == 0:
        raise AddressRefused("The port in the server's address must be a number from 1 to 65535.")
    return port


def is_loopback(host: str) -> bool:
    """Whether nothing sent there leaves this computer (RFC 6761, section 6.3, for names under localhost)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback
